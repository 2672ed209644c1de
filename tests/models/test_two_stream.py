from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn
from torchvision.models import efficientnet_b4, mobilenet_v3_small, resnet50, vgg16

from kinetics_builder.errors import ModelError
from models.backbones.fused_vgg import FusedVGGConfig, initialise_fusion
from models.backbones.pictures import PicturesConfig, bootstrap_pictures
from models.backbones.st_resnet import STResNetConfig
from models.counting import count
from models.network import build_network, channels_last, num_parameters
from models.zoo import network_spec

SMALL = STResNetConfig(depths=(2, 2, 2, 2), width=8, flow_stack=2)
SMALL_VGG = FusedVGGConfig(
    stages=((4,), (4,), (4,), (4,), (8,)), num_hidden=6, dense_size=1, flow_stack=2
)


def _size_2d(make: Callable[..., nn.Module]) -> int:
    with torch.device("meta"):
        return num_parameters(make(num_classes=400))


def test_tsn_is_a_resnet_50_applied_to_frames() -> None:
    counted = count(network_spec("tsn_r50"))
    assert counted.parameters == 24_327_632 == _size_2d(resnet50)
    assert counted.multiply_adds == pytest.approx(102.7e9, rel=0.01)


def test_tsn_averages_frames_that_do_not_know_of_each_other() -> None:
    torch.manual_seed(0)
    spec = network_spec("tsn_r50")
    small = replace(spec.backbone, depths=(1, 1, 1, 1), width=8)
    network = build_network(replace(spec, backbone=small), 5).eval()
    clip = torch.randn(1, 3, 3, 32, 32)
    with torch.inference_mode():
        alone = torch.stack([network(clip[:, :, i : i + 1]) for i in range(3)])
        assert torch.allclose(network(clip), alone.mean(0), atol=1e-5)


def test_tsn_on_an_efficientnet_is_torchvisions_applied_to_frames() -> None:
    torch.manual_seed(0)
    spec = network_spec("tsn_efficientnet_b4")
    assert count(spec).parameters == _size_2d(efficientnet_b4) == 18_265_816
    theirs = mobilenet_v3_small(num_classes=5).eval()
    small = replace(spec, backbone=PicturesConfig(network="mobilenet_v3_small"))
    trunk = channels_last(build_network(small, 5)).backbone.eval()
    loaded = bootstrap_pictures(trunk, theirs.state_dict())
    assert loaded == len([key for key in theirs.state_dict() if key.startswith("features.")])
    clip = torch.randn(2, 3, 3, 32, 64)
    with torch.inference_mode():
        (maps,) = trunk(clip)
        assert maps.shape == (2, *trunk.feature_widths, 3, 1, 2)
        for moment in range(3):
            frame = theirs.features(clip[:, :, moment])
            torch.testing.assert_close(maps[:, :, moment], frame, rtol=1e-4, atol=1e-4)
    with pytest.raises(ModelError, match=r"do not fit 'features\.0\.0\.weight'"):
        bootstrap_pictures(trunk, resnet50().state_dict())
    with pytest.raises(ModelError, match="none of torchvision's that can be taken: convnext_base"):
        PicturesConfig(network="resnet50").build()


def test_st_resnet_has_two_resnets_a_stack_of_flow_and_kernels_over_time() -> None:
    resnet = _size_2d(resnet50)
    flow_channels = (20 - 3) * 64 * 7 * 7
    over_time = sum(2 * (4 * w * w + 4 * w * w) for w in (64, 128, 256, 512))
    with torch.device("meta"):
        network = build_network(network_spec("st_resnet_r50"), 400)
    assert num_parameters(network) == 2 * (resnet + over_time) + flow_channels == 59_849_696


def test_fused_vgg_has_two_vggs_a_stack_of_flow_and_one_3d_convolution() -> None:
    flow_channels = (20 - 3) * 64 * 3 * 3
    fusion = 1024 * 512 * 27 + 512
    with torch.device("meta"):
        network = build_network(network_spec("two_stream_fusion_vgg16"), 400)
    assert num_parameters(network) == 2 * _size_2d(vgg16) + flow_channels + fusion


@pytest.mark.parametrize(("config", "size"), [(SMALL, 64), (SMALL_VGG, 32)])
def test_motion_reaches_appearance_but_appearance_not_motion(config, size) -> None:
    torch.manual_seed(0)
    trunk = config.build().eval()
    clip = torch.randn(1, 5, 10, size, size)
    other_flow, other_rgb = clip.clone(), clip.clone()
    other_flow[:, 3:] *= -1
    other_rgb[:, :3] *= -1
    with torch.inference_mode():
        rgb, flow = trunk(clip)
        assert rgb.shape == flow.shape
        assert not torch.allclose(trunk(other_flow)[0], rgb)
        assert torch.equal(trunk(other_rgb)[1], flow)


def test_motion_is_added_in_the_residual_branch_and_not_in_the_shortcut() -> None:
    torch.manual_seed(0)
    trunk = SMALL.build().eval()
    for pair in trunk.stages:
        pair.rgb.second.conv_c.weight.data.zero_()
    clip = torch.randn(1, 5, 10, 64, 64)
    still = clip.clone()
    still[:, 3:] = 0
    with torch.inference_mode():
        assert torch.equal(trunk(clip)[0], trunk(still)[0])


def test_st_resnet_needs_a_second_block_in_each_stage() -> None:
    with pytest.raises(ModelError, match=r"depths = \(3, 1, 6, 3\).* at least 2"):
        STResNetConfig(depths=(3, 1, 6, 3))


@pytest.mark.parametrize(("num_pictures", "num_moments"), [(3, 1), (5, 1), (11, 4)])
def test_st_resnet_pools_five_pictures_at_a_time(num_pictures, num_moments) -> None:
    with torch.device("meta"):
        trunk = SMALL.build().eval()
        rgb, flow = trunk(torch.empty(1, 5, 2 * num_pictures, 64, 64))
    assert rgb.shape == flow.shape == (1, 256, num_moments, 2, 2)


def test_fusion_starts_as_a_quarter_appearance_and_three_quarters_motion() -> None:
    fusion = nn.Conv3d(8, 4, 3, padding=1)
    initialise_fusion(fusion)
    nn.init.zeros_(fusion.bias)
    rgb, flow = torch.full((1, 4, 5, 5, 5), 8.0), torch.full((1, 4, 5, 5, 5), 4.0)
    fused = fusion(torch.cat([rgb, flow], dim=1))[:, :, 2, 2, 2]
    assert torch.allclose(fused, torch.full((1, 4), 0.25 * 8 + 0.75 * 4))
