"""Reviewers: they look at what people dispute and decide it, and do nothing else."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.crowd.invitations import hash_code, new_code
from kinetics_builder.database.tables import Act, Login, Reviewer
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import flaw_of, spelled

LONGEST_NAME = 80
_OWNERS = "owner"


def make_reviewer(session: Session, name: str) -> str:
    """Return a new code for a reviewer, who is added if there is none of this name.

    An older code and open sessions of the same reviewer end.

    Raises:
        CrowdError: The name is none.

    """
    name = spelled(name)
    is_taken = name.casefold().startswith(_OWNERS)
    if not 1 <= len(name) <= LONGEST_NAME or flaw_of(name) or is_taken:
        raise CrowdError(
            f"{name[:100]!r} is no reviewer's name: give one of 1 to {LONGEST_NAME} letters "
            f"that does not begin with {_OWNERS!r}."
        )
    code = new_code()
    reviewer = _find(session, name) or Reviewer(name=name)
    reviewer.code_hash, reviewer.revoked_at = hash_code(code), None
    session.add(reviewer)
    session.flush()
    _end_sessions(session, reviewer)
    note_act(session, Act.REVIEWER, name)
    return code


def revoke_reviewer(session: Session, name: str) -> None:
    """Let a reviewer in no more; what was decided stays.

    Raises:
        CrowdError: There is none of this name.

    """
    reviewer = _find(session, spelled(name))
    if reviewer is None:
        known = ", ".join(one.name for one in list_reviewers(session)) or "nobody"
        raise CrowdError(f"There is no reviewer {name!r}. Known: {known}.")
    if reviewer.revoked_at is None:
        reviewer.revoked_at = session.scalar(select(func.now()))
    _end_sessions(session, reviewer)
    note_act(session, Act.REVIEWER_GONE, reviewer.name)


def list_reviewers(session: Session) -> Sequence[Reviewer]:
    """Return all reviewers, by name."""
    return session.scalars(select(Reviewer).order_by(func.lower(Reviewer.name))).all()


def find_by_code(session: Session, code: str) -> int | None:
    """Return the id of the reviewer whom a code lets in."""
    return session.scalar(
        select(Reviewer.id).where(
            Reviewer.code_hash == hash_code(code), Reviewer.revoked_at.is_(None)
        )
    )


def _find(session: Session, name: str) -> Reviewer | None:
    wanted = name.casefold()
    return next((one for one in list_reviewers(session) if one.name.casefold() == wanted), None)


def _end_sessions(session: Session, reviewer: Reviewer) -> None:
    session.execute(delete(Login).where(Login.reviewer_id == reviewer.id))
