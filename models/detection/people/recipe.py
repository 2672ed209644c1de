"""How a detector of persons is trained. No torch."""

from dataclasses import dataclass

from kinetics_builder.errors import ModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorRecipe:
    """How a detector is trained. The defaults learn from scratch in minutes of one core."""

    long_side: int = 256
    """Pixels of a picture's longer side when it is looked at."""
    width: int = 16
    """Channels of the network's first layer."""
    num_steps: int = 1000
    batch_size: int = 8
    peak_rate: float = 3e-3
    weight_decay: float = 0.05
    max_zoom: float = 1.4
    """By how much pictures are made larger or smaller."""
    holdout_share: float = 0.2
    """Part of the films that is kept back to measure with; of one film, its last part."""
    least_precision: float = 0.95
    """What the operating point is chosen for."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("long_side", "width", "num_steps", "batch_size", "peak_rate"):
            if not getattr(self, name) > 0:
                raise ModelError(f"detector: {name} must be above 0, got {getattr(self, name)}.")
        if self.long_side < 32:
            raise ModelError(f"detector: long_side must be 32 or more, got {self.long_side}.")
        if not self.max_zoom >= 1:
            raise ModelError(f"detector: max_zoom must be 1 or more, got {self.max_zoom}.")
        for name in ("holdout_share", "least_precision"):
            if not 0 <= getattr(self, name) <= 1:
                value = getattr(self, name)
                raise ModelError(f"detector: {name} must be in [0, 1], got {value}.")
