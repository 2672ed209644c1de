"""Whether the parts of a network fit: asked of shapes alone, before anything is built."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import torch

from kinetics_builder.errors import ModelError
from models.backbones.registry import BackboneConfig
from models.counting import build_weightless, count_multiply_adds
from models.spec import NetworkSpec

_MISFITS = (RuntimeError, ValueError, TypeError, IndexError, ZeroDivisionError, ModelError)
"""What layers raise when they are put together wrongly."""
_MAY_BE_ZERO = {"temporal_blocks", "time_depth"}
"""Numbers of a trunk that count what may be missing."""


def check_fit(spec: NetworkSpec, where: str) -> None:
    """Refuse a network whose parts do not fit, naming the field and what would fit.

    Nothing is computed: shapes are led through the network on torch's meta device.
    `where` stands before the complaint, as `net.toml`.
    """
    for complaint in _complaints(spec):
        raise ModelError(f"{where}: {complaint}")
    widths = _feature_widths(spec, where)
    if spec.head.kind == "time_logits" and len(widths) > 1:
        raise ModelError(
            f"{where}: head.kind = 'time_logits' takes one pathway, and "
            f"{spec.backbone.kind} has {len(widths)}; 'pooled' would fit."
        )
    views = spec.views
    training = (spec.sampling.num_frames, spec.sampling.crop_size)
    view = (views.num_frames or training[0], views.crop_size or training[1])
    _lead_through(spec, training, f"{where}: sampling")
    if view != training:
        _lead_through(spec, view, f"{where}: views")


def check_sizes(config: BackboneConfig, where: str) -> None:
    """Refuse widths, depths, kernels and strides of 0 in the trunk that `config` describes."""
    for field in fields(config):
        value = getattr(config, field.name)
        sizes = value if isinstance(value, tuple) else (value,)
        if field.name not in _MAY_BE_ZERO and any(type(n) is int and n == 0 for n in sizes):
            raise ModelError(f"{where}.{field.name} = {value}; whole numbers above 0 would fit.")


def _complaints(spec: NetworkSpec) -> Iterator[str]:
    """Yield what is wrong with the numbers outside the trunk."""
    sampling = spec.sampling
    for name in ("num_frames", "step_seconds", "crop_size", "short_side"):
        if (value := getattr(sampling, name)) <= 0:
            yield f"sampling.{name} = {value}; a number above 0 would fit."
    if sampling.short_side < sampling.crop_size:
        yield (
            f"sampling.short_side = {sampling.short_side} is below sampling.crop_size = "
            f"{sampling.crop_size}; that or more would fit."
        )
    if not 0 <= spec.head.dropout < 1:
        yield f"head.dropout = {spec.head.dropout}; a number from 0 to below 1 would fit."
    if min(spec.normalisation.std, default=1) <= 0:
        yield f"normalisation.std = {spec.normalisation.std}; numbers above 0 would fit."
    yield from _view_complaints(spec)


def _view_complaints(spec: NetworkSpec) -> Iterator[str]:
    views, short_side = spec.views, spec.sampling.short_side
    for name in ("num_clips", "num_frames", "crop_size"):
        if (value := getattr(views, name)) is not None and value < 1:
            yield f"views.{name} = {value}; 1 or more would fit."
    if views.num_crops not in (1, 3):
        yield f"views.num_crops = {views.num_crops}; 1 or 3 would fit."
    if (views.crop_size or 0) > short_side:
        yield (
            f"views.crop_size = {views.crop_size} is above sampling.short_side = {short_side}; "
            "that or less would fit."
        )


def _feature_widths(spec: NetworkSpec, where: str) -> tuple[int, ...]:
    """Return the channels of each pathway that leaves the trunk."""
    try:
        with torch.device("meta"):
            trunk: Any = spec.backbone.build()
    except _MISFITS as error:
        raise ModelError(f"{where}: backbone cannot be put together: {error}") from error
    return tuple(trunk.feature_widths)


def _lead_through(spec: NetworkSpec, size: tuple[int, int], where: str) -> None:
    """Refuse a network that a clip of (frames, height and width) `size` does not pass through."""
    if (error := why_not(spec, size)) is not None:
        raise ModelError(f"{where}: {_why(spec, *size, error)}") from error


def why_not(spec: NetworkSpec, size: tuple[int, int]) -> Exception | None:
    """Return why a clip of (frames, height and width) `size` does not pass through; None: it does.

    Its shape alone is led through.
    """
    num_frames, side = size
    shape = (1, spec.sampling.num_channels, num_frames, side, side)
    try:
        count_multiply_adds(build_weightless(spec), torch.empty(shape, device="meta"))
    except _MISFITS as error:
        return error
    return None


def _why(spec: NetworkSpec, num_frames: int, side: int, error: BaseException) -> str:
    """Return the likely reason why a clip does not pass."""
    taken = getattr(spec.backbone, "in_channels", spec.sampling.num_channels)
    if taken != spec.sampling.num_channels:
        return (
            f"modality = {spec.sampling.modality!r} brings {spec.sampling.num_channels} channels, "
            f"and backbone.in_channels = {taken}; {spec.sampling.num_channels} would fit."
        )
    return (
        f"a clip of num_frames = {num_frames} and crop_size = {side} does not pass through "
        f"{spec.backbone.kind} ({error}); a longer or larger clip, or another backbone, would fit."
    )
