"""Convolutions over time alone give on a plane what they give in 3-D."""

import copy

import pytest
import torch
from torch import Tensor, nn

from models.layers.bottleneck import centred_conv
from models.layers.conv import Size3
from models.layers.flat_conv import FlatConv3d, idle_dilation, keep_rounding
from models.network import build_network
from models.zoo import network_spec


def weights_and_gradients(layer: nn.Module, clip: Tensor) -> list[Tensor]:
    """Return the layer's answer and the gradients of its input and of its weights."""
    clip = clip.detach().requires_grad_()
    answer = layer(clip)
    (answer * torch.arange(answer.numel()).view_as(answer).cos()).sum().backward()
    gradients = [clip.grad, *(value.grad for value in layer.parameters())]
    return [answer.detach(), *(value for value in gradients if value is not None)]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d])
@pytest.mark.parametrize(
    ("kernel", "stride", "groups"),
    [
        pytest.param((1, 1, 1), (1, 1, 1), 1, id="1x1x1"),
        pytest.param((1, 1, 1), (2, 1, 1), 1, id="1x1x1 of every other frame"),
        pytest.param((3, 1, 1), (1, 1, 1), 1, id="3x1x1"),
        pytest.param((7, 1, 1), (4, 1, 1), 1, id="a lateral 7x1x1"),
        pytest.param((5, 1, 1), (1, 1, 1), 6, id="a channelwise 5x1x1"),
    ],
)
def test_a_plane_gives_what_3d_gives(
    kernel: Size3, stride: Size3, groups: int, layout: torch.memory_format
) -> None:
    torch.manual_seed(0)
    flat = centred_conv(6, 12, kernel, stride, groups).double().to(memory_format=layout)
    assert isinstance(flat, FlatConv3d)
    plain = copy.deepcopy(flat)
    keep_rounding(plain)
    clip = torch.randn(2, 6, 8, 5, 3, dtype=torch.float64).contiguous(memory_format=layout)
    pairs = zip(weights_and_gradients(flat, clip), weights_and_gradients(plain, clip), strict=True)
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kernel", [(1, 1, 1), (3, 1, 1)])
def test_many_positions_give_what_few_give(kernel: Size3) -> None:
    """There are other ways to sum, which the CPU takes in float32 alone."""
    torch.manual_seed(0)
    last = torch.channels_last_3d
    flat = centred_conv(6, 12, kernel, (1, 1, 1)).to(memory_format=last)
    clip = torch.randn(2, 6, 8, 8, 6).contiguous(memory_format=last)
    assert idle_dilation(2 * 8 * 8 * 6, groups=1) == 2 and idle_dilation(2 * 8 * 8, groups=1) == 1
    assert idle_dilation(2 * 8 * 8 * 6, groups=6) == 1
    many = weights_and_gradients(flat, clip)
    flat.is_flat = False
    for ours, theirs in zip(many, weights_and_gradients(flat, clip), strict=True):
        assert ours.shape == theirs.shape
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("kernel", "stride"), [((1, 3, 3), (1, 1, 1)), ((1, 1, 1), (1, 2, 2))])
def test_a_layer_that_reaches_or_skips_positions_stays_3d(kernel: Size3, stride: Size3) -> None:
    assert type(centred_conv(4, 4, kernel, stride)) is nn.Conv3d


def test_the_tiny_network_sums_as_in_its_recorded_results() -> None:
    network = build_network(network_spec("slowfast_tiny"), 3)
    flat = [part.is_flat for part in network.modules() if isinstance(part, FlatConv3d)]
    assert flat
    assert not any(flat)
