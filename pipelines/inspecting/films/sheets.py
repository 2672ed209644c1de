"""Which key frames of films, and which persons of actions, the report shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ActionCandidate,
    KeyFrame,
    PersonAction,
    PersonBox,
    Verdict,
    Video,
)
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.inspecting.films import drawing
from pipelines.inspecting.films.actions import box_counts
from pipelines.inspecting.films.facts import FilmFacts

_STILLS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some key frames of a film beside one another."""

    film: FilmFacts
    moments: tuple[float, ...]
    """Seconds, in the order of the stills."""
    picture: str
    """A `data:` address of a JPEG; empty where no still could be read."""


@dataclass(frozen=True, slots=True)
class Doing:
    """A person of whom people said that an action is done, or is not."""

    action: str
    title: str
    """Of the film."""
    where: str
    votes: str
    picture: str
    """As that of a sheet."""


def sheets(
    session: Session, root: Path, films: Iterable[FilmFacts], *, max_films: int
) -> list[Sheet]:
    """Return a sheet of each film with key frames, of the first so many.

    The stills are spread evenly over the key frames with a box, over all where none has one.
    """
    shown = [film for film in films if film.num_key_frames][:max_films]
    return [_sheet(session, root, film) for film in shown]


def _sheet(session: Session, root: Path, film: FilmFacts) -> Sheet:
    times: Any = session.execute(_TIMES, {"film": film.row_id}).all()
    able = [row for row in times if row.num_boxes] or times
    number = min(_STILLS, len(able))
    last = max(1, number - 1)
    chosen = [able[place * (len(able) - 1) // last] for place in range(number)]
    boxes: dict[int, list[drawing.Whose]] = defaultdict(list)
    found: Any = session.execute(_BOXES, {"frames": [row.id for row in chosen]})
    for frame_id, person, *corners in found:
        boxes[frame_id].append((person, Corners(*corners)))
    stills = [(root / row.file, boxes[row.id]) for row in chosen]
    return Sheet(film, tuple(row.seconds for row in chosen), drawing.sheet(stills))


def doings(
    session: Session,
    root: Path,
    verdict: Verdict,
    names: Mapping[int, str],
    *,
    per_action: int,
    max_total: int,
) -> list[Doing]:
    """Return pictures of persons with an action that people gave `verdict` to.

    Of each action those on which people agreed most, each of another person, of other films
    first; the actions in the order of `names`, which holds all that were proposed or accepted.
    What was asked about as gold alone is shown where it was accepted.
    """
    rows: Any = session.execute(_surest(verdict, per_action)).all()
    places = {number: place for place, number in enumerate(names)}
    ordered = sorted(rows, key=lambda row: (places[row.action_id], row.place))[:max_total]
    return [
        Doing(
            action=names[row.action_id],
            title=row.title or row.video_id,
            where=f"at {row.seconds:g} s" + _named(row.person),
            votes=_votes(row),
            picture=drawing.person(
                root / row.file, (row.person, Corners(row.x1, row.y1, row.x2, row.y2))
            ),
        )
        for row in ordered
    ]


def _named(person: int | None) -> str:
    return "" if person is None else f", person {person}"


def _votes(row: Any) -> str:
    counts = ((row.num_yes, "yes"), (row.num_no, "no"), (row.num_unsure, "unsure"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _surest(verdict: Verdict, per_action: int) -> Any:
    """Return the query of the surest moments of each action, by `place` from 1 on."""
    sides = PersonAction.num_yes, PersonAction.num_no
    for_it, against = sides if verdict is Verdict.ACCEPTED else reversed(sides)
    was_proposed = exists(ActionCandidate.action_id).where(
        ActionCandidate.person_box_id == PersonAction.person_box_id,
        ActionCandidate.action_id == PersonAction.action_id,
    )
    voted = (
        _VOTED.add_columns(for_it.label("for_it"), against.label("against"))
        .where(PersonAction.verdict == verdict)
        .where(or_(PersonAction.verdict == Verdict.ACCEPTED, was_proposed))
        .subquery()
    )
    of_person = _ranked(voted, "action_id", "video_id", "person", name="of_person")
    of_film = _ranked(_first_of_person(of_person), "action_id", "video_id", name="of_film")
    place = _ranked(of_film, "action_id", name="place", before=("of_film",))
    return select(place).where(place.c.place <= per_action)


def _ranked(rows: Any, *among: str, name: str, before: tuple[str, ...] = ()) -> Any:
    """Return rows with a number from 1 on among those that are alike in some columns."""
    order = [rows.c[column] for column in before]
    order += [rows.c.for_it.desc(), rows.c.against, rows.c.num_unsure]
    order += [rows.c[column] for column in ("video_id", "seconds", "box_id")]
    number = func.row_number().over(
        partition_by=[rows.c[column] for column in among], order_by=order
    )
    return select(rows, number.label(name)).subquery()


def _first_of_person(rows: Any) -> Any:
    return select(rows).where(rows.c.of_person == 1).subquery()


_NUM_BOXES = (
    select(func.count())
    .where(PersonBox.key_frame_id == KeyFrame.id, PersonBox.stands())
    .correlate(KeyFrame)
    .scalar_subquery()
)
_TIMES = (
    select(
        KeyFrame.id,
        KeyFrame.timestamp_seconds.label("seconds"),
        KeyFrame.file,
        _NUM_BOXES.label("num_boxes"),
    )
    .where(KeyFrame.video_id == bindparam("film"), ~KeyFrame.is_withdrawn)
    .order_by(KeyFrame.timestamp_seconds)
)
_CORNERS = tuple(getattr(PersonBox, name) for name in Corners._fields)
_BOXES = (
    select(PersonBox.key_frame_id, PersonBox.person, *_CORNERS)
    .where(PersonBox.stands(), PersonBox.key_frame_id.in_(bindparam("frames", expanding=True)))
    .order_by(PersonBox.id)
)
_VOTED = (
    select(
        PersonAction.action_id,
        PersonAction.num_yes,
        PersonAction.num_no,
        PersonAction.num_unsure,
        Video.title,
        Video.video_id,
        KeyFrame.timestamp_seconds.label("seconds"),
        KeyFrame.file,
        PersonBox.id.label("box_id"),
        PersonBox.person,
        *_CORNERS,
    )
    .select_from(PersonAction)
    .join(PersonBox, PersonBox.id == PersonAction.person_box_id)
    .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
    .join(Video, Video.id == KeyFrame.video_id)
    .where(box_counts())
)
