"""What a SlowFast network is taken apart into, to see which part does what (arXiv:1812.03982).

Tables 5a to 5c of the paper, and figure 2: pathways alone, fusions, widths of the Fast pathway,
weak inputs, and frame rates.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from kinetics_builder.errors import ModelError
from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads.config import HeadConfig
from models.layers.fusion import FusionKind
from models.spec import NetworkSpec, Published

AVERAGED = "frames averaged"
SLOW, SLOW_ALL = "Slow-only", "Slow-only of all frames"
FAST = "Fast-only"
SLOWFAST = "SlowFast"
THIN = "SlowFast, Fast half as wide"
_BETAS = (2, 4, 6, 8, 12, 16, 32)


def few_variants(base: NetworkSpec) -> dict[str, NetworkSpec]:
    """Return the networks that the paper's main findings are about, by what they are called.

    Raises:
        ModelError: `base` is no SlowFast network of clips.

    """
    config = _config(base)
    thin = replace(config, beta_inv=2 * config.beta_inv, fast_width=None)
    return {
        AVERAGED: averaged_frames(base),
        SLOW: slow_only(base, config.alpha),
        SLOW_ALL: slow_only(base, 1),
        FAST: fast_only(base),
        SLOWFAST: base,
        THIN: _named(base, thin, "thin"),
    }


def all_variants(base: NetworkSpec) -> dict[str, NetworkSpec]:
    """Return those and all others; what the sizes of `base` rule out is left out."""
    found = few_variants(base)
    found["Slow-only of all frames, time shortened"] = _shortened(base)
    for name, config in _others(_config(base)):
        found[f"SlowFast, {name}"] = _named(base, config, name)
    return found


def _others(config: SlowFastConfig) -> Iterator[tuple[str, SlowFastConfig]]:
    """Yield fusions, widths and inputs that are not the network's own."""
    for kind in get_args(FusionKind):
        if kind == config.fusion:
            continue
        beta = config.alpha if kind == "time_to_channel_sum" else config.beta_inv
        if kind != "time_to_channel_sum" or config.width % beta == 0:
            name = f"fusion {kind}".replace("_", " ")
            name += f", beta 1/{beta}" if beta != config.beta_inv else ""
            yield name, replace(config, fusion=kind, beta_inv=beta, fast_width=None)
    for beta in _BETAS:
        if config.width % beta == 0 and beta not in (config.beta_inv, 2 * config.beta_inv):
            yield f"beta 1/{beta}", replace(config, beta_inv=beta, fast_width=None)
    for weak in ("grey", "time_difference", "half_resolution"):
        yield f"Fast sees {weak}".replace("_", " "), replace(config, fast_input=weak)
    if config.alpha % 2 == 0:
        yield f"alpha {config.alpha // 2}", replace(config, alpha=config.alpha // 2)


def slow_only(base: NetworkSpec, every: int) -> NetworkSpec:
    """Return the Slow pathway alone, on every `every`-th frame."""
    config = _config(base)
    trunk = _trunk(config, config.width, config.slow_time_kernels)
    return _seeing(_named(base, trunk, f"slow{every}"), every)


def averaged_frames(base: NetworkSpec) -> NetworkSpec:
    """Return the Slow pathway alone without time: what it says is a mean over its frames."""
    config = _config(base)
    trunk = _trunk(config, config.width, (1, 1, 1, 1, 1))
    return _seeing(_named(base, trunk, "averaged"), config.alpha)


def fast_only(base: NetworkSpec) -> NetworkSpec:
    """Return the Fast pathway alone."""
    config = _config(base)
    return _named(base, _trunk(config, config.fast_stem_width, config.fast_time_kernels), "fast")


def _shortened(base: NetworkSpec) -> NetworkSpec:
    """Return the Slow pathway on all frames, whose time is halved after res2 and after res3."""
    config = _config(base)
    trunk = _trunk(config, config.width, config.slow_time_kernels)
    return _named(base, replace(trunk, time_strides=(1, 2, 2, 1)), "shortened")


def _config(base: NetworkSpec) -> SlowFastConfig:
    if not isinstance(base.backbone, SlowFastConfig) or base.is_detector:
        raise ModelError(
            f"{base.name} is no SlowFast network of clips; choose one, as slowfast_r50_4x16, or a "
            "file that is based on one."
        )
    return base.backbone


def _trunk(config: SlowFastConfig, width: int, kernels: tuple[int, ...]) -> ResNetConfig:
    """Return one pathway as a network of its own: nothing is laid beside its features."""
    stem, *stages = kernels
    temporal = config.temporal_blocks or config.depths
    return ResNetConfig(
        depths=config.depths,
        width=width,
        expansion=config.expansion,
        stem_kernel=(stem, config.stem_size, config.stem_size),
        time_kernels=tuple(
            _lengths(kernel, number, depth)
            for kernel, number, depth in zip(stages, temporal, config.depths, strict=True)
        ),
        space_strides=config.space_strides,
        space_dilations=config.space_dilations,
        zero_init=config.zero_init,
        norm=config.norm,
    )


def _lengths(kernel: int, number: int, depth: int) -> tuple[int, ...]:
    """Return the lengths in time of a stage's blocks, of which the first ones look along time."""
    return (kernel,) if number == depth else (kernel,) * number + (1,) * (depth - number)


def _named(base: NetworkSpec, config: ResNetConfig | SlowFastConfig, what: str) -> NetworkSpec:
    word = "".join(letter if letter.isalnum() else "_" for letter in what)
    head = HeadConfig(kind="pooled", dropout=base.head.dropout)
    name = f"{base.name}-{word}"
    return replace(base, name=name, backbone=config, head=head, published=Published())


def _seeing(spec: NetworkSpec, every: int) -> NetworkSpec:
    """Return a network that sees every `every`-th frame of the same stretch."""
    sampling, views = spec.sampling, spec.views
    return replace(
        spec,
        sampling=replace(
            sampling,
            num_frames=sampling.num_frames // every,
            step_seconds=sampling.step_seconds * every,
        ),
        views=replace(views, num_frames=views.num_frames and views.num_frames // every),
    )
