"""Contact sheets: a still of each of a class's best proposals, on one small picture a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, ClipFile, Label, Media, Video
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.sandbox import Limits, run_limited
from pipelines.html_page import jpeg_address
from pipelines.inspecting.reaching import Reaching

MOST_STILLS = 1400
"""On all sheets of a page together."""
MOST_OF_A_CLASS = 12
_COLUMNS = 4
_WIDTH, _HEIGHT = 128, 96
"""Of a still's place, in pixels."""
_GAP = 2
_BACKGROUND = "#777777"
_AT_ONCE = 100
"""Stills that are read in one child: what makes it fail costs no others."""
_LIMITS = Limits(seconds=120, memory_bytes=2 << 30)


@dataclass(frozen=True)
class ContactSheet:
    """The best proposals of a class."""

    label: str
    num_proposed: int
    num_shown: int
    """One of each video, the best scored first."""
    num_unread: int
    """Of these, whose files could not be read: their places are grey."""
    scores: tuple[float, float]
    """Of the first and of the last one shown."""
    picture: str
    """A `data:` address of a JPEG; empty where no file could be read."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a still is taken from."""

    file: Path | None
    """None where it could not be had."""
    seconds: float
    """From the start of the file."""


def contact_sheets(
    session: Session, reaching: Reaching, *, most_stills: int = MOST_STILLS
) -> list[ContactSheet]:
    """Return a sheet for each class that has proposals, in alphabetical order.

    Of many classes each has fewer stills, so that a page of all stays small enough to be opened.

    Args:
        session: A reading session.
        reaching: Brings the files.
        most_stills: On all sheets together, but at least one each.

    """
    num_classes = session.scalar(select(func.count(Clip.label_id.distinct()))) or 0
    if not num_classes:
        return []
    each = min(MOST_OF_A_CLASS, max(1, most_stills // num_classes))
    rows = session.execute(_best_of_each(each)).all()
    stills = stills_of([_moment(reaching, row) for row in rows])
    shown = zip(rows, stills, strict=True)
    return [
        _sheet(label, list(group)) for label, group in groupby(shown, key=lambda pair: pair[0].name)
    ]


def _best_of_each(each: int) -> Any:
    """Select the best proposals of each class, one of each video."""
    best = func.row_number().over(
        partition_by=(Clip.label_id, Clip.video_id), order_by=(Clip.score.desc(), Clip.id)
    )
    is_there = Clip.is_withdrawn.is_(False)
    of_video = select(Clip.id, Clip.label_id, Clip.score, best.label("of_video")).where(is_there)
    firsts = of_video.subquery()
    place = func.row_number().over(
        partition_by=firsts.c.label_id, order_by=(firsts.c.score.desc(), firsts.c.id)
    )
    placed = select(firsts.c.id, place.label("place")).where(firsts.c.of_video == 1).subquery()
    counts = select(Clip.label_id, func.count().label("number")).where(is_there)
    count = counts.group_by(Clip.label_id).subquery()
    cut = ClipFile.file.label("cut_file"), ClipFile.duration_seconds.label("cut_seconds")
    window = Clip.start_seconds, Clip.end_seconds
    return (
        select(Label.name, count.c.number, Clip.score, *cut, Media.file.label("source"), *window)
        .join(placed, placed.c.id == Clip.id)
        .join(Label, Label.id == Clip.label_id)
        .join(count, count.c.label_id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Media, Media.video_id == Video.id)
        .outerjoin(ClipFile, ClipFile.clip_id == Clip.id)
        .where(placed.c.place <= each, Label.is_retired.is_(False))
        .order_by(Label.name, placed.c.place)
    )


def _moment(reaching: Reaching, row: Any) -> Moment:
    """Return the middle of a clip, in its own file or, before it is cut, in the video's."""
    if row.cut_file is not None:
        return Moment(reaching.path(row.cut_file), row.cut_seconds / 2)
    return Moment(reaching.path(row.source), (row.start_seconds + row.end_seconds) / 2)


def _sheet(label: str, shown: Sequence[tuple[Any, bytes]]) -> ContactSheet:
    rows = [row for row, _ in shown]
    stills = [still for _, still in shown]
    return ContactSheet(
        label=label,
        num_proposed=rows[0].number,
        num_shown=len(rows),
        num_unread=stills.count(b""),
        scores=(rows[0].score, rows[-1].score),
        picture=joined(stills),
    )


def joined(stills: Sequence[bytes]) -> str:
    """Return stills beside each other as the `data:` address of a JPEG; empty where none is there.

    Those that could not be read leave grey places.
    """
    if not any(stills):
        return ""
    columns = min(_COLUMNS, len(stills))
    num_rows = -(-len(stills) // columns)
    size = columns * (_WIDTH + _GAP) - _GAP, num_rows * (_HEIGHT + _GAP) - _GAP
    joined = Image.new("RGB", size, _BACKGROUND)
    for place, still in enumerate(stills):
        row, column = divmod(place, columns)
        if still:
            image = Image.frombytes("RGB", (_WIDTH, _HEIGHT), still)
            joined.paste(image, (column * (_WIDTH + _GAP), row * (_HEIGHT + _GAP)))
    return jpeg_address(joined)


def stills_of(moments: Sequence[Moment]) -> list[bytes]:
    """Return the pixels of each still, of its place's size; nothing where it cannot be read."""
    found: list[bytes] = []
    for first in range(0, len(moments), _AT_ONCE):
        some = list(moments[first : first + _AT_ONCE])
        try:
            found += run_limited(read_stills, some, limits=_LIMITS)
        except ItemFailed:
            found += [b""] * len(some)
    return found


def read_stills(moments: list[Moment]) -> list[bytes]:
    """Return the same; runs in a child, since it decodes video."""
    return [_read_still(moment) for moment in moments]


def _read_still(moment: Moment) -> bytes:
    from kinetics_builder.video.reading.frames import Scaler
    from kinetics_builder.video.reading.showing import SLACK_SECONDS, Showing
    from kinetics_builder.video.reading.timeline import read_timeline

    if moment.file is None:
        return b""
    try:
        line = read_timeline(moment.file)
        last = None
        for shown in Showing(moment.file, line, from_seconds=moment.seconds):
            if last is not None and shown.time_seconds > moment.seconds + SLACK_SECONDS:
                break
            last = shown.frame
        if last is None:
            return b""
        picture = Image.fromarray(Scaler(None, _HEIGHT).upright(last))
    except (ItemFailed, OSError):
        return b""
    picture.thumbnail((_WIDTH, _HEIGHT))
    placed = Image.new("RGB", (_WIDTH, _HEIGHT), "black")
    placed.paste(picture, ((_WIDTH - picture.width) // 2, (_HEIGHT - picture.height) // 2))
    return placed.tobytes()
