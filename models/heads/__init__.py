"""Heads: from a trunk's feature maps to logits."""

from collections.abc import Callable

from torch import nn

from models.heads.clips import (
    LastMomentHead,
    PooledHead,
    ProjectedHead,
    StreamsHead,
    TimeLogitsHead,
)
from models.heads.config import HeadConfig, HeadKind
from models.heads.proposing import ProposingHead
from models.heads.regions import RegionsHead

_HEADS: dict[HeadKind, Callable[[tuple[int, ...], int, HeadConfig], nn.Module]] = {
    "time_logits": TimeLogitsHead,
    "pooled": PooledHead,
    "projected": ProjectedHead,
    "last_moment": LastMomentHead,
    "streams": StreamsHead,
    "regions": RegionsHead,
    "proposing": ProposingHead,
}


def build_head(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    """Return the head that `config` names, for pathways of `widths` channels."""
    return _HEADS[config.kind](widths, num_classes, config)
