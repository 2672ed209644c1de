"""Detectors that look beyond a person's box: what they see, and what they must not."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from models.backbones.region_i3d import MIXED_4F, RegionI3DConfig
from models.checkpoints.store import Card, save_network
from models.counting import build_weightless, count
from models.heads.attending import AttendingHead, Places
from models.heads.config import HeadConfig
from models.heads.related import RelatedHead
from models.network import build_network, num_parameters
from models.training.trunks import start_from_trunk
from models.zoo import network_spec

BOXES = torch.tensor([[0, 8.0, 8, 40, 48], [1, 0, 0, 40, 40], [1, 24, 16, 60, 60]])


def test_the_action_transformer_ends_where_it_is_cut() -> None:
    with torch.device("meta"):
        trunk = RegionI3DConfig(num_blocks=MIXED_4F, has_rest=False).build()
        regions = torch.empty(3, 832, 16, 7, 7)
        assert trunk.rest(regions) is regions and trunk.feature_widths == (832, 832)
    whole = num_parameters(build_weightless(network_spec("i3d_better_det")).backbone)
    behind = 1_974_272 + 2_784_736  # the blocks 5b and 5c
    assert num_parameters(trunk) == whole - behind
    network = build_weightless(network_spec("action_transformer_det"))
    width, num_in = 256, 832 + Places.num_out
    attention = width * (width + 2 * num_in) + 3 * width + width * (width + 1)
    layer = attention + 2 * width * (width + 1) + 4 * width
    places = 2 * 4 + 4 * 8 + 8 + 3 * 4 + 4 * 8 + 8
    query = (num_in + 1) * 128 + (128 * 49 + 1) * width
    search = 832 * 512 * 9 + 512 + (512 + 1) * 12 * 5
    answers = (width + 1) * (80 + 4)
    assert num_parameters(network.head) == 3 * layer + places + query + search + answers


def test_a_person_looks_at_all_of_their_clip_and_at_no_other() -> None:
    torch.manual_seed(0)
    config = HeadConfig(
        kind="attending", resolution=3, map_stride=8, attention_width=8, dropout=0.0
    )
    head = AttendingHead((6, 6), 2, config).eval()
    maps = torch.randn(2, 6, 4, 8, 8)
    before = head([maps[:, :, 2:3], maps], torch.nn.Identity(), BOXES)
    maps[1, :, 0, 7, 0] += 5  # a corner of the second clip's first moment, in nobody's box
    apart = (head([maps[:, :, 2:3], maps], torch.nn.Identity(), BOXES) - before).abs().amax(1)
    assert apart[0] == 0 and (apart[1:] > 1e-6).all()


def test_where_and_when_are_told_of_each_position() -> None:
    places = Places()
    maps = torch.zeros(1, 2, 3, 4, 5)
    where = places(maps)[0, 2:]
    assert torch.equal(places(maps)[0, :2], maps[0])
    assert torch.equal(where[:8, 1], where[:8, 1, :1, :1].expand(8, 4, 5))
    assert torch.equal(where[8:, 0], where[8:, 2])
    flat = where.flatten(1).T
    assert len(flat.unique(dim=0)) == 3 * 4 * 5


def test_a_person_beside_each_position_is_one_layer_over_both() -> None:
    """As MMAction2 writes it: tile, put side by side, 1x1, 3x3."""
    torch.manual_seed(0)
    head = RelatedHead((4, 2), 3, HeadConfig(kind="related", map_stride=8)).eval()
    features = [torch.randn(2, 4, 3, 8, 8), torch.randn(2, 2, 6, 8, 8)]
    seen = torch.cat([head._pooled(x, BOXES) for x in features], dim=1)
    scene = torch.cat([x.mean(2) for x in features], dim=1)[BOXES[:, 0].long()]
    both = torch.cat([seen[:, :, None, None].expand(-1, -1, 8, 8), scene], dim=1)
    weight = torch.cat([head.person.weight[:, :, None, None], head.scene.weight[:, :, 0]], dim=1)
    related = F.relu(head.related_norm(F.conv2d(both, weight)))
    around = F.conv2d(related, head.around.weight[:, :, 0], padding=1)
    around = F.relu(head.around_norm(around)).amax((2, 3))
    torch.testing.assert_close(head(features, BOXES), head.projection(around))


@pytest.mark.parametrize("name", ["slowfast_tiny_acrn_det"])
def test_every_weight_learns(name: str) -> None:
    network = build_network(network_spec(name), 3)
    network(torch.randn(2, 3, 16, 96, 96), BOXES).logsumexp(1).sum().backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []


def test_a_person_more_costs_less_than_a_clip() -> None:
    """The scene is led through its half of the 1x1 layer once."""
    spec = network_spec("slowfast_r50_8x8_acrn_det")
    plain = replace(spec, head=replace(spec.head, kind="regions"))
    width, positions = 2304, 16 * 16
    added = count(spec).multiply_adds - count(plain).multiply_adds
    assert added == width * width * (positions + 1 + 9 * positions)


def test_it_starts_from_the_beginning_of_i3d(tmp_path) -> None:
    clips = network_spec("i3d_tiny")
    trained = build_network(clips, 2)
    card = Card(spec=clips, labels=("a", "b"), release_sha256="", recipe={}, metrics={})
    save_network(tmp_path, trained, card)
    trunk = network_spec("action_transformer_tiny_det").backbone.build()
    start_from_trunk(trunk, str(tmp_path))
    ours, theirs = trunk.rgb.state_dict(), trained.backbone.state_dict()
    assert 0 < len(ours) < len(theirs)
    assert all(torch.equal(value, theirs[key]) for key, value in ours.items())
