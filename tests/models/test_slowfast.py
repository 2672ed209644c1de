from dataclasses import replace
from typing import Any

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.backbones.slowfast import SlowFastConfig
from models.checkpoints.layouts.slowfast import pytorchvideo_keys
from models.counting import build_weightless, count_multiply_adds
from models.network import build_network, num_parameters
from models.recipes.registry import default_recipe
from models.spec import NetworkSpec, Sampling, spec_from_json
from models.zoo import SPECS, network_spec

R101_ALL: dict[str, Any] = {"depths": (3, 4, 23, 3), "alpha": 4}


def variant(num_frames: int = 32, **changes: Any) -> NetworkSpec:
    spec = network_spec("slowfast_r50_4x16")
    sampling = replace(spec.sampling, num_frames=num_frames)
    return replace(spec, backbone=replace(spec.backbone, **changes), sampling=sampling)


def giga(spec: NetworkSpec) -> float:
    shape = (spec.backbone.in_channels, spec.sampling.num_frames, 256, 256)
    counter = count_multiply_adds(build_weightless(spec), torch.empty(1, *shape, device="meta"))
    return counter.get_total_flops() / 2e9


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("slowfast_r50_4x16", 34_480_216, 36.1),
        ("slowfast_r50_4x16+nl", 41_838_680, 48.16),
        ("slowfast_r50_8x8", 34_566_488, 65.7),
        ("slowfast_r50_8x8+nl", 34_566_488 + 41_838_680 - 34_480_216, None),
        ("slowfast_r101_8x8", 53_774_808, 106),
        ("slowfast_r101_8x8+nl", 60_080_088, None),
        ("slowfast_r101_16x8", 53_774_808, 213),
        ("slowfast_r101_16x8+nl", 60_080_088, 234),
    ],
)
def test_every_size_is_the_papers(name, parameters, multiply_adds) -> None:
    spec = network_spec(name)
    assert num_parameters(build_weightless(spec)) == parameters
    if multiply_adds:
        assert giga(spec) == pytest.approx(multiply_adds, rel=0.01)
        assert spec.published.multiply_adds == pytest.approx(multiply_adds * 1e9)


def test_the_fast_pathway_alone_is_what_no_fusion_adds_to_the_slow_one() -> None:
    spec = network_spec("fast_r50")
    assert num_parameters(build_weightless(spec)) == 616_952
    assert giga(spec) == pytest.approx(34.2 - 27.3, abs=0.05)
    assert "contradicts itself" in spec.published.note


def test_longer_slow_clips_train_for_fewer_epochs() -> None:
    short, long = default_recipe("slowfast_r50_4x16"), default_recipe("slowfast_r50_8x8")
    assert long.num_steps / short.num_steps == pytest.approx(196 / 256, rel=0.01)
    assert long.warmup_share * long.num_steps == pytest.approx(8000)
    assert default_recipe("slowfast_r101_8x8").short_sides == (256, 340)


@pytest.mark.parametrize(
    ("fusion", "parameters", "paper"),
    [
        ("none", 33_070_648, 34.2),
        ("time_to_channel_sum", 33_070_648, 34.2),
        ("time_to_channel_concat", 37_842_488, 39.8),
        ("time_strided_sample", 33_667_128, 34.9),
        ("time_strided_conv", 34_480_216, 36.1),
    ],
)
def test_every_fusion_has_the_size_of_table_5a(fusion, parameters, paper) -> None:
    spec = variant(fusion=fusion)
    assert num_parameters(build_weightless(spec)) == parameters
    assert giga(spec) == pytest.approx(paper, rel=0.005)


@pytest.mark.parametrize(
    ("beta_inv", "fast_width", "parameters", "reproduced", "paper"),
    [
        pytest.param(4, None, 37_940_960, 53.60, 54.5, id="1/4, which the paper counts otherwise"),
        pytest.param(6, 11, None, 41.65, 41.8, id="1/6"),
        pytest.param(8, None, 34_480_216, 36.10, 36.1, id="1/8"),
        pytest.param(12, 6, None, 33.08, 32.8, id="1/12"),
        pytest.param(16, None, 33_287_828, 30.60, 30.6, id="1/16"),
        pytest.param(32, None, 32_826_130, 28.66, 28.6, id="1/32"),
    ],
)
def test_every_beta_has_the_size_of_table_5b(
    beta_inv, fast_width, parameters, reproduced, paper
) -> None:
    spec = variant(beta_inv=beta_inv, fast_width=fast_width)
    assert parameters in (None, num_parameters(build_weightless(spec)))
    assert giga(spec) == pytest.approx(reproduced, abs=0.01)
    assert reproduced == pytest.approx(paper, rel=0.02 if beta_inv == 4 else 0.01)


@pytest.mark.parametrize(
    ("changes", "paper"),
    [
        ({"fast_input": "grey"}, 34.1),
        ({"fast_input": "time_difference"}, 34.2),
        ({"fast_input": "flow", "in_channels": 5}, 35.1),
        ({"fast_input": "half_resolution", "beta_inv": 4, "fusion_ratio": 1}, 34.4),
    ],
    ids=lambda value: value["fast_input"] if isinstance(value, dict) else str(value),
)
def test_every_weak_input_has_the_size_of_table_5c(changes, paper) -> None:
    assert giga(variant(**changes)) == pytest.approx(paper, rel=0.005)


