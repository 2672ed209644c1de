"""What a network is: trunk, head, what it eats and how it is looked at in a test.

A spec is a frozen value that travels inside a checkpoint's card, so a checkpoint can be
rebuilt after the zoo has changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal, get_args

from kinetics_builder.errors import ModelError
from models.backbones.registry import CONFIGS, BackboneConfig
from models.detection.kinds import DETECTORS, FINDING
from models.heads.config import HeadConfig
from models.layers.conv import Size3

Modality = Literal["rgb", "flow", "rgb_and_flow"]
"""What the channels of a clip are; flow is (x, y), both streams stand as (R, G, B, x, y)."""
_CHANNELS: dict[Modality, int] = {"rgb": 3, "flow": 2, "rgb_and_flow": 5}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampling:
    """Which frames of a clip a network sees, and how large.

    One stretch of consecutive frames (3-D networks), or several: the clip is divided into
    `num_segments` equal parts, and each gives `frames_per_segment` frames in a row. A segment
    of one frame is TSN's independent frame, one of ten frames a stack of flow.
    """

    num_frames: int
    """Frames of a clip, over all segments."""
    step_seconds: float
    """Time from one frame of a segment to the next."""
    crop_size: int
    """Height and width of the input, pixels."""
    short_side: int
    """Short side of the frame before the crop, pixels."""
    num_segments: int = 1
    """Equal parts of the clip that frames are taken from."""
    modality: Modality = "rgb"
    """What the data must bring; flow is TV-L1, cut to 20 pixels and stored as 8 bits."""

    def __post_init__(self) -> None:
        if self.num_segments < 1 or self.num_frames % self.num_segments:
            fits = [n for n in range(1, self.num_frames + 1) if self.num_frames % n == 0]
            raise ModelError(
                f"sampling.num_segments = {self.num_segments} does not divide sampling.num_frames "
                f"= {self.num_frames}; choose one of {', '.join(map(str, fits))}."
            )
        if self.modality not in get_args(Modality):
            raise ModelError(
                f"sampling.modality = {self.modality!r} is unknown; choose one of "
                f"{', '.join(get_args(Modality))}."
            )

    @property
    def frames_per_segment(self) -> int:
        """Return the frames taken in a row."""
        return self.num_frames // self.num_segments

    @property
    def span_seconds(self) -> float:
        """Return the time from the first frame of a segment to the end of its last."""
        return self.frames_per_segment * self.step_seconds

    @property
    def num_channels(self) -> int:
        """Return the channels of a clip."""
        return _CHANNELS[self.modality]


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """How a clip is looked at in a test; the softmax is averaged over all views."""

    num_clips: int = 1
    """Moments, evenly spaced."""
    num_crops: int = 1
    """1 (centre) or 3 (along the long side)."""
    num_frames: int | None = None
    """Frames of a view; None takes as many as in training."""
    num_segments: int | None = None
    """Segments of a view; None takes as many as in training."""
    crop_size: int | None = None
    """Height and width of a view; None takes the training crop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Normalisation:
    """Mean and deviation of each channel, taken from values in [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


UNIT_RANGE = Normalisation(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
"""[-1, 1], as I3D takes it."""
UNIT_RANGE_FLOW = Normalisation(mean=(0.5,) * 2, std=(0.5,) * 2)
"""[-1, 1] for flow of [-20, 20] pixels, stored as 8 bits."""
UNIT_RANGE_BOTH = Normalisation(mean=(0.5,) * 5, std=(0.5,) * 5)
"""[-1, 1] for RGB and flow."""
IMAGENET = Normalisation(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""As torchvision's 2-D networks take it."""
FACEBOOK = Normalisation(mean=(0.45, 0.45, 0.45), std=(0.225, 0.225, 0.225))
"""As SlowFast's released code has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What the paper or the released code says of a network, to hold ours against."""

    parameters: int | None = None
    """Learnt numbers at `num_classes`; rounded where the source rounds."""
    multiply_adds: float | None = None
    """Of one view of `input_size`, in units (not giga)."""
    input_size: Size3 | None = None
    """(frames, height, width) of that view."""
    source: str = ""
    """Where the numbers stand."""
    num_classes: int = 400
    """Classes at which the numbers were counted: Kinetics-400's, or AVA's 80."""
    note: str = ""
    """Why ours differ, where they must."""


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """One network by name."""

    name: str
    backbone: BackboneConfig
    head: HeadConfig
    sampling: Sampling
    views: Views
    normalisation: Normalisation
    source: str
    """Where it was described."""
    published: Published = field(default_factory=Published)

    def __post_init__(self) -> None:
        _check_length(self, "sampling.num_frames", self.sampling.num_frames)
        _check_length(self, "views.num_frames", self.views.num_frames or 0)
        _check_segments(self)
        if self.finds_people != getattr(self.backbone, "is_cut", False):
            raise ModelError(
                f"{self.name}: head.kind = {self.head.kind!r} and backbone.kind = "
                f"{self.backbone.kind!r} do not fit: a head that finds people "
                f"({', '.join(FINDING)}) takes a trunk that is cut in two, as 'key_frame' and "
                "'region_i3d', and these take no other."
            )
        if len(self.normalisation.mean) != self.sampling.num_channels:
            raise ModelError(
                f"{self.name}: normalisation.mean has {len(self.normalisation.mean)} numbers, but "
                f"sampling.modality = {self.sampling.modality!r} has {self.sampling.num_channels} "
                "channels; give one for each."
            )

    @property
    def is_detector(self) -> bool:
        """Tell whether the network says of boxes what is done there, and not of clips."""
        return self.head.kind in DETECTORS

    @property
    def finds_people(self) -> bool:
        """Tell whether a detector finds the boxes itself; others are told them."""
        return self.head.kind in FINDING

    @property
    def view_sampling(self) -> Sampling:
        """Return which frames a view of a test sees."""
        return replace(
            self.sampling,
            num_frames=self.views.num_frames or self.sampling.num_frames,
            num_segments=self.views.num_segments or self.sampling.num_segments,
        )

    def with_dropout(self, dropout: float) -> "NetworkSpec":
        """Return the same network with another dropout before the classifier."""
        return replace(self, head=replace(self.head, dropout=dropout))

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `spec_from_json` gives the spec back."""
        backbone = {"kind": self.backbone.kind} | asdict(self.backbone)
        return asdict(self) | {"backbone": backbone, "head": self.head.to_json()}


def _check_length(spec: NetworkSpec, place: str, num_frames: int) -> None:
    """Refuse a clip that the trunk cannot divide: SlowFast by alpha, two streams by flow_stack."""
    for part in ("alpha", "flow_stack"):
        group = getattr(spec.backbone, part, 1)
        if num_frames % group:
            below = num_frames - num_frames % group
            fits = " or ".join(str(fit) for fit in (below, below + group) if fit)
            raise ModelError(
                f"{spec.name}: {place}: {num_frames} frames cannot be split by "
                f"{part}={group}; {fits} would fit."
            )


def _check_segments(spec: NetworkSpec) -> None:
    num_frames = spec.views.num_frames or spec.sampling.num_frames
    num_segments = spec.views.num_segments or spec.sampling.num_segments
    if num_segments < 1 or num_frames % num_segments:
        fits = [n for n in range(1, num_frames + 1) if num_frames % n == 0]
        raise ModelError(
            f"{spec.name}: views.num_segments: {num_segments} segments do not divide the "
            f"{num_frames} frames of a view; {', '.join(map(str, fits))} would fit."
        )


def spec_from_json(data: Mapping[str, Any]) -> NetworkSpec:
    """Return the spec that `NetworkSpec.to_json` wrote."""
    try:
        return NetworkSpec(
            name=data["name"],
            backbone=_backbone_from_json(data["backbone"]),
            head=HeadConfig(**_tuples(data["head"])),
            sampling=Sampling(**data["sampling"]),
            views=Views(**data["views"]),
            normalisation=Normalisation(**_tuples(data["normalisation"])),
            source=data["source"],
            published=Published(**_tuples(data.get("published", {}))),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(
            f"A network's card has unexpected contents ({error}): it was written by another "
            "version, or is damaged. Train again, or use the version that wrote it."
        ) from error


def _backbone_from_json(data: Mapping[str, Any]) -> BackboneConfig:
    values = dict(data)
    config: BackboneConfig = _config_from_json(CONFIGS[values.pop("kind")], values)
    return config


def _config_from_json(config: Any, data: Mapping[str, Any]) -> Any:
    """Return a config with those that stand in it."""
    values = _tuples(data)
    for part in fields(config):
        default = part.default_factory() if callable(part.default_factory) else part.default
        if is_dataclass(default) and part.name in values:
            values[part.name] = _config_from_json(type(default), values[part.name])
    return config(**values)


def _tuples(value: Any) -> Any:
    """Return `value` with tuples for lists: JSON has no tuples, frozen configs have no lists."""
    if isinstance(value, Mapping):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
