"""Blurring faces in clips: a double finds a drawn one."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.faces import Blurring, blurred
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe

HEIGHT, WIDTH = 96, 128
STRIPES = np.indices((HEIGHT, WIDTH)).sum(axis=0) // 2 % 2 * 255
"""What nothing is to be seen of where it is blurred."""


def picture() -> VideoFrame:
    return VideoFrame.from_ndarray(
        np.repeat(STRIPES[..., None], 3, axis=2).astype(np.uint8), format="rgb24"
    ).reformat(format="yuv420p")


def detail(rgb_HWC: np.ndarray, face: Corners) -> float:
    box = rgb_HWC[int(face.y1 * HEIGHT) : int(face.y2 * HEIGHT)]
    return float(box[:, int(face.x1 * WIDTH) : int(face.x2 * WIDTH)].std())


class Double:
    """Finds what it is told to, picture by picture."""

    name = "double 1.0"

    def __init__(self, *faces: list[Corners]) -> None:
        self.left = list(faces)

    def find(self, rgb_HWC: np.ndarray) -> list[Corners]:
        assert rgb_HWC.shape == (HEIGHT, WIDTH, 3)
        return self.left.pop(0)


FACE, OTHER = Corners(0.1, 0.2, 0.3, 0.5), Corners(0.6, 0.6, 0.8, 0.9)


@pytest.mark.parametrize("face", [FACE, Corners(0.9, 0.9, 1.0, 1.0), Corners(0.0, 0.0, 1.0, 1.0)])
def test_nothing_of_a_face_can_be_told_and_the_rest_stays(face: Corners) -> None:
    before = picture().to_ndarray(format="rgb24")
    after = blurred(picture(), [face]).to_ndarray(format="rgb24")
    assert detail(before, face) > 100 and detail(after, face) < 25
    far = Corners(0.55, 0.05, 0.75, 0.3)
    if face is FACE:
        assert np.array_equal(after[:28, 64:], before[:28, 64:]) and detail(after, far) > 100


def test_a_face_stays_blurred_where_it_is_missed_for_a_moment_and_no_longer() -> None:
    """Found in the pictures at 1.0 and 1.8 s of 4 s, five a second."""
    faces = [[FACE] if n in (5, 9) else [] for n in range(20)]
    blurring = Blurring(Double(*faces))
    moments = [(n / 5, picture()) for n in range(20)]
    made = list(blurring(iter(moments)))
    assert [moment for moment, _ in made] == [moment for moment, _ in moments]
    is_blurred = [detail(frame.to_ndarray(format="rgb24"), FACE) < 25 for _, frame in made]
    assert [n for n, one in enumerate(is_blurred) if one] == list(range(3, 12))
    assert blurring.num_blurred == 9


def test_several_faces_are_blurred_and_pictures_without_any_are_as_they_were() -> None:
    both = blurred(picture(), [FACE, OTHER]).to_ndarray(format="rgb24")
    assert detail(both, FACE) < 25 and detail(both, OTHER) < 25
    frames = [(0.0, picture())]
    [(_, same)] = Blurring(Double([]))(iter(frames))
    assert same is frames[0][1]


def test_a_clip_keeps_its_pictures_their_times_and_its_sound(tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    still = tmp_path / "stripes.png"
    Image.fromarray(STRIPES.astype(np.uint8)).convert("RGB").save(still)
    pictures = ["-loop", "1", "-framerate", "10", "-t", "3", "-i", str(still)]
    sound = ["-f", "lavfi", "-i", "sine=duration=3", "-c:a", "aac"]
    run_ffmpeg([*pictures, *sound, "-y", str(source)], timeout_seconds=60)
    blurring = Blurring(Double(*[[FACE] for _ in range(10)]))
    plain, safe = tmp_path / "plain.mp4", tmp_path / "safe.mp4"
    cut_clip(source, plain, Interval(1, 2))
    made = cut_clip(source, safe, Interval(1, 2), change=blurring)
    assert made.num_frames == 10 == blurring.num_blurred
    known = probe(safe)
    assert known.has_audio and known.frames_per_second == pytest.approx(float(Fraction(10)))
    for one, other in zip(iterate_frames(plain), iterate_frames(safe), strict=True):
        assert one.time_seconds == other.time_seconds
        assert detail(other.rgb_HWC, FACE) < 40 < 90 < detail(one.rgb_HWC, FACE)
        right_HWC = np.s_[:, WIDTH * 6 // 10 :]
        difference = other.rgb_HWC[right_HWC].astype(int) - one.rgb_HWC[right_HWC]
        assert np.abs(difference).mean() < 10