def test_a_resnet_101_may_look_along_time_in_all_of_its_blocks() -> None:
    spec = variant(**R101_ALL)
    assert num_parameters(build_weightless(spec)) == 62_826_968
    assert giga(spec) == pytest.approx(125.91, abs=0.01)


def test_non_local_blocks_stand_after_the_blocks_they_are_named_for() -> None:
    network = build_weightless(network_spec("slowfast_r50_4x16+nl"))
    names = [name for name, _ in network.backbone.slow_stages[1].named_children()]
    assert names == ["0", "1", "nonlocal1", "2", "3", "nonlocal3"]


def tiny(**changes: Any) -> NetworkSpec:
    spec = network_spec("slowfast_tiny")
    return replace(spec, backbone=replace(spec.backbone, **changes))


EVERY_KIND = [
    {"fusion": "none"},
    {"fusion": "time_to_channel_sum", "beta_inv": 4},
    {"fusion": "time_to_channel_concat"},
    {"fusion": "time_strided_sample"},
    {"fast_input": "grey"},
    {"fast_input": "time_difference"},
    {"fast_input": "half_resolution", "fusion": "time_to_channel_concat"},
    {"fast_input": "half_resolution", "fusion": "time_strided_sample"},
    {"fast_input": "half_resolution"},
    {"fast_input": "flow", "in_channels": 5},
    {"temporal_blocks": (0, 1, 0, 1)},
    {"fast_width": 3},
    {"fast_cubes": True},
    {"nonlocal_blocks": ((), (0,), (), ())},
]


@pytest.mark.parametrize("changes", EVERY_KIND, ids=lambda c: " ".join(map(str, c.values())))
def test_every_kind_of_slowfast_learns_in_all_its_weights(changes) -> None:
    torch.manual_seed(0)
    spec = tiny(**changes)
    assert spec_from_json(spec.to_json()) == spec
    network = build_network(spec, 3)
    network(torch.randn(2, spec.backbone.in_channels, 8, 32, 32)).logsumexp(1).sum().backward()
    idle = [name for name, value in network.named_parameters() if value.grad is None]
    assert idle == []


def test_slowfast_r50_8x8_equals_pytorchvideo(check_twins) -> None:
    module = pytest.importorskip("pytorchvideo.models.slowfast")
    theirs = module.create_slowfast(
        head_pool=torch.nn.AdaptiveAvgPool3d,
        head_output_size=((1, 1, 1), (1, 1, 1)),
    )
    ours = build_network(network_spec("slowfast_r50_8x8"), 400)

    class Split(torch.nn.Module):
        """Take one clip, where theirs takes the two pathways' clips."""

        def __init__(self) -> None:
            super().__init__()
            self.network = theirs

        def forward(self, x_BCTHW: torch.Tensor) -> torch.Tensor:
            answer: torch.Tensor = self.network([x_BCTHW[:, :, ::4], x_BCTHW])
            return answer

    keys = {ours: f"network.{name}" for ours, name in pytorchvideo_keys(ours).items()}
    check_twins(ours, Split(), keys, torch.randn(2, 3, 8, 64, 64))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fusion": "sum"}, "fusion is 'sum'; choose one of none, time_to_channel_sum"),
        ({"fast_input": "sound"}, "fast_input is 'sound'; choose one of rgb, grey"),
        (
            {"beta_inv": 6},
            "beta_inv=6 does not divide width=64; 1, 2, 4, 8, 16, 32, 64 would fit, or give",
        ),
        ({"beta_inv": 0}, "beta_inv=0 does not divide"),
        ({"alpha": 0}, "alpha has 0; give whole numbers of at least 1"),
        ({"fusion_kernel": 4}, "fusion_kernel has 4; give odd lengths"),
        ({"fast_width": 0}, "fast_width has 0"),
        ({"fusion": "time_to_channel_sum", "alpha": 4}, r"Choose beta_inv=4, or"),
        ({"nonlocal_blocks": ((), (4,), (), ())}, "res3 has no block 4; 0 to 3 would fit"),
        ({"nonlocal_blocks": ((1,),)}, "nonlocal_blocks has 1 entries; give 4"),
        ({"temporal_blocks": (3, 4)}, "temporal_blocks has 2 entries; give 4"),
        ({"slow_time_kernels": (1, 3)}, "slow_time_kernels has 2 entries; give 5"),
        ({"fast_input": "flow"}, "in_channels is 3; a clip for fast_input='flow' has 5"),
        ({"in_channels": 1}, "in_channels is 1; a clip for fast_input='rgb' has 3"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_sizes_that_do_not_fit_are_refused_before_anything_is_built(changes, message) -> None:
    with pytest.raises(ModelError, match=message):
        SlowFastConfig(**changes)


def test_a_clip_that_alpha_does_not_divide_is_refused() -> None:
    network = build_weightless(network_spec("slowfast_r50_4x16"))
    with pytest.raises(ModelError, match="12 frames cannot be split by alpha=8"):
        network(torch.empty(1, 3, 12, 64, 64, device="meta"))


def test_every_network_says_which_frames_it_eats() -> None:
    expected = {"4x16": (32, 8), "8x8": (32, 4), "16x8": (64, 4)}
    for name, spec in SPECS.items():
        if name.startswith("slowfast_r"):
            sampling: Sampling = spec.sampling
            size = name.split("_")[2].removesuffix("+nl")
            assert (sampling.num_frames, spec.backbone.alpha) == expected[size]
            assert sampling.step_seconds == pytest.approx(2 / 30)
