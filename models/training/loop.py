"""The training loop.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, R boxes.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from kinetics_builder.children import fresh_children
from kinetics_builder.errors import ModelError
from models.clips.dataset import BatchPlan
from models.network import normalise
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.lessons import Batch, Learnt, Lessons
from models.training.optimiser import set_rate
from models.training.ranks import ALONE, Ranks, is_said_by_any
from models.training.schedule import rate_at
from models.training.state import TrainingState
from models.training.stopping import Stops

MAX_EMPTY_BATCHES = 20


@dataclass
class Tally:
    """Sums since the last line of the log."""

    started: float = field(default_factory=time.perf_counter)
    loss: float = 0.0
    num_right: int = 0
    num_answers: int = 0
    num_clips: int = 0

    def add(self, learnt: Learnt, num_clips: int) -> None:
        """Count one batch."""
        self.loss += float(learnt.loss.detach()) * learnt.num_answers
        self.num_right += learnt.num_right
        self.num_answers += learnt.num_answers
        self.num_clips += num_clips

    def means(self, rate: float) -> dict[str, float]:
        """Return loss, accuracy, rate and clips per second."""
        count = max(1, self.num_answers)
        return {
            "loss": self.loss / count,
            "accuracy": self.num_right / count,
            "rate": rate,
            "clips_per_second": self.num_clips / max(1e-9, time.perf_counter() - self.started),
        }


def together(tallies: Sequence[Tally]) -> Tally:
    """Return the sums of all ranks; the time is the first one's."""
    return Tally(
        started=tallies[0].started,
        loss=sum(one.loss for one in tallies),
        num_right=sum(one.num_right for one in tallies),
        num_answers=sum(one.num_answers for one in tallies),
        num_clips=sum(one.num_clips for one in tallies),
    )


@dataclass(frozen=True, kw_only=True)
class Loop:
    """One pass of a recipe over a release."""

    spec: NetworkSpec
    recipe: Recipe
    lessons: Lessons
    plan: BatchPlan
    device: torch.device
    network: nn.Module
    """The state's network, perhaps wrapped for several ranks."""
    half_precision: bool = False
    num_workers: int = 0
    ranks: Ranks = ALONE

    def run(
        self, state: TrainingState, after_step: Callable[[Tally, float], Tally], stops: Stops
    ) -> None:
        """Train from the state's step to the last; call `after_step` after each of them.

        Where a rank has no readable clip in a step, none of them learns in it: the gradients of
        all are averaged, and who came without any would be waited for.

        Raises AskedToStop, between two steps, when somebody asks for it.
        """
        tally, num_empty = Tally(), 0
        for batch in self._batches(state.step):
            state.broken.update((clip.file, clip) for clip in batch.broken)
            is_empty = is_said_by_any(self.ranks, self.device, len(batch) == 0)
            num_empty = num_empty + 1 if is_empty else 0
            if num_empty > MAX_EMPTY_BATCHES:
                raise ModelError(
                    f"{num_empty} batches in a row had no readable clip{_for_instance(state)}."
                )
            rate = rate_at(self.recipe, state.step)
            with stops.step():
                set_rate(state.optimiser, rate)
                if not is_empty:
                    self._learn(state, batch, tally)
                state.step += 1
            tally = after_step(tally, rate)
            stops.check()

    def _batches(self, first_step: int) -> Iterator[Batch]:
        # A generator of its own: the loader must not draw from torch's, which a resumed
        # run restores.
        return iter(
            DataLoader(
                self.lessons.dataset,
                batch_sampler=self.plan.steps_from(first_step),
                collate_fn=self.lessons.collate,
                num_workers=self.num_workers,
                generator=torch.Generator(),
                multiprocessing_context=fresh_children() if self.num_workers else None,
                pin_memory=self.device.type == "cuda",
            )
        )

    def _learn(self, state: TrainingState, batch: Batch, tally: Tally) -> None:
        """Take one step of the optimiser."""
        self.network.train()
        learnt = self.lessons.learn(self._answer, batch, self.recipe)
        if not math.isfinite(value := float(learnt.loss.detach())):
            raise ModelError(
                f"The loss is {value} at step {state.step}: the run has gone astray. "
                "Train again with --fresh and a lower --rate."
            )
        state.optimiser.zero_grad(set_to_none=True)
        learnt.loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.gradient_clip:
            nn.utils.clip_grad_norm_(state.network.parameters(), self.recipe.gradient_clip)
        state.optimiser.step()
        tally.add(learnt, len(batch))

    def _answer(self, frames_BTHWC: Tensor, *known: Tensor) -> Any:
        frames_BTHWC = frames_BTHWC.to(self.device, non_blocking=True)
        x_BCTHW = normalise(frames_BTHWC, self.spec.normalisation)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half_precision):
            said = self.network(x_BCTHW, *(one.to(self.device) for one in known))
        return said.float() if isinstance(said, Tensor) else said


def _for_instance(state: TrainingState) -> str:
    """Return the first of what this rank could not read; another's may have been empty."""
    first = next(iter(state.broken.values()), None)
    return "" if first is None else f", for instance {first.file}: {first.reason}"
