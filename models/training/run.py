"""One run: a network, a recipe and a release, and the folder where they meet."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import torch

from kinetics_builder.errors import ModelError
from kinetics_builder.locks import HeldElsewhere, held
from models.checkpoints.store import WEIGHTS, check_network
from models.clips.flow_places import flow_sha256
from models.clips.opening import CachePolicy
from models.clips.plan import BatchPlan
from models.detection.kinds import BANK, REMEMBERING
from models.network import build_network, channels_last
from models.recipes.multigrid import Multigrid, check_multigrid
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.asked import ASKED
from models.training.astray import ASTRAY, Watch, astray_kept
from models.training.beside import WeightsBeside
from models.training.device import choose_device, uses_half_precision
from models.training.following import Follower, finish
from models.training.identity import (
    RUN,
    DamagedNote,
    describe_run,
    holds_run,
    identity_of,
    note_run,
)
from models.training.lessons import Course, Lessons, Progress
from models.training.log import RunLog
from models.training.loop import Loop
from models.training.means import Means
from models.training.memory import check_room, told_of_memory
from models.training.norms import check_norms, group_norms
from models.training.optimiser import build_optimiser
from models.training.pictures import start_from_pictures
from models.training.ranks import Ranks, gathered, is_said_by_any, spread, wait_for_all
from models.training.report import REPORT, TrainReport, read_report
from models.training.runtime import Runtime
from models.training.state import LAST, TrainingState, saved_identity
from models.training.stopping import AskedToStop, Stops, watched_stops
from models.training.trunks import check_fixed, start_from_trunk

LOCK = ".lock"
_WRITTEN = "log.jsonl", WEIGHTS, "card.json", "card.html", "README.md", "learnt.parquet"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One network, recipe and release, and the folder where they meet."""

    spec: NetworkSpec
    course: Course
    recipe: Recipe
    out: Path
    runtime: Runtime
    ranks: Ranks

    @property
    def identity(self) -> str:
        """Return the hash of all that decides what is learnt."""
        return identity_of(self._description())

    def finished(self) -> TrainReport | None:
        """Return the report of this very run if it has finished and is not to be thrown away.

        Raises ModelError where its weights are no longer those that it wrote, or it was measured
        in another way.
        """
        if self.runtime.fresh or not (self.out / REPORT).is_file() or not self._is_there():
            return None
        check_network(self.out)
        report, asked = read_report(self.out), self.runtime.missing
        if report is not None and report.missing != asked:
            raise ModelError(
                f"{self.out} was measured with --missing {report.missing}: `kbuild evaluate "
                f"{self.out} --split validate --missing {asked}` measures it so."
            )
        return report

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other training out of the folder; refuse to go where there is one."""
        if not self.ranks.is_first:
            yield
            return
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            with held(self.out / LOCK):
                yield
        except HeldElsewhere as error:
            raise ModelError(
                f"{self.out} is being trained by {error}. Wait for it, or use another --out."
            ) from error

    def claim(self) -> None:
        """Take the folder, after checks that cost nothing; refuse one that holds another run."""
        self.course.check(self.recipe)
        check_norms(self.spec, self.recipe)
        check_multigrid(self.spec, self.recipe)
        if self._remembers:
            from models.detection.bank import check_bank  # torchvision: seconds

            check_bank(self.spec, self.recipe)
        check_fixed(self.recipe)
        if self.recipe.batch_size % self.ranks.num_ranks:
            raise ModelError(
                f"A batch of {self.recipe.batch_size} clips cannot be shared by "
                f"{self.ranks.num_ranks} ranks: choose a multiple."
            )
        if self.ranks.is_first:
            if self.runtime.fresh or not _has_learnt(self.out):
                _throw_away(self.out)
            if not self._is_there():
                note_run(self.out, self._description())
        wait_for_all(self.ranks)

    @property
    def _remembers(self) -> bool:
        return self.spec.head.kind == REMEMBERING or self.recipe.bank is not None

    def _with_memory(self, lessons: Lessons, device: torch.device, progress: Progress) -> Lessons:
        """Return the lessons with what is remembered of their films, where anything is."""
        if self.recipe.bank is None:
            return lessons
        from models.detection.bank import Filling, keep_filler, with_memory
        from models.detection.lessons import AvaCourse

        assert isinstance(self.course, AvaCourse), "who remembers is a detector"
        if self.ranks.is_first:
            keep_filler(self.recipe.bank, self.out)
        filling = Filling(
            checkpoint=Path(self.recipe.bank),
            data=self.course.data,
            policy=self._policy(),
            means=Means(
                device=device,
                ranks=self.ranks,
                num_workers=0 if lessons.is_cached else self.runtime.num_workers,
            ),
            progress=progress,
        )
        return with_memory(lessons, filling)

    def _description(self) -> dict[str, Any]:
        eats_flow = self.spec.sampling.modality != "rgb"
        flow = flow_sha256(self.course.folder, self.runtime.flow) if eats_flow else ""
        return describe_run(self.spec, self.recipe, self.course.sha256, flow)

    def _is_there(self) -> bool:
        """Tell whether the folder holds this run; what else it left tells where the note is lost.

        Raises ModelError where it holds another.
        """
        try:
            return holds_run(self.out, self._description())
        except DamagedNote:
            report = read_report(self.out)
            if self.identity in (report and report.identity, saved_identity(self.out)):
                return False
            raise

    def train(self, progress: Progress) -> TrainReport:
        """Train to the last step and write checkpoint, card and report."""
        started = time.perf_counter()
        device = choose_device(self.runtime.device)
        if device.type == "cpu":
            check_room(self.spec, self.recipe, self.ranks, psutil.virtual_memory().available)
        lessons = self.course.open(self.spec, self.recipe, self._policy(), progress)
        lessons = self._with_memory(lessons, device, progress)
        state = self._state(device)
        resumed = state.resume(self.out)
        self._check_together(state.step)
        if resumed:
            progress(f"{self.spec.name}: going on from step {state.step}")
        loop = self._loop(state, lessons, device)
        with watched_stops(self._asked_of_all()) as stops, self._log(state) as log:
            follower = Follower(
                loop=loop,
                state=state,
                runtime=self.runtime,
                folder=self.out,
                log=log,
                progress=progress,
                watch=Watch.on(device),
            )
            follower.warn()
            is_full = told_of_memory(self.recipe, self.ranks, device)
            with is_full, astray_kept(self.out, self.ranks):
                self._follow(follower, stops)
                finish(follower, self.course, started)
        if self.ranks.is_first:
            (self.out / LAST).unlink(missing_ok=True)
        wait_for_all(self.ranks)
        report = read_report(self.out)
        assert report is not None, "the first rank has written it"
        return report

    def _check_together(self, step: int) -> None:
        """Raise ModelError where ranks do not see what the first one has written."""
        seen = gathered(self.ranks, (step, (self.out / RUN).is_file()))
        if any(one != seen[0] for one in seen):
            raise ModelError(
                f"{self.out} is not the same folder for all {self.ranks.num_ranks} processes: "
                "machines that train together share it. Name one that all of them see by --out."
            )

    def _log(self, state: TrainingState) -> AbstractContextManager[RunLog | None]:
        return RunLog(self.out, state.step) if self.ranks.is_first else nullcontext()

    def _follow(self, follower: Follower, stops: Stops) -> None:
        """Train, and keep what is learnt where somebody stops the run.

        All ranks stop after the same step, and end together: one that ended before the first has
        saved would end it too.
        """
        with stops.together():
            try:
                follower.loop.run(follower.state, follower.after_step, stops, follower.watch)
            except AskedToStop:
                follower.watch.settle()
                follower.stopped()
                wait_for_all(self.ranks)
                raise

    def _asked_of_all(self) -> Callable[[bool], bool] | None:
        if self.ranks.num_ranks == 1:
            return None
        return partial(is_said_by_any, self.ranks)

    def _policy(self) -> CachePolicy:
        return CachePolicy(
            folder=self.runtime.cache or self.out.parent / "frames",
            max_bytes=self.runtime.cache_bytes,
            num_workers=max(1, self.runtime.num_workers),
            clips=self.runtime.clips,
            flow=self.runtime.flow,
        )

    def _state(self, device: torch.device) -> TrainingState:
        """Return an untrained network and its optimiser, drawn from the recipe's seed."""
        torch.manual_seed(self.recipe.seed)
        network = build_network(self.spec, len(self.course.labels))
        if self.recipe.init_2d is not None:
            start_from_pictures(network.backbone, self.recipe.init_2d)
        if self.recipe.init_trunk is not None:
            start_from_trunk(network.backbone, self.recipe.init_trunk)
        network.backbone.requires_grad_(not self.recipe.fixed_trunk)
        own, at_once = (
            number // self.ranks.num_ranks
            for number in (self.recipe.batch_size, self.recipe.clips_at_once)
        )
        if self.recipe.multigrid != "none":  # over as many clips, however many a step has
            at_once = at_once or own
        if group_size := self.recipe.norm_clips or at_once:
            group_norms(network, group_size, max(1, own // group_size))
        network = channels_last(network.to(device))
        return TrainingState(network, build_optimiser(network, self.recipe), self.identity)

    def _loop(self, state: TrainingState, lessons: Lessons, device: torch.device) -> Loop:
        recipe, multigrid = self.recipe, Multigrid.of(self.recipe, self.spec.sampling)
        has_room = self.runtime.has_free_core and self.ranks.num_ranks == 1
        return Loop(
            spec=self.spec,
            recipe=recipe,
            lessons=lessons,
            plan=BatchPlan(
                num_clips=lessons.num_train,
                batch_size=recipe.batch_size,
                seed=recipe.seed,
                num_steps=multigrid.num_steps if multigrid else recipe.num_steps,
                rank=self.ranks.rank,
                num_ranks=self.ranks.num_ranks,
                repeats=recipe.repeats,
                shares=lessons.shares(recipe.class_balance),
                stretches=multigrid.stretches if multigrid else (),
            ),
            device=device,
            network=spread(state.network, self.ranks),
            multigrid=multigrid,
            half_precision=uses_half_precision(recipe.half_precision, device),
            num_workers=0 if lessons.is_cached else self.runtime.num_workers,
            ranks=self.ranks,
            beside=WeightsBeside() if device.type == "cpu" and has_room else None,
        )


def _has_learnt(out: Path) -> bool:
    """Tell whether a run has left anything: one that failed before may become another."""
    return any((out / name).exists() for name in (LAST, WEIGHTS, REPORT, ASTRAY))


def _throw_away(out: Path) -> None:
    """Remove a run, and nothing that a run does not write."""
    if not (out / RUN).is_file():
        return
    for name in (*_WRITTEN, REPORT, RUN, ASKED, LAST, ASTRAY):
        (out / name).unlink(missing_ok=True)
    for name in ("tensorboard", BANK):
        shutil.rmtree(out / name, ignore_errors=True)
