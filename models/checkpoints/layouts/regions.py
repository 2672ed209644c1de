"""The keys of pytorchvideo's detectors: its networks of clips, with another head beside them."""

import re

from torch import nn

from models.heads.regions import RegionsHead

_CLASSIFIER = re.compile(r"blocks\.\d+\.proj\.(\w+)")


def beside_head(network: nn.Module, keys: dict[str, str]) -> dict[str, str]:
    """Return {our key: theirs}; a detector's blocks are `model.blocks`, beside the head.

    `keys` are those of the network of clips.
    """
    if not isinstance(network.get_submodule("head"), RegionsHead):
        return keys
    return {ours: _renamed(theirs) for ours, theirs in keys.items()}


def _renamed(key: str) -> str:
    if match := _CLASSIFIER.fullmatch(key):
        return f"detection_head.proj.{match[1]}"
    return f"model.{key}"
