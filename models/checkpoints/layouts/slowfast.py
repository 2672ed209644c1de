"""SlowFast's keys in other people's files, from ours."""

import re

from torch import nn

from models.checkpoints.layouts.regions import beside_head

_PATHWAYS = {"slow": 0, "fast": 1}
_STEM = re.compile(r"backbone\.(slow|fast)_stem\.(conv|norm)")
_LATERAL = re.compile(r"backbone\.laterals\.(\d)\.(conv|norm)")
_STAGE = re.compile(r"backbone\.(slow|fast)_stages\.(\d)\.(\w+)\.(\w+)")

_LATERAL_PARTS = {"conv": "conv_fast_to_slow", "norm": "norm"}
_BLOCK_PARTS = {"shortcut_conv": "branch1_conv", "shortcut_norm": "branch1_norm"} | {
    f"{part}_{letter}": f"branch2.{part}_{letter}" for part in ("conv", "norm") for letter in "abc"
}


def pytorchvideo_keys(network: nn.Module) -> dict[str, str]:
    """Return {our key: pytorchvideo's} for a SlowFast with time-strided convolutions.

    pytorchvideo's SlowFast has no non-local blocks; theirs would stand beside `res_blocks`,
    and keep our names.
    """
    keys = {key: _pytorchvideo_key(key) for key in network.state_dict()}
    return beside_head(network, keys)


def _pytorchvideo_key(key: str) -> str:
    place, _, name = key.rpartition(".")
    if place == "head.projection":
        return f"blocks.6.proj.{name}"
    if match := _STEM.fullmatch(place):
        pathway, part = match.groups()
        return f"blocks.0.multipathway_blocks.{_PATHWAYS[pathway]}.{part}.{name}"
    if match := _LATERAL.fullmatch(place):
        number, part = match.groups()
        return f"blocks.{number}.multipathway_fusion.{_LATERAL_PARTS[part]}.{name}"
    match = _STAGE.fullmatch(place)
    assert match is not None, f"{key} is no key of a SlowFast"
    pathway, number, block, part = match.groups()
    stage = f"blocks.{int(number) + 1}.multipathway_blocks.{_PATHWAYS[pathway]}"
    if not block.isdigit():
        return f"{stage}.{block}.{part}.{name}"
    return f"{stage}.res_blocks.{block}.{_BLOCK_PARTS[part]}.{name}"
