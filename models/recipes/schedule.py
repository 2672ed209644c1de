"""Learning rates as pure functions of the step, so that a resumed run needs no state."""

import math

from models.recipes.recipe import Recipe


def rate_at(recipe: Recipe, step: float) -> float:
    """Return the learning rate of `step` (from 0; steps of several sizes lie between).

    `one_cycle` (arXiv:1708.07120): half a cosine up from peak/25, then down to peak/100,000.
    `cosine` (arXiv:1608.03983): half a cosine from the peak to `last_share` of it, from the first
    step on or from the end of the warm-up.
    `steps`: multiplied by `factors` (0.1, 0.01, ...) from each milestone on.
    The last two warm up on a line that ends where the schedule is by then, as in PySlowFast.
    """
    if recipe.schedule == "one_cycle":
        return recipe.peak_rate * _one_cycle(step / recipe.num_steps, recipe.warmup_share)
    warmup_steps = recipe.warmup_share * recipe.num_steps
    if step >= warmup_steps:
        return recipe.peak_rate * _scheduled(recipe, step / recipe.num_steps)
    start, end = recipe.warmup_start, _scheduled(recipe, recipe.warmup_share)
    done = step if start else step + 1  # a first step at rate 0 would teach nothing
    return recipe.peak_rate * (start + (end - start) * done / max(1.0, warmup_steps))


def _scheduled(recipe: Recipe, done: float) -> float:
    """Return the share of the highest rate when `done` of the steps are, without the warm-up."""
    if recipe.schedule == "cosine":
        begun = recipe.warmup_share if recipe.cosine_from_warmup else 0.0
        return _cosine(1.0, recipe.last_share, (done - begun) / (1 - begun))
    return factor_after(recipe, sum(done >= milestone for milestone in recipe.milestones))


def factor_after(recipe: Recipe, num_milestones: int) -> float:
    """Return what `steps` multiplies the highest rate by once so many milestones have passed."""
    if recipe.factors:
        return recipe.factors[num_milestones - 1] if num_milestones else 1.0
    return float(0.1**num_milestones)


def _one_cycle(done: float, warmup: float) -> float:
    if done < warmup:
        return _cosine(1 / 25, 1.0, done / warmup)
    return _cosine(1.0, 1e-5, (done - warmup) / (1 - warmup))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * share))
