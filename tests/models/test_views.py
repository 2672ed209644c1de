"""The views of a clip that a network is asked about."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.clips.loading import in_order
from models.clips.release import BrokenClip, read_release
from models.clips.sampling import view_times
from models.clips.sources import DecodedFrames
from models.clips.transforms import crops
from models.evaluation.views import ClipViews
from models.spec import Views
from models.zoo import network_spec

MANY = replace(network_spec("i3d_tiny"), views=Views(num_clips=4, num_crops=3, crop_size=64))


class Counted(DecodedFrames):
    """Counts how often a clip is opened."""

    num_opened = 0

    def frames(self, row, times):
        self.num_opened += 1
        return super().frames(row, times)


def test_a_clip_is_decoded_once_for_all_its_views(squares: Path) -> None:
    release = read_release(squares)
    rows = release.split("test")[:2]
    source = Counted(release, MANY.sampling.short_side)
    views = ClipViews(rows=rows, spec=MANY, source=source)
    found = [views[index] for index in range(2)]
    assert source.num_opened == 2
    for row, seen_VTHWC in zip(rows, found, strict=True):
        apart = [
            crop
            for times in view_times(MANY.view_sampling, row.duration_seconds, 4)
            for crop in crops(source.frames(row, times), 64, 3)
        ]
        assert isinstance(seen_VTHWC, torch.Tensor)
        assert torch.equal(seen_VTHWC, torch.stack(apart))


@pytest.mark.parametrize("num_workers", [0, 1])
def test_clips_come_in_order_and_a_broken_one_says_why(squares: Path, num_workers: int) -> None:
    release = read_release(squares)
    rows = list(release.split("test"))[:3]
    rows[1] = replace(rows[1], file="clips/gone.mp4")
    source = DecodedFrames(release, MANY.sampling.short_side)
    found = list(in_order(ClipViews(rows=rows, spec=MANY, source=source), num_workers))
    assert [isinstance(one, BrokenClip) for one in found] == [False, True, False]
    assert found[1].file == "clips/gone.mp4"


def test_an_order_is_that_of_each_view(squares: Path) -> None:
    release = read_release(squares)
    rows = release.split("test")[:1]
    source = DecodedFrames(release, MANY.sampling.short_side)
    forward, backward, shuffled = (
        ClipViews(rows=rows, spec=MANY, source=source, order=order)[0].numpy()
        for order in ("forward", "reversed", "shuffled")
    )
    assert np.array_equal(backward, forward[:, ::-1])
    assert not np.array_equal(shuffled, forward)
    assert np.array_equal(np.sort(shuffled, axis=1), np.sort(forward, axis=1))
