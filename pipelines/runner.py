"""Runs a stage over its pending items: claims them, works, writes results in batches.

Killed at any point, the next run goes on where this one stood; a second run does nothing;
two runs side by side share the items by leases.
"""

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import State
from kinetics_builder.errors import ItemFailed, StageOrderError, WorkspaceError
from kinetics_builder.places import place_fault, require_writable, told_of_a_full_disk
from kinetics_builder.workspace import Workspace
from pipelines.leases import (
    begin_again,
    claim,
    count_reasons,
    forget_others,
    give_back,
    held_by_others,
    hold,
    is_free,
    mark_done,
    mark_failed,
    now,
    renew,
    rows_of,
)
from pipelines.notes import Notebook
from pipelines.pool import Outcome, Pool, make_pool
from pipelines.promises import Broken, broken_promises, counted
from pipelines.rests import LONGEST_SITE, note_rest, rests
from pipelines.retrying import (
    LONGEST_PAUSE_SECONDS,
    Resting,
    not_asked,
    pause_before_retry,
    rest_of_site,
)
from pipelines.stage import Stage

_SAVE_SECONDS = 1.0
_SHARE_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0
"""How long another run is waited for without a word."""
_TELL_SECONDS = 30.0
"""How often it is said who is waited for."""


@dataclass(frozen=True)
class StageReport:
    """What a run of a stage found and did; the command prints it."""

    stage: str
    num_items: int
    num_done: int
    """Over all runs under these settings."""
    num_new: int
    """Worked on in this run, failed ones included."""
    failures: dict[str, int]
    """Failed items by reason, over all runs under these settings."""
    seconds: float
    notes: tuple[str, ...] = ()
    """What a person should know of this run's items, each text once."""

    @property
    def line(self) -> str:
        """Return one line for a person."""
        text = f"{self.stage:<12}{self.num_done:>7} done"
        if failed := sum(self.failures.values()):
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.failures.items())
            text += f", {failed} failed ({reasons})"
        return f"{text}, {self.num_new} now, {self.seconds:.1f} s"


class Reporter(Protocol):
    """Shows a run to a person."""

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Say that a stage begins, of which `finished` items need nothing."""

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Count finished items; None is a success."""

    def tell(self, text: str) -> None:
        """Say what a person should know: who is waited for, what was lost."""

    def close(self) -> None:
        """Take away what `begin` put up; called however the stage ends."""

    def end(self, report: StageReport) -> None:
        """Say how it went."""


