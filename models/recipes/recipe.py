"""How a network is trained. A recipe is part of a run's identity, a runtime is not."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from kinetics_builder.errors import ModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Everything that decides what is learnt."""

    num_steps: int
    batch_size: int
    """Clips of a step, over all ranks."""
    peak_rate: float
    """Highest learning rate, for `batch_size`."""
    optimiser: Literal["sgd", "adamw"] = "sgd"
    schedule: Literal["one_cycle", "cosine", "steps"] = "cosine"
    warmup_share: float = 0.0
    """Part of the steps in which the rate rises."""
    milestones: tuple[float, ...] = ()
    """Parts of the steps after which `steps` divides the rate by ten."""
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 1e-4
    decay_norms: bool = False
    """Whether batch normalisation and biases decay as well."""
    label_smoothing: float = 0.0
    dropout: float = 0.5
    gradient_clip: float = 0.0
    """Largest norm of the gradient; 0 leaves it alone."""
    short_sides: tuple[float, float]
    """Range of the short side before the random crop, pixels."""
    flip_probability: float = 0.5
    """Chance of a mirror image; labels that name a side are never mirrored."""
    half_precision: bool = False
    """bfloat16 in the forward pass; on CUDA only, ignored elsewhere."""
    seed: int = 0
    proposal_overlap: float | None = None
    """Of detectors: learn from proposed boxes too that overlap a true one at least so much; None
    learns from true boxes alone."""
    init_trunk: str | None = None
    """Weights file of a trained network with the same trunk, to start from (a detector: from clips,
    arXiv:1812.03982, section 5.1)."""
    init_2d: str | None = None
    """Weights of pictures to start from (I3D, ResNets, ViViT): a file, or torchvision's name."""

    def __post_init__(self) -> None:
        for name in ("num_steps", "batch_size", "peak_rate"):
            if not getattr(self, name) > 0:
                raise ModelError(f"recipe: {name} must be above 0, got {getattr(self, name)}.")
        low, high = self.short_sides
        if not 0 < low <= high:
            raise ModelError(f"recipe: short_sides must rise, got {low} to {high}.")

    def scaled(self, batch_size: int) -> Self:
        """Return the recipe for another batch size, the rate in proportion (arXiv:1706.02677)."""
        rate = self.peak_rate * batch_size / self.batch_size
        return replace(self, batch_size=batch_size, peak_rate=rate)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
