"""How large a localiser is, and how it learns."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from kinetics_builder.errors import ModelError

_MOST_LEVELS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class LocaliserConfig:
    """Sizes and training of one localiser.

    Read of arXiv:2202.07925: the layers, the ranges of the levels, the radius, the losses. The
    sizes are ours, for few videos on one core; the paper has a width of 512 and six levels.
    """

    width: int = 128
    num_heads: int = 4
    num_levels: int = 5
    """Each sees half as many moments as the one before."""
    window: int = 19
    """Moments that attend to one another."""
    radius: float = 1.5
    """Moments that lie so near an action's middle, in strides of their level, learn it."""
    dropout: float = 0.1
    num_steps: int = 400
    batch_size: int = 4
    peak_rate: float = 1e-3
    weight_decay: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "num_heads", "num_levels", "num_steps", "batch_size", "window"):
            if getattr(self, name) < 1:
                raise ModelError(f"localiser: {name} must be 1 or more, got {getattr(self, name)}.")
        if self.num_levels > _MOST_LEVELS:
            raise ModelError(
                f"localiser: num_levels must be {_MOST_LEVELS} or less, as each is twice as long "
                f"as the one before; got {self.num_levels}."
            )
        if self.width % self.num_heads:
            raise ModelError(
                f"localiser: width = {self.width} cannot be split among num_heads = "
                f"{self.num_heads}; choose a multiple."
            )
        if not 0 < self.peak_rate < math.inf:
            raise ModelError(
                f"localiser: peak_rate must be a number above 0, got {self.peak_rate}."
            )
        if self.seed < 0:
            raise ModelError(f"localiser: seed must be 0 or more, got {self.seed}.")

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
