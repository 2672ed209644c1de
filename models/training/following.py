"""What happens beside the learning: log, checkpoints, validation, and the end of a run."""

import time
from dataclasses import dataclass
from pathlib import Path

from models.checkpoints.store import Card, save_network
from models.clips.release import MUCH_MISSING
from models.training.astray import Watch
from models.training.lessons import Course, Progress
from models.training.log import RunLog
from models.training.loop import Loop, Tally, together
from models.training.means import Means
from models.training.memory import memory_bytes
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
    watch: Watch

    def after_step(self, tally: Tally, rate: float) -> Tally:
        """Log, validate and save where it is time; return the tally to go on with."""
        step, runtime = self.state.step, self.runtime
        is_last = step == self.loop.num_steps
        is_logged = step % runtime.log_every == 0 or is_last
        is_judged = bool(runtime.validate_every) and step % runtime.validate_every == 0
        is_saved = step % runtime.checkpoint_every == 0 or is_last
        if is_logged or is_judged or is_saved:
            self.watch.settle()
        if is_logged:
            self._log(together(gathered(self.loop.ranks, tally.read())), rate)
        if is_judged and not is_last:
            self.validate()
        if is_saved:
            self.save()
        return Tally() if is_logged else tally

    def _log(self, tally: Tally, rate: float) -> None:
        step, num_steps = self.state.step, self.loop.num_steps
        memory, left = memory_bytes(self.loop.device), num_steps - step
        seconds_left = left * tally.seconds / max(1, tally.num_steps)
        values = tally.means(rate)
        values |= {"memory_gib": memory / 2**30, "seconds_left": seconds_left}
        self._write(values)
        self.state.metrics |= {
            "train_loss": values["loss"],
            "train_accuracy": values["accuracy"],
        }
        if step % (PROGRESS_LINES * self.runtime.log_every) == 0 or step == num_steps:
            self._say(
                f"{self.loop.spec.name}: step {step}/{num_steps}, loss {values['loss']:.3f}, "
                f"accuracy {values['accuracy']:.3f}, {values['clips_per_second']:.0f} clips/s, "
                f"{values['data_wait_share']:.0%} of the time waiting for data, "
                f"{values['memory_gib']:.1f} GiB, {as_span(seconds_left)} left"
            )

    def validate(self) -> None:
        """Measure the network on the validation split, if there is one."""
        loop = self.loop
        judged = self.state.judged
        loop.take_statistics(judged)
        share_statistics(judged, loop.ranks)
        means = Means(device=loop.device, ranks=loop.ranks, num_workers=loop.num_workers)
        found = loop.lessons.validate(judged, means)
        self.state.broken.update((clip.file, clip) for clip in found.broken)
        if not found.values:
            return
        values = found.counting(self.runtime.missing)
        self.state.metrics |= values
        self._write(values)
        name, value = next(iter(values.items()))
        self._say(f"{loop.spec.name}: validation {name} {value:.3f}")

    def warn(self) -> None:
        """Say before anything is learnt that clips are missing, or that none measures it."""
        lessons, names = self.loop.lessons, self.loop.spec.name
        if not lessons.num_validate:
            self._say(
                f"{names}: the split 'validate' has no clip that can be read, so that nothing says "
                "how well it learns. `kbuild release` gives none of classes with few clips to it "
                "(curate.max_held_out_share); UCF101 and HMDB51 have none."
            )
        if not lessons.broken:
            return
        first, num_broken = lessons.broken[0], len(lessons.broken)
        num_clips = lessons.num_train + lessons.num_validate + num_broken
        much = "WARNING: " if num_broken > MUCH_MISSING * num_clips else ""
        self._say(
            f"{names}: {much}{num_broken} of {num_clips} clips ({num_broken / num_clips:.1%}) "
            f"cannot be read, for instance {first.file}: {first.reason}. They are not learnt "
            "from; report.json lists them."
        )

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
            f"{self.loop.num_steps}, which {self.folder / LAST} keeps. The same command goes on "
            "from there."
        )

    def _write(self, values: dict[str, float]) -> None:
        if self.log is not None:
            self.log.write(self.state.step, values)

    def _say(self, line: str) -> None:
        if self.loop.ranks.is_first:
            self.progress(line)


def as_span(seconds: float) -> str:
    """Return a time as people say it.

    >>> as_span(40), as_span(750), as_span(13_500), as_span(200_000)
    ('40 s', '12 min', '3 h 45 min', '2 d 7 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if hours < 1:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


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
        num_steps=loop.num_steps,
        seconds=time.perf_counter() - started,
        metrics=state.metrics,
        broken=broken,
        missing=follower.runtime.missing.value,
    ).save(follower.folder)
