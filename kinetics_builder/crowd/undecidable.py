"""What can never be decided as things are: too few people, or a purity that is out of reach."""

from functools import cache
from typing import Any

from sqlalchemy import exists, false, func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.clips.claims import read_claims
from kinetics_builder.crowd.gold_cover import gold_warnings
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.database.tables import Task, Worker, WorkerStanding
from kinetics_builder.text.counting import counted


def crowd_warnings(session: Session, config: Config) -> list[str]:
    """Return what people should hear before workers answer: what is tested, and decided, by none.

    Of the posterior policy it is known since everything was looked at last.
    """
    return [*gold_warnings(session, config.assign), *what_is_undecidable(session, config)]


def what_is_undecidable(session: Session, config: Config) -> list[str]:
    """Return why nothing will be accepted, of each kind of question of which nothing can be."""
    return [*_of_purity(session, config), *_of_people(session, config)]


def _of_purity(session: Session, config: Config) -> list[str]:
    claims = read_claims(session)
    is_asked = config.verify.policy == "posterior" and claims.wanted == config.verify.purity
    return [claims.out_of_reach] if is_asked and claims.out_of_reach else []


def _of_people(session: Session, config: Config) -> list[str]:
    """Before anybody was invited there is nothing to say; nor while a panel may send people."""
    if not session.scalar(select(Worker.id).limit(1)):
        return []
    told = []
    for kind in KINDS:
        least = kind.least_people(config.verify)
        if least > 1 and not _may_be_sent(kind, config) and session.scalar(_waits(kind)):
            number = session.scalar(_people(kind)) or 0
            if number < least:
                told.append(_too_few(kind, number, least))
    return told


def _may_be_sent(kind: Kind, config: Config) -> bool:
    return any(
        panel.is_open and (not panel.kinds or kind.name in panel.kinds) for panel in config.panels
    )


def _too_few(kind: Kind, number: int, least: int) -> str:
    of_kind = "" if kind is KINDS[0] else f" of {kind.name}"
    return (
        f"Nothing is accepted before {least} people have answered a question{of_kind}, and "
        f"answers count of {counted(number, 'worker')} alone: nothing will be. `kbuild annotate "
        f"--invite {least - number}` prints codes for more."
    )


@cache
def _waits(kind: Kind) -> Any:
    return select(exists().where(Task.kind == kind.name, ~Task.is_finished))


@cache
def _people(kind: Kind) -> Any:
    """Select of how many the answers of a kind count, or would if they came in."""
    may_come = or_(Worker.revoked_at.is_(None), WorkerStanding.num_votes > 0)
    return (
        select(func.count(Worker.id))
        .outerjoin(WorkerStanding, WorkerStanding.of(kind.name, Worker.id))
        .where(
            Worker.excluded_at.is_(None),
            may_come,
            Worker.same_as_id.is_(None),
            ~func.coalesce(WorkerStanding.is_warned, false()),
        )
    )
