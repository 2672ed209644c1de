from dataclasses import replace

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer
from torchvision.models.video import mvit

from kinetics_builder.errors import ModelError
from models.backbones.mvit import MViTConfig
from models.backbones.vivit import ViViT, ViViTConfig, central_frame
from models.checkpoints.layouts.transformers import bootstrap_vivit, torchvision_keys, vit_keys
from models.layers.transformer import EncoderSizes, TokenEncoder
from models.network import build_network, num_parameters
from models.training.pictures import start_from_pictures
from models.zoo import network_spec

SMALL = ViViTConfig(
    num_frames=6, crop_size=16, tubelet=(2, 8, 8), width=24, num_heads=3, hidden_width=40, depth=2
)


def picture_transformer() -> VisionTransformer:
    """Return torchvision's network with the sizes of SMALL, its classifier left out."""
    network = VisionTransformer(
        image_size=16, patch_size=8, num_layers=2, num_heads=3, hidden_dim=24, mlp_dim=40
    )
    network.heads = nn.Identity()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.3)
    return network.eval()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vivit_b_16x2", 88_954_000),
        ("vivit_b_16x2_fe", 115_062_928),
        ("mvit_v2_s", 34_537_744),
    ],
)
def test_parameters_are_the_published_ones(name: str, expected: int) -> None:
    spec = network_spec(name)
    with torch.device("meta"):
        assert num_parameters(build_network(spec, 400)) == expected
    assert spec.published.parameters == pytest.approx(expected, rel=1e-3)


def test_a_token_encoder_equals_torchvision_s() -> None:
    theirs = picture_transformer()
    ours = TokenEncoder(4, 2, EncoderSizes(24, 3, 40, gelu="none")).eval()
    keys = vit_keys(ours)
    assert {*keys.values(), "conv_proj.weight", "conv_proj.bias"} == set(theirs.state_dict())
    assert len(set(keys.values())) == len(keys)
    state = theirs.state_dict()
    ours.load_state_dict({our_key: state[their_key] for our_key, their_key in keys.items()})
    tokens = torch.randn(2, 4, 24)
    with torch.no_grad():
        first = theirs.class_token.expand(2, -1, -1)
        expected = theirs.encoder(torch.cat([first, tokens], dim=1))[:, 0]
        assert expected.std() > 0.1
        assert (ours(tokens) - expected).abs().max() < 1e-5


def test_each_step_of_a_boring_video_is_seen_as_the_picture_was() -> None:
    theirs = picture_transformer()
    trunk = replace(SMALL, time_depth=1, gelu="none").build().eval()
    assert bootstrap_vivit(trunk, theirs.state_dict()) == 2 + len(trunk.encoder.space.state_dict())
    picture = torch.randn(1, 3, 16, 16)
    boring = picture[:, :, None].expand(-1, -1, 6, -1, -1)
    with torch.no_grad():
        tokens = trunk.tubelets(boring).flatten(3).permute(0, 2, 3, 1)
        summaries = trunk.encoder.space(tokens.flatten(0, 1))
        expected = theirs(picture).expand(3, -1)
    assert expected.std() > 0.1
    assert (summaries - expected).abs().max() < 1e-5


def test_vivit_starts_from_a_file_of_pictures_weights(tmp_path) -> None:
    theirs, trunk = picture_transformer(), SMALL.build()
    torch.save(theirs.state_dict(), tmp_path / "flat.pt")
    assert start_from_pictures(trunk, str(tmp_path / "flat.pt")) == len(trunk.state_dict())
    assert torch.equal(trunk.tubelets.weight[:, :, 1], theirs.conv_proj.weight)


def test_positions_of_pictures_are_repeated_for_each_step() -> None:
    theirs, trunk = picture_transformer(), SMALL.build()
    bootstrap_vivit(trunk, theirs.state_dict())
    ours = trunk.encoder.tokens.positions[0]
    picture = theirs.encoder.pos_embedding[0]
    assert torch.equal(ours[0], picture[0])
    for step in range(3):
        assert torch.equal(ours[1 + 4 * step : 5 + 4 * step], picture[1:])


