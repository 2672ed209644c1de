"""Settings of the stages from films to linked boxes: one frozen dataclass a stage.

Defaults are those of AVA (arXiv:1705.08421) where the paper states one.
"""

from dataclasses import dataclass

from kinetics_builder.errors import ConfigError
from kinetics_builder.setting_checks import positive, share


@dataclass(frozen=True, kw_only=True, slots=True)
class FilmsConfig:
    """Which films are taken, and which minutes of them."""

    min_minutes: float = 0.0
    """Shorter films are not taken; the paper's are longer than 30."""
    start_minute: float = 15.0
    """Of a film that reaches `end_minute` only this stretch is annotated (the paper's 15 to 30,
    key frames 902 to 1798); a shorter one is annotated whole."""
    end_minute: float = 30.0
    max_hours: float = 4.0
    """Longer films are not fetched."""
    max_megabytes: float = 4000.0
    timeout_seconds: float = 7200.0
    """For fetching one film."""

    def __post_init__(self) -> None:
        positive(self, "max_hours", "max_megabytes", "timeout_seconds")
        if self.min_minutes < 0:
            raise ConfigError(f"min_minutes must be 0 or more, found {self.min_minutes}.")
        if not 0 <= self.start_minute < self.end_minute:
            raise ConfigError(
                "start_minute must be 0 or more and less than end_minute, "
                f"found {self.start_minute} and {self.end_minute}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFramesConfig:
    """Which moments people are asked about, and what is kept of them."""

    every_seconds: float = 1.0
    """Key frames are at the multiples of this."""
    context_seconds: float = 3.0
    """What is shown around a key frame; it must lie in the annotated stretch."""
    short_side: int = 480
    """Pixels of a still's shorter side; a smaller film keeps its own. 0 keeps it always."""
    shot_threshold: float = 3.0
    """How many times its neighbours' a picture's change must be to begin a shot."""
    min_shot_seconds: float = 0.6
    refuse_colourless: bool = False
    """Whether films in black and white are refused, as the paper does."""
    refuse_cartoons: bool = False
    """Whether films of flat colours are refused, as the paper does with cartoons."""
    timeout_seconds: float = 3600.0
    """For one film."""

    def __post_init__(self) -> None:
        positive(self, "every_seconds", "context_seconds", "shot_threshold", "timeout_seconds")
        if self.short_side < 0 or self.min_shot_seconds < 0:
            raise ConfigError(
                "short_side and min_shot_seconds must be 0 or more, "
                f"found {self.short_side} and {self.min_shot_seconds}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectConfig:
    """How persons are found on key frames."""

    detector: str = "hog"
    """"hog" (OpenCV's, weak, needs no weights), "trained" (by `kbuild train-detector`), or a
    network of torchvision, as "fasterrcnn_resnet50_fpn_v2"."""
    weights: str = ""
    """Of a network: a file, in the workspace or absolute; or the name of torchvision's own.
    Of "trained" detector.pt without it."""
    min_score: float = 0.8
    """The operating point: boxes below it are kept, and shown to nobody."""
    keep_score: float = 0.05
    """Boxes below this are forgotten."""
    max_overlap: float = 0.6
    """Of two boxes that overlap more than this (IoU) the weaker one is dropped."""
    timeout_seconds: float = 7200.0
    """For one film."""

    def __post_init__(self) -> None:
        positive(self, "timeout_seconds")
        share(self, "min_score", "keep_score", "max_overlap")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkConfig:
    """How boxes of one person are linked from key frame to key frame."""

    min_likeness: float = 0.55
    """Least likeness of two boxes that are linked, in [0, 1]."""
    overlap_weight: float = 0.3
    """Share of the boxes' overlap in their likeness; the rest is how alike they look."""
    max_gap: int = 2
    """Key frames that may lie between two linked boxes."""

    def __post_init__(self) -> None:
        share(self, "min_likeness", "overlap_weight")
        if self.max_gap < 0:
            raise ConfigError(f"max_gap must be 0 or more, found {self.max_gap}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionsConfig:
    """Which actions people are asked about."""

    vocabulary: str = ""
    """A file of actions of your own, in the workspace or absolute (docs/ava.md); empty for AVA's
    80 actions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseConfig:
    """How films are dealt out to train, validate and test, and what of a release is measured."""

    validate_share: float = 0.15
    """Of the films (arXiv:1705.08421: 235 train, 64 validate, 131 test)."""
    test_share: float = 0.3
    seed: int = 0
    """Another seed deals all films anew; with the same, a film stays in its split for good."""
    min_validate_examples: int = 25
    """Actions with fewer examples in the split validate are not measured (the paper's 60 of 80);
    all are where none has as many."""
    keep_tied_poses: bool = False
    """Whether two poses of a person that as many people confirm are both released; else neither."""

    def __post_init__(self) -> None:
        share(self, "validate_share", "test_share")
        if self.validate_share + self.test_share >= 1:
            raise ConfigError(
                "validate_share and test_share must leave films to train on, "
                f"found {self.validate_share} and {self.test_share}."
            )
        if self.min_validate_examples < 0:
            raise ConfigError(
                f"min_validate_examples must be 0 or more, found {self.min_validate_examples}."
            )

    @property
    def shares(self) -> dict[str, float]:
        """The share of each split."""
        rest = 1 - self.validate_share - self.test_share
        return {"train": rest, "validate": self.validate_share, "test": self.test_share}
