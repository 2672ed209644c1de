"""Films of the world: a cast, scenes with cuts between them, and their pictures.

Pictures are drawn as large as they are shown: persons of a third of the picture need the pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from pipelines.demo.ava.moves import MOVES, Cue, parcel_on_floor
from pipelines.demo.ava.scenes import SCENES, random_scene
from pipelines.demo.ava.script import Beat, Facing, Part, Scene, Thing
from pipelines.demo.drawing import props
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.canvas import Canvas, Picture
from pipelines.demo.drawing.figure import CLOTHES, Look, dress
from pipelines.demo.drawing.motions import CHAIR, Manner
from pipelines.demo.drawing.painter import Placement, Sketch
from pipelines.demo.drawing.scenery import scenery
from pipelines.demo.drawing.shapes import Colour, Floats, Shape
from pipelines.demo.drawing.skeleton import Body, solve
from pipelines.demo.film import camera_shift, random_look, random_shake

LARGEST_CAST = 5
_BLEND = 3
"""Frames in which somebody goes from the end of one move to the next."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a film's cast."""

    look: Look
    manner: Manner


@dataclass(frozen=True, slots=True)
class Film:
    """A film, before it is drawn."""

    film_id: str
    seed: int
    cast: tuple[Person, ...]
    scenes: tuple[Scene, ...]

    @property
    def num_frames(self) -> int:
        """Return how many pictures it has."""
        return sum(scene.num_frames for scene in self.scenes)

    @property
    def duration_seconds(self) -> float:
        """Return how long it lasts."""
        return self.num_frames / FRAMES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Layer:
    """A person or thing for a stretch of a scene, as shapes in its own space."""

    who: int | None
    """The person, by place in the cast; None for a thing."""
    row: float
    """Of the picture, where it stands: what stands lower is before."""
    first: int
    num_frames: int
    shapes: tuple[Shape, ...]
    placement: Placement
    shift_T2: Floats
    """How far each frame lies from `placement`, to the left and up, in pixels."""


def random_film(film_id: str, seed: int, least_seconds: float) -> Film:
    """Return a film of at least so many seconds: the same for the same seed.

    Scenes of all names come in turn, so that no film shows one kind alone.
    """
    rng = np.random.default_rng([seed, 2])
    cast = _cast(rng)
    scenes: list[Scene] = []
    names = rng.permutation(list(SCENES)).tolist()
    while sum(scene.num_frames for scene in scenes) < least_seconds * FRAMES_PER_SECOND:
        name = names[len(scenes) % len(names)]
        scenes.append(random_scene(rng, range(len(cast)), name))
    return Film(film_id, seed, cast, tuple(scenes))


def pictures(film: Film) -> Iterator[Picture]:
    """Yield every picture of a film."""
    for scene in film.scenes:
        backdrop, shake = set_of(scene)
        canvas = Canvas(backdrop)
        sway_T2 = camera_shift(shake, 0, scene.num_frames)
        layers = [(layer, sketch_of(layer)) for layer in layers_of(film, scene)]
        for index in range(scene.num_frames):
            picture = canvas.clear(int(sway_T2[index, 0]), int(sway_T2[index, 1]))
            for layer, sketch in layers:
                if 0 <= index - layer.first < layer.num_frames:
                    sketch.paint(picture, index - layer.first)
            yield canvas.enlarged()


def set_of(scene: Scene) -> tuple[Image.Image, Floats]:
    """Return what is behind the people of a scene, and how its camera sways."""
    rng = np.random.default_rng(scene.seed)
    farthest = min(part.floor for part in scene.parts)
    return scenery(rng, farthest), random_shake(rng)


def layers_of(film: Film, scene: Scene) -> list[Layer]:
    """Return everybody and everything of a scene, what is behind first."""
    sway_T2 = camera_shift(set_of(scene)[1], 0, scene.num_frames)
    parts = {part.person: part for part in scene.parts}
    layers = [
        _thing_layer(thing, parts[thing.user], scene.tint, sway_T2)
        for thing in scene.things
        if thing.end > thing.first
    ]
    for part in scene.parts:
        layers += _part_layers(film.cast[part.person], part, scene.tint, sway_T2)
    return sorted(layers, key=lambda layer: layer.row)


