"""Training in processes of their own: the scorer while videos are drawn, networks in pairs."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

from pipelines.demo.labels import REVERSED_PAIRS
from pipelines.demo.plan import Plan
from pipelines.demo.show import Show
from pipelines.demo.stills import render_stills
from pipelines.demo.verdict import NetworkScore
from pipelines.demo.workers import workers
from pipelines.demo.world import World
from pipelines.network_card.page import PAGE
from pipelines.running.reports import Reporter

_LOG = "log.jsonl"
_LOOK_SECONDS = 0.5


@contextmanager
def scorer_in_background(plan: Plan, world: World) -> Iterator[Callable[[], None]]:
    """Train the image scorer in another process; yields a function that waits for it."""
    if (plan.scorer / "card.json").exists():
        yield lambda: None
        return
    render_stills(plan.stills, world, plan.num_stills)
    with workers(1) as pool:
        future = pool.submit(_train_scorer, plan.stills, plan.scorer, plan.num_scorer_steps)
        yield lambda: _wait(future)


@contextmanager
def trainers(plan: Plan, runs: Path) -> Iterator[Executor]:
    """Begin a process for each network that is not trained yet.

    They import what they need while the annotators are at work, who leave a core free.
    """
    done = [any(runs.glob(f"*-{name}/{PAGE}")) for name in plan.num_steps]
    num_missing = done.count(False)
    with workers(max(1, num_missing), _import_training) as pool:
        for _ in range(num_missing):
            pool.submit(os.getpid)  # which begins one
        yield pool


def train_side_by_side(
    plan: Plan, runs: Path, release: Path, show: Show, pool: Executor
) -> list[NetworkScore]:
    """Train and measure all networks on a release, one process each; what is done stays."""
    outs = {name: runs / f"{release.name}-{name}" for name in plan.num_steps}
    missing = [name for name, out in outs.items() if not (out / PAGE).exists()]
    if missing:
        show.say(f"Training {' and '.join(missing)} on {release}")
        cores = max(1, (os.cpu_count() or 1) // len(missing))  # each decodes at a size of its own
        futures = [
            pool.submit(_train_and_evaluate, name, release, outs[name], plan.num_steps[name], cores)
            for name in missing
        ]
        num_steps = sum(plan.num_steps[name] for name in missing)
        follow(futures, [outs[name] for name in missing], num_steps, show.reporter())
    return [_score(_evaluation(out)) for out in outs.values()]


def follow(
    futures: Sequence[Future[None]], outs: Sequence[Path], num_steps: int, reporter: Reporter
) -> None:
    """Show how far several trainings are until all are over, or one fails.

    Args:
        futures: The trainings.
        outs: Their folders, where each logs its steps.
        num_steps: Of all of them together.
        reporter: Who shows it.

    """
    told = sum(map(_steps_done, outs))
    reporter.begin("train", num_steps, told)
    going = set(futures)
    try:
        while going:
            over, going = wait(going, _LOOK_SECONDS, FIRST_EXCEPTION)
            done = sum(map(_steps_done, outs))
            reporter.advance([None] * (done - told))
            told = done
            for future in over:
                future.result()
    finally:
        reporter.close()


def _steps_done(out: Path) -> int:
    """Return the newest step that a run has logged."""
    from models.training.log import read_log

    lines = read_log(out / _LOG)
    return int(lines[-1]["step"]) if lines else 0


def _evaluation(out: Path) -> Path:
    """Return what a run was measured as."""
    return out / "evaluation" / "evaluation.json"


def _score(path: Path) -> NetworkScore:
    found = json.loads(path.read_text("utf-8"))
    return NetworkScore(**{field.name: found[field.name] for field in fields(NetworkScore)})


def _wait(future: Future[None]) -> None:
    future.result()


def _train_scorer(stills: Path, out: Path, num_steps: int) -> None:
    from models.image_scoring.recipe import ScorerRecipe
    from models.image_scoring.training import train_scorer

    train_scorer(stills, out, ScorerRecipe(num_steps=num_steps))


def _import_training() -> None:
    import models.evaluation.evaluate
    import models.training.baseline  # noqa: F401


def _train_and_evaluate(
    name: str, release: Path, out: Path, num_steps: int, num_cores: int
) -> None:
    from models.evaluation.evaluate import evaluate_checkpoint
    from models.recipes.registry import default_recipe
    from models.training.baseline import train_baseline
    from models.training.runtime import Runtime
    from pipelines.learnt.notes import note_learnt
    from pipelines.network_card.page import write_network_card

    recipe = replace(default_recipe(name), num_steps=num_steps)
    how = Runtime(num_workers=num_cores, num_cores=num_cores)
    trained = train_baseline(name, release, out, recipe, how)
    pairs = _known_pairs(trained.labels)
    evaluate_checkpoint(trained.checkpoint, release, _evaluation(out).parent, reversed_pairs=pairs)
    note_learnt(out, [release])
    write_network_card(out, releases=[release])  # its page is the last file of a run


def _known_pairs(labels: Sequence[str]) -> list[tuple[str, str]]:
    return [pair for pair in REVERSED_PAIRS if set(pair) <= set(labels)]
