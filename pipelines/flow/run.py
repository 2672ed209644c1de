"""Computing the flow of a release: what is there stays, what is missing is computed."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ConfigError, ItemFailed, ModelError, Reason, WorkspaceError
from kinetics_builder.locks import HeldElsewhere, held
from kinetics_builder.storage.stores import AGAIN
from kinetics_builder.video.flow.folder import LOCK, FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings, Method
from pipelines.flow.asking import Asked, Item
from pipelines.flow.computing import SECONDS, compute
from pipelines.flow.keeping import Keeper
from pipelines.flow.standing import Rows, claim, standing
from pipelines.running.engines.children import ChildPool
from pipelines.running.engines.pool import Outcome, Pool, outcomes
from pipelines.running.reports import Reporter, StageReport

if TYPE_CHECKING:
    from models.clips.release import Release

_MEMORY_BYTES = {Method.TVL1: 2 << 30, Method.RAFT: 64 << 30}
"""Of a child; a network on a GPU maps far more than it uses."""


@dataclass(frozen=True)
class FlowReport:
    """How the flow of a release stands."""

    place: str
    """Where it lies: a folder, or a store's address."""
    num_clips: int
    num_new: int
    """Worked on in this run, failed ones included."""
    bytes: int
    """Of all flow files."""
    failures: tuple[FlowRow, ...]
    """Clips without flow."""
    seconds: float

    @property
    def is_without_clips(self) -> bool:
        """Tell whether not one clip was there."""
        missing = [row for row in self.failures if row.reason == Reason.MISSING]
        return self.num_clips > 0 and len(missing) == self.num_clips

    def as_stage(self) -> StageReport:
        """Return the report as those of stages are told."""
        reasons = Counter(row.reason for row in self.failures)
        return StageReport(
            stage="flow",
            num_items=self.num_clips,
            num_done=self.num_clips - len(self.failures),
            num_new=self.num_new,
            failures=dict(reasons.most_common()),
            seconds=self.seconds,
        )


def compute_flow(
    release: Path, asked: Asked, reporter: Reporter, pool: Pool | None = None
) -> FlowReport:
    """Compute the flow of those clips of a release that have none yet.

    It can be killed at any time: files appear whole, and the next run keeps them. Equal clips and
    settings give equal files and an equal list, wherever they lie.

    Args:
        release: The folder of its lists.
        asked: What is wanted.
        reporter: Is told how far it is.
        pool: Where clips are worked on; child processes without it.

    Raises:
        ModelError: No release, no clips where they are said to lie; flow of other settings is
            there; another run is at it.
        ConfigError: A method without what it needs; shards of clips that lie in none.
        WorkspaceError: A store, or a disk, gives or takes nothing.

    """
    from models.clips.places import Unpacked, clip_place
    from models.clips.release import read_release

    begun, data, settings = time.monotonic(), read_release(release), asked.settings()
    place = clip_place(asked.clips, Path()) or Unpacked(data.folder)
    data = replace(data, place=place)
    keeper = _keeper(data, asked)
    with _alone(keeper), _said_once():
        keeper.begin()
        claim(keeper, settings, is_fresh=asked.fresh)
        rows = standing(keeper, data.rows, place, settings, retries=asked.retry_failed)
        keeper.expect(data.rows, rows)
        items = list(_items(data, keeper, settings, asked, rows))
        if items:
            _work(items, rows, pool or _children(asked), reporter, keeper)
        else:
            keeper.note_rows(rows.values())
        keeper.end()
    report = FlowReport(
        place=keeper.said,
        num_clips=len(rows),
        num_new=len(items),
        bytes=sum(row.bytes for row in rows.values()),
        failures=tuple(sorted(row for row in rows.values() if row.reason)),
        seconds=time.monotonic() - begun,
    )
    reporter.end(report.as_stage())
    return report


