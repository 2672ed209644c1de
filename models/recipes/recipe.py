"""How a network is trained. A recipe is part of a run's identity, a runtime is not."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from itertools import pairwise
from typing import Any, Literal, Self

from kinetics_builder.errors import ModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Everything that decides what is learnt."""

    num_steps: int
    batch_size: int
    """Samples of a step, over all ranks: clips, or with `repeats` several stretches of each."""
    peak_rate: float
    """Highest learning rate, for `batch_size`."""
    optimiser: Literal["sgd", "adamw"] = "sgd"
    schedule: Literal["one_cycle", "cosine", "steps"] = "cosine"
    warmup_share: float = 0.0
    """Part of the steps in which the rate rises, to where the schedule then is."""
    warmup_start: float = 0.0
    """Rate of the first step, as a share of the highest."""
    last_share: float = 0.0
    """Where `cosine` ends, as a share of the highest rate."""
    cosine_from_warmup: bool = False
    """Whether `cosine` begins where the warm-up ends; else it falls from the first step on."""
    milestones: tuple[float, ...] = ()
    """Parts of the steps after which `steps` changes the rate."""
    factors: tuple[float, ...] = ()
    """What `steps` multiplies the highest rate by after each milestone; empty: 0.1, 0.01, ..."""
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 1e-4
    decay_norms: bool = False
    """Whether batch normalisation and biases decay as well."""
    label_smoothing: float = 0.0
    dropout: float = 0.5
    gradient_clip: float = 0.0
    """Largest norm of the gradient; 0 leaves it alone."""
    norm_clips: int = 0
    """Samples over which batch normalisation takes its statistics; 0 takes all that a rank has at
    once."""
    clips_at_once: int = 0
    """Samples that go through the network together, over all ranks: the gradients of a step's
    parts are added up. 0 takes the whole step at once."""
    precise_norm_clips: int = 0
    """Samples over which the statistics of batch normalisation are taken anew before the network
    is measured, at most one pass; 0 keeps the running ones."""
    average_decay: float = 0.0
    """Share of the averaged weights that a step keeps (0.999); what is measured and kept are the
    averaged ones. 0 averages nothing."""
    short_sides: tuple[float, float]
    """Range of the short side before the random crop, pixels."""
    crop_area: tuple[float, float] | None = None
    """Range of the share of the picture that a crop shows, 3 to 4 or 4 to 3 at most, as a square
    (arXiv:1409.4842), in place of `short_sides`."""
    flip_probability: float = 0.5
    """Chance of a mirror image; labels that name a side are never mirrored."""
    repeats: int = 1
    """Stretches that a step takes of each of its clips (arXiv:1901.09335)."""
    multigrid: Literal["none", "short", "long", "both"] = "none"
    """Cycles in which steps take more and smaller clips (arXiv:1912.00998): `num_steps` and
    `batch_size` are then those that the run would have without them."""
    multigrid_passes: float = 1.5
    """With `multigrid`: passes over the clips for each that the recipe makes without it."""
    class_balance: float = 0.0
    """How far rare classes come more often: 0 as often as they have clips, 1 all alike, 0.5 by the
    root of their clips."""
    mixup: float = 0.0
    """Alpha of the Beta by which two clips of a step are blended (arXiv:1710.09412); 0 blends
    none."""
    cutmix: float = 0.0
    """Alpha of the Beta by which a block of one clip stands in another (arXiv:1905.04899); where
    `mixup` is set as well, each step draws one of the two."""
    rand_augment: int = 0
    """Operations of RandAugment that a clip goes through (arXiv:1909.13719); 0 does none."""
    rand_magnitude: int = 9
    """How strong they are, 0 to 30."""
    rand_spread: float = 0.0
    """Deviation of that from operation to operation."""
    rand_chance: float = 1.0
    """Chance of each operation to be done."""
    colour_jitter: float = 0.0
    """Chance that brightness, contrast, saturation and hue of a clip change."""
    grey: float = 0.0
    """Chance that a clip loses its colours."""
    erasing: float = 0.0
    """Chance that a rectangle of a clip becomes noise, in all frames (arXiv:1708.04896)."""
    half_precision: bool = False
    """bfloat16 in the forward pass; on CUDA only, ignored elsewhere."""
    seed: int = 0
    proposal_overlap: float | None = None
    """Of detectors: learn from proposed boxes too that overlap a true one at least so much; None
    learns from true boxes alone."""
    init_trunk: str | None = None
    """Weights file of a trained network with the same trunk, to start from (a detector: from clips,
    arXiv:1812.03982, section 5.1)."""
    bank: str | None = None
    """Of detectors that remember: weights file of the trained detector whose features of a film
    are remembered."""
    fixed_trunk: bool = False
    """Whether the head alone learns, on what the trunk that the run starts from says
    (arXiv:1705.07750, table 4: "Fixed"); the trunk's norms keep their statistics."""
    init_2d: str | None = None
    """Weights of pictures to start from (I3D, ResNets, ViViT): a file, or torchvision's name."""

    def __post_init__(self) -> None:
        for names, fits, wanted in _RANGES:
            for name in names:
                if not fits(getattr(self, name)):
                    raise ModelError(f"recipe: {name} must {wanted}, got {getattr(self, name)}.")
        low, high = self.short_sides
        if not 0 < low <= high < math.inf:
            raise ModelError(f"recipe: short_sides must rise, got {low} to {high}.")
        smallest, largest = self.crop_area or (1.0, 1.0)
        if not 0 < smallest <= largest <= 1:
            raise ModelError(
                f"recipe: crop_area must rise within 0 to 1, got {smallest} to {largest}."
            )
        _check_pairs(self)
        for part in ("repeats", "clips_at_once"):
            _check_divides(self.batch_size, getattr(self, part), part)

    def scaled(self, batch_size: int, **others: Any) -> Self:
        """Return the recipe for another batch size, the rate in proportion (arXiv:1706.02677).

        As many clips are learnt from as before, in more steps or fewer. `others` are values that
        are stated besides.
        """
        share = batch_size / self.batch_size
        scaled = {
            "batch_size": batch_size,
            "peak_rate": self.peak_rate * share,
            "num_steps": max(1, round(self.num_steps / share)),
            "clips_at_once": 0 if self.clips_at_once > batch_size else self.clips_at_once,
        }
        return replace(self, **(scaled | others))

    def lasting(self, num_epochs: float, num_clips: int) -> Self:
        """Return the recipe for so many passes over a training set of `num_clips` clips.

        The schedule keeps its form: what is stated as a share of the steps stays that share.
        """
        num_steps = max(1, round(num_epochs * num_clips / self.clips_per_step))
        return replace(self, num_steps=num_steps)

    @property
    def clips_per_step(self) -> float:
        """Return how many different clips a step takes."""
        return self.batch_size / self.repeats

    def num_epochs(self, num_clips: int) -> float:
        """Return how many passes over a training set of `num_clips` clips the steps are."""
        return self.num_steps * self.clips_per_step / max(1, num_clips)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @staticmethod
    def defaults() -> dict[str, Any]:
        """Return what values are that a recipe does not state, plain."""
        stated = {one.name: one.default for one in fields(Recipe) if one.default is not MISSING}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in stated.items()}


