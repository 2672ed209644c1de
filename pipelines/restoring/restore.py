"""Verb `restore`: a released file of others -> its videos from the web, its clips, a release."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.errors import FormatError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.workspace import Workspace
from pipelines.collecting.sites import judge_sites
from pipelines.publishing.folders.folder import SUMS, building, publish
from pipelines.publishing.folders.names import check_name, find_release, next_name, record_release
from pipelines.restoring import cut
from pipelines.restoring.asking import ask, note_counts
from pipelines.restoring.counts import Counts, plain
from pipelines.restoring.folder import Filling
from pipelines.restoring.outcomes import Lookup, Outcome
from pipelines.restoring.parts import Parts, count_parts
from pipelines.restoring.released import Released, Wanted, read_wanted
from pipelines.running.reports import Reporter, StageReport
from pipelines.running.runner import run_stage
from pipelines.sources.web.options import require_ready
from pipelines.stages import build_stage

_PREFIX = "restored"


@dataclass(frozen=True, kw_only=True)
class RestoreReport:
    """What has come back of a released file."""

    file: str
    format: str
    num_rows: int
    num_restored: int
    num_shortened: int
    """Restored rows whose video ends before they do."""
    outcomes: dict[str, int]
    """Rows by what has become of them."""
    by_split: dict[str, dict[str, int]]
    """An empty name where the file says none; so by class."""
    by_class: dict[str, dict[str, int]]
    release: str | None
    """Its folder; None where nothing came back."""
    is_new: bool
    """False where a release with the same content was there already."""
    parts: Parts
    """How much of the videos did not have to come."""
    stages: tuple[StageReport, ...]


def restore(
    workspace: Workspace,
    released: Released,
    *,
    name: str | None = None,
    retry_failed: bool = False,
    reporter: Callable[[], Reporter] | None = None,
    on_warning: Listener | None = None,
) -> tuple[RestoreReport, Counts]:
    """Fetch the videos of a released file, cut its stretches, and release what came back.

    Run again, it asks for nothing that is here or gone for good. The release holds the same rows
    but those without a file, which `missing.csv` lists.

    Args:
        workspace: Where.
        released: The file; it is read whole before anything is written.
        name: Of the release; restored1, restored2 and so on without it.
        retry_failed: Also ask again for what failed for a reason that may have passed.
        reporter: Makes what shows a stage to a person.
        on_warning: Is told of oddities of the file.

    Raises:
        ConfigError: A setting of `download` leads nowhere; nothing was changed.
        FormatError: The file cannot be read, or names no video of the web; nothing was changed.
        SourceError: The site does not answer; what is here stays.
        WorkspaceError: The name is taken by other content, or another run is writing.

    """
    if name is not None:
        check_name(name)
    require_ready(workspace.config.download)
    before = released.version
    judge_sites(workspace)
    with writing(workspace.engine) as session:
        pages = _bounded(workspace, released, read_wanted(released, on_warning), on_warning)
        ask(session, released, pages, workspace.config.download.extractors)
    stages = tuple(
        run_stage(
            workspace,
            build_stage(stage, workspace),
            retry_failed=retry_failed,
            reporter=reporter() if reporter else None,
        )
        for stage in _stages(workspace, released)
    )
    if released.version != before:
        raise FormatError(f"{released.path} was changed meanwhile. Run the same command again.")
    counts, folder, is_new = _release(workspace, released, name, on_warning)
    with writing(workspace.engine) as session:
        parts = count_parts(session, released)
        note_counts(session, released, counts, parts)
    report = RestoreReport(
        file=str(released.path),
        format=released.format.name,
        num_rows=counts.rows.total(),
        num_restored=counts.rows[Outcome.RESTORED],
        num_shortened=counts.num_shortened,
        outcomes=plain(counts.rows),
        by_split={key: plain(found) for key, found in sorted(counts.by_split.items())},
        by_class={key: plain(found) for key, found in sorted(counts.by_class.items())},
        release=None if folder is None else str(folder),
        is_new=is_new,
        parts=parts,
        stages=stages,
    )
    return report, counts


def _bounded(
    workspace: Workspace, released: Released, pages: Iterable[Wanted], on_warning: Listener | None
) -> Iterator[Wanted]:
    """Pass pages on, and warn of stretches that lie where no video may reach by the settings."""
    longest, num_behind, last = workspace.config.download.max_duration_seconds, 0, 0.0
    for page in pages:
        for _, _, end in page.stretches:
            if end is not None and end > longest:
                num_behind, last = num_behind + 1, max(last, end)
        yield page
    if num_behind:
        Problems(released.path, on_warning=on_warning).warning(
            f"{num_behind:,} stretches lie behind download.max_duration_seconds = {longest:g}: "
            f"their videos are longer and will not be fetched. In kbuild.toml {ceil(last)} is the "
            "least that could take them all, and their videos may be longer still"
        )


def _stages(workspace: Workspace, released: Released) -> Iterator[str]:
    """Yield the stages to run, each when the one before is done."""
    if released.is_of_films:
        yield "ava download"
        return
    yield "download"
    with reading(workspace.engine) as session:
        is_any = session.execute(select(cut.cuttable().subquery()).limit(1)).first() is not None
    if is_any:
        yield cut.NAME


def _release(
    workspace: Workspace, released: Released, name: str | None, on_warning: Listener | None
) -> tuple[Counts, Path | None, bool]:
    """Write what came back; return the counts, the folder (None for nothing), whether it is new."""
    with building(workspace.releases) as built:
        with reading(workspace.engine) as session:
            lookup = Lookup(session, workspace, released)
            filling = Filling(released, lookup, built, on_warning)
            filling.fill()
        if not filling.files:
            return filling.counts, None, False
        content_hash = file_sha256(built / SUMS)
        folder = find_release(workspace.releases, name, content_hash)
        is_new = folder is None
        if folder is None:
            folder = workspace.releases / (name or next_name(workspace.releases, _PREFIX))
            filling.place(workspace.root)
            publish(built, folder)
    folder.touch()  # the newest release is the one made or found again last
    record_release(workspace, folder, content_hash)
    return filling.counts, folder, is_new
