from dataclasses import replace

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.heads.clips import TimeLogitsHead
from models.network import build_network, normalise, num_parameters
from models.spec import FACEBOOK, UNIT_RANGE, spec_from_json
from models.zoo import SPECS, network_spec
from tests.models.conftest import each


@pytest.mark.parametrize(
    ("name", "expected"), [("i3d_rgb", 12_697_264), ("slowfast_r50_4x16", 34_480_216)]
)
def test_full_size_networks_have_the_published_number_of_parameters(name, expected) -> None:
    with torch.device("meta"):
        assert num_parameters(build_network(network_spec(name), 400)) == expected


@pytest.mark.parametrize(
    "name", ["i3d_tiny", "i3d_tiny_12x3", "slowfast_tiny", "slowfast_tiny_2x16"]
)
def test_tiny_networks_stay_tiny(name) -> None:
    with torch.device("meta"):
        assert num_parameters(build_network(network_spec(name), 12)) < 700_000


@pytest.mark.parametrize(("num_frames", "num_logits"), [(16, 1), (64, 7), (79, 9), (250, 31)])
def test_i3d_gives_logits_over_time(num_frames, num_logits) -> None:
    with torch.device("meta"):
        network = build_network(network_spec("i3d_rgb"), 400)
        features = network.backbone(torch.empty(1, 3, num_frames, 224, 224))
        assert isinstance(network.head, TimeLogitsHead)
        assert network.head.time_logits(features).shape == (1, 400, num_logits)
        assert network.head(features).shape == (1, 400)


def test_i3d_has_the_shapes_of_its_table() -> None:
    with torch.device("meta"):
        trunk = build_network(network_spec("i3d_rgb"), 400).backbone
        y = trunk.conv_1a(torch.empty(1, 3, 64, 224, 224))
        assert y.shape == (1, 64, 32, 112, 112)
        y = trunk.conv_2c(trunk.conv_2b(trunk.pool_2a(y)))
        assert y.shape == (1, 192, 32, 56, 56)
        shapes = []
        for stage in trunk.stages:
            y = stage(y)
            shapes.append(tuple(y.shape[1:]))
    assert shapes == [(480, 32, 28, 28), (832, 16, 14, 14), (1024, 8, 7, 7)]


def test_slowfast_has_the_shapes_of_its_table() -> None:
    with torch.device("meta"):
        network = build_network(network_spec("slowfast_r50_4x16"), 400)
        slow, fast = network.backbone(torch.empty(2, 3, 32, 224, 224))
    assert slow.shape == (2, 2048, 4, 7, 7)
    assert fast.shape == (2, 256, 32, 7, 7)
    assert network.backbone.laterals[1].conv.weight.shape == (64, 32, 5, 1, 1)


@pytest.mark.parametrize("name", each(SPECS))
def test_every_network_answers_for_its_own_input(name) -> None:
    spec = network_spec(name)
    size = spec.sampling.crop_size
    with torch.device("meta"):
        clip = torch.empty(2, spec.sampling.num_channels, spec.sampling.num_frames, size, size)
        assert build_network(spec, 7).eval()(clip).shape == (2, 7)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_spec_survives_json(name) -> None:
    spec = network_spec(name)
    assert spec_from_json(spec.to_json()) == spec
    damaged = spec.to_json()
    del damaged["sampling"]
    with pytest.raises(ModelError, match="unexpected contents"):
        spec_from_json(damaged)


def test_an_unknown_network_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"no network 'i3d_tinny'. Did you mean 'i3d_tiny'\?"):
        network_spec("i3d_tinny")


def test_frames_that_alpha_does_not_divide_are_refused() -> None:
    spec = network_spec("slowfast_tiny")
    message = r"sampling\.num_frames: 18 frames cannot be split by alpha=4; 16 or 20 would fit"
    with pytest.raises(ModelError, match=message):
        replace(spec, sampling=replace(spec.sampling, num_frames=18))
    with pytest.raises(ModelError, match=r"views\.num_frames: 3 frames .*; 4 would fit"):
        replace(spec, views=replace(spec.views, num_frames=3))


def test_normalisation_covers_the_published_ranges() -> None:
    frames = torch.tensor([[[[[0, 128, 255]]]]], dtype=torch.uint8)
    unit = normalise(frames, UNIT_RANGE).flatten().tolist()
    assert unit == pytest.approx([-1.0, 128 / 127.5 - 1, 1.0], abs=1e-6)
    other = normalise(frames, FACEBOOK).flatten().tolist()
    assert other == pytest.approx([-2.0, (128 / 255 - 0.45) / 0.225, 0.55 / 0.225], abs=1e-5)


def test_a_seed_draws_the_same_network() -> None:
    def first_weight(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return next(build_network(network_spec("slowfast_tiny"), 3).parameters())

    assert torch.equal(first_weight(1), first_weight(1))
    assert not torch.equal(first_weight(1), first_weight(2))
