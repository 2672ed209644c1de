"""Contact sheets: a still of each of a class's best proposals, on one small picture a class."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, ClipFile, Label, Media, Video
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.sandbox import Limits, run_each_limited
from pipelines.inspecting.reaching import Reaching
from pipelines.inspecting.tiling import tiled
from pipelines.running.reports import Reporter, SilentReporter

MOST_STILLS = 1400
"""On all sheets of a page together."""
MOST_OF_A_CLASS = 12
_GAP = 2
"""Pixels between stills."""
_AROUND = 0.1
"""Of a box's width and height, that is shown on each side of it."""
_MOST_PIXELS = 1080
"""Of the shorter side of a picture of which a part is shown."""
Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2."""
_AT_ONCE = 25
"""Stills that are read in one child: what makes it fail costs no others."""
_LIMITS = Limits(seconds=120, memory_bytes=2 << 30)


class Cell(NamedTuple):
    """A still's place on a sheet, in pixels, and how many stand beside one another."""

    width: int
    height: int
    columns: int


PICTURE = Cell(128, 96, 4)
"""For whole pictures."""
PERSON = Cell(96, 144, 6)
"""For people, who are mostly upright."""


@dataclass(frozen=True)
class ContactSheet:
    """The best proposals of a class."""

    label: str
    num_proposed: int
    num_shown: int
    """One of each video, the best scored first."""
    num_unread: int
    """Of these, whose files could not be read: their places are crossed out."""
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
    corners: Corners | None = None
    """What of the picture is shown, as shares of its width and height; all of it without."""


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


def joined(stills: Sequence[bytes], cell: Cell = PICTURE) -> str:
    """Return stills beside each other as the `data:` address of a JPEG; empty where none is there.

    Those that could not be read leave places that are crossed out.
    """
    if not any(stills):
        return ""
    size = cell.width, cell.height
    tiles = [Image.frombytes("RGB", size, still) if still else None for still in stills]
    return tiled(tiles, size, _columns(len(stills), cell), _GAP)


def _columns(num_stills: int, cell: Cell) -> int:
    """Return how many stills stand on a line, so that few places stay empty.

    >>> _columns(8, PERSON), _columns(12, PERSON), _columns(1, PERSON)
    (4, 6, 1)
    """
    num_rows = -(-num_stills // cell.columns)
    return -(-num_stills // num_rows)


def width_of(num_stills: int, cell: Cell) -> float:
    """Return how wide a sheet is, as a share of one whose first line is full.

    >>> width_of(6, PERSON), width_of(11, PERSON), width_of(3, PERSON) < 0.5
    (1.0, 1.0, True)
    """
    columns = _columns(num_stills, cell)
    return (columns * (cell.width + _GAP) - _GAP) / (cell.columns * (cell.width + _GAP) - _GAP)


def sheets_of(
    groups: Sequence[Sequence[Moment]], cell: Cell = PICTURE, reporter: Reporter | None = None
) -> list[str]:
    """Return what `joined` makes of the stills of each group; a reporter is told of each sheet."""
    reporter, pictures = reporter or SilentReporter(), list[str]()
    stills = stills_of([moment for group in groups for moment in group], cell)
    reporter.begin("sheets", len(groups), 0)
    try:
        for group in groups:
            pictures.append(joined([next(stills) for _ in group], cell))
            reporter.advance([None])
    finally:
        stills.close()
        reporter.close()
    return pictures


def stills_of(moments: Sequence[Moment], cell: Cell = PICTURE) -> Generator[bytes, None, None]:
    """Yield the pixels of each still, of its place's size; nothing where it cannot be read."""
    parts = [moments[first : first + _AT_ONCE] for first in range(0, len(moments), _AT_ONCE)]
    read = run_each_limited(read_stills, [(list(some), cell) for some in parts], limits=_LIMITS)
    for some, stills in zip(parts, read, strict=True):
        try:
            found = stills()
        except ItemFailed:
            found = [b""] * len(some)
        yield from found


def read_stills(moments: list[Moment], cell: Cell) -> list[bytes]:
    """Return the same; runs in a child, since it decodes video."""
    return [_read_still(moment, cell) for moment in moments]


def _read_still(moment: Moment, cell: Cell) -> bytes:
    from kinetics_builder.video.reading.frames import Scaler
    from kinetics_builder.video.reading.single import picture_at

    if moment.file is None:
        return b""
    try:
        frame = picture_at(moment.file, moment.seconds)
        scaler = Scaler(None, _short_side(moment.corners, cell))
        picture = Image.fromarray(scaler.upright(frame))
    except (ItemFailed, OSError):
        return b""
    return _placed(_part(picture, moment.corners, cell), cell)


def _short_side(corners: Corners | None, cell: Cell) -> int:
    """Return at which size a picture is looked at, so that what is shown of it fills its place."""
    if corners is None:
        return cell.height
    share = min(1.0, (corners[3] - corners[1]) * (1 + 2 * _AROUND))
    return min(_MOST_PIXELS, math.ceil(cell.height / max(share, 1e-3)))


def _part(picture: Image.Image, corners: Corners | None, cell: Cell) -> Image.Image:
    """Return what of a picture is shown: of a box as much around it as its place has room for."""
    if corners is None:
        return picture
    x1, y1, x2, y2 = corners
    width, height = picture.size
    wide = (x2 - x1) * (1 + 2 * _AROUND) * width
    high = (y2 - y1) * (1 + 2 * _AROUND) * height
    wide, high = (
        max(wide, high * cell.width / cell.height),
        max(high, wide * cell.height / cell.width),
    )
    left, right = _around((x1 + x2) / 2 * width, wide, width)
    top, low = _around((y1 + y2) / 2 * height, high, height)
    return picture.crop((left, top, right, low))


def _around(middle: float, length: float, most: int) -> tuple[int, int]:
    """Return where a stretch of a side begins and ends, moved to lie inside it; one pixel at least.

    >>> _around(10.0, 8.0, 100), _around(2.0, 8.0, 100), _around(50.0, 200.0, 100)
    ((6, 14), (0, 8), (0, 100))
    """
    first = max(0, min(int(middle - length / 2), int(most - length)))
    return first, max(first + 1, min(most, math.ceil(first + length)))


def _placed(picture: Image.Image, cell: Cell) -> bytes:
    picture.thumbnail((cell.width, cell.height))
    placed = Image.new("RGB", (cell.width, cell.height), "black")
    at = (cell.width - picture.width) // 2, (cell.height - picture.height) // 2
    placed.paste(picture, at)
    return placed.tobytes()
