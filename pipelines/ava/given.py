"""Which boxes of a file are of which key frames."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Film, GivenBox, Media, Video
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import films_given
from pipelines.ava.told import BOXES, told_of

_ROUNDING = 1e-3
"""Seconds by which times in milliseconds may miss a key frame, beside half a picture."""


class GivenHere(NamedTuple):
    """A box that a file has for a key frame."""

    corners: Corners
    score: float
    person: int | None


@dataclass(frozen=True, slots=True)
class GivenFilm:
    """What a file says of one film."""

    file: str
    num_boxes: int
    """Those between key frames included."""
    first_seconds: float
    last_seconds: float
    by_moment: tuple[tuple[float, tuple[GivenHere, ...]], ...]
    """Boxes by the time of their key frame."""


def has_file(session: Session) -> bool:
    """Say whether boxes come from a file."""
    return bool(told_of(session).get(BOXES))


def require_films(session: Session) -> None:
    """Raise FormatError if boxes come from a file that has none for any selected film."""
    file = told_of(session).get(BOXES)
    if not file:
        return
    names = names_of_films(session)
    given = films_given(session)
    if names.keys().isdisjoint(given):
        raise FormatError(
            f"{file}: is of other films. It holds boxes of {_some(given)}; the films here are "
            f"{_some(sorted(names))}. Name the films in the file as they are named here, or give "
            "the file of these films with --boxes."
        )


def names_of_films(session: Session) -> dict[str, int]:
    """Return the row of each selected film by its id, and by its file's name if no two share it."""
    rows = session.execute(
        select(Video.id, Video.video_id, Video.url, Video.source).where(
            Video.id.in_(select(Film.video_id))
        )
    ).all()
    by_file: dict[str, set[int]] = defaultdict(set)
    for number, _, url, source in rows:
        if source.startswith("folder:"):
            by_file[PurePath(url).stem].add(number)
    plain = {name: min(numbers) for name, numbers in by_file.items() if len(numbers) == 1}
    return plain | {video_id: number for number, video_id, _, _ in rows}


def by_id(
    session: Session, frames: Mapping[str, Mapping[float, Sequence[Corners]]]
) -> dict[str, dict[float, list[Corners]]]:
    """Return boxes by the ids of their films, where a file calls those by their files' names."""
    names = names_of_films(session)
    rows = session.execute(select(Video.id, Video.video_id))
    ids = {number: video_id for number, video_id in rows}
    found: dict[str, dict[float, list[Corners]]] = defaultdict(dict)
    for film, moments in frames.items():
        here = found[ids[names[film]] if film in names else film]
        for seconds, boxes in moments.items():
            here.setdefault(seconds, []).extend(boxes)
    return dict(found)


def given_of_films(
    session: Session, moments: Mapping[int, Sequence[float]]
) -> dict[int, GivenFilm]:
    """Return what the file says of each film, by the film's row.

    Args:
        session: A session.
        moments: The key frames' times of each film, sorted.

    """
    names, file = names_of_films(session), told_of(session).get(BOXES, "")
    rates = {
        number: rate
        for number, rate in session.execute(select(Media.video_id, Media.frames_per_second))
    }
    found: dict[int, GivenFilm] = {}
    for name in films_given(session):
        number = names.get(name)
        if number is None or number not in moments:
            continue
        boxes = session.scalars(
            select(GivenBox).where(GivenBox.film == name).order_by(GivenBox.id)
        ).all()
        slack = 0.5 / max(rates[number], 1e-3) + _ROUNDING
        placed = _by_moment(boxes, moments[number], slack)
        times = [box.timestamp_seconds for box in boxes]
        found[number] = GivenFilm(file, len(boxes), min(times), max(times), placed)
    return found


def _by_moment(
    boxes: Iterable[GivenBox], moments: Sequence[float], slack: float
) -> tuple[tuple[float, tuple[GivenHere, ...]], ...]:
    """Return the boxes of the file's time that is nearest to each key frame, if one is near."""
    by_time: dict[float, list[GivenHere]] = defaultdict(list)
    for box in boxes:
        corners = Corners(box.x1, box.y1, box.x2, box.y2)
        by_time[box.timestamp_seconds].append(GivenHere(corners, box.score, box.person))
    times, placed = sorted(by_time), []
    for moment in moments:
        after = bisect_left(times, moment)
        near = times[max(0, after - 1) : after + 1]
        nearest = min(near, key=lambda time: abs(time - moment))
        if abs(nearest - moment) <= slack:
            placed.append((moment, tuple(by_time[nearest])))
    return tuple(placed)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"
