"""Runs a stage over its pending items: claims them, works, writes results in batches.

Killed at any point, the next run goes on where this one stood; a second run does nothing;
two runs side by side share the items by leases.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from kinetics_builder.config import LOCAL
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import State
from kinetics_builder.errors import ItemFailed, StageOrderError, WorkspaceError
from kinetics_builder.places import place_fault, told_of_a_full_disk
from kinetics_builder.storage.storage import require_room, require_writable
from kinetics_builder.text import counting
from kinetics_builder.workspace import Workspace
from pipelines.running.engines.bundles import BundlingPool
from pipelines.running.engines.choosing import make_pool
from pipelines.running.engines.pool import Outcome, Pool
from pipelines.running.leases import (
    Standing,
    begin_again,
    claim,
    forget_others,
    free_failed,
    give_back,
    held_by_others,
    hold,
    is_free,
    mark_done,
    mark_failed,
    now,
    release,
    renew,
    unfinished_rows,
)
from pipelines.running.notes import Notebook
from pipelines.running.pace.rests import clock_time, note_rest
from pipelines.running.pace.turns import Turns
from pipelines.running.promises import counted, glance, undo_broken
from pipelines.running.reports import Reporter, SilentReporter, StageReport
from pipelines.running.retrying import (
    LONGEST_PAUSE_SECONDS,
    pause_before_retry,
    rest_of_site,
)
from pipelines.running.stage import Stage
from pipelines.running.surveying import Survey, at_rest, count, doubt, forget, remember, survey
from pipelines.running.waiting import Waiting

_SAVE_SECONDS = 1.0
_MOST_UNSAVED = 2000
"""Results held at once, however fast they come."""
_SHARE_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0
"""How long another run is waited for without a word."""
_TELL_SECONDS = 30.0
"""How often it is said who is waited for."""


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
    shown = reporter or SilentReporter()
    report = _Run(workspace, stage, shown).run(retry_failed)
    while stage.grows and report.num_new and _has_pending(workspace, stage):
        further = _Run(workspace, stage, shown).run(retry_failed=False)
        if not further.num_new:
            break
        report = report.with_further(further)
    return report


def _has_pending(workspace: Workspace, stage: Stage[Any, Any]) -> bool:
    with reading(workspace.engine) as session:
        return count(session, stage).num_pending > 0


@dataclass
class _Run:
    workspace: Workspace
    stage: Stage[Any, Any]
    reporter: Reporter
    seen: Survey = field(default_factory=Survey)
    loaded: dict[str, Any] = field(default_factory=dict)
    """Those in work, as `stage.load` filled them."""
    held: set[str] = field(default_factory=set)
    """Those that rest for a while of their own; nobody else may take them."""
    notebook: Notebook = field(default_factory=Notebook)
    unsaved: list[Outcome] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    num_new: int = 0
    saved_at: float = field(default_factory=time.monotonic)
    renewed_at: float = field(default_factory=time.monotonic)
    told_at: float = -_TELL_SECONDS
    told_rates: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        lease = self.workspace.config.run.lease_seconds
        self.waiting = Waiting(self.workspace.engine, self.stage)
        self.turns = Turns(self.stage.rates, (self.stage.timeout_seconds or 0.0) + lease)

    def run(self, retry_failed: bool) -> StageReport:
        begun = time.monotonic()
        if self.stage.ready:
            self.stage.ready()
        self._free(retry_failed=retry_failed)
        self._free_lost()
        if self.stage.before:
            self.stage.before()
        self._look()
        if not self.seen.num_items:
            raise StageOrderError(self.stage.name, self.stage.needs, self.stage.what)
        if len(self.seen.keys):
            self._keep_what_was_seen()
        total = self.seen.num_items
        self.reporter.begin(self.stage.name, total, total - self.seen.num_free)
        try:
            if self.waiting.pages:
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

    def _free(self, *, retry_failed: bool) -> None:
        """Free what an earlier run of this process could not give back, and what is retried."""
        with writing(self.workspace.engine) as session:
            give_back(session, self.stage)
            if retry_failed:
                forget(session, self.stage)
                free_failed(session, self.stage)

    def _free_lost(self) -> None:
        """Undo what is done but whose file is lost or changed, and tell it."""
        broken = glance(self.workspace, self.stage)
        if undo_broken(self.workspace, self.stage, broken):
            text = f"{self.stage.name}: files are not as they were left ({counted(broken)})"
            self.reporter.tell(f"{text}, such as {broken[0].promise.file}. They are made again.")

    def _look(self) -> None:
        """Look at all items, unless it is known that none is left to begin."""
        with reading(self.workspace.engine) as session:
            known = at_rest(session, self.stage)
            self.seen = known if known is not None else survey(session, self.stage)
        self.waiting.begin(self.seen.pages)

    def _keep_what_was_seen(self) -> None:
        """Remember it for later runs, and leave no row of what is no item any more."""
        overtaken = 0
        with writing(self.workspace.engine) as session:
            if self.stage.forgets:
                overtaken = forget_others(session, self.stage, self.seen.keys)
                self.seen.strays = self.seen.strays.in_work
            remember(session, self.stage, self.seen)
        if overtaken:
            self.reporter.tell(
                f"{self.stage.name}: {overtaken} done before under other settings, or by an older "
                "kbuild that gives something else; done anew now."
            )

    def _work_through(self) -> None:
        for folder in self.stage.writes:
            require_writable(folder)
        pool = make_pool(stage=self.stage, workspace=self.workspace)
        if self.stage.together:
            run = self.workspace.config.run
            workers = self.stage.workers or run.workers if run.engine == LOCAL else 0
            pool = BundlingPool(pool, self.stage.together, workers)
        try:
            while pool.num_open() or self.unsaved or not self.waiting.is_over():
                self._hand_out(pool)
                self._take(pool.finished() if pool.num_open() else [])
                self._save_if_due(is_last=not (self.waiting.has_more() or pool.num_open()))
                self._rest(pool)
        except BaseException as error:
            self._abandon(pool)
            if isinstance(error, OSError) and (fault := place_fault(error)):
                raise WorkspaceError(fault) from error
            raise
        pool.stop()

    def _hand_out(self, pool: Pool) -> None:
        room = pool.capacity - pool.num_open()
        if room <= 0 or self.waiting.is_over():
            return
        if not (keys := self.waiting.next_keys(room)):
            return
        for folder in self.stage.writes:
            require_room(folder, self.workspace.config.run.min_free_bytes)
        with writing(self.workspace.engine) as session:
            doubt(session, self.stage, self.seen)
            mine = self._claim(session, keys)
        for key in mine:
            self.tries[key] += 1
            pool.submit(key, self.stage.work, self._load(key))

    def _claim(self, session: Session, keys: Sequence[str]) -> list[str]:
        """Take those of `keys` that nobody has and whose site may be asked now."""
        if self.stage.site is None:
            return self._take_up(session, keys)
        mine: list[str] = []
        for key in keys:
            site = self.waiting.site(key)
            if site and not self._has_turn(session, site, key):
                continue
            if taken := self._take_up(session, [key]):
                mine += taken
                if site:
                    self.turns.take(session, site, key)
        return mine

    def _take_up(self, session: Session, keys: Sequence[str]) -> list[str]:
        """Take those of `keys` that nobody else has, and forget the others."""
        rested = [key for key in keys if key in self.held]
        begin_again(session, self.stage, rested)
        self.held.difference_update(rested)
        new = [key for key in keys if key not in rested]
        mine = claim(session, self.stage, new, self.workspace.config.run.lease_seconds)
        for key in set(new).difference(mine):
            self._drop(key)
        return rested + mine

    def _has_turn(self, session: Session, site: str, key: str) -> bool:
        """Say whether an item's site may be asked now; else the item waits, free for all."""
        wait = self.turns.wait(session, site)
        if wait is None:
            return True
        self.waiting.resting.leave_alone(site, wait.seconds, is_asked_for=wait.is_rest)
        self.waiting.park(key)
        if key in self.held:
            self.held.remove(key)
            release(session, self.stage, [key])
        return False

    def _drop(self, key: str) -> None:
        del self.waiting.items[key]
        self.tries.pop(key, None)

    def _load(self, key: str) -> Any:
        """Return an item with all that its work needs."""
        if self.stage.load is None:
            return self.waiting.items[key]
        with reading(self.workspace.engine) as session:
            self.loaded[key] = self.stage.load(session, self.waiting.items[key])
        return self.loaded[key]

    def _item(self, key: str) -> Any:
        return self.loaded.get(key, self.waiting.items[key])

    def _write_done(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        """Write down the results of those that did not fail."""
        made = [outcome for outcome in outcomes if outcome.failure is None]
        if made:
            self.stage.save(session, [(self._item(one.key), one.result) for one in made])
            session.flush()
            mark_done(session, self.stage, {one.key: one.seconds for one in made})

    def _rest(self, pool: Pool) -> None:
        """Wait where all that is left to do rests; what rests for too long is left."""
        resting = self.waiting.resting
        if pool.num_open() or self.waiting.has_more() or self.unsaved or not resting:
            return
        left = max(0.0, resting.seconds_left())
        if left > LONGEST_PAUSE_SECONDS:
            self._leave_the_long()
        self._tell_of_rates()
        if left > _PATIENCE_SECONDS and time.monotonic() - self.told_at > _TELL_SECONDS:
            self.told_at = time.monotonic()
            if num_resting := len(resting) - sum(resting.waiting().values()):
                rest = counting.counted(
                    num_resting, "item rests before it is", "items rest before they are"
                )
                self.reporter.tell(
                    f"{self.stage.name}: {rest} tried again, the next for {left:.0f} s."
                )
        if resting:
            time.sleep(min(left, _SHARE_SECONDS))

    def _leave_the_long(self) -> None:
        """Leave to a later run what waits for sites that rest for long, and note when it may be."""
        for site, num_items, keys in self.waiting.give_up_long():
            for key in keys:
                self._drop(key)
            until = clock_time(self.waiting.resting.site_seconds_left(site))
            wait = counting.counted(num_items, "item waits", "items wait")
            self.reporter.tell(
                f"{self.stage.name}: {site} asked to be left alone until {until}. {wait} for it; "
                "run the same command again then."
            )

    def _tell_of_rates(self) -> None:
        """Say once of each site that its items come one after the other."""
        for site, number in self.waiting.resting.waiting().items():
            if site not in self.told_rates and (often := self.stage.rates.an_hour(site)):
                self.told_rates.add(site)
                number += self.waiting.passed.num_items(site)
                self.reporter.tell(
                    f"{self.stage.name}: {site} is asked {often:g} times an hour "
                    "(download.videos_per_hour in kbuild.toml); "
                    f"{counting.counted(number, 'item waits its', 'items wait their')} turn."
                )

    def _take(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.failure is not None:
                self._check_places(outcome.failure)
            if self.stage.site:
                self._hear_site(outcome.key, outcome.failure)
            self.notebook.add(outcome.notes)
            self.unsaved.append(outcome)

    def _hear_site(self, key: str, failure: ItemFailed | None) -> None:
        """Let the site of an item rest where it asks for that; else end what tried it."""
        if failure is not None and (pause := self._rest_asked(failure)):
            site = self.waiting.site(key)
            self.waiting.resting.leave_alone(site, pause)
            self.turns.refused(key)
            with writing(self.workspace.engine) as session:
                note_rest(session, site, failure.reason, pause)
        elif self.turns.is_trial(key):
            with writing(self.workspace.engine) as session:
                self.turns.answered(session, key, failure)

    def _rest_asked(self, failure: ItemFailed) -> float:
        """Return for how long the site of an item shall rest; 0 where it may be asked on."""
        return rest_of_site(failure, self.stage.rate_limit_seconds) if self.stage.site else 0.0

    def _check_places(self, failure: ItemFailed) -> None:
        """Stop the stage if an item failed because of a place where the others fail too."""
        if error := told_of_a_full_disk(failure.message):
            raise error
        for folder in self.stage.writes:
            require_writable(folder)

    def _save_if_due(self, *, is_last: bool) -> None:
        now = time.monotonic()
        is_due = now - self.saved_at > _SAVE_SECONDS or len(self.unsaved) >= _MOST_UNSAVED
        if self.unsaved and (is_last or is_due):
            self._save()
        if now - self.renewed_at > self.workspace.config.run.lease_seconds / 4:
            with writing(self.workspace.engine) as session:
                renew(session, self.stage, self.workspace.config.run.lease_seconds)
            self.renewed_at = now

    def _save(self) -> None:
        outcomes, self.unsaved = self.unsaved, []
        self.saved_at = time.monotonic()
        with writing(self.workspace.engine) as session:
            outcomes = self._without_refused(session, outcomes)
            self._write_done(session, outcomes)
            held = self._write_failed(session, outcomes)
        final = [outcome for outcome in outcomes if outcome.key not in held]
        for outcome in outcomes:
            self.loaded.pop(outcome.key, None)
        for outcome in final:
            self._drop(outcome.key)
        self.num_new += len(final)
        self.reporter.advance([outcome.failure for outcome in final])

    def _without_refused(self, session: Session, outcomes: list[Outcome]) -> list[Outcome]:
        """Let those fail whose results may not be kept after all."""
        if self.stage.refuses is None:
            return outcomes
        made = [(self._item(one.key), None if one.failure else one.result) for one in outcomes]
        refused = self.stage.refuses(session, made)
        return [
            replace(one, failure=refused[place]) if place in refused else one
            for place, one in enumerate(outcomes)
        ]

    def _write_failed(self, session: Session, outcomes: Sequence[Outcome]) -> set[str]:
        """Write down what failed, and return the keys of what is tried again in this run."""
        failed = {one.key: (one.failure, one.seconds) for one in outcomes if one.failure}
        if not failed:
            return set()
        mark_failed(session, self.stage, failed)
        held = [key for key, (failure, _) in failed.items() if self._tries_again(key, failure)]
        own = [key for key in held if not self._rest_asked(failed[key][0])]
        hold(session, self.stage, own, now(session) + self.workspace.config.run.lease_seconds)
        self.held.update(own)
        release(session, self.stage, [key for key in held if key not in self.held])
        if self.stage.unsave:
            lost = failed.keys() - set(held)
            self.stage.unsave(session, [self._item(key) for key in failed if key in lost])
        return set(held)

    def _tries_again(self, key: str, failure: ItemFailed) -> bool:
        """Say whether a failed item is tried again in this run, and let it rest until then."""
        num_tries = self.tries[key]
        if num_tries >= self.stage.attempts:
            return False
        if self._rest_asked(failure):
            self.waiting.park(key)
            return True
        pause = pause_before_retry(failure, num_tries, self.stage.rate_limit_seconds)
        if pause is None:
            return False
        self.waiting.resting.add(key, pause)
        return True

    def _abandon(self, pool: Pool) -> None:
        """Keep what is finished, make the rest free for the next run."""
        pool.stop()
        with writing(self.workspace.engine) as session:
            self._write_done(session, self.unsaved)
            give_back(session, self.stage)
            self.turns.give_back(session)

    def _wait_for_others(self) -> None:
        """Return when no other run works on an item of this stage; take over what it drops."""
        told_at = time.monotonic() - _TELL_SECONDS + _PATIENCE_SECONDS
        while rows := self._left_to_others():
            with reading(self.workspace.engine) as session:
                moment = now(session)
            if any(is_free(row, moment) for row in rows):
                self._look()
                if self.waiting.pages:
                    self._work_through()
                continue
            if time.monotonic() - told_at > _TELL_SECONDS:
                told_at = time.monotonic()
                for theirs in held_by_others(rows, moment):
                    self.reporter.tell(f"{self.stage.name}: {theirs.line}")
            time.sleep(_SHARE_SECONDS)

    def _left_to_others(self) -> list[Standing]:
        """Return the rows of listed items that another run has, or had and did not finish."""
        with reading(self.workspace.engine) as session:
            rows = unfinished_rows(session, self.stage)
        keys, left = self.seen.keys, self.waiting.left
        return [row for row in rows if row.key in keys and row.key not in left]

    def _report(self, seconds: float) -> StageReport:
        with reading(self.workspace.engine) as session:
            counts = count(session, self.stage)
        return StageReport(
            stage=self.stage.name,
            num_items=counts.num_items,
            num_done=counts.begun.states[State.DONE],
            num_new=self.num_new,
            failures=counts.begun.failures,
            seconds=seconds,
            notes=self.notebook.lines(),
        )
