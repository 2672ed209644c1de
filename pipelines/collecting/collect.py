"""From class names to clips that wait for annotators: all stages in their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.database.engine import writing
from kinetics_builder.errors import ClassesError, SourceError
from kinetics_builder.setting_checks import known_licences
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.text.counting import counted
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting.classes import lacking, remember
from pipelines.collecting.finding import finder_of
from pipelines.running.reports import Reporter, StageReport
from pipelines.running.retrying import what_now
from pipelines.running.runner import run_stage
from pipelines.sources.spec import ready_spec
from pipelines.stages import MODULES, build_stage, stages_for
from pipelines.verifying.assign import AssignReport, assign


@dataclass(frozen=True)
class Bounds:
    """What is asked for at most."""

    limit: int | None = None
    """Videos of each query."""
    licences: tuple[str, ...] = ()
    """Of which a video must have one."""


@dataclass(frozen=True)
class CollectReport:
    """What a run of `collect` found and did."""

    stages: tuple[StageReport, ...]
    assign: AssignReport


def collect(
    workspace: Workspace,
    classes: Path,
    source: str,
    *,
    within: Bounds = Bounds(),
    retry_failed: bool = False,
    reporter: Callable[[], Reporter] | None = None,
) -> CollectReport:
    """Take the list of classes in, run every stage, make tasks.

    Args:
        classes: The list of classes.
        source: As `--source` has it.
        within: What is asked for at most; what it does not say is left to the settings.
        reporter: Makes what shows a stage to a person.

    Raises:
        ConfigError: A licence is not known, a setting of `download` leads nowhere, or titles cannot
            be matched as `match` says; nothing was changed.
        ClassesError: The list cannot be used; nothing was changed.
        SourceError: The source is no source, does not answer, or has nothing that fits.

    """
    known_licences(within.licences)
    spec, found = ready_spec(source, workspace.config.download), read_class_list(classes)
    entries = found.classes
    if lack := lacking(entries, workspace.config.search.languages):
        raise ClassesError(f"{classes}: {lack}")
    finder_of(workspace, entries)
    with writing(workspace.engine) as session:
        try:
            import_classes(session, entries, found.groups)
        except ClassesError as error:
            raise ClassesError(f"{classes}: {error}") from error
        remember(session, classes, spec, within.limit, within.licences)
    reports: list[StageReport] = []
    for name in (name for one in MODULES for name in stages_for(one, workspace)):
        _check_any_left(reports, spec)
        stage = build_stage(name, workspace)
        shown = reporter() if reporter else None
        reports.append(run_stage(workspace, stage, retry_failed=retry_failed, reporter=shown))
    with writing(workspace.engine) as session:
        assigned = assign(session, workspace.config)
    return CollectReport(tuple(reports), assigned)


def _check_any_left(reports: Sequence[StageReport], spec: str) -> None:
    """Stop where the stage before left nothing, and say what a person can do about it."""
    if not reports or reports[-1].num_done:
        return
    last = reports[-1]
    if last.num_items > sum(last.failures.values()):
        raise SourceError(
            f"{spec}: {last.stage} could not ask for any of {counted(last.num_items, 'item')} yet: "
            "`kbuild status` says when the site may be asked. Run the same command again then."
        )
    reasons = ", ".join(f"{count} {reason}" for reason, count in last.failures.items())
    remedy = _REMEDIES.get(last.stage) or what_now(last.failures)
    raise SourceError(
        f"{spec}: after {last.stage} nothing is left of {counted(last.num_items, 'item')} "
        f"({reasons}). "
        f"{remedy}"
    )


_REMEDIES = {
    "match": "Add queries or synonyms to the classes, or lower match.min_score in kbuild.toml.",
}
