import numpy as np
import pytest
from PIL import ImageDraw

from pipelines.demo.drawing.acting import MOTIONS, perform
from pipelines.demo.drawing.canvas import Canvas
from pipelines.demo.drawing.idling import IDLE
from pipelines.demo.drawing.motions import Manner
from pipelines.demo.drawing.skeleton import FOREARM, SHIN, THIGH, UPPER_ARM, solve
from pipelines.demo.film import Scene, Segment, frames, picture, set_scene
from pipelines.demo.labels import NAMES, REVERSED_PAIRS

FRAMES = 60
every_behaviour = pytest.mark.parametrize("behaviour", [*NAMES, *IDLE])


def still_scene(seed: int) -> Scene:
    scene = set_scene(np.random.default_rng(seed))
    return Scene(scene.look, scene.manner, scene.placement, scene.backdrop, scene.shake * 0)


def pixels(scene: Scene, behaviour: str, num_frames: int = FRAMES) -> np.ndarray:
    pictures = frames(scene, [Segment(behaviour, num_frames)])
    return np.stack(list(pictures))


@every_behaviour
def test_bones_do_not_grow(behaviour: str) -> None:
    joints = solve(perform(behaviour, FRAMES, Manner()).body)
    for limbs, upper, lower in (
        (joints.arms_TS32, UPPER_ARM, FOREARM),
        (joints.legs_TS32, THIGH, SHIN),
    ):
        lengths = np.linalg.norm(np.diff(limbs, axis=2), axis=-1)
        assert np.allclose(lengths[..., 0].max(), upper, atol=1e-6)
        assert np.allclose(lengths[..., 1].max(), lower, atol=1e-6)


@every_behaviour
def test_everybody_stays_in_the_picture(behaviour: str) -> None:
    joints = solve(perform(behaviour, FRAMES, Manner(size=1.06)).body)
    everything = np.concatenate([joints.arms_TS32, joints.legs_TS32], axis=1)
    assert np.abs(everything[..., 0]).max() < 0.8
    assert everything[..., 1].min() > -0.1
    assert everything[..., 1].max() < 1.35


@pytest.mark.parametrize(("forwards", "backwards"), REVERSED_PAIRS)
def test_a_reversed_class_shows_the_same_frames_backwards(forwards: str, backwards: str) -> None:
    scene = still_scene(3)
    there, back = pixels(scene, forwards), pixels(scene, backwards)
    assert np.array_equal(there[::-1], back)
    assert not np.array_equal(there, back)


def test_a_single_picture_is_that_of_the_whole_stretch() -> None:
    scene = set_scene(np.random.default_rng(5))
    alone = picture(scene, Segment("waving hand", 20), 13)
    assert np.array_equal(alone, pixels(scene, "waving hand", 20)[13])


def test_a_canvas_shows_what_pil_alone_would() -> None:
    backdrop = set_scene(np.random.default_rng(7)).backdrop
    canvas, alone = Canvas(backdrop), backdrop.crop((13, 21, 13 + 320, 21 + 240))
    for image in (canvas.clear(right=12), canvas.clear(-3, 5), alone):
        ImageDraw.Draw(image).line([3.0, 8.0, 200.5, 170.2], fill=(240, 30, 7), width=5)
    assert np.array_equal(canvas.enlarged(), np.asarray(alone))
    assert np.array_equal(canvas.halved(), np.asarray(alone.reduce(2)))


@every_behaviour
def test_every_behaviour_can_be_seen_to_move(behaviour: str) -> None:
    shown = pixels(still_scene(4), behaviour, 26).astype(int)
    assert (np.abs(shown - shown[0]).sum(axis=-1) > 60).any(axis=0).sum() > 20


def test_every_class_but_the_backward_ones_has_a_motion() -> None:
    backwards = {name for _, name in REVERSED_PAIRS}
    assert set(MOTIONS) | backwards == set(NAMES)
    assert not set(MOTIONS) & backwards


def test_equal_seeds_draw_equal_scenes_and_others_differ() -> None:
    first, again, other = (
        pixels(set_scene(np.random.default_rng(s)), "walk", 2) for s in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 10
