"""Sizes are counted, and are those that models are known by."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from models.counting import count, count_multiply_adds, input_shape
from models.layer_table import layers
from models.spec import Published
from models.zoo import SPECS, network_spec
from tests.models.conftest import ONE_OF_EACH_KIND, each


def test_products_of_matrices_are_counted_and_additions_are_not() -> None:
    with torch.device("meta"):
        network = nn.Sequential(nn.Conv3d(2, 4, (1, 3, 3), padding=(0, 1, 1)), nn.ReLU())
        x_BCTHW = torch.empty(1, 2, 3, 5, 5)
        assert count_multiply_adds(network, x_BCTHW).get_total_flops() == 2 * 75 * 4 * 2 * 9
        attention = nn.MultiheadAttention(8, 2, batch_first=True)
        x_BTC = torch.empty(1, 6, 8)
        products = count_multiply_adds(_Attend(attention), x_BTC).get_total_flops() // 2
    assert products == 4 * 6 * 8 * 8 + 2 * 6 * 6 * 8


class _Attend(nn.Module):
    """Self-attention: queries, keys and values are the same."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, x_BTC: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.attention(x_BTC, x_BTC, x_BTC)[0]
        return answer


@pytest.mark.parametrize(
    ("name", "size", "parameters", "giga"),
    [
        ("i3d_rgb", (64, 224, 224), 12_697_264, 111.15),
        ("i3d_rgb", (250, 224, 224), 12_697_264, 434.95),
        ("slowfast_r50_4x16", (32, 256, 256), 34_480_216, 36.10),
        ("slowfast_r50_4x16", (32, 224, 224), 34_480_216, 27.64),
    ],
)
def test_sizes_are_the_known_ones(name, size, parameters, giga) -> None:
    spec = replace(network_spec(name), published=Published(input_size=size))
    found = count(spec)
    assert found.input_shape == (3, *size)
    assert found.parameters == parameters
    assert found.multiply_adds / 1e9 == pytest.approx(giga, abs=0.006)


@pytest.mark.few("faster_rcnn_tiny_det", "i3d_two_stream", "mvit_v2_s", "slowfast_tiny", "tsn_r50")
@pytest.mark.parametrize("name", each(SPECS.keys() - {"fast_r50"}))
def test_every_network_is_inside_its_bar_or_says_why(name) -> None:
    found = count(network_spec(name))
    parameters, multiply_adds = (0.002, 0.1) if found.published.note else (0.001, 0.01)
    assert abs(found.parameters_difference or 0) < parameters
    assert abs(found.multiply_adds_difference or 0) < multiply_adds


def test_the_fast_pathway_alone_has_the_size_of_its_table_and_not_of_its_text() -> None:
    found = count(network_spec("fast_r50"))
    assert found.parameters == 616_952 and found.published.parameters == 530_000
    assert found.multiply_adds / 1e9 == pytest.approx(6.90, abs=0.006)
    assert "as counted" in found.published.note


def test_counting_draws_nothing_and_leaves_torch_as_it_was() -> None:
    state = torch.get_rng_state()
    count(network_spec("slowfast_tiny"))
    assert torch.equal(torch.get_rng_state(), state)
    assert nn.init.normal_(torch.zeros(1000)).std() > 0.5


def test_a_network_is_held_against_its_paper() -> None:
    spec = replace(network_spec("slowfast_tiny"), published=Published())
    found = count(spec)
    assert found.parameters_difference is None and found.multiply_adds_difference is None
    assert input_shape(spec) == (3, 16, 64, 64)
    paper = Published(parameters=found.parameters * 2, multiply_adds=found.multiply_adds / 2)
    again = count(replace(spec, published=paper))
    assert again.parameters_difference == -0.5 and again.multiply_adds_difference == 1.0


def test_the_layers_of_slowfast_are_those_of_its_table() -> None:
    spec = replace(
        network_spec("slowfast_r50_4x16"), published=Published(input_size=(32, 224, 224))
    )
    rows = {row.name: row for row in layers(spec)}
    assert rows["backbone.fast_stem"].kernels == "5x7x7, 8, stride 1x2x2"
    assert rows["backbone.fast_stem"].output_shapes == ((8, 32, 56, 56),)
    res4 = rows["backbone.slow_stages.2"]
    assert res4.kernels == "[3x1x1, 256; 1x3x3, 256; 1x1x1, 1024] x 6"
    assert res4.output_shapes == ((1024, 4, 14, 14),)
    assert rows["backbone.fast_stages.3"].output_shapes == ((256, 32, 7, 7),)
    assert rows["head.projection"].kernels == "linear, 400"


@pytest.mark.few("faster_rcnn_tiny_det", "i3d_two_stream", "mvit_v2_s", "slowfast_tiny", "tsn_r50")
@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_the_layers_sum_up_to_the_network(name) -> None:
    rows, found = layers(network_spec(name)), count(network_spec(name))
    assert sum(row.parameters for row in rows) == found.parameters
    assert sum(row.multiply_adds for row in rows) == found.multiply_adds
    assert len({row.name for row in rows}) == len(rows)
