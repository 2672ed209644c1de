"""From a source of films to linked boxes of persons: all stages of AVA in their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.database.engine import writing
from kinetics_builder.errors import SourceError
from kinetics_builder.formats.problems import Listener
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.ava.detecting import BoxesTold, run_detect, take_boxes
from pipelines.ava.told import LIMIT, QUERIES, SOURCE, queries_text, read_queries, tell
from pipelines.running.reports import Reporter, StageReport
from pipelines.running.retrying import what_now
from pipelines.running.runner import run_stage
from pipelines.sources.spec import ready_spec
from pipelines.stages import AVA_MODULES, build_stage


@dataclass(frozen=True, kw_only=True)
class Told:
    """What `ava collect` is told."""

    source: str
    """As `--source` has it."""
    queries: Path | None = None
    """A file of queries, one a line, for a source that is searched."""
    limit: int | None = None
    """Videos asked for each query; None leaves it to the settings."""
    boxes: BoxesTold = field(default_factory=BoxesTold)


@dataclass(frozen=True)
class CollectReport:
    """What a run found and did."""

    stages: tuple[StageReport, ...]


def collect(
    workspace: Workspace,
    told: Told,
    *,
    retry_failed: bool = False,
    reporter: Callable[[], Reporter] | None = None,
    on_warning: Listener | None = None,
) -> CollectReport:
    """Remember what was told and run every stage.

    Args:
        workspace: Where.
        told: The source of the films, and where boxes come from.
        retry_failed: Also try again what failed for a reason that may have passed.
        reporter: Makes what shows a stage to a person.
        on_warning: Is told of what is odd in a file of boxes.

    Raises:
        SourceError: The source is no source, does not answer, or has nothing that fits.
        FormatError: The file of boxes cannot be used, or is of other films.
        ConfigError: The weights of the detector are not there, or a setting of `download` leads
            nowhere.

    """
    spec = _remembered(workspace, told)
    take_boxes(workspace, told.boxes, on_warning=on_warning)
    reports: list[StageReport] = []
    for name in AVA_MODULES:
        _check_any_left(reports, spec)
        shown = reporter() if reporter else None
        if name == "ava detect":
            report = run_detect(
                workspace, retry_failed=retry_failed, reporter=shown, on_warning=on_warning
            )
        else:
            stage = build_stage(name, workspace)
            report = run_stage(workspace, stage, retry_failed=retry_failed, reporter=shown)
        reports.append(report)
    return CollectReport(tuple(reports))


def _remembered(workspace: Workspace, told: Told) -> str:
    """Write down the source and what it is asked, and return how it is remembered."""
    spec = ready_spec(told.source, workspace.config.download)
    queries = read_queries(told.queries) if told.queries else []
    if spec.startswith("search:") and not queries:
        raise SourceError(
            f"{spec} is searched, and for what was not said: give --queries FILE, with one query "
            "a line. The paper's were the names of actors (arXiv:1705.08421)."
        )
    limit = "" if told.limit is None else str(told.limit)
    with writing(workspace.engine) as session:
        tell(session, {SOURCE: spec, QUERIES: queries_text(queries), LIMIT: limit})
    return spec


def _check_any_left(reports: Sequence[StageReport], spec: str) -> None:
    """Stop where the stage before left nothing, and say what a person can do about it."""
    if not reports or reports[-1].num_done:
        return
    last = reports[-1]
    reasons = ", ".join(f"{count} {reason}" for reason, count in last.failures.items())
    raise SourceError(
        f"{spec}: after {last.stage} nothing is left of {counted(last.num_items, 'item')} "
        f"({reasons}). "
        f"{what_now(last.failures)}"
    )
