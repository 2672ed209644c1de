"""What is true of a film: who is where at every second, whose, and what they do.

A person's box is the smallest one around the pixels of them that can be seen in the picture.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kinetics_builder.ava.key_frames import key_frame_times
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from kinetics_builder.intervals import Interval
from pipelines.demo.ava.film import LARGEST_CAST, Film, Layer, layers_of, sketch_of
from pipelines.demo.ava.moves import MOVES
from pipelines.demo.ava.scenes import SCREEN_HEIGHT, SCREEN_WIDTH
from pipelines.demo.ava.script import Scene
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND

LEAST_SHARE = 0.3
"""Of a person that must be seen for a box to be asked for."""

_PAD = 160
"""Pixels beside the picture in which people are painted whole."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person at a moment."""

    person: int
    """Number in the film; in another scene the same person has another: no track crosses a cut."""
    who: int
    """Place in the film's cast."""
    corners: Corners
    """Shares of the picture's width and height."""
    seen_share: float
    """Of the person's pixels, without what others hide and what lies outside; in (0, 1]."""
    actions: tuple[int, ...]
    """Numbers of AVA's vocabulary; the first is the pose."""

    @property
    def is_asked(self) -> bool:
        """Return whether enough is seen for a box: others count neither for nor against."""
        return self.seen_share >= LEAST_SHARE


@dataclass(frozen=True, slots=True)
class Moment:
    """A second of a film."""

    seconds: float
    sightings: tuple[Sighting, ...]

    def asked(self) -> list[Sighting]:
        """Return those for whom a box is asked."""
        return [one for one in self.sightings if one.is_asked]


@dataclass(frozen=True, slots=True)
class FilmTruth:
    """What is true of a film."""

    film_id: str
    duration_seconds: float
    shots: tuple[Interval, ...]
    moments: tuple[Moment, ...]
    """Every whole second."""

    def key_frames(self, *, context_seconds: float = 3.0) -> list[Moment]:
        """Return the moments whose context lies in the film: those that AVA asks about."""
        whole = Interval(0.0, self.duration_seconds)
        times = set(key_frame_times(whole, context_seconds=context_seconds))
        return [moment for moment in self.moments if moment.seconds in times]


def truth_of(film: Film) -> FilmTruth:
    """Return the truth of a film, told by painting each person in a colour of their own."""
    shots, moments, first = [], [], 0
    for number, scene in enumerate(film.scenes):
        end = first + scene.num_frames
        shots.append(Interval(first / FRAMES_PER_SECOND, end / FRAMES_PER_SECOND))
        moments += list(_moments(film, number, scene, first))
        first = end
    return FilmTruth(film.film_id, film.duration_seconds, tuple(shots), tuple(moments))


def records_of(truth: FilmTruth) -> Iterator[Box]:
    """Yield AVA's rows of a film: one for each person and action, one for an empty key frame."""
    names = {action.id: action.name for action in ava_vocabulary()}
    for moment in truth.key_frames():
        asked = moment.asked()
        if not asked:
            yield Box(truth.film_id, moment.seconds)
        for one in asked:
            for action in one.actions:
                yield Box(
                    truth.film_id,
                    moment.seconds,
                    *one.corners,
                    action_id=action,
                    person_id=one.person,
                    label=names[action],
                )


def write_rows(path: Path, truths: Iterable[FilmTruth]) -> None:
    """Write AVA's rows (v2.2) of films into one file."""
    write = find_format("ava", Kind.BOXES).write
    assert write is not None
    rows = (row for truth in truths for row in records_of(truth))
    write(path, rows, Options(labels=ava_vocabulary().label_map()), Problems(path))


def write_truths(path: Path, truths: Iterable[FilmTruth]) -> None:
    """Write all that is true, also of people of whom too little is seen, as JSON."""
    films = [asdict(truth) for truth in truths]
    path.write_text(json.dumps({"films": films}) + "\n", encoding="utf-8")


def read_truths(path: Path) -> list[FilmTruth]:
    """Return what `write_truths` wrote."""
    films = json.loads(path.read_text("utf-8"))["films"]
    return [
        FilmTruth(
            film["film_id"],
            film["duration_seconds"],
            tuple(Interval(*shot) for shot in film["shots"]),
            tuple(
                Moment(m["seconds"], tuple(_sighting(one) for one in m["sightings"]))
                for m in film["moments"]
            ),
        )
        for film in films
    ]


def _sighting(one: dict[str, Any]) -> Sighting:
    corners, actions = Corners(*one["corners"]), tuple(one["actions"])
    return Sighting(**(one | {"corners": corners, "actions": actions}))


def _moments(film: Film, number: int, scene: Scene, first: int) -> Iterator[Moment]:
    """Yield the whole seconds of a scene that begins at frame `first`."""
    layers = layers_of(film, scene)
    before, end = _second_after(first), _second_after(first + scene.num_frames)
    for second in range(before, end):
        frame = shown_at(second) - first
        seen = [layer for layer in layers if 0 <= frame - layer.first < layer.num_frames]
        people = sorted({layer.who for layer in seen if layer.who is not None})
        whole = _painted(seen, frame)
        sightings = []
        for who in people:
            alone = _painted([layer for layer in seen if layer.who == who], frame)
            box = _sighted(whole == who + 1, alone == who + 1)
            if box is not None:
                actions = _actions(scene, who, frame)
                sightings.append(Sighting(LARGEST_CAST * number + who, who, *box, actions))
        yield Moment(float(second), tuple(sightings))


def shown_at(second: int) -> int:
    """Return the number of the picture that is shown at a whole second.

    >>> shown_at(2), shown_at(3)
    (25, 37)
    """
    return int(second * FRAMES_PER_SECOND + 1e-9)


def _second_after(frame: int) -> int:
    """Return the first second whose picture is that frame or a later one."""
    second = int(frame / FRAMES_PER_SECOND)
    return second if shown_at(second) >= frame else second + 1


def _painted(layers: list[Layer], frame: int) -> NDArray[np.uint8]:
    """Return who is seen where: a place in the cast plus 1, 0 for anything else."""
    picture = Image.new("RGB", (SCREEN_WIDTH + 2 * _PAD, SCREEN_HEIGHT))
    for layer in layers:
        level = 0 if layer.who is None else layer.who + 1
        sketch_of(layer, (level,) * 3, _PAD).paint(picture, frame - layer.first)
    return np.asarray(picture)[..., 0]


def _sighted(
    seen_HW: NDArray[np.bool_], alone_HW: NDArray[np.bool_]
) -> tuple[Corners, float] | None:
    """Return a person's box and which share of them it holds; None where nothing is seen."""
    inside_HW = seen_HW[:, _PAD:-_PAD]
    rows, columns = np.flatnonzero(inside_HW.any(axis=1)), np.flatnonzero(inside_HW.any(axis=0))
    if not len(rows):
        return None
    pixels = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    shares = pixels / ([SCREEN_WIDTH, SCREEN_HEIGHT] * 2)
    corners = Corners(*shares.round(4).tolist())
    return corners, round(float(inside_HW.sum() / alone_HW.sum()), 4)


def _actions(scene: Scene, who: int, frame: int) -> tuple[int, ...]:
    part = next(part for part in scene.parts if part.person == who)
    beat = next(b for b in part.beats if 0 <= frame - b.first < b.num_frames)
    return tuple(ava_vocabulary().of_name(name).id for name in MOVES[beat.move].actions)