def stated(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of a recipe that are not what they are where nobody states them.

    What decides what is learnt is told by these: a value that recipes are given later changes
    nothing about those that do without it.
    """
    unsaid = Recipe.defaults()
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in recipe.items()}
    return {name: v for name, v in plain.items() if name not in unsaid or unsaid[name] != v}


_ABOVE_ZERO = ("num_steps", "batch_size", "peak_rate", "repeats", "multigrid_passes")
_NOT_BELOW = (
    *("norm_clips", "clips_at_once", "precise_norm_clips", "weight_decay", "gradient_clip"),
    *("mixup", "cutmix", "rand_augment", "rand_spread"),
)
_SHARES = (
    *("warmup_start", "last_share", "momentum", "label_smoothing", "average_decay"),
    *("flip_probability", "class_balance", "rand_chance", "erasing", "colour_jitter", "grey"),
)
_BELOW_ONE = ("warmup_share", "dropout")


def _rise_within(shares: tuple[float, ...]) -> bool:
    return all(low < high for low, high in pairwise((0.0, *shares, 1.0)))


_RANGES: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (_ABOVE_ZERO, lambda value: 0 < value < math.inf, "be above 0"),
    (_NOT_BELOW, lambda value: 0 <= value < math.inf, "be 0 or more"),
    (_SHARES, lambda value: 0 <= value <= 1, "lie in 0 to 1"),
    (_BELOW_ONE, lambda value: 0 <= value < 1, "be 0 or more, and below 1"),
    (("rand_magnitude",), lambda value: 0 <= value <= 30, "lie in 0 to 30"),
    (("seed",), lambda value: 0 <= value < 2**32, "be 0 or more, and below 2**32"),
    (("proposal_overlap",), lambda value: value is None or 0 < value <= 1, "lie above 0, up to 1"),
    (("milestones",), _rise_within, "rise between 0 and 1"),
    (("factors",), lambda values: all(0 <= one < math.inf for one in values), "be 0 or more"),
)


def _check_pairs(recipe: Recipe) -> None:
    """Raise ModelError for two values that do not go together."""
    if recipe.nesterov and not recipe.momentum:
        raise ModelError("recipe: nesterov looks ahead by the momentum, which must be above 0.")
    if recipe.factors and len(recipe.factors) != len(recipe.milestones):
        raise ModelError(
            f"recipe: factors has {len(recipe.factors)} numbers for "
            f"{len(recipe.milestones)} milestones; give one for each."
        )


def _check_divides(batch_size: int, part: int, name: str) -> None:
    if part and batch_size % part:
        fits = [n for n in range(1, batch_size + 1) if batch_size % n == 0]
        near = sorted(fits, key=lambda fit: (abs(fit - part), fit))[:2]
        raise ModelError(
            f"recipe: {name} = {part} does not divide batch_size = {batch_size}; "
            f"{' or '.join(map(str, sorted(near)))} would fit."
        )
