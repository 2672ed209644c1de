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


def _regions(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    # Not at the top: torchvision takes torch's compiler with it, which is seconds of imports.
    from models.heads.regions import RegionsHead

    return RegionsHead(widths, num_classes, config)


def _related(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    from models.heads.related import RelatedHead

    return RelatedHead(widths, num_classes, config)


def _remembering(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    from models.heads.remembering import RememberingHead

    return RememberingHead(widths, num_classes, config)


def _proposing(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    from models.heads.proposing import ProposingHead

    return ProposingHead(widths, num_classes, config)


def _attending(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    from models.heads.attending import AttendingHead

    return AttendingHead(widths, num_classes, config)


_HEADS: dict[HeadKind, Callable[[tuple[int, ...], int, HeadConfig], nn.Module]] = {
    "time_logits": TimeLogitsHead,
    "pooled": PooledHead,
    "projected": ProjectedHead,
    "last_moment": LastMomentHead,
    "streams": StreamsHead,
    "regions": _regions,
    "related": _related,
    "remembering": _remembering,
    "proposing": _proposing,
    "attending": _attending,
}


def build_head(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    """Return the head that `config` names, for pathways of `widths` channels."""
    return _HEADS[config.kind](widths, num_classes, config)
