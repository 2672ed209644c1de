"""Where and when a network sees a class, drawn over the clip."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.explaining.evidence import Evidence, find_evidence
from models.explaining.evidence_film import draw_evidence
from models.explaining.filters import draw_filters
from models.explaining.looks import looks
from models.network import build_network
from models.spec import UNIT_RANGE, Normalisation
from models.zoo import network_spec

PLAIN = Normalisation(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Bright(nn.Module):
    """Class 0 is how bright a clip is, class 1 how dark; a slow pathway sees every second frame."""

    def __init__(self, *, num_pathways: int = 1) -> None:
        super().__init__()
        self.num_pathways = num_pathways

    def backbone(self, x_BCTHW: Tensor) -> list[Tensor]:
        return [x_BCTHW, x_BCTHW[:, :, ::2]][: self.num_pathways]

    def head(self, features: list[Tensor]) -> Tensor:
        brightness = torch.stack([one.mean((1, 2, 3, 4)) for one in features]).sum(0)
        return torch.stack([brightness, -brightness], dim=1)


def clip_with_flash() -> Tensor:
    """Eight frames; the upper left is bright in the third and fourth."""
    frames_THWC = torch.zeros(8, 16, 16, 3, dtype=torch.uint8)
    frames_THWC[2:4, :8, :8] = 255
    return frames_THWC


def evidence_of(network: Any, numbers: list[int]) -> list[Evidence]:
    return find_evidence(network, clip_with_flash(), PLAIN, numbers)


def test_evidence_lies_where_and_when_a_class_is_seen() -> None:
    (bright,) = evidence_of(Bright(), [0])
    assert bright.shares_THW.shape == (8, 16, 16)
    assert bright.shares_THW[2:4, :8, :8].min() == 1.0
    assert bright.shares_THW.sum() == 2 * 8 * 8
    assert bright.by_frame_T.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_what_speaks_against_a_class_is_no_evidence() -> None:
    _, dark = evidence_of(Bright(), [0, 1])
    assert dark.number == 1 and dark.shares_THW.max() == 0.0 == dark.by_frame_T.max()


def test_pathways_of_different_lengths_weigh_as_in_the_logit() -> None:
    (both,) = evidence_of(Bright(num_pathways=2), [0])
    # The slow pathway's second position is the third and fourth frame: three quarters of what it
    # says lie there, a quarter at each side; the fast one says as much in all of both frames.
    assert both.shares_THW[:, 0, 0] * 1.75 == pytest.approx([0, 0.25, 1.75, 1.75, 0.25, 0, 0, 0])


def test_a_trunk_that_leaves_one_position_tells_nothing() -> None:
    network = Bright()
    network.backbone = lambda x: [x.mean((2, 3, 4), keepdim=True)]  # type: ignore[method-assign]
    assert evidence_of(network, [0]) == []


def test_real_networks_are_asked_and_drawn_with_a_bar_a_frame() -> None:
    spec = network_spec("slowfast_tiny")
    network = build_network(spec, 4)
    frames_THWC = torch.randint(0, 255, (16, 64, 64, 3), dtype=torch.uint8)
    found = find_evidence(network, frames_THWC, UNIT_RANGE, [0, 3])
    film = draw_evidence(frames_THWC, found)
    assert film.shape == (16, 28 + 192, 3 * 192 + 2 * 4, 3)
    plain = film[:, 28:, :192]
    assert np.abs(plain[:, 1::3, 1::3].astype(int) - frames_THWC.numpy()).mean() < 20


def test_filters_are_drawn_where_a_clip_comes_in() -> None:
    drawn = draw_filters(build_network(network_spec("slowfast_tiny"), 4))
    assert [(one.name, one.num_filters, len(one.pictures_THWC)) for one in drawn] == [
        ("backbone.slow_stem.conv", 16, 1),
        ("backbone.fast_stem.conv", 8, 5),
    ]
    assert draw_filters(build_network(network_spec("slowfast_tiny"), 4), num_channels=2) == []


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("i3d_flow_tiny", [("backbone.conv_1a.conv", 3)]),
        ("two_stream", [("backbone.rgb.conv_1a.conv", 1), ("backbone.flow.conv_1a.conv", 10)]),
        ("st_resnet_r50", [("backbone.rgb_stem.conv", 1), ("backbone.flow_stem.conv", 10)]),
    ],
)
def test_filters_of_flow_are_drawn_field_by_field(name: str, layers: list[tuple[str, int]]) -> None:
    spec = network_spec(name)
    network = build_network(spec, 4)
    drawn = draw_filters(network, spec.sampling.num_channels)
    assert [(one.name, len(one.pictures_THWC)) for one in drawn] == layers


def test_flow_is_told_by_colours_and_what_stands_is_white() -> None:
    levels_THW2 = np.full((1, 2, 2, 2), 128, np.uint8)
    levels_THW2[0, 0, 0, 0] += 100
    levels_THW2[0, 1, 1, 0] -= 50
    (flow,) = looks(levels_THW2).values()
    assert flow[0].tolist() == [[[255, 0, 0], [255] * 3], [[255] * 3, [127, 255, 255]]]
    both = looks(np.concatenate([np.zeros((1, 2, 2, 3), np.uint8), levels_THW2], axis=-1))
    assert [*both] == ["pictures", "flow"] and (both["flow"] == flow).all()
    film = draw_evidence(torch.zeros(2, 64, 64, 5, dtype=torch.uint8), [])
    assert film.shape == (2, 28 + 192, 2 * 192 + 4, 3)