def _keeper(data: "Release", asked: Asked) -> Keeper:
    """Return what keeps the flow where it is asked for."""
    from models.clips.places import Sharded
    from pipelines.flow.packing import ShardKeeper
    from pipelines.flow.storing import StoreKeeper

    if "://" in asked.to and asked.in_shards:
        raise ConfigError("--shards are tar files in a folder; name one by --to, or leave it out.")
    if "://" in asked.to:
        return StoreKeeper.at(asked.to)
    folder = FlowFolder(Path(asked.to)) if asked.to else FlowFolder.of(data.folder)
    if not (asked.in_shards or folder.shards()):
        return Keeper(folder)
    if not isinstance(data.place, Sharded):
        raise ConfigError(
            f"Flow in {folder.root} is kept as the shards of the clips are, and here they lie in "
            "none: name their folder by --clips, or another place by --to."
        )
    return ShardKeeper(folder, clips=data.place)


@contextmanager
def _alone(keeper: Keeper) -> Iterator[None]:
    root = keeper.folder.root
    root.mkdir(parents=True, exist_ok=True)
    try:
        with held(root / LOCK):
            yield
    except HeldElsewhere as error:
        raise ModelError(f"{keeper.said} is being written by {error}. Wait for it.") from error


@contextmanager
def _said_once() -> Iterator[None]:
    """Say in a line that a store did not answer where all depends on it."""
    try:
        yield
    except ItemFailed as failure:
        raise WorkspaceError(f"{failure.message} {AGAIN}") from failure


def _items(
    data: "Release", keeper: Keeper, settings: FlowSettings, asked: Asked, rows: Rows
) -> Iterator[Item]:
    assert data.place is not None, "the caller has said where the clips lie"
    for number, clip in enumerate(keeper.in_order(data.rows)):
        if clip.file not in rows:
            copies = keeper.copies(number)
            yield Item(
                clip=clip,
                place=data.place.of_one(clip, copies),
                copies=copies,
                target=keeper.folder.path(clip.file),
                remote=keeper.remote(clip.file),
                settings=settings,
                weights=asked.weights,
                device=asked.device,
            )


def _children(asked: Asked) -> Pool:
    return ChildPool(asked.workers(), SECONDS, _MEMORY_BYTES[asked.method])


def _work(
    items: Sequence[Item], rows: Rows, pool: Pool, reporter: Reporter, keeper: Keeper
) -> None:
    """Compute what is missing; whatever ends that, what is known then is written down."""
    reporter.begin("flow", len(rows) + len(items), len(rows))
    hashes, notes = {item.clip.file: item.clip.sha256 for item in items}, Notes(keeper)
    try:
        for outcome in outcomes(pool, compute, ((item.clip.file, item) for item in items)):
            row = rows[outcome.key] = _row(outcome, hashes[outcome.key])
            keeper.settled(row)
            reporter.advance([outcome.failure])
            notes.now_and_then(rows)
    finally:
        pool.stop()
        reporter.close()
        keeper.note_rows(rows.values())


class Notes:
    """The list of a run under way, written down now and then: a kill costs no more than that."""

    _SECONDS, _SHARE = 10.0, 0.02
    """Between two notes at least, and what they may take of the time."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper, self._next = keeper, time.monotonic() + self._SECONDS

    def now_and_then(self, rows: Rows) -> None:
        """Write down what became of each clip so far, if it is time."""
        begun = time.monotonic()
        if begun < self._next:
            return
        self._keeper.note_rows(rows.values())
        ended = time.monotonic()
        self._next = ended + max(self._SECONDS, (ended - begun) / self._SHARE)


def _row(outcome: Outcome, clip_sha256: str) -> FlowRow:
    failure = outcome.failure
    if failure is None:
        row: FlowRow = outcome.result
        return row
    message = " ".join(failure.message.split())
    return FlowRow(outcome.key, clip_sha256, 0, 0, "", failure.reason.value, message)
