"""How a method is to work; each reads what concerns it."""

from dataclasses import dataclass

from kinetics_builder.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of methods. Those that count directly need none of them."""

    max_steps: int = 100
    """Steps of an iterative method at most."""
    tolerance: float = 1e-5
    """It has converged when a step raises the log likelihood by less than this a vote."""
    smoothing: float = 0.01
    """The least that a count of answers is taken for, so that never seen is not impossible."""
    prior_L: tuple[float, ...] = ()
    """How frequent each label is, in the order of the labels; learnt from the answers if empty."""
    seed: int = 0
    """Of methods that begin or try by chance; equal seeds give equal results."""

    num_starts: int = 1
    """How often a method begins that may do so anew by chance; the likeliest result counts."""
    is_variational: bool = True
    """Whether parameters that have a prior are distributions, where a method knows both ways."""

    def __post_init__(self) -> None:
        if self.max_steps < 1:
            raise ConfigError(f"expected 1 step or more, got {self.max_steps}.")
        if self.num_starts < 1:
            raise ConfigError(f"expected 1 start or more, got {self.num_starts}.")
        if not self.tolerance >= 0:
            raise ConfigError(f"expected a tolerance of 0 or more, got {self.tolerance}.")
        if not self.smoothing > 0:
            raise ConfigError(f"expected a smoothing above 0, got {self.smoothing}.")
        if self.prior_L and not (min(self.prior_L) > 0 and abs(sum(self.prior_L) - 1) < 1e-6):
            raise ConfigError(f"expected shares above 0 that sum to 1, got {self.prior_L}.")
