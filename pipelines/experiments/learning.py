"""One cell, worked on in a process of its own: it learns, and is measured."""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.children import leave_with_parent
from kinetics_builder.errors import KbuildError
from pipelines.experiments.cells import Cell
from pipelines.experiments.place import Place

if TYPE_CHECKING:
    from models.training.runtime import Runtime

OUTCOME = "outcome.json"
"""What a process says of its cell: why it failed, empty where it did not, and its seconds."""
EVALUATION = "evaluation-test"
SCORES = "scores.npz"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A cell, and where and how it is worked on."""

    cell: Cell
    place: Place
    device: str = "auto"
    num_curve_points: int = 0
    """How often it is measured on the split validate while it learns."""

    @property
    def folder(self) -> Path:
        """Return the run's folder."""
        return self.cell.folder(self.place.runs)

    @property
    def scores(self) -> Path:
        """Return the last file that is written of a cell."""
        return self.folder / EVALUATION / SCORES

    @property
    def runtime(self) -> "Runtime":
        """Return how it is trained: one thread, for as many cells as cores are at work."""
        from models.training.runtime import Runtime

        steps = self.cell.recipe.num_steps
        every = max(1, steps // self.num_curve_points) if self.num_curve_points else 0
        return Runtime(device=self.device, cache=self.place.frames, validate_every=every)


def work(job: Job) -> None:
    """Learn and measure a cell, and write down how that ended. The start of a child process."""
    leave_with_parent()
    begun, reason = time.monotonic(), ""
    try:
        learn_and_measure(job)
    except KbuildError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.filename or job.folder}: {error.strerror or error}"
    except KeyboardInterrupt:
        sys.exit(130)
    told = {"reason": reason, "seconds": time.monotonic() - begun}
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / OUTCOME).write_text(json.dumps(told), encoding="utf-8")


def learn_and_measure(job: Job) -> None:
    """Train a cell's network and write its evaluation into the run's folder.

    Raises ModelError as training does, OSError where the disk does not take it.
    """
    from models.checkpoints.store import WEIGHTS
    from models.clips.choice import ALL
    from models.clips.release import read_release
    from models.evaluation.evaluate import evaluate_checkpoint
    from models.training.baseline import train_on
    from models.training.clip_lessons import ClipCourse

    cell, recipe = job.cell, job.cell.recipe
    if cell.start is not None:
        weights = cell.start.folder(job.place.runs) / WEIGHTS
        recipe = replace(recipe, init_trunk=str(weights))
    course = ClipCourse(read_release(cell.release), cell.choice or ALL)
    train_on(course, cell.spec, job.folder, recipe, job.runtime)
    if not job.scores.is_file():
        evaluate_checkpoint(
            job.folder, cell.test, job.folder / EVALUATION, "test", cell.pairs, job.runtime
        )
