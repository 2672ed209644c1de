"""Two clips of a batch made one."""

import pytest
import torch

from models.clips.blending import Blend, drawn_blend


def frames(*values: int) -> torch.Tensor:
    return torch.stack([torch.full((2, 8, 12, 3), value, dtype=torch.uint8) for value in values])


def test_clips_are_blended_by_their_share() -> None:
    blend = Blend(torch.tensor([1, 0]), 0.75, None)
    mixed = blend.of(frames(0, 100))
    assert (mixed[0] == 25).all() and (mixed[1] == 75).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("block", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.2, 0.9)])
def test_a_block_has_the_others_share_of_the_picture(share: float, block) -> None:
    cut = Blend(torch.tensor([1, 0]), share, block).of(frames(0, 100))
    found = float((cut[0] == 100).float().mean())
    assert found == pytest.approx(1 - share, abs=0.08)  # whole pixels
    assert (cut[0].float().mean((1, 2)) == cut[0].float().mean((1, 2))[0]).all()


def test_a_blend_is_drawn_from_torchs_seed_and_blends_no_clip_with_itself() -> None:
    kinds = set()
    for seed in range(20):
        torch.manual_seed(seed)
        first = drawn_blend(5, 0.8, 1.0)
        torch.manual_seed(seed)
        again = drawn_blend(5, 0.8, 1.0)
        assert first is not None and again is not None
        assert (first.share, first.block) == (again.share, again.block)
        assert (first.others_B != torch.arange(5)).all()
        kinds.add(first.block is None)
    assert kinds == {True, False}


@pytest.mark.parametrize(("num_clips", "mixup", "cutmix"), [(4, 0.0, 0.0), (1, 0.8, 1.0)])
def test_nothing_is_blended_where_none_is_wanted_or_there_is_one(num_clips, mixup, cutmix) -> None:
    assert drawn_blend(num_clips, mixup, cutmix) is None
