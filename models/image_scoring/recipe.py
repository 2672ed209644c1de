"""How a scorer is trained."""

from dataclasses import dataclass

from kinetics_builder.errors import ModelError
from models.image_scoring.networks import TINY


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorerRecipe:
    """How a scorer is trained. The defaults learn from scratch in half a minute of one core."""

    backbone: str = TINY
    weights: str | None = None
    """A file, a torchvision weight's name, or None to learn from scratch."""
    frozen: bool = False
    """Whether the last layer alone learns, on the weights' features; else all of it does."""
    size: int = 64
    """Height and width of the input, pixels."""
    num_steps: int = 1000
    batch_size: int = 32
    peak_rate: float = 4e-3
    weight_decay: float = 0.1
    label_smoothing: float = 0.1
    holdout_share: float = 0.1
    """Part of each class that is kept back to measure with."""
    flip_probability: float = 0.5
    min_zoom: float = 0.85
    """Smallest part of a side that a random crop keeps."""
    num_threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("size", "num_steps", "batch_size", "peak_rate"):
            if not getattr(self, name) > 0:
                raise ModelError(f"scorer: {name} must be above 0, got {getattr(self, name)}.")
        if not 0 <= self.holdout_share < 1:
            raise ModelError(f"scorer: holdout_share must be in [0, 1), got {self.holdout_share}.")
        if self.frozen and self.weights is None:
            raise ModelError(
                "scorer: a frozen backbone learns nothing itself, so it needs --weights: a file "
                "of torchvision's, or the name of its own. Without weights, all of it must learn."
            )
