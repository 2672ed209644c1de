import numpy as np
import pytest
import torch

from models.clips.disturbing import Disturbance

STILL = torch.from_numpy(np.random.default_rng(0).integers(0, 255, (1, 48, 64, 3), np.uint8))
CLIP = STILL.expand(5, -1, -1, -1).contiguous()


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(Disturbance(num_ops=2, magnitude=20), id="RandAugment"),
        pytest.param(Disturbance(num_ops=2, magnitude=20, spread=3), id="each as strong as drawn"),
        pytest.param(Disturbance(colour_chance=1.0), id="colours"),
        pytest.param(Disturbance(erasing_chance=1.0), id="erasing"),
    ],
)
def test_all_frames_of_a_clip_are_disturbed_alike_and_equal_draws_give_equal_clips(how) -> None:
    made = [how.of(CLIP, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert made[0].shape == CLIP.shape and made[0].dtype == torch.uint8
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2]) and not torch.equal(made[0], CLIP)
    changed = (made[0] != CLIP).any(-1)
    if not how.erasing_chance:
        assert (made[0] == made[0][:1]).all()
    else:
        assert 0.01 < float(changed.float().mean()) < 0.4
        assert (
            torch.equal(changed[0], changed[1]) or (changed[0] ^ changed[1]).float().mean() < 0.02
        )


def test_what_is_not_asked_changes_nothing_and_torchs_own_draws_stay() -> None:
    assert not Disturbance() and Disturbance(num_ops=1)
    never = Disturbance(num_ops=3, magnitude=30, op_chance=0.0)
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    assert torch.equal(never.of(CLIP, np.random.default_rng(0)), CLIP)
    Disturbance(num_ops=1, magnitude=9).of(CLIP, np.random.default_rng(0))
    assert torch.equal(torch.rand(2), expected)


def test_a_clip_may_lose_its_colours() -> None:
    made = Disturbance(grey_chance=1.0).of(CLIP, np.random.default_rng(0))
    assert (made == made[..., :1]).all() and not (CLIP[..., :1] == CLIP).all()
