"""Clips that are shown beside a class: some that show it, some that don't."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ClassVersion,
    Clip,
    ClipFile,
    Gold,
    Label,
    TakenVideo,
    Video,
)
from kinetics_builder.errors import CrowdError

MOST_EXAMPLES = 12
"""Of each sort."""


@dataclass(frozen=True, slots=True)
class Example:
    """One of them."""

    clip_id: int
    is_accepted: bool
    """Whether it shows the class."""
    title: str
    """Of its video."""


def check_examples(
    session: Session, label: Label, accepted: Collection[int], refused: Collection[int]
) -> None:
    """Refuse what cannot be shown to workers as an example.

    Raises:
        CrowdError: A clip is in both, or not there any more, or gold of the class, whose answer
            would be told; or there are too many.

    """
    both = sorted(set(accepted) & set(refused))
    if both:
        raise CrowdError(f"Clip {both[0]} cannot both show {label.name} and not show it.")
    if max(len(accepted), len(refused)) > MOST_EXAMPLES:
        raise CrowdError(f"{label.name} has more than {MOST_EXAMPLES} examples: take one away.")
    wanted = {*accepted, *refused}
    if lost := sorted(wanted - set(_shown(session, wanted))):
        raise CrowdError(f"Clip {lost[0]} is not there any more: choose another one.")
    known = select(Gold.clip_id).where(Gold.label_id == label.id, Gold.clip_id.in_(wanted))
    if (clip_id := session.scalar(known.order_by(Gold.clip_id).limit(1))) is not None:
        raise CrowdError(
            f"Clip {clip_id} is gold of {label.name}: as an example it would tell the answer."
        )


def read_examples(session: Session, label: Label) -> Sequence[Example]:
    """Return the examples of a class that are still there, those that show it first."""
    newest = session.scalar(
        select(ClassVersion)
        .where(ClassVersion.label_id == label.id)
        .order_by(ClassVersion.number.desc())
        .limit(1)
    )
    if newest is None:
        return []
    titles = _shown(session, {*newest.accepted, *newest.refused})
    return [
        Example(clip_id, is_accepted, titles[clip_id])
        for is_accepted, clips in ((True, newest.accepted), (False, newest.refused))
        for clip_id in clips
        if clip_id in titles
    ]


def is_example(session: Session, clip_id: int) -> bool:
    """Tell whether a clip is an example of any class in use, and still there."""
    return clip_id in example_clips(session) and bool(_shown(session, [clip_id]))


def example_clips(session: Session) -> set[int]:
    """Return the clips that are examples of any class in use, those that are gone included."""
    newest = select(ClassVersion.label_id, func.max(ClassVersion.number).label("number"))
    last = newest.group_by(ClassVersion.label_id).subquery()
    query = (
        select(ClassVersion.accepted, ClassVersion.refused)
        .join(
            last,
            (last.c.label_id == ClassVersion.label_id) & (last.c.number == ClassVersion.number),
        )
        .join(Label, Label.id == ClassVersion.label_id)
        .where(~Label.is_retired, Label.num_examples > 0)
    )
    rows = session.execute(query)
    return {clip_id for accepted, refused in rows for clip_id in (*accepted, *refused)}


def _shown(session: Session, clips: Collection[int]) -> dict[int, str]:
    query = (
        select(Clip.id, Video.title)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .where(Clip.id.in_(sorted(clips)), ~Clip.is_withdrawn, TakenVideo.spares(Clip.video_id))
    )
    return {clip_id: title for clip_id, title in session.execute(query)}
