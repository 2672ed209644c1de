from dataclasses import replace

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.backbones.c3d import C3DConfig
from models.backbones.convnet_lstm import ConvNetLSTMConfig
from models.backbones.i3d import inception_v1
from models.backbones.two_stream import Fused3DConfig, TwoStreamConfig
from models.counting import count
from models.heads.clips import LastMomentHead
from models.layers.streams import split_streams
from models.network import build_network, num_parameters
from models.zoo import network_spec

PARAMETERS = {
    "convnet_lstm": 8_954_928,
    "c3d": 79_645_520,
    "c3d_sports1m": 79_634_576,
    "two_stream": 12_073_120,
    "fused_3d": 39_770_896,
    "i3d_rgb": 12_697_264,
    "i3d_flow": 12_675_312,
    "i3d_two_stream": 25_372_576,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_networks_of_quo_vadis_have_their_number_of_parameters(name) -> None:
    spec = network_spec(name)
    with torch.device("meta"):
        count = num_parameters(build_network(spec, 400))
    assert count == PARAMETERS[name]
    extra = 2_048 if name == "convnet_lstm" else 0  # torch's second bias
    assert count - extra == spec.published.parameters


def test_inception_v1_answers_for_each_frame_on_its_own() -> None:
    torch.manual_seed(0)
    trunk = inception_v1().build().eval()
    clip = torch.randn(1, 3, 3, 32, 32)
    with torch.inference_mode():
        (together,) = trunk(clip)
        (alone,) = trunk(clip[:, :, 1:2])
    assert together.shape == (1, 1024, 3, 1, 1)
    assert torch.allclose(together[:, :, 1:2], alone, rtol=1e-4, atol=1e-3)
    assert not torch.allclose(together[:, :, :1], alone, atol=0.1)


def test_streams_are_a_middle_picture_and_all_the_flow_of_a_group() -> None:
    clip = torch.arange(5 * 20.0).view(1, 5, 20, 1, 1)
    rgb, flow = split_streams(clip, 10)
    assert rgb.shape == (1, 3, 2, 1, 1) and flow.shape == (1, 20, 2, 1, 1)
    assert rgb[0, 0].flatten().tolist() == [5, 15]
    x, y = clip[0, 3].flatten(), clip[0, 4].flatten()
    assert flow[0, 0::2, 1].flatten().tolist() == x[10:].tolist()
    assert flow[0, 1::2, 1].flatten().tolist() == y[10:].tolist()


@pytest.mark.parametrize(("channels", "num_frames"), [(5, 15), (3, 20)])
def test_clips_that_do_not_fit_two_streams_are_refused(channels, num_frames) -> None:
    message = f"{channels} channels and {num_frames} frames .* groups of 10 frames"
    with pytest.raises(ModelError, match=message):
        split_streams(torch.empty(1, channels, num_frames, 1, 1), 10)


def test_two_streams_average_their_logits() -> None:
    torch.manual_seed(0)
    spec = network_spec("two_stream")
    network = build_network(replace(spec, backbone=TwoStreamConfig(flow_stack=2)), 5).eval()
    clip = torch.randn(2, 5, 4, 32, 32)
    with torch.inference_mode():
        rgb, flow = network.backbone(clip)
        first, second = network.head.streams
        expected = (first([rgb]) + second([flow])) / 2
        assert torch.allclose(network(clip), expected)
        assert not torch.allclose(first([rgb]), second([flow]))


def test_the_flow_of_two_stream_i3d_keeps_every_frame() -> None:
    with torch.device("meta"):
        trunk = TwoStreamConfig(inflated=True, flow_stack=1).build()
        rgb, flow = trunk(torch.empty(1, 5, 64, 224, 224))
    assert rgb.shape == flow.shape == (1, 1024, 8, 7, 7)


def test_fusion_takes_five_pictures_of_seven_by_seven_as_in_the_paper() -> None:
    with torch.device("meta"):
        trunk = Fused3DConfig().build()
        clip = torch.empty(1, 5, 50, 224, 224)
        assert [x.shape[1:] for x in trunk.streams(clip)] == [(1024, 5, 7, 7)] * 2
        (fused,) = trunk(clip)
    assert fused.shape == (1, 512, 2, 3, 3)


def test_the_last_frame_answers_and_remembers_the_first() -> None:
    torch.manual_seed(0)
    trunk = ConvNetLSTMConfig(num_hidden=8).build().eval()
    head = LastMomentHead((8,), 4, replace(network_spec("convnet_lstm").head, dropout=0.0)).eval()
    clip = torch.randn(1, 3, 3, 32, 32) / 1000
    other = torch.cat([-clip[:, :, :1], clip[:, :, 1:]], dim=2)
    with torch.inference_mode():
        features = trunk(clip)
        assert features[0].shape == (1, 8, 3, 1, 1)
        assert torch.allclose(head(features), head.time_logits(features)[:, :, -1])
        assert not torch.allclose(head(features), head(trunk(other)))
        cut = trunk(clip[:, :, :2])[0]
    assert torch.allclose(cut, features[0][:, :, :2], atol=1e-5), "the future is not known"


@pytest.mark.parametrize(("num_frames", "num_moments"), [(16, 1), (32, 1), (240, 8)])
def test_c3d_answers_every_32_frames(num_frames, num_moments) -> None:
    with torch.device("meta"):
        (features,) = C3DConfig().build().eval()(torch.empty(1, 3, num_frames, 112, 112))
    assert features.shape == (1, 4096, num_moments, 1, 1)


@pytest.mark.parametrize(("num_classes", "expected"), [(101, 78_409_573), (487, 79_991_015)])
def test_the_first_c3d_fits_its_own_data_sets(num_classes, expected) -> None:
    with torch.device("meta"):
        network = build_network(network_spec("c3d_sports1m"), num_classes)
    assert num_parameters(network) == expected


@pytest.mark.parametrize(
    ("name", "giga"),
    [
        ("c3d", 19.86),
        ("c3d_sports1m", 38.55),
        ("i3d_rgb", 111.15),
        ("i3d_flow", 102.34),
        ("i3d_two_stream", 213.5),
    ],
)
def test_multiply_adds_are_those_of_the_architecture(name, giga) -> None:
    assert count(network_spec(name)).multiply_adds / 1e9 == pytest.approx(giga, rel=0.003)


@pytest.mark.parametrize("name", ["i3d_rgb", "i3d_two_stream"])
def test_running_statistics_move_as_slowly_as_those_of_the_published_network(name: str) -> None:
    network = build_network(network_spec(name), 4)
    norms = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm3d)]
    assert norms and {(norm.momentum, norm.eps) for norm in norms} == {(0.001, 0.001)}
    norm = norms[0].train()
    norm(torch.ones(2, norm.num_features, 1, 2, 2))
    assert norm.running_mean is not None
    assert torch.allclose(norm.running_mean, torch.full_like(norm.running_mean, 0.001))
