"""Verb `takedown --lift`: entries of the takedown list that stand no more."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import LiftedTakedown, Takedown, TakenVideo, Video
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.text.takedowns import UPLOADER, entry_key, named
from kinetics_builder.workspace import Workspace
from pipelines.takedown.marking import mark_all, standing
from pipelines.takedown.removing import forget_items, forget_refusals

_MOST_NAMED = 5


@dataclass(frozen=True)
class LiftReport:
    """What stands no more."""

    num_lifted: int
    """Entries, now."""
    num_before: int
    """Of those named, entries that had been lifted before."""
    num_free: int
    """Videos of this workspace that may be listed and fetched again."""
    num_videos: int
    """Of this workspace that are on the list still."""


def lift(workspace: Workspace, names: Sequence[str], reason: str = "") -> LiftReport:
    """Let entries stand no more: the next run makes anew what was removed because of them.

    Nothing is deleted of the list: that they are lifted is added to it. A video that another
    entry names as well stays down. Writes `lifted_takedown`, `taken_video`.

    Args:
        workspace: Whose list it is.
        names: The entries, each as the list has it: an id, an address, or `uploader: NAME`.
        reason: Why they are lifted.

    Raises:
        WorkspaceError: One of them is no entry of the list; nothing was changed.

    """
    with writing(workspace.engine) as session:
        asked = [_entries(session, name) for name in names]
        lifted = set(session.scalars(select(LiftedTakedown.takedown_id)))
        new = sorted(set().union(*asked) - lifted)
        num_before = sum(found <= lifted for found in asked)
        session.add_all(LiftedTakedown(takedown_id=one, reason=reason) for one in new)
        session.flush()
        before = _taken(session)
        session.execute(delete(TakenVideo).where(TakenVideo.takedown_id.in_(new)))
        mark_all(session)
        free = before - _taken(session)
        forget_items(session, free)
        forget_refusals(session)
        num_videos = session.scalar(select(func.count()).select_from(TakenVideo)) or 0
    return LiftReport(len(new), num_before, len(free), num_videos)


def _taken(session: Session) -> set[str]:
    query = select(Video.video_id).join(TakenVideo, TakenVideo.video_id == Video.id)
    return set(session.scalars(query))


def _entries(session: Session, name: str) -> set[int]:
    """Return the entries of a name, those included that were lifted."""
    kind, plain = named(name) or ("", "")
    of_kind = session.scalars(select(Takedown).where(Takedown.kind == kind)).all()
    found = {one.id for one in of_kind if entry_key(kind, one.name) == entry_key(kind, plain)}
    if not found:
        raise WorkspaceError(
            f"{name!r} is no entry of the takedown list. {_listed(session)} Nothing was changed."
        )
    return found


def _listed(session: Session) -> str:
    entries = session.scalars(standing()).all()
    if not entries:
        return "There is none."
    names = [f"{'uploader: ' * (one.kind == UPLOADER)}{one.name}" for one in entries]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"It has {', '.join(names[:_MOST_NAMED])}{more}."
