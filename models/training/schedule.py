"""Learning rates as pure functions of the step, so that a resumed run needs no state."""

import math

from models.recipes.recipe import Recipe


def rate_at(recipe: Recipe, step: int) -> float:
    """Return the learning rate of `step` (from 0).

    `one_cycle` (arXiv:1708.07120): half a cosine up from peak/25, then down to peak/100,000.
    `cosine` (arXiv:1608.03983): linear warm-up, then half a cosine to zero.
    `steps`: linear warm-up, then divided by ten at each milestone.
    """
    done = step / recipe.num_steps
    warmup = recipe.warmup_share
    if recipe.schedule == "one_cycle":
        return recipe.peak_rate * _one_cycle(done, warmup)
    if done < warmup:
        return recipe.peak_rate * (step + 1) / max(1.0, warmup * recipe.num_steps)
    if recipe.schedule == "cosine":
        return recipe.peak_rate * 0.5 * (math.cos(math.pi * done) + 1)
    passed = sum(done >= milestone for milestone in recipe.milestones)
    return float(recipe.peak_rate * 0.1**passed)


def _one_cycle(done: float, warmup: float) -> float:
    if done < warmup:
        return _cosine(1 / 25, 1.0, done / warmup)
    return _cosine(1.0, 1e-5, (done - warmup) / (1 - warmup))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * share))
