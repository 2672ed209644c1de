"""Multigrid training (arXiv:1912.00998): small clips first, many at a time.

The short cycle changes the square from step to step (half, 0.71, whole), the long cycle frames and
square together (1/4 x 0.71, 1/2 x 0.71, 1/2, whole), once for each rate of a stepped schedule. A
smaller clip comes with others in proportion, so a step computes about what it would have; a run
makes `multigrid_passes` passes for each that its recipe states, in far fewer steps. Rates grow with
the long cycle's batches, not with the short one's. The paper's text was not at hand: numbers are
those of PySlowFast, slowfast/utils/multigrid.py and slowfast/datasets/multigrid_helper.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Self

from kinetics_builder.errors import ModelError
from models.clips.shapes import Shape, Stretch, Turn
from models.fitting import why_not
from models.recipes.recipe import Recipe
from models.recipes.schedule import factor_after, rate_at
from models.spec import NetworkSpec, Sampling

_HALF_AREA = 0.5**0.5
LONG = ((0.25, _HALF_AREA), (0.5, _HALF_AREA), (0.5, 1.0), (1.0, 1.0))
"""Frames and side of the long cycle's shapes, as shares of the network's own."""
SHORT = (0.5, _HALF_AREA)
"""Sides of the short cycle's smaller squares; the third is the long cycle's own."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps of one shape of the long cycle."""

    stretch: Stretch
    rate: float | None
    """Without the warm-up; None: as the recipe's schedule has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseTold:
    """Steps of one shape of the long cycle; of each kind of step that takes its turn there."""

    first_step: int
    """From 1."""
    last_step: int
    num_frames: int
    crop_sizes: tuple[int, ...]
    batch_sizes: tuple[int, ...]
    rates: tuple[float, float]
    """Of the first and the last step."""
    num_samples: int


@dataclass(frozen=True)
class Multigrid:
    """A recipe's steps with their shapes and rates: a function of the step alone."""

    recipe: Recipe
    phases: tuple[Phase, ...]

    @classmethod
    def of(cls, recipe: Recipe, sampling: Sampling) -> Self | None:
        """Return the steps of a recipe that asks for them, else None.

        Raises:
            ModelError: The long cycle, and a schedule that has no steps in it.

        """
        if recipe.multigrid == "none":
            return None
        maker = _Maker(recipe, sampling)
        is_long = recipe.multigrid in ("long", "both")
        return cls(recipe, tuple(_turning_on(maker.long() if is_long else maker.short())))

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Return the steps without their rates."""
        return tuple(phase.stretch for phase in self.phases)

    @property
    def num_steps(self) -> int:
        """Return how many steps there are."""
        return sum(stretch.num_steps for stretch in self.stretches)

    @property
    def num_samples(self) -> int:
        """Return how many samples are learnt from."""
        return self._samples_at[-1]

    @property
    def shapes(self) -> set[Shape]:
        """Return what clips are cut to."""
        return {turn.shape for stretch in self.stretches for turn in stretch.turns}

    @property
    def share_of_work(self) -> float:
        """Return how much is computed for what the recipe computes without: pixels by pixels."""
        recipe = self.recipe
        whole = max(shape.num_pixels for shape in self.shapes)
        work = sum(
            turn.batch_size * turn.shape.num_pixels * count
            for stretch in self.stretches
            for turn, count in stretch.counted()
        )
        return work / (recipe.num_steps * recipe.batch_size * whole)

    def told(self) -> list[PhaseTold]:
        """Return what each phase is, as people read it."""
        found, first = [], 0
        bounds = zip(self.stretches, pairwise(self._samples_at), strict=True)
        for stretch, (before, after) in bounds:
            last = first + stretch.num_steps - 1
            turns = sorted(stretch.turns, key=lambda turn: -turn.batch_size)
            found.append(
                PhaseTold(
                    first_step=first + 1,
                    last_step=last + 1,
                    num_frames=turns[0].shape.num_frames,
                    crop_sizes=tuple(turn.shape.crop_size for turn in turns),
                    batch_sizes=tuple(turn.batch_size for turn in turns),
                    rates=(self.rate_at(first), self.rate_at(last)),
                    num_samples=after - before,
                )
            )
            first = last + 1
        return found

    def rate_at(self, step: int) -> float:
        """Return the learning rate of `step` (from 0); a warm-up lasts as many clips as without."""
        recipe, seen, size = self.recipe, *self._seen(step)
        if (rate := self._phase_at(step).rate) is None:
            share = recipe.warmup_share / recipe.multigrid_passes
            kept = recipe.schedule == "one_cycle"  # its rise is part of its form
            plain = recipe if kept else replace(recipe, warmup_share=share)
            return rate_at(plain, seen / self.num_samples * recipe.num_steps)
        warmup = recipe.warmup_share * recipe.num_steps * recipe.batch_size
        if seen >= warmup:
            return rate
        start, end = recipe.peak_rate * recipe.warmup_start, self._rate_after(warmup)
        return start + (end - start) * (seen if start else seen + size) / max(warmup, seen + size)

    @cached_property
    def _samples_at(self) -> tuple[int, ...]:
        """Return how many samples come before each phase, and after the last."""
        each = (one.samples_before(one.num_steps) for one in self.stretches)
        return tuple(accumulate(each, initial=0))

    def _phase_at(self, step: int) -> Phase:
        ends = accumulate(stretch.num_steps for stretch in self.stretches)
        pairs = zip(ends, self.phases, strict=True)
        return next((phase for end, phase in pairs if step < end), self.phases[-1])

    def _rate_after(self, num_samples: float) -> float:
        pairs = zip(self._samples_at[1:], self.phases, strict=True)
        phase = next((phase for end, phase in pairs if num_samples < end), self.phases[-1])
        return phase.rate or 0.0

    def _seen(self, step: int) -> tuple[int, int]:
        """Return the samples before a step, and its own."""
        for before, stretch in zip(self._samples_at, self.stretches, strict=False):
            if step < stretch.num_steps:
                return before + stretch.samples_before(step), stretch.turn(step).batch_size
            step -= stretch.num_steps
        return self._samples_at[-1], self.recipe.batch_size


@dataclass(frozen=True)
class _Maker:
    """Makes the phases of a recipe for the clips of a network."""

    recipe: Recipe
    sampling: Sampling

    def short(self) -> Iterator[Phase]:
        """Return one phase of all steps."""
        turns = self._turns(1.0, 1.0)
        yield self._phase(turns, self.recipe.multigrid_passes, None)

    def long(self) -> Iterator[Phase]:
        """Yield the shapes once for each rate; the last rate is learnt at whole clips.

        A cycle's passes are dealt out so that each shape has as many steps. What is left for the
        end shrinks as the rest did; half of it has the rate before still.
        """
        recipe, cycle = self.recipe, [self._turns(*factors) for factors in LONG]
        if recipe.schedule != "steps" or not recipe.milestones:
            raise ModelError(
                f"recipe: multigrid = {recipe.multigrid!r} turns once for each rate of a stepped "
                f"schedule, and this one is {recipe.schedule!r} with {len(recipe.milestones)} "
                "milestones: add --set schedule=steps --set 'milestones=[0.393, 0.644, 0.82]', as "
                "PySlowFast's multigrid SlowFast has it, or take --set multigrid=short."
            )
        sizes = [self._mean_size(turns) for turns in cycle]
        last = recipe.milestones[-1]
        at_the_end = (1 - last) * len(cycle) / sum(sizes) * sizes[-1]
        scale = recipe.multigrid_passes / (last + at_the_end)
        for number, (begin, end) in enumerate(pairwise((0.0, *recipe.milestones))):
            rate = recipe.peak_rate * factor_after(recipe, number)
            for turns, size in zip(cycle, sizes, strict=True):
                share = (end - begin) * size / sum(sizes)
                yield self._phase(turns, share * scale, rate * self._growth(turns))
        for passed in (len(recipe.milestones) - 1, len(recipe.milestones)):
            rate = recipe.peak_rate * factor_after(recipe, passed)
            yield self._phase(cycle[-1], at_the_end / 2 * scale, rate)

    def _phase(self, turns: Sequence[Turn], passes: float, rate: float | None) -> Phase:
        """Return the steps of so many passes, each as long as the recipe."""
        num_steps = max(1, round(passes * self.recipe.num_steps / self._mean_size(turns)))
        return Phase(Stretch(num_steps, tuple(turns)), rate)

    def _turns(self, time_share: float, side_share: float) -> list[Turn]:
        """Return the steps that one shape of the long cycle has, from small squares to large."""
        own_frames, own_side = self.sampling.num_frames, self.sampling.crop_size
        num_frames = max(1, round(own_frames * time_share))
        side = round(own_side * side_share)
        growth = round(own_frames * own_side**2 / (num_frames * side**2))
        is_short = self.recipe.multigrid in ("short", "both")
        smaller = [round(own_side * share) for share in SHORT] if is_short else []
        return [
            Turn(
                self.recipe.batch_size * growth * max(1, round((side / one) ** 2)),
                Shape(
                    num_frames=num_frames,
                    crop_size=one,
                    longest_step=self.sampling.step_seconds * own_frames / num_frames,
                    widest_view=own_side / one,
                ),
            )
            for one in (*smaller, side)
        ]

    def _growth(self, turns: Sequence[Turn]) -> int:
        """Return by how much the long cycle makes the batch larger."""
        return turns[-1].batch_size // self.recipe.batch_size

    def _mean_size(self, turns: Sequence[Turn]) -> float:
        """Return how many samples a step has, as a share of the recipe's."""
        return sum(turn.batch_size for turn in turns) / len(turns) / self.recipe.batch_size


