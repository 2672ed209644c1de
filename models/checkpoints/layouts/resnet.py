"""The one-pathway ResNets' keys in other people's files, from ours."""

import re

from torch import nn

from models.backbones.resnet import ResNet
from models.checkpoints.layouts.regions import beside_head

_BLOCK = re.compile(r"backbone\.stages\.(\d+)\.(\d+)\.([\w.]+)")

_PYTORCHVIDEO_PARTS = {
    "conv_a": "branch2.conv_a",
    "norm_a": "branch2.norm_a",
    "conv_b": "branch2.conv_b",
    "conv_b.first": "branch2.conv_b.conv_t",
    "conv_b.norm": "branch2.conv_b.norm",
    "conv_b.second": "branch2.conv_b.conv_xy",
    "norm_b": "branch2.norm_b",
    "conv_c": "branch2.conv_c",
    "norm_c": "branch2.norm_c",
    "shortcut_conv": "branch1_conv",
    "shortcut_norm": "branch1_norm",
}


def pytorchvideo_keys(network: nn.Module) -> dict[str, str]:
    """Return {our key: pytorchvideo's} for slow_r50, c2d_r50, i3d_r50, csn_r101, r2plus1d_r50.

    Its slow_r50_detection is known by its head.

    Keys of what it does not know, such as non-local blocks, stand for themselves.
    """
    trunk = network.get_submodule("backbone")
    assert isinstance(trunk, ResNet)
    pooled = trunk.time_pool > 1
    keys = {key: _pytorchvideo_key(key, pooled) for key in network.state_dict()}
    return beside_head(network, keys)


def _pytorchvideo_key(key: str, pooled: bool) -> str:
    """Return one key; a pool over time, where there is one, is `blocks.2`."""
    place, _, name = key.rpartition(".")
    if place.startswith("backbone.stem."):
        return f"blocks.0.{place.removeprefix('backbone.stem.')}.{name}"
    if place == "head.projection":
        return f"blocks.{6 if pooled else 5}.proj.{name}"
    match = _BLOCK.fullmatch(place)
    if match is None or match[3] not in _PYTORCHVIDEO_PARTS:
        return key
    number, block, part = match.groups()
    shift = 2 if pooled and int(number) else 1
    return f"blocks.{int(number) + shift}.res_blocks.{block}.{_PYTORCHVIDEO_PARTS[part]}.{name}"


_TORCHVISION_PARTS = {
    "conv_a": "conv1.0",
    "conv_a.first": "conv1.0.0",
    "conv_a.norm": "conv1.0.1",
    "conv_a.second": "conv1.0.3",
    "norm_a": "conv1.1",
    "conv_b": "conv2.0",
    "conv_b.0": "conv2.0.0",
    "conv_b.1": "conv2.0.1",
    "conv_b.2": "conv2.0.2",
    "conv_b.first": "conv2.0.0",
    "conv_b.norm": "conv2.0.1",
    "conv_b.second": "conv2.0.3",
    "norm_b": "conv2.1",
    "conv_c": "conv3.0",
    "norm_c": "conv3.1",
    "shortcut_conv": "downsample.0",
    "shortcut_norm": "downsample.1",
}
_TORCHVISION_PLACES = {"head.projection": "fc"}
_WHOLE_STEM = {"backbone.stem.conv": "stem.0", "backbone.stem.norm": "stem.1"}
_FACTORED_STEM = {
    "backbone.stem.conv.first": "stem.0",
    "backbone.stem.conv.norm": "stem.1",
    "backbone.stem.conv.second": "stem.3",
    "backbone.stem.norm": "stem.4",
}


def torchvision_keys(network: nn.Module) -> dict[str, str]:
    """Return {our key: torchvision's} for r2plus1d_18.

    VMZ, the code of R(2+1)D's and CSN's authors, names r2plus1d_34 and the channel-separated
    networks the same way. Keys of what they do not know stand for themselves.
    """
    state = network.state_dict()
    is_factored = "backbone.stem.conv.first.weight" in state
    stem = _FACTORED_STEM if is_factored else _WHOLE_STEM
    return {key: _rename(key, _TORCHVISION_PARTS, _TORCHVISION_PLACES | stem) for key in state}


_MMACTION2_PARTS = {
    "conv_a": "conv1.conv",
    "norm_a": "conv1.bn",
    "conv_b": "conv2.conv",
    "norm_b": "conv2.bn",
    "conv_c": "conv3.conv",
    "norm_c": "conv3.bn",
    "shortcut_conv": "downsample.conv",
    "shortcut_norm": "downsample.bn",
}
_MMACTION2_REDUCED = {"conv_b": "conv2.0.conv", "norm_b": "conv2.0.bn"}
_MMACTION2_PRESERVED = {
    "conv_b.0": "conv2.0.conv",
    "conv_b.1": "conv2.0.bn",
    "conv_b.2": "conv2.1.conv",
    "norm_b": "conv2.1.bn",
}
_MMACTION2_PLACES = {
    "backbone.stem.conv": "backbone.conv1.conv",
    "backbone.stem.norm": "backbone.conv1.bn",
    "head.projection": "cls_head.fc_cls",
}


def mmaction2_keys(network: nn.Module) -> dict[str, str]:
    """Return {our key: mmaction2's} for SlowOnly, CSN and, as i3d_r50_32x2, I3D.

    Its I3D shortens time in the stem, which weights do not show, so that i3d_r50 has no keys
    there. All are trained on RGB normalised as ImageNet's.
    """
    trunk = network.get_submodule("backbone")
    assert isinstance(trunk, ResNet)
    state = network.state_dict()
    if trunk.time_pool > 1 and trunk.stem.stride[0] == 1:
        return {key: key for key in state}
    parts = dict(_MMACTION2_PARTS)
    middle = trunk.stages[0].get_submodule("0.conv_b")
    if isinstance(middle, nn.Sequential):
        parts |= _MMACTION2_PRESERVED
    elif isinstance(middle, nn.Conv3d) and middle.groups > 1:
        parts |= _MMACTION2_REDUCED
    renamed = {key: _rename(key, parts, _MMACTION2_PLACES) for key in state}
    return {key: re.sub("^layer", "backbone.layer", name) for key, name in renamed.items()}


def _rename(key: str, parts: dict[str, str], places: dict[str, str]) -> str:
    """Return a key of torchvision's kind: `layer1` to `layer4`, blocks, parts."""
    place, _, name = key.rpartition(".")
    if place in places:
        return f"{places[place]}.{name}"
    match = _BLOCK.fullmatch(place)
    if match is None or match[3] not in parts:
        return key
    number, block, part = match.groups()
    return f"layer{int(number) + 1}.{block}.{parts[part]}.{name}"
