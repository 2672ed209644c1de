"""Showing judges pictures of a video, a few seconds apart."""

import numpy as np
from av.video.frame import VideoFrame

from kinetics_builder.video.finding.judging import Judging


class Brightness:
    """A double; it keeps the sizes of what it was shown."""

    name = "nsfw"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def score(self, rgb_HWC: np.ndarray) -> float:
        self.shapes.append(rgb_HWC.shape)
        return float(rgb_HWC.mean()) / 255


def picture(level: int, height: int = 48, width: int = 64) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((height, width, 3), level, np.uint8), format="rgb24")


def test_a_judge_sees_a_picture_every_two_seconds_in_order_whatever_order_they_come_in() -> None:
    judge = Brightness()
    judging = Judging([judge])
    for tenth in [*range(60, 100), *range(60)]:
        judging.take(tenth / 10, picture(tenth))
    found = judging.moments()
    assert found is not None and found["times"] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert found["nsfw"] == [round(level / 255, 4) for level in (0, 20, 40, 60, 80)]
    assert judge.shapes == [(48, 64, 3)] * 5


def test_large_pictures_are_made_small() -> None:
    judge = Brightness()
    Judging([judge]).take(0.0, picture(9, 960, 1280))
    assert judge.shapes == [(480, 640, 3)]


def test_without_a_judge_nothing_is_said() -> None:
    judging = Judging([])
    judging.take(0.0, picture(9))
    assert judging.moments() is None
