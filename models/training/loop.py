"""The training loop.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, R boxes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from kinetics_builder.children import fresh_children
from kinetics_builder.errors import ModelError
from models.clips.cropping import in_one_thread
from models.clips.plan import BatchPlan, Key
from models.network import normalise
from models.recipes.multigrid import Multigrid
from models.recipes.recipe import Recipe
from models.recipes.schedule import rate_at
from models.spec import NetworkSpec
from models.training.astray import Watch
from models.training.beside import WeightsBeside, ahead
from models.training.lessons import Batch, Learnt, Lessons
from models.training.norms import set_num_groups, take_statistics
from models.training.optimiser import set_rate
from models.training.ranks import ALONE, Ranks, is_said_by_any, kept_back
from models.training.state import TrainingState
from models.training.stopping import Stops

MAX_EMPTY_BATCHES = 20


@dataclass
class Tally:
    """Sums since the last line of the log; what a device computed stays there until it is read."""

    started: float = field(default_factory=time.perf_counter)
    loss: float | Tensor = 0.0
    num_right: int | Tensor = 0
    num_answers: int = 0
    num_clips: int = 0
    num_steps: int = 0
    waited_seconds: float = 0.0
    """For clips that were not there when the network was."""
    seconds: float = 0.0
    """Since it was started, where it has been read."""

    def add(self, learnt: Learnt, num_clips: int) -> None:
        """Count one batch."""
        self.loss = self.loss + learnt.loss.detach().double() * learnt.num_answers
        self.num_right = self.num_right + learnt.num_right
        self.num_answers += learnt.num_answers
        self.num_clips += num_clips

    def read(self) -> "Tally":
        """Return the sums as numbers; this waits for the device."""
        loss, num_right = float(self.loss), int(self.num_right)
        seconds = max(1e-9, time.perf_counter() - self.started)
        return replace(self, loss=loss, num_right=num_right, seconds=seconds)

    def means(self, rate: float) -> dict[str, float]:
        """Return loss, accuracy, rate, clips per second and the share of time spent waiting."""
        count = max(1, self.num_answers)
        return {
            "loss": float(self.loss) / count,
            "accuracy": int(self.num_right) / count,
            "rate": rate,
            "clips_per_second": self.num_clips / self.seconds,
            "data_wait_share": min(1.0, self.waited_seconds / self.seconds),
        }


def together(tallies: Sequence[Tally]) -> Tally:
    """Return the sums of all ranks, which were read; times are the first one's."""
    return replace(
        tallies[0],
        loss=sum(float(one.loss) for one in tallies),
        num_right=sum(int(one.num_right) for one in tallies),
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
    multigrid: Multigrid | None = None
    half_precision: bool = False
    num_workers: int = 0
    ranks: Ranks = ALONE
    beside: WeightsBeside | None = None
    """What is computed by a thread; None leaves all, the next batch too, to this one."""

    @property
    def num_steps(self) -> int:
        """Return how many steps there are."""
        return self.plan.num_steps

    def run(
        self,
        state: TrainingState,
        after_step: Callable[[Tally, float], Tally],
        stops: Stops,
        watch: Watch,
    ) -> None:
        """Train from the state's step to the last; call `after_step` after each of them.

        Where a rank has no readable clip in a step, none of them learns in it: the gradients of
        all are averaged, and who came without any would be waited for.

        Raises AskedToStop, between two steps, when somebody asks for it, and GoneAstray, at once
        or a few steps later, for a loss that is no number.
        """
        tally, num_empty = Tally(), 0
        for waited, batch in _awaited(self._batches(state.step)):
            tally.waited_seconds += waited
            state.broken.update((clip.file, clip) for clip in batch.broken)
            is_empty = is_said_by_any(self.ranks, len(batch) == 0)
            num_empty = num_empty + 1 if is_empty else 0
            if num_empty > MAX_EMPTY_BATCHES:
                raise ModelError(
                    f"{num_empty} batches in a row had no readable clip{_for_instance(state)}."
                )
            rate = self._rate_at(state.step)
            with stops.step():
                set_rate(state.optimiser, rate)
                if not is_empty:
                    self._learn(state, batch, tally, watch)
                state.step += 1
                tally.num_steps += 1
            tally = after_step(tally, rate)
            stops.check()

    def _rate_at(self, step: int) -> float:
        if self.multigrid is not None:
            return self.multigrid.rate_at(step)
        return rate_at(self.recipe, step)

    def _batches(self, first_step: int) -> Iterator[Batch]:
        batches = self._loaded(self.plan.steps_from(first_step))
        return ahead(batches) if self.beside and not self.num_workers else batches

    def _loaded(self, keys: Iterable[list[Key]]) -> Iterator[Batch]:
        # A generator of its own: the loader must not draw from torch's, which a resumed
        # run restores.
        return iter(
            DataLoader(
                self.lessons.dataset,
                batch_sampler=keys,
                collate_fn=self.lessons.collate,
                num_workers=self.num_workers,
                generator=torch.Generator(),
                worker_init_fn=in_one_thread,
                multiprocessing_context=fresh_children() if self.num_workers else None,
                pin_memory=self.device.type == "cuda",
            )
        )

    def _learn(self, state: TrainingState, batch: Batch, tally: Tally, watch: Watch) -> None:
        """Take one step of the optimiser, perhaps over several parts of its clips."""
        self.network.train()
        if self.multigrid is not None:
            set_num_groups(state.network, self.plan.num_samples(state.step))
        state.network.backbone.train(not self.recipe.fixed_trunk)
        state.optimiser.zero_grad(set_to_none=True)
        parts = self._parts(batch)
        for number, part in enumerate(parts, start=1):
            with nullcontext() if number == len(parts) else kept_back(self.network):
                learnt = self.lessons.learn(self._answer, part, self.recipe)
                watch.note(state.step, learnt.loss, part)
                share = part.num_answers / max(1, batch.num_answers)
                (learnt.loss * share).backward()  # type: ignore[no-untyped-call]
                if self.beside:
                    self.beside.settle()
                tally.add(learnt, len(part))
        if self.recipe.gradient_clip:
            nn.utils.clip_grad_norm_(state.network.parameters(), self.recipe.gradient_clip)
        state.optimiser.step()
        state.keep_average(self.recipe.average_decay)

    def _parts(self, batch: Batch) -> Sequence[Batch]:
        """Return what goes through the network at once; every rank has as many parts."""
        at_once = self.recipe.clips_at_once
        if not at_once or at_once >= self.recipe.batch_size:
            return [batch]
        num_parts = self.recipe.batch_size // at_once
        return batch.parts(max(1, -(-len(batch) // num_parts)))

    def take_statistics(self, network: nn.Module) -> None:
        """Take the statistics of `network`'s batch normalisation anew, if the recipe says so."""
        if not self.recipe.precise_norm_clips or self.recipe.fixed_trunk:
            return
        keys = self.plan.after_it(min(self.recipe.precise_norm_clips, self.plan.num_clips))
        parts = (part for batch in self._loaded(keys) if len(batch) for part in self._parts(batch))
        frames = (part.frames_BTHWC for part in parts)
        take_statistics(network, frames, lambda one: network(self._normalised(one)))

    def _answer(self, frames_BTHWC: Tensor, *known: Tensor) -> Any:
        x_BCTHW = self._normalised(frames_BTHWC)
        halved = torch.autocast(self.device.type, torch.bfloat16, enabled=self.half_precision)
        with halved, self.beside or nullcontext():
            said = self.network(x_BCTHW, *(one.to(self.device) for one in known))
        return said.float() if isinstance(said, Tensor) else said

    def _normalised(self, frames_BTHWC: Tensor) -> Tensor:
        frames_BTHWC = frames_BTHWC.to(self.device, non_blocking=True)
        return normalise(frames_BTHWC, self.spec.normalisation)


def _awaited(batches: Iterator[Batch]) -> Iterator[tuple[float, Batch]]:
    """Yield each batch, and the seconds that it was waited for."""
    while True:
        begun = time.perf_counter()
        batch = next(batches, None)
        if batch is None:
            return
        yield time.perf_counter() - begun, batch


def _for_instance(state: TrainingState) -> str:
    """Return the first of what this rank could not read; another's may have been empty."""
    first = next(iter(state.broken.values()), None)
    return "" if first is None else f", for instance {first.file}: {first.reason}"
