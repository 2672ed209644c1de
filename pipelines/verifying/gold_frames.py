"""Verb `gold --kind boxes`: key frames whose boxes are known, from a file of boxes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Gold, GoldBox, KeyFrame, TaskSlot, Video
from kinetics_builder.errors import FormatError, StageOrderError
from pipelines.ava.boxes_file import BoxesFile, read_key_frames
from pipelines.ava.frame_sizes import SizesSeen
from pipelines.ava.given import check_drawn_on, names_of_films

_EVEN = 1e-6
_MOST_NAMED = 5

Boxes = Sequence[tuple[float, ...]]


@dataclass(frozen=True)
class FramesGoldReport:
    """What `gold` added."""

    num_new: int
    num_known_before: int
    num_boxes: int
    """True boxes of the new gold key frames."""
    num_asked: int
    """Key frames of the file that ordinary questions ask about: people decide those."""


def add_gold_frames(session: Session, file: BoxesFile) -> FramesGoldReport:
    """Add the key frames of a file as gold: its boxes are the truth, none where it lists none.

    A key frame that is known already with the same boxes is left as it is. Those that tasks ask
    about as ordinary questions are left out and counted: gold should be there before `assign`.

    Raises:
        FormatError: The file cannot be read, names a film or a second that is no key frame, or
            contradicts gold that is known. Nothing is added then.
        StageOrderError: There is no key frame.

    """
    frames = key_frames(session)
    if not frames:
        raise StageOrderError("gold", needs="ava keyframes", what="key frames")
    known, asked = _known(session), _asked(session)
    new: dict[int, Boxes] = {}
    num_known = num_asked = 0
    for film, seconds, boxes in _listed(session, file):
        frame_id = frame_at(file, frames, film, seconds)
        if frame_id in known:
            _check_same(file, (film, seconds), known[frame_id], boxes)
            num_known += 1
        elif frame_id in asked:
            num_asked += 1
        else:
            new[frame_id] = boxes
    _write(session, new)
    return FramesGoldReport(len(new), num_known, sum(map(len, new.values())), num_asked)


def _listed(session: Session, file: BoxesFile) -> list[tuple[str, float, Boxes]]:
    sizes = SizesSeen()
    listed = read_key_frames(file, on_size=sizes)
    check_drawn_on(session, sizes)
    return [
        (film, seconds, sorted(map(tuple, boxes)))
        for film, frames in sorted(listed.items())
        for seconds, boxes in sorted(frames.items())
    ]


def key_frames(session: Session) -> dict[str, dict[float, int]]:
    """Return the key frames that are wanted, by what a file may call the film, and second."""
    query = (
        select(Video.video_id, Video.id, KeyFrame.timestamp_seconds, KeyFrame.id)
        .join(Video, Video.id == KeyFrame.video_id)
        .where(~KeyFrame.is_withdrawn)
    )
    found: dict[int, dict[float, int]] = defaultdict(dict)
    names = names_of_films(session)
    for video_id, film, seconds, frame_id in session.execute(query):
        names[video_id] = film
        found[film][round(seconds, 3)] = frame_id
    return {name: found[film] for name, film in names.items() if film in found}


def frame_at(
    file: BoxesFile, frames: Mapping[str, Mapping[float, int]], film: str, seconds: float
) -> int:
    """Return the key frame of a film at a second; FormatError, with what there is, for none."""
    if film not in frames:
        raise FormatError(
            f"{file.path}: {film!r} is no film here. Known: {_some(sorted(frames))}. Gold is about "
            "key frames of this workspace."
        )
    if round(seconds, 3) not in frames[film]:
        moments = [f"{moment:g}" for moment in sorted(frames[film])]
        raise FormatError(
            f"{file.path}: {film} has no key frame at {seconds:g} s. It has: {_some(moments)}."
        )
    return frames[film][round(seconds, 3)]


def _some(names: Collection[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return ", ".join(listed[:_MOST_NAMED]) + more


def _known(session: Session) -> dict[int, Boxes]:
    rows = select(Gold.key_frame_id, GoldBox.x1, GoldBox.y1, GoldBox.x2, GoldBox.y2)
    query = rows.outerjoin(GoldBox, GoldBox.gold_id == Gold.id)
    found: dict[int, list[tuple[float, ...]]] = {}
    listed: Any = session.execute(
        query.where(Gold.key_frame_id.is_not(None), Gold.person_box_id.is_(None))
    )
    for frame_id, *box in listed:
        boxes = found.setdefault(frame_id, [])
        if box[0] is not None:
            boxes.append(tuple(box))
    return {frame_id: sorted(boxes) for frame_id, boxes in found.items()}


def _asked(session: Session) -> set[int | None]:
    query = select(TaskSlot.key_frame_id).where(TaskSlot.gold_id.is_(None))
    return set(
        session.scalars(
            query.where(TaskSlot.key_frame_id.is_not(None), TaskSlot.person_box_id.is_(None))
        )
    )


def _check_same(file: BoxesFile, where: tuple[str, float], known: Boxes, boxes: Boxes) -> None:
    pairs = zip(known, boxes, strict=False)
    is_same = len(known) == len(boxes) and all(
        abs(one - other) <= _EVEN
        for first, second in pairs
        for one, other in zip(first, second, strict=True)
    )
    if not is_same:
        film, seconds = where
        raise FormatError(
            f"{file.path}: {film} at {seconds:g} s is known with {len(known)} other boxes, found "
            f"{len(boxes)}; gold is only ever added, so mend the file."
        )


def _write(session: Session, new: Mapping[int, Boxes]) -> None:
    for frame_id, boxes in new.items():
        gold_id = session.scalars(
            insert(Gold).returning(Gold.id), [{"key_frame_id": frame_id}]
        ).one()
        rows = [
            {"gold_id": gold_id, "number": number, "x1": x1, "y1": y1, "x2": x2, "y2": y2}
            for number, (x1, y1, x2, y2) in enumerate(boxes)
        ]
        if rows:
            session.execute(insert(GoldBox), rows)