class SilentReporter:
    """Shows nothing."""

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Say nothing."""

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Say nothing."""

    def tell(self, text: str) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Have nothing to take away."""

    def end(self, report: StageReport) -> None:
        """Say nothing."""


def run_stage(
    workspace: Workspace,
    stage: Stage[Any, Any],
    *,
    retry_failed: bool = False,
    reporter: Reporter | None = None,
) -> StageReport:
    """Bring every item of `stage` to done or failed, and return the counts.

    Args:
        retry_failed: Also try again what failed for a reason that may have passed.

    Raises:
        StageOrderError: There are no items, so the stage before has not run.
        KbuildError: Whatever stops all items alike (a source that is down, a full disk).

    """
    return _Run(workspace, stage, reporter or SilentReporter()).run(retry_failed)


@dataclass
class _Run:
    workspace: Workspace
    stage: Stage[Any, Any]
    reporter: Reporter
    items: dict[str, Any] = field(default_factory=dict)
    loaded: dict[str, Any] = field(default_factory=dict)
    """Those in work, as `stage.load` filled them."""
    queue: deque[str] = field(default_factory=deque)
    resting: Resting = field(default_factory=Resting)
    notebook: Notebook = field(default_factory=Notebook)
    unsaved: list[Outcome] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    num_new: int = 0
    saved_at: float = field(default_factory=time.monotonic)
    renewed_at: float = field(default_factory=time.monotonic)
    told_at: float = -_TELL_SECONDS

    def run(self, retry_failed: bool) -> StageReport:
        begun = time.monotonic()
        with reading(self.workspace.engine) as session:
            self.items = dict(self.stage.items(session))
        if not self.items:
            raise StageOrderError(self.stage.name, self.stage.needs, self.stage.what)
        if self.stage.forgets:
            self._forget_others()
        self._free(retry_failed=retry_failed)
        self._free_lost()
        self._fill_queue()
        self.reporter.begin(self.stage.name, len(self.items), len(self.items) - len(self.queue))
        try:
            if self.queue:
                self._work_through()
            self._wait_for_others()
        finally:
            self.reporter.close()
        if self.stage.after:
            with writing(self.workspace.engine) as session:
                self.stage.after(session)
        report = self._report(time.monotonic() - begun)
        self.reporter.end(report)
        return report

    def _forget_others(self) -> None:
        with writing(self.workspace.engine) as session:
            overtaken = forget_others(session, self.stage, self.items)
        if overtaken:
            self.reporter.tell(
                f"{self.stage.name}: {overtaken} done before under other settings, or by an older "
                "kbuild that gives something else; done anew now."
            )

    def _free(self, *, retry_failed: bool) -> None:
        """Free what an earlier run of this process could not give back, and what is retried."""
        with writing(self.workspace.engine) as session:
            give_back(session, self.stage)
            if not retry_failed:
                return
            for row in rows_of(session, self.stage, list(self.items)).values():
                if row.state is State.FAILED and row.retryable:
                    row.state = State.PENDING

    def _free_lost(self) -> None:
        """Undo what is done but whose file is lost or changed, and tell it."""
        if self.stage.promises is None:
            return
        with reading(self.workspace.engine) as session:
            promises = self.stage.promises(session)
            broken = list(broken_promises(promises, self.workspace.root))
        if undo_broken(self.workspace, self.stage, broken):
            text = f"{self.stage.name}: files are not as they were left ({counted(broken)})"
            self.reporter.tell(f"{text}, such as {broken[0].promise.file}. They are made again.")

    def _fill_queue(self) -> None:
        with reading(self.workspace.engine) as session:
            rows = rows_of(session, self.stage, list(self.items))
            moment = now(session)
            self.queue = deque(
                key for key in self.items if key not in rows or is_free(rows[key], moment)
            )

    def _work_through(self) -> None:
        run = self.workspace.config.run
        for folder in self.stage.writes:
            require_writable(folder)
        pool = make_pool(
            in_children=self.stage.in_children,
            workers=self.stage.workers or run.workers,
            timeout_seconds=self.stage.timeout_seconds,
            memory_bytes=run.memory_megabytes << 20,
        )
        try:
            while self.queue or pool.num_open() or self.unsaved or self.resting:
                self._hand_out(pool)
                self._take(pool.finished() if pool.num_open() else [])
                self._save_if_due(is_last=not (self.queue or pool.num_open()))
                self._rest(pool)
        except BaseException as error:
            self._abandon(pool)
            if isinstance(error, OSError) and (fault := place_fault(error)):
                raise WorkspaceError(fault) from error
            raise
        pool.stop()

    def _hand_out(self, pool: Pool) -> None:
        room = pool.capacity - pool.num_open()
        if not room or not (self.queue or self.resting):
            return
        self._hear_of_rests()
        if not (keys := self._next_keys(room)):
            return
        rested = [key for key in keys if key in self.tries]
        new = [key for key in keys if key not in self.tries]
        with writing(self.workspace.engine) as session:
            begin_again(session, self.stage, rested)
            new = claim(session, self.stage, new, self.workspace.config.run.lease_seconds)
        for key in (*rested, *new):
            self.tries[key] += 1
            left = self.resting.site_seconds_left(self._site(key))
            if left > LONGEST_PAUSE_SECONDS:
                self.unsaved.append(Outcome(key, None, not_asked(self._site(key), left), 0.0))
            else:
                pool.submit(key, self.stage.work, self._load(key))

    def _load(self, key: str) -> Any:
        """Return an item with all that its work needs."""
        if self.stage.load is None:
            return self.items[key]
        with reading(self.workspace.engine) as session:
            self.loaded[key] = self.stage.load(session, self.items[key])
        return self.loaded[key]

    def _write_down(self, session: Session, outcome: Outcome) -> None:
        item = self.loaded.get(outcome.key, self.items[outcome.key])
        self.stage.save(session, item, outcome.result)

    def _next_keys(self, room: int) -> list[str]:
        """Take at most `room` items that may be begun; those of a site that rests rest with it."""
        keys: list[str] = []
        while len(keys) < room:
            key = next(iter(self.resting.rested(1)), None)
            if key is None:
                if not self.queue:
                    break
                key = self.queue.popleft()
            left = self.resting.site_seconds_left(self._site(key))
            if 0 < left <= LONGEST_PAUSE_SECONDS:
                self.resting.add(key, left)
            else:
                keys.append(key)
        return keys

    def _hear_of_rests(self) -> None:
        """Leave alone whom any run on this workspace was told to leave alone."""
        if self.stage.site:
            with reading(self.workspace.engine) as session:
                for rest in rests(session):
                    self.resting.leave_alone(rest.site, rest.seconds_left)

    def _site(self, key: str) -> str:
        return self.stage.site(self.items[key])[:LONGEST_SITE] if self.stage.site else ""

    def _rest(self, pool: Pool) -> None:
        """Wait where all that is left to do rests."""
        if pool.num_open() or self.queue or self.unsaved or not self.resting:
            return
        left = max(0.0, self.resting.seconds_left())
        if left > _PATIENCE_SECONDS and time.monotonic() - self.told_at > _TELL_SECONDS:
            self.told_at = time.monotonic()
            self.reporter.tell(
                f"{self.stage.name}: {len(self.resting)} items rest before they are tried again, "
                f"the next for {left:.0f} s."
            )
        time.sleep(min(left, _SHARE_SECONDS))

    def _take(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.failure is not None:
                self._check_places(outcome.failure)
                self._leave_alone(outcome.key, outcome.failure)
            self.notebook.add(outcome.notes)
            self.unsaved.append(outcome)

    def _leave_alone(self, key: str, failure: ItemFailed) -> None:
        """Let the site of a failed item rest where it asks for that."""
        pause = rest_of_site(failure, self.stage.rate_limit_seconds)
        if self.stage.site and pause > 0:
            self.resting.leave_alone(self._site(key), pause)
            with writing(self.workspace.engine) as session:
                note_rest(session, self._site(key), failure.reason, pause)

    def _check_places(self, failure: ItemFailed) -> None:
        """Stop the stage if an item failed because of a place where the others fail too."""
        if error := told_of_a_full_disk(failure.message):
            raise error
        for folder in self.stage.writes:
            require_writable(folder)

    def _save_if_due(self, *, is_last: bool) -> None:
        now = time.monotonic()
        if self.unsaved and (is_last or now - self.saved_at > _SAVE_SECONDS):
            self._save()
        if now - self.renewed_at > self.workspace.config.run.lease_seconds / 4:
            with writing(self.workspace.engine) as session:
                renew(session, self.stage, self.workspace.config.run.lease_seconds)
            self.renewed_at = now

    def _save(self) -> None:
        outcomes, self.unsaved = self.unsaved, []
        self.saved_at = time.monotonic()
        with writing(self.workspace.engine) as session:
            rows = rows_of(session, self.stage, [outcome.key for outcome in outcomes])
            lease_until = now(session) + self.workspace.config.run.lease_seconds
            final = []
            for outcome in outcomes:
                row = rows[outcome.key]
                if outcome.failure is None:
                    self._write_down(session, outcome)
                    mark_done(row, outcome.seconds)
                else:
                    mark_failed(row, outcome.failure, outcome.seconds)
                    if self._tries_again(outcome.key, outcome.failure):
                        hold(row, lease_until)
                        continue
                final.append(outcome.failure)
        for outcome in outcomes:
            self.loaded.pop(outcome.key, None)
        self.num_new += len(final)
        self.reporter.advance(final)

    def _tries_again(self, key: str, failure: ItemFailed) -> bool:
        """Say whether a failed item is tried again in this run, and let it rest until then."""
        num_tries = self.tries[key]
        pause = pause_before_retry(failure, num_tries, self.stage.rate_limit_seconds)
        if pause is None or num_tries >= self.stage.attempts:
            return False
        self.resting.add(key, pause)
        return True

    def _abandon(self, pool: Pool) -> None:
        """Keep what is finished, make the rest free for the next run."""
        pool.stop()
        with writing(self.workspace.engine) as session:
            rows = rows_of(session, self.stage, [outcome.key for outcome in self.unsaved])
            for outcome in self.unsaved:
                if outcome.failure is None:
                    self._write_down(session, outcome)
                    mark_done(rows[outcome.key], outcome.seconds)
            session.flush()
            give_back(session, self.stage)

    def _wait_for_others(self) -> None:
        """Return when no other run works on an item of this stage; take over what it drops."""
        told_at = time.monotonic() - _TELL_SECONDS + _PATIENCE_SECONDS
        while True:
            with reading(self.workspace.engine) as session:
                rows = rows_of(session, self.stage, list(self.items))
                held = held_by_others(rows.values(), now(session))
            if not held:
                return
            if time.monotonic() - told_at > _TELL_SECONDS:
                told_at = time.monotonic()
                for theirs in held:
                    self.reporter.tell(f"{self.stage.name}: {theirs.line}")
            self._fill_queue()
            if self.queue:
                self._work_through()
            else:
                time.sleep(_SHARE_SECONDS)

    def _report(self, seconds: float) -> StageReport:
        with reading(self.workspace.engine) as session:
            rows = list(rows_of(session, self.stage, list(self.items)).values())
            return StageReport(
                stage=self.stage.name,
                num_items=len(self.items),
                num_done=sum(row.state is State.DONE for row in rows),
                num_new=self.num_new,
                failures=count_reasons(row.reason for row in rows if row.state is State.FAILED),
                seconds=seconds,
                notes=self.notebook.lines(),
            )


def undo_broken(workspace: Workspace, stage: Stage[Any, Any], broken: Sequence[Broken]) -> int:
    """Make the items undone whose files are lost or changed; return how many were done."""
    if not broken:
        return 0
    with writing(workspace.engine) as session:
        rows = rows_of(session, stage, [found.promise.key for found in broken])
        done = [row for row in rows.values() if row.state is State.DONE]
        for row in done:
            row.state = State.PENDING
    return len(done)