def sketch_of(layer: Layer, colour: Colour | None = None, pad: int = 0) -> Sketch:
    """Return a layer ready to be painted, in one flat colour or in its own.

    Args:
        layer: A person or thing.
        colour: Red, green and blue; None for its own colours.
        pad: Pixels by which the picture to be painted on is wider on each side.

    """
    shapes = layer.shapes
    if colour is not None:
        shapes = tuple(replace(shape, colour=colour) for shape in shapes)
    place = replace(layer.placement, x=layer.placement.x + pad)
    return Sketch(shapes, place, layer.shift_T2)


def _cast(rng: np.random.Generator) -> tuple[Person, ...]:
    """Return people of different shirts; no two of a film wear the same."""
    shirts = rng.permutation(len(CLOTHES))[:LARGEST_CAST]
    people = []
    for shirt in shirts:
        look = replace(random_look(rng), shirt=CLOTHES[int(shirt)], lights_only=False)
        manner = Manner(
            pace=float(rng.uniform(0.88, 1.18)),
            delay=float(rng.random()),
        )
        people.append(Person(look, manner))
    return tuple(people)


def _thing_layer(thing: Thing, user: Part, tint: Colour, sway_T2: Floats) -> Layer:
    shapes = props.chair(CHAIR, tint) if thing.what == "chair" else parcel_on_floor(tint)
    placement = Placement(thing.x, user.floor, user.height, thing.facing == Facing.LEFT)
    return Layer(
        None,
        user.floor - 1,
        thing.first,
        thing.end - thing.first,
        tuple(shapes),
        placement,
        sway_T2[thing.first : thing.end],
    )


def _part_layers(person: Person, part: Part, tint: Colour, sway_T2: Floats) -> Iterator[Layer]:
    before: tuple[Facing, Body] | None = None
    for beat in part.beats:
        performance = MOVES[beat.move].motion(_cue(replace(person.manner, colour=tint), part, beat))
        body = performance.body
        if before is not None and before[0] == beat.facing:
            body = _after(before[1], body)
        before = beat.facing, body
        stretch = sway_T2[beat.first : beat.first + beat.num_frames]
        walked_T = np.linspace(beat.x_from, beat.x_to, beat.num_frames, endpoint=False)
        shift_T2 = stretch - np.stack([walked_T, np.zeros_like(walked_T)], axis=1)
        placement = Placement(0.0, part.floor, part.height, beat.facing == Facing.LEFT)
        groups = (
            (None, performance.behind),
            (part.person, tuple(dress(solve(body), person.look))),
            (None, performance.before),
        )
        for who, shapes in groups:
            if shapes:
                yield Layer(
                    who, part.floor, beat.first, beat.num_frames, shapes, placement, shift_T2
                )


def _cue(manner: Manner, part: Part, beat: Beat) -> Cue:
    frames = np.arange(beat.num_frames)
    return Cue(
        seconds_T=(beat.first + frames) / FRAMES_PER_SECOND,
        progress_T=frames / beat.num_frames,
        heights=abs(beat.x_to - beat.x_from) / part.height,
        manner=manner,
    )


def _after(before: Body, body: Body) -> Body:
    """Return a body that goes on from where another ended, instead of jumping."""
    if before.front != body.front:
        return body
    share_T = np.clip((1 + np.arange(len(body.lean_T))) / (_BLEND + 1), 0.0, 1.0)

    def mixed(old: Floats, new: Floats) -> Floats:
        weight = share_T.reshape(-1, *[1] * (new.ndim - 1))
        blend: Floats = old[-1] * (1 - weight) + new * weight
        return blend

    return replace(
        body,
        hip_T2=mixed(before.hip_T2, body.hip_T2),
        lean_T=mixed(before.lean_T, body.lean_T),
        hands_TS2=mixed(before.hands_TS2, body.hands_TS2),
        feet_TS2=mixed(before.feet_TS2, body.feet_TS2),
    )