def _turning_on(phases: Iterable[Phase]) -> Iterator[Phase]:
    """Yield phases whose first step is of the kind that follows the last one's."""
    done = 0
    for phase in phases:
        turns = phase.stretch.turns
        turned = turns[done % len(turns) :] + turns[: done % len(turns)]
        yield replace(phase, stretch=replace(phase.stretch, turns=turned))
        done += phase.stretch.num_steps


def check_multigrid(spec: NetworkSpec, recipe: Recipe) -> None:
    """Raise ModelError where a network does not learn from clips of several sizes."""
    if (multigrid := Multigrid.of(recipe, spec.sampling)) is None:
        return
    asked = f"recipe: multigrid = {recipe.multigrid!r}"
    if spec.is_detector:
        raise ModelError(f"{asked} is of clips, and {spec.name} learns from films: leave it out.")
    if spec.sampling.modality != "rgb" and recipe.multigrid != "short":
        raise ModelError(
            f"{asked} takes frames further apart, and {spec.name} eats flow, which lies from each "
            "to the next: take --set multigrid=short, or leave it out."
        )
    for size in sorted({(one.num_frames, one.crop_size) for one in multigrid.shapes}):
        if (reason := _misfit(spec, size)) is not None:
            instead = "" if recipe.multigrid == "short" else ", or try --set multigrid=short"
            raise ModelError(
                f"{asked} shows {spec.name} clips of {size[0]} frames of {size[1]} x {size[1]} "
                f"pixels, which do not pass through it: {reason.rstrip('.')}. Leave it "
                f"out{instead}."
            )


def _misfit(spec: NetworkSpec, size: tuple[int, int]) -> str | None:
    """Return why clips of (frames, height and width) `size` are not for a network."""
    try:
        sampling = replace(spec.sampling, num_frames=size[0], crop_size=size[1])
        error: Exception | None = why_not(replace(spec, sampling=sampling), size)
    except ModelError as unfit:  # of frames that cannot be dealt out to segments or pathways
        error = unfit
    return None if error is None else str(error)
