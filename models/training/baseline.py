"""Train a baseline network on a release."""

from pathlib import Path

import torch

from models.clips.release import read_release
from models.many_labels.folder import has_actions
from models.many_labels.lessons import ActionsCourse
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.spec import NetworkSpec
from models.training.clip_lessons import ClipCourse
from models.training.lessons import Course, Progress
from models.training.lost_rank import lost_rank_told
from models.training.ranks import join_ranks
from models.training.report import TrainReport
from models.training.run import Run
from models.training.runtime import Runtime
from models.zoo import network_spec


def train_baseline(
    network: str | NetworkSpec,
    release: Path,
    out: Path,
    recipe: Recipe | None = None,
    runtime: Runtime | None = None,
    progress: Progress = lambda line: None,
) -> TrainReport:
    """Train a network, by name or by its spec, on the release folder `release`.

    The run is left in `out`. A spec that is not of the zoo needs a recipe.
    An unfinished run in `out` goes on where it stood, a finished one is returned as it is.
    A folder that holds another run (another recipe, network or release) is refused. Clips
    that cannot be read are left out and listed in the report. Under torchrun every rank
    calls this; the first one writes.
    """
    spec = network_spec(network) if isinstance(network, str) else network
    recipe = recipe or default_recipe(spec.name)
    return train_on(read_course(spec, release), spec, out, recipe, runtime, progress)


@lost_rank_told()
def train_on(
    course: Course,
    spec: NetworkSpec,
    out: Path,
    recipe: Recipe,
    runtime: Runtime | None = None,
    progress: Progress = lambda line: None,
) -> TrainReport:
    """Train a network on a course, as `train_baseline` does on a release."""
    runtime, ranks = runtime or Runtime(), join_ranks()
    progress = progress if ranks.is_first else _say_nothing
    torch.set_num_threads(runtime.num_threads)
    run = Run(
        spec=spec.with_dropout(recipe.dropout),
        course=course,
        recipe=recipe,
        out=out,
        runtime=runtime,
        ranks=ranks,
    )
    if (report := run.finished()) is not None:
        progress(f"{spec.name}: already trained, see {out}")
        return report
    with run.alone():
        run.claim()
        return run.train(progress)


def _say_nothing(line: str) -> None:
    """Leave it to the first rank."""


def read_course(spec: NetworkSpec, release: Path) -> Course:
    """Return `release` as a detector, or as a network of clips or whole videos learns from it."""
    if not spec.is_detector:
        if has_actions(release):
            return ActionsCourse.read(release)
        return ClipCourse(read_release(release))
    from models.detection.lessons import AvaCourse  # torchvision and pandas: seconds

    return AvaCourse.read(release)
