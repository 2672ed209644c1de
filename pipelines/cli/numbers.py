"""Numbers that options take: finite ones, counts from 1 on, seeds."""

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A finite number within bounds: `nan` lies outside none, and `inf` is counted with nowhere."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; a usage error for what is none, or not finite."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return found

    def _describe_range(self) -> str:
        return "" if self.min is self.max is None else super()._describe_range()


ANY = Number()
ABOVE_0 = Number(min=0, min_open=True)
SHARE = Number(0, 1)
COUNT = click.IntRange(min=1)
SEED = click.IntRange(0, 2**32 - 1)
"""What every source of chance takes: scikit-learn's are the smallest."""
