"""Computing the flow of a release: what is there stays, what is missing is computed."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ModelError
from kinetics_builder.files import FileMark
from kinetics_builder.locks import HeldElsewhere, held
from kinetics_builder.video.flow.folder import LOCK, FlowFolder, FlowRow
from kinetics_builder.video.flow.settings import FlowSettings, Method
from pipelines.flow.asking import Asked, Item
from pipelines.flow.computing import SECONDS, compute
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

    folder: Path
    num_clips: int
    num_new: int
    """Worked on in this run, failed ones included."""
    bytes: int
    """Of all flow files."""
    failures: tuple[FlowRow, ...]
    """Clips without flow."""
    seconds: float

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
    """Compute the flow of those clips of a release folder that have none yet.

    It can be killed at any time: files appear whole, and the next run keeps them. Equal clips and
    settings give equal files and an equal list.

    Args:
        release: The folder.
        asked: What is wanted.
        reporter: Is told how far it is.
        pool: Where clips are worked on; child processes without it.

    Raises:
        ModelError: No release; flow of other settings is there; another run is at it.
        ConfigError: A method without what it needs.

    """
    from models.clips.release import read_release

    begun, data, settings = time.monotonic(), read_release(release), asked.settings()
    folder = FlowFolder.of(release)
    with _alone(folder):
        claim(folder, settings, is_fresh=asked.fresh)
        rows = standing(folder, data.rows, settings, retries=asked.retry_failed)
        items = list(_missing(data, folder, settings, asked, rows))
        if items:
            _work(items, rows, pool or _children(asked), reporter, folder)
        else:
            folder.note_rows(rows.values())
    report = FlowReport(
        folder=folder.root,
        num_clips=len(rows),
        num_new=len(items),
        bytes=sum(row.bytes for row in rows.values()),
        failures=tuple(sorted(row for row in rows.values() if row.reason)),
        seconds=time.monotonic() - begun,
    )
    reporter.end(report.as_stage())
    return report


@contextmanager
def _alone(folder: FlowFolder) -> Iterator[None]:
    folder.root.mkdir(parents=True, exist_ok=True)
    try:
        with held(folder.root / LOCK):
            yield
    except HeldElsewhere as error:
        raise ModelError(f"{folder.root} is being written by {error}. Wait for it.") from error


def _missing(
    data: "Release", folder: FlowFolder, settings: FlowSettings, asked: Asked, rows: Rows
) -> Iterator[Item]:
    for clip in data.rows:
        if clip.file not in rows:
            yield Item(
                file=clip.file,
                clip=data.path(clip),
                mark=FileMark(clip.bytes, clip.sha256),
                duration_seconds=clip.duration_seconds,
                target=folder.path(clip.file),
                settings=settings,
                weights=asked.weights,
                device=asked.device,
            )


def _children(asked: Asked) -> Pool:
    return ChildPool(asked.workers(), SECONDS, _MEMORY_BYTES[asked.method])


def _work(
    items: Sequence[Item], rows: Rows, pool: Pool, reporter: Reporter, folder: FlowFolder
) -> None:
    """Compute what is missing; whatever ends that, what is known then is written down."""
    reporter.begin("flow", len(rows) + len(items), len(rows))
    marks = {item.file: item.mark for item in items}
    try:
        for outcome in outcomes(pool, compute, ((item.file, item) for item in items)):
            rows[outcome.key] = _row(outcome, marks[outcome.key])
            reporter.advance([outcome.failure])
    finally:
        pool.stop()
        reporter.close()
        folder.note_rows(rows.values())


def _row(outcome: Outcome, mark: FileMark) -> FlowRow:
    failure = outcome.failure
    if failure is None:
        row: FlowRow = outcome.result
        return row
    message = " ".join(failure.message.split())
    return FlowRow(outcome.key, mark.sha256, 0, 0, "", failure.reason.value, message)
