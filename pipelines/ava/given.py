"""Which boxes of a file are of which key frames."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Film, GivenBox, GivenSize, Media, Video
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.boxes.sizes import Ends
from kinetics_builder.formats.format import StatedSize
from kinetics_builder.formats.problems import Listener
from pipelines.ava.boxes_file import films_given
from pipelines.ava.frame_sizes import check_sizes, shapes_of_films, tell_of_sizes
from pipelines.ava.told import BOXES, told_of

_ROUNDING = 1e-3
"""Seconds by which times in milliseconds may miss a key frame, beside half a picture."""


class GivenHere(NamedTuple):
    """A box that a file has for a key frame."""

    corners: Corners
    score: float
    person: int | None
    actions: tuple[int, ...] = ()
    """What the person does, by numbers of the vocabulary."""


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


def require_films(session: Session, on_warning: Listener | None = None) -> None:
    """Check that boxes that come from a file are those of films that are here.

    Raises:
        FormatError: The file has none for any selected film, or has some that were drawn on
            frames of another shape than their film's.

    """
    file = told_of(session).get(BOXES)
    if not file:
        return
    names = names_of_films(session)
    given = [film for film in films_given(session) if film in names]
    if names and not given:
        raise FormatError(
            f"{file}: is of other films. It holds boxes of {_some(films_given(session))}; the "
            f"films here are {_some(sorted(names))}. Name the films in the file as they are named "
            "here, or give the file of these films with --boxes."
        )
    stated = _sizes_given(session)
    shapes = shapes_of_films(session, names)
    check_sizes(stated, shapes)
    if on_warning is not None:
        tell_of_sizes(stated, shapes, _ends_given(session, given), Path(file), on_warning)


def _sizes_given(session: Session) -> list[StatedSize]:
    query = select(GivenSize.film, GivenSize.width, GivenSize.height, GivenSize.place)
    return [StatedSize(*row) for row in session.execute(query.order_by(GivenSize.film))]


def _ends_given(session: Session, films: Sequence[str]) -> dict[str, Ends]:
    """Return how far the boxes of each film reach, and how many end there."""
    return {film: Ends(*_end(session, film, "x2"), *_end(session, film, "y2")) for film in films}


def _end(session: Session, film: str, side: str) -> tuple[float, int]:
    place = getattr(GivenBox, side)
    counted = select(place, func.count()).where(GivenBox.film == film)
    end, number = session.execute(counted.group_by(place).order_by(place.desc()).limit(1)).one()
    return float(end), int(number)


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


def check_drawn_on(session: Session, stated: Iterable[StatedSize]) -> None:
    """Raise FormatError if boxes were drawn on frames of another shape than a film here has."""
    check_sizes(stated, shapes_of_films(session, names_of_films(session)))


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


def names_by_film(session: Session) -> dict[int, tuple[str, ...]]:
    """Return what the file calls each film that it has boxes of, by the film's row."""
    names = names_of_films(session)
    found: dict[int, list[str]] = defaultdict(list)
    for name in films_given(session):
        if name in names:
            found[names[name]].append(name)
    return {number: tuple(own) for number, own in found.items()}


def given_of_film(
    session: Session, film_id: int, names: Sequence[str], moments: Sequence[float]
) -> GivenFilm:
    """Return what the file says of a film that it calls by one of `names`, or by several.

    Args:
        session: A session.
        film_id: The film's row.
        names: Those of the file.
        moments: The key frames' times, sorted.

    """
    rate = session.scalar(select(Media.frames_per_second).where(Media.video_id == film_id))
    boxes = session.execute(
        select(
            GivenBox.timestamp_seconds,
            *(GivenBox.x1, GivenBox.y1, GivenBox.x2, GivenBox.y2),
            *(GivenBox.score, GivenBox.person, GivenBox.actions),
        )
        .where(GivenBox.film.in_(names))
        .order_by(GivenBox.id)
    )
    by_time: dict[float, list[GivenHere]] = defaultdict(list)
    for seconds, *corners, score, person, actions in boxes:
        here = GivenHere(Corners(*corners), score, person, tuple(actions))
        by_time[seconds].append(here)
    return GivenFilm(
        file=told_of(session).get(BOXES, ""),
        num_boxes=sum(map(len, by_time.values())),
        first_seconds=min(by_time),
        last_seconds=max(by_time),
        by_moment=_by_moment(by_time, moments, 0.5 / max(rate or 0.0, 1e-3) + _ROUNDING),
    )


def _by_moment(
    by_time: Mapping[float, Sequence[GivenHere]], moments: Sequence[float], slack: float
) -> tuple[tuple[float, tuple[GivenHere, ...]], ...]:
    """Return the boxes of the file's time that is nearest to each key frame, if one is near."""
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
