"""What was taken down while a stage worked on it: its result is not kept, nor is its file."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import TakenVideo, Video
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.storage.storage import Storage
from kinetics_builder.text.takedowns import uploader_key
from pipelines.files import plain_name
from pipelines.takedown.marking import refused_uploaders, taken_down


class Outcome(NamedTuple):
    """What a stage made of a video, to be held against the takedown list."""

    video_id: str
    files: Sequence[str]
    """Made of it, relative to the workspace; none where it failed."""
    uploader: str | None = None


def without_files(item: Any, _result: Any) -> Outcome:
    """Say of an item, and of whatever came of it but files, which video they are of."""
    return Outcome(item.video_id, ())


def withheld(
    session: Session,
    made: Sequence[tuple[Any, Any]],
    *,
    storage: Storage,
    told: Callable[[Any, Any], Outcome],
) -> Mapping[int, ItemFailed]:
    """Return which results are not to be kept, by their places, and why; their files are removed.

    To be asked in the transaction that writes the results down: what is on the list by then was
    put there while the stage worked, and who put it there did not see these files.

    Args:
        session: A writing session.
        made: Items with their results; None for the result of one that failed.
        storage: Where the files lie.
        told: Says of an item and its result what they are.

    """
    outcomes = [told(item, result) for item, result in made]
    why = _taken(session, [one.video_id for one in outcomes])
    uploaders = dict(refused_uploaders(session))
    refused: dict[int, ItemFailed] = {}
    for place, one in enumerate(outcomes):
        reason = why.get(one.video_id) or uploaders.get(uploader_key(one.uploader))
        if reason is not None:
            refused[place] = ItemFailed(Reason.TAKEN_DOWN, f"taken down on {reason}")
            for file in one.files:
                storage.remove(file)
            part = storage.folder("media") / ".part" / plain_name(one.video_id)
            shutil.rmtree(part, ignore_errors=True)
    return refused


def _taken(session: Session, names: Sequence[str]) -> dict[str, str]:
    """Return when and why videos were taken down, of those that were."""
    found: dict[str, str] = {}
    if session.scalar(select(TakenVideo.video_id).limit(1)) is None:
        return found
    listed = select(Video.video_id, taken_down()).join(TakenVideo, TakenVideo.video_id == Video.id)
    for chunk in chunks(sorted(set(names))):
        rows = session.execute(listed.where(Video.video_id.in_(chunk)))
        found |= {name: why for name, why in rows}
    return found
