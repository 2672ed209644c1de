"""Filming a script: a scene, a cast of one, and the frames of the whole video."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pipelines.demo.drawing import props
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND, perform
from pipelines.demo.drawing.canvas import Canvas, Picture
from pipelines.demo.drawing.figure import CLOTHES, HAIRS, SKINS, Look, dress
from pipelines.demo.drawing.motions import CARDBOARD, Manner
from pipelines.demo.drawing.painter import ENLARGED, HEIGHT, MARGIN, WIDTH, Placement, Sketch
from pipelines.demo.drawing.scenery import scenery
from pipelines.demo.drawing.shapes import Colour, Floats, Shape, along, shade
from pipelines.demo.drawing.skeleton import solve


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a script: one behaviour for so many frames."""

    behaviour: str
    """A class, or one of the idle behaviours."""
    num_frames: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same through a video."""

    look: Look
    manner: Manner
    placement: Placement
    backdrop: Image.Image
    shake: Floats
    """Amplitudes and phases of the camera's sway, shape (2, 3): for x and y."""


def set_scene(rng: np.random.Generator) -> Scene:
    """Return a scene drawn at random."""
    look = random_look(rng)
    height = float(rng.uniform(0.56, 0.76)) * HEIGHT * ENLARGED
    floor = float(rng.uniform(0.84, 0.95)) * HEIGHT * ENLARGED
    placement = Placement(
        float(rng.uniform(0.40, 0.60)) * WIDTH * ENLARGED, floor, height, bool(rng.random() < 0.5)
    )
    manner = Manner(
        pace=float(rng.uniform(0.88, 1.18)),
        size=float(rng.uniform(0.88, 1.06)),
        delay=float(rng.random()),
        colour=_pick(rng, CLOTHES),
    )
    backdrop = scenery(rng, floor, dark=look.lights_only)
    _litter(backdrop, placement, rng, 0.45 if look.lights_only else 1.0)
    return Scene(look, manner, placement, backdrop, random_shake(rng))


def picture(scene: Scene, segment: Segment, index: int) -> Picture:
    """Return one frame of a script of one segment, as `frames` yields it."""
    shift_T2 = camera_shift(scene.shake, 0, segment.num_frames)
    sketch = Sketch(_shapes(scene, segment), scene.placement, shift_T2)
    return _frame(Canvas(scene.backdrop), sketch, shift_T2[index], index)


def random_shake(rng: np.random.Generator) -> Floats:
    """Return the sway of a camera that somebody holds, or of one on a stand."""
    amplitude = rng.uniform(0, 4.5, (2, 1)) * (rng.random() < 0.7)
    return np.concatenate([amplitude, rng.uniform(0.5, 2.0, (2, 1)), rng.uniform(0, 6, (2, 1))], 1)


def frames(scene: Scene, script: Sequence[Segment]) -> Iterator[Picture]:
    """Yield every frame of a script, pictures of 160x120."""
    canvas, first = Canvas(scene.backdrop), 0
    for segment in script:
        shift_T2 = camera_shift(scene.shake, first, segment.num_frames)
        sketch = Sketch(_shapes(scene, segment), scene.placement, shift_T2)
        for index in range(segment.num_frames):
            yield _frame(canvas, sketch, shift_T2[index], index)
        first += segment.num_frames


def camera_shift(shake: Floats, first: int, num_frames: int) -> Floats:
    """Return how far the camera has swayed, in enlarged pixels, shape (T, 2)."""
    seconds_T1 = (first + np.arange(num_frames))[:, None] / FRAMES_PER_SECOND
    amplitude, speed, phase = shake.T
    sway: Floats = np.round(amplitude * np.sin(speed * seconds_T1 + phase))
    return sway


def _frame(canvas: Canvas, sketch: Sketch, shift_2: Floats, index: int) -> Picture:
    sketch.paint(canvas.clear(int(shift_2[0]), int(shift_2[1])), index)
    return canvas.halved()


def _shapes(scene: Scene, segment: Segment) -> list[Shape]:
    performance = perform(segment.behaviour, segment.num_frames, scene.manner)
    person = dress(solve(performance.body), scene.look)
    return [
        _steady(shape, segment.num_frames)
        for shape in (*performance.behind, *person, *performance.before)
    ]


def _steady(shape: Shape, num_frames: int) -> Shape:
    points = np.broadcast_to(shape.points_TP2, (num_frames, *shape.points_TP2.shape[1:]))
    return Shape(shape.form, points, shape.colour, shape.size)


def random_look(rng: np.random.Generator) -> Look:
    """Return how somebody looks; a few are point lights alone."""
    return Look(
        skin=_pick(rng, SKINS),
        hair=_pick(rng, HAIRS),
        shirt=_pick(rng, CLOTHES),
        trousers=_pick(rng, CLOTHES),
        shoes=_pick(rng, CLOTHES),
        build=float(rng.uniform(0.88, 1.22)),
        long_hair=bool(rng.random() < 0.4),
        short_sleeves=bool(rng.random() < 0.5),
        lights_only=bool(rng.random() < 0.07),
    )


def _pick(rng: np.random.Generator, colours: Sequence[Colour]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _litter(
    backdrop: Image.Image, placement: Placement, rng: np.random.Generator, dim: float
) -> None:
    """Put things of all classes about, so that no class is given away by what lies there."""
    corner = np.full((1, 2), -float(MARGIN))
    for name in ("door", "chair", "box", "guitar", "balls", "barbell"):
        if rng.random() < 0.4:
            x = float(rng.choice([-1, 1])) * float(rng.uniform(0.35, 1.1))
            tint = shade(_pick(rng, CLOTHES), dim)
            shapes = _thing(name, x, tint, rng)
            lift = float(rng.uniform(0.02, 0.09)) * placement.height
            spot = Placement(placement.x, placement.floor - lift, placement.height, False)
            Sketch(shapes, spot, corner).paint(backdrop, 0)


def _thing(name: str, x: float, tint: Colour, rng: np.random.Generator) -> list[Shape]:
    if name == "door":
        return props.door(x, np.array([float(rng.choice([0.0, 1.2]))]), tint)
    if name == "chair":
        return props.chair(x, tint)
    if name == "box":
        return props.box(along(np.array([x]), 0.085), CARDBOARD)
    if name == "guitar":
        return props.guitar(along(np.array([x]), 0.10), float(rng.uniform(1.2, 1.9)), tint)
    if name == "balls":
        return props.balls(np.array([[[x, 0.04], [x + 0.1, 0.04], [x + 0.05, 0.10]]]), tint)
    return props.barbell(np.array([[[x - 0.1, 0.11], [x + 0.1, 0.11]]]), tint)
