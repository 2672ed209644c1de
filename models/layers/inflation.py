"""Bootstrapping 3-D filters from 2-D ones (arXiv:1705.07750, section 2.3).

A picture shown T times is a boring video. Repeating a 2-D filter T times along time and
dividing it by T makes the 3-D network answer to a boring video as the 2-D one does to the
picture. That holds away from a clip's ends only: there, zero padding in time lets zeros in.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch
from models.checkpoints.weights import read_weights

_PLACES = {
    "conv1": "conv_1a",
    "conv2": "conv_2b",
    "conv3": "conv_2c",
    "inception3a": "stages.0.1",
    "inception3b": "stages.0.2",
    "inception4a": "stages.1.1",
    "inception4b": "stages.1.2",
    "inception4c": "stages.1.3",
    "inception4d": "stages.1.4",
    "inception4e": "stages.1.5",
    "inception5a": "stages.2.1",
    "inception5b": "stages.2.2",
}
_BRANCHES = {
    "branch1": "branch0",
    "branch2.0": "reduce1",
    "branch2.1": "branch1",
    "branch3.0": "reduce2",
    "branch3.1": "branch2",
    "branch4.1": "branch3",
}
_GOOGLENET_KEY = re.compile(r"(conv\d|inception\d\w)(?:\.(branch\d(?:\.\d)?))?\.(conv|bn)\.(\w+)")

_RESNET_KEY = re.compile(r"(conv1|bn1|layer\d\.\d+\.(?:conv\d|bn\d|downsample\.\d))\.(\w+)")
_RESNET_PARTS = {
    "conv1": "conv_a",
    "bn1": "norm_a",
    "conv2": "conv_b",
    "bn2": "norm_b",
    "conv3": "conv_c",
    "bn3": "norm_c",
    "downsample.0": "shortcut_conv",
    "downsample.1": "shortcut_norm",
}


def inflate(weight_2d: Tensor, num_frames: int) -> Tensor:
    """Return (out, in, T, H, W) for a filter (out, in, H, W): repeated, divided by T."""
    return weight_2d.unsqueeze(2).repeat(1, 1, num_frames, 1, 1) / num_frames


def spread_channels(weight_2d: Tensor, num_channels: int) -> Tensor:
    """Return a stem's filter for `num_channels` of flow: the colours' mean, again and again.

    The sum over the channels is kept, however many there are; arXiv:1608.00859 averages and
    repeats in the same way, but lets the sum grow.
    """
    mean = weight_2d.mean(1, keepdim=True)
    return mean.repeat(1, num_channels, 1, 1) * (weight_2d.shape[1] / num_channels)


def i3d_key(googlenet_key: str) -> str | None:
    """Return our trunk's key for one of torchvision's GoogLeNet; None for its classifiers.

    >>> i3d_key("inception3a.branch2.1.conv.weight")
    'stages.0.1.branch1.conv.weight'
    """
    match = _GOOGLENET_KEY.fullmatch(googlenet_key)
    if match is None:
        return None
    place, branch, part, name = match.groups()
    middle = f".{_BRANCHES[branch]}" if branch else ""
    return f"{_PLACES[place]}{middle}.{'norm' if part == 'bn' else part}.{name}"


def resnet_key(key_2d: str) -> str | None:
    """Return our trunk's key for one of torchvision's ResNets; None for the classifier.

    >>> resnet_key("layer3.5.conv2.weight")
    'stages.2.5.conv_b.weight'
    """
    match = _RESNET_KEY.fullmatch(key_2d)
    if match is None:
        return None
    place, name = match.groups()
    if not place.startswith("layer"):
        return f"stem.{'conv' if place == 'conv1' else 'norm'}.{name}"
    layer, block, part = place.split(".", 2)
    return f"stages.{int(layer[-1]) - 1}.{block}.{_RESNET_PARTS[part]}.{name}"


def bootstrap(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Load 2-D weights into a 3-D trunk and return how many tensors fitted.

    Keys are the trunk's own or torchvision's: `googlenet` (which, like I3D, has a 3x3 in its
    third branch) for I3D, `resnet50` and larger ones for ResNets of plain bottlenecks, whose
    non-local blocks stay as they are. googlenet's padding is symmetric where I3D's is
    TensorFlow's, so the inflated I3D sees pictures shifted by half a pixel of the stem's stride.
    """
    own = trunk.state_dict()
    mapped = {key: i3d_key(key) or resnet_key(key) for key in state_2d}
    given = {mapped[key] or key: value for key, value in state_2d.items()}
    missing = sorted(key for key in own.keys() - given.keys() if ".nonlocal" not in key)
    if missing:
        raise ModelError(
            f"The 2-D weights have no {missing[0]!r} (and {len(missing) - 1} more are missing). "
            "Expected the state dict of torchvision's googlenet, for the full-size i3d_rgb, or "
            "of its resnet50, for slow_r50, c2d_r50 and i3d_r50."
        )
    fitted = {key: _fitted(key, given[key], own[key]) for key in own if key in given}
    if surplus := sorted(key for key, ours in mapped.items() if ours and ours not in own):
        raise ModelError(
            f"The 2-D weights have {surplus[0]!r} (and {len(surplus) - 1} more), for which the "
            "3-D network has no place: they belong to a deeper one."
        )
    trunk.load_state_dict(own | fitted)
    return len(fitted)


def _fitted(key: str, value: Tensor, target: Tensor) -> Tensor:
    if value.ndim == 4 and target.ndim == 5 and value.shape[1] == 3 != target.shape[1]:
        value = spread_channels(value, target.shape[1])
    fitted = inflate(value, target.shape[2]) if value.ndim == 4 and target.ndim == 5 else value
    if fitted.shape != target.shape:
        raise ModelError(
            f"The 2-D weight {key!r} has shape {tuple(value.shape)}, which does not inflate to "
            f"{tuple(target.shape)}: it belongs to another network."
        )
    return fitted


_OTHERS = "Fetch it again, or give other weights."


def read_2d_weights(source: str) -> Mapping[str, Tensor]:
    """Return a state dict from a file, or from torchvision by a weight name.

    `source` is a path (.safetensors, .pt, .pth) or a name such as
    `GoogLeNet_Weights.IMAGENET1K_V1`, which torchvision downloads.
    """
    path = Path(source)
    if path.suffix == ".safetensors" and path.is_file():
        return read_weights(path, {}, _OTHERS)
    if path.is_file():
        try:
            state: Mapping[str, Tensor] = load_torch(path)
        except UnreadableTorchFile as error:
            raise ModelError(f"{path} cannot be read: {error}. {_OTHERS}") from error
        return state
    from torchvision.models import get_weight

    try:
        weights: Mapping[str, Tensor] = get_weight(source).get_state_dict(progress=False)
    except (ValueError, OSError) as error:
        raise ModelError(
            f"{source!r} is neither a file nor a weight torchvision can give ({error}). "
            "Give a path, or a name such as GoogLeNet_Weights.IMAGENET1K_V1."
        ) from error
    return weights
