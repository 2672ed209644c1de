"""What happens beside the learning: log, checkpoints, validation, and the end of a run."""

import time
from dataclasses import dataclass
from pathlib import Path

from models.checkpoints.store import Card, save_network
from models.training.lessons import Course, Progress
from models.training.log import RunLog
from models.training.loop import Loop, Tally, together
from models.training.ranks import gathered, share_statistics
from models.training.report import TrainReport, unique_broken
from models.training.runtime import Runtime
from models.training.state import LAST, TrainingState

PROGRESS_LINES = 5
"""Lines of the log for each line of progress."""


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Watches a run. Each rank has one: what they found is brought together, the first writes."""

    loop: Loop
    state: TrainingState
    runtime: Runtime
    folder: Path
    log: RunLog | None
    """None on every rank but the first."""
    progress: Progress

    def after_step(self, tally: Tally, rate: float) -> Tally:
        """Log, validate and save where it is time; return the tally to go on with."""
        step, runtime = self.state.step, self.runtime
        is_last = step == self.loop.recipe.num_steps
        if step % runtime.log_every == 0 or is_last:
            self._log(together(gathered(self.loop.ranks, tally)).means(rate))
            tally = Tally()
        if runtime.validate_every and step % runtime.validate_every == 0 and not is_last:
            self.validate()
        if step % runtime.checkpoint_every == 0 or is_last:
            self.save()
        return tally

    def _log(self, values: dict[str, float]) -> None:
        step, num_steps = self.state.step, self.loop.recipe.num_steps
        self._write(values)
        self.state.metrics |= {
            "train_loss": values["loss"],
            "train_accuracy": values["accuracy"],
        }
        if step % (PROGRESS_LINES * self.runtime.log_every) == 0 or step == num_steps:
            self._say(
                f"{self.loop.spec.name}: step {step}/{num_steps}, loss {values['loss']:.3f}, "
                f"accuracy {values['accuracy']:.3f}, {values['clips_per_second']:.0f} clips/s"
            )

    def validate(self) -> None:
        """Measure the network on the validation split, if there is one."""
        loop = self.loop
        judged = self.state.judged
        loop.take_statistics(judged)
        share_statistics(judged, loop.ranks)
        found = loop.lessons.validate(judged, loop.device, loop.ranks)
        self.state.broken.update((clip.file, clip) for clip in found.broken)
        if not found.values:
            return
        self.state.metrics |= found.values
        self._write(found.values)
        name, value = next(iter(found.values.items()))
        self._say(f"{loop.spec.name}: validation {name} {value:.3f}")

    def save(self) -> None:
        """Put down what was learnt, and what no rank could read."""
        for broken in gathered(self.loop.ranks, dict(self.state.broken)):
            self.state.broken |= broken
        if self.loop.ranks.is_first:
            self.state.save(self.folder)

    def stopped(self) -> None:
        """Put down what was learnt, and say so."""
        self.save()
        self._say(
            f"{self.loop.spec.name}: stopped after step {self.state.step}/"
            f"{self.loop.recipe.num_steps}, which {self.folder / LAST} keeps. The same command "
            "goes on from there."
        )

    def _write(self, values: dict[str, float]) -> None:
        if self.log is not None:
            self.log.write(self.state.step, values)

    def _say(self, line: str) -> None:
        if self.loop.ranks.is_first:
            self.progress(line)


def finish(follower: Follower, course: Course, started: float) -> None:
    """Validate, write the network with its card, and last of all the report."""
    follower.validate()
    state, loop, lessons = follower.state, follower.loop, follower.loop.lessons
    if not loop.ranks.is_first:
        return
    broken = unique_broken(lessons.broken, list(state.broken.values()))
    card = Card(
        spec=loop.spec,
        labels=course.labels,
        release_sha256=course.sha256,
        recipe=loop.recipe.to_json(),
        metrics=state.metrics,
        broken=tuple((clip.file, clip.reason) for clip in broken),
    )
    TrainReport(
        network=loop.spec.name,
        identity=state.identity,
        checkpoint=save_network(follower.folder, state.judged, card),
        labels=course.labels,
        num_train=lessons.num_train,
        num_validate=lessons.num_validate,
        num_steps=loop.recipe.num_steps,
        seconds=time.perf_counter() - started,
        metrics=state.metrics,
        broken=broken,
    ).save(follower.folder)