def test_the_central_frame_alone_carries_the_picture_s_filter() -> None:
    weight = torch.randn(4, 3, 8, 8)
    for num_frames, centre in ((1, 0), (2, 1), (3, 1), (4, 2)):
        inflated = central_frame(weight, num_frames)
        assert torch.equal(inflated[:, :, centre], weight)
        assert torch.equal(inflated.sum(2), weight)


def test_pictures_weights_of_another_size_are_refused() -> None:
    state = picture_transformer().state_dict()
    with pytest.raises(ModelError, match=r"'tubelets.weight' has shape \(24, 3, 2, 8, 8\), not"):
        bootstrap_vivit(replace(SMALL, width=48).build(), state)
    del state["encoder.ln.bias"]
    with pytest.raises(ModelError, match=r"no 'encoder.ln.bias' \(and 0 more"):
        bootstrap_vivit(SMALL.build(), state)


@pytest.mark.parametrize("time_depth", [0, 1])
def test_vivit_learns_from_the_order_of_frames(time_depth: int) -> None:
    torch.manual_seed(0)
    trunk = replace(SMALL, time_depth=time_depth).build()
    clip = torch.randn(2, 3, 6, 16, 16)
    (forward,), (backward,) = trunk(clip), trunk(clip.flip(2))
    assert forward.shape == (2, 24, 1, 1, 1)
    assert (forward - backward).abs().max() > 1e-3
    forward.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trunk.parameters())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_frames": 7}, "num_frames=7 cannot be cut into tubelets of 2"),
        ({"crop_size": 20}, "crop_size=20 cannot be cut into tubelets of 8"),
        ({"num_heads": 5}, "width=24 cannot be split among num_heads=5"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_before_building(changes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(SMALL, **changes)


def test_a_clip_of_another_length_is_refused() -> None:
    trunk = SMALL.build()
    assert isinstance(trunk, ViViT)
    with pytest.raises(ValueError, match=r"\(4, 16, 16\) .* fit \(6, 16, 16\) only"):
        trunk(torch.zeros(1, 3, 4, 16, 16))


def test_mvit_v2_s_equals_torchvision(check_twins, monkeypatch) -> None:
    def small(**sizes) -> mvit.MViT:
        return MViT(**sizes | {"spatial_size": (64, 64), "temporal_size": 4})

    MViT = mvit.MViT
    monkeypatch.setattr(mvit, "MViT", small)
    theirs = mvit.mvit_v2_s()
    monkeypatch.undo()
    spec = network_spec("mvit_v2_s")
    ours = build_network(replace(spec, backbone=MViTConfig(num_frames=4, crop_size=64)), 400)
    check_twins(ours, theirs, torchvision_keys(ours), torch.randn(2, 3, 4, 64, 64))


def test_mvit_v2_s_has_torchvision_s_weights_at_full_size() -> None:
    with torch.device("meta"):
        theirs, ours = mvit.mvit_v2_s(), build_network(network_spec("mvit_v2_s"), 400)
    shapes = {key: value.shape for key, value in theirs.state_dict().items()}
    keys, own = torchvision_keys(ours), ours.state_dict()
    assert {keys[key]: own[key].shape for key in own} == shapes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crop_size": 100}, "crop_size=100 does not fit; choose a multiple of 32"),
        ({"num_frames": 5}, "num_frames=5 does not fit; choose a multiple of 2"),
    ],
)
def test_clips_that_mvit_cannot_halve_are_refused(changes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        MViTConfig(**changes)


def test_later_layers_are_left_out_more_often_in_training_and_never_in_a_test() -> None:
    encoder = TokenEncoder(4, 3, EncoderSizes(24, 3, 40, drop_path=1.0))
    assert [layer.drop_path for layer in encoder.layers] == [0.0, 0.5, 1.0]
    last, tokens = encoder.layers[-1], torch.randn(2, 4, 24)
    with torch.no_grad():
        assert torch.equal(last.train()(tokens), tokens)
        assert not torch.equal(last.eval()(tokens), tokens)
        plain = TokenEncoder(4, 3, EncoderSizes(24, 3, 40)).eval()
        plain.load_state_dict(encoder.state_dict())
        assert torch.equal(encoder.eval()(tokens), plain(tokens))
