"""Verb `releases survey`: a released file -> which of its videos are there, by class, over time."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import AvailabilitySurvey
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Listener
from kinetics_builder.workspace import Workspace
from pipelines.availability.asking import NAME
from pipelines.availability.beginning import begin, past_surveys
from pipelines.availability.files import write_files
from pipelines.availability.standing import rows_stood
from pipelines.availability.surveyed import Past, SurveyReport
from pipelines.availability.topping import top_ups
from pipelines.restoring.counts import Counts, plain
from pipelines.restoring.outcomes import Outcome
from pipelines.restoring.released import Released, read_wanted
from pipelines.running.reports import Reporter
from pipelines.running.runner import run_stage
from pipelines.sources.web.options import require_ready
from pipelines.stages import build_stage


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a survey."""

    is_new: bool = False
    """Ask for all of it anew, beside the surveys of before."""
    minimum: int | None = None
    """Rows that a class is to have: what that takes is told."""
    folder: Path | None = None
    """Where tables and the picture are written."""
    retry_failed: bool = False
    """Also ask again where no answer came."""


def survey(
    workspace: Workspace,
    released: Released,
    wish: Wish = Wish(),
    *,
    reporter: Callable[[], Reporter] | None = None,
    on_warning: Listener | None = None,
) -> SurveyReport:
    """Ask for each video of a released file whether it is there, and tell by class and over time.

    Nothing is fetched; sites are asked as often as `download` may. Run again, it asks for what is
    not answered yet and for nothing else.

    Args:
        workspace: Where surveys are kept.
        released: The file; it is read whole before anybody is asked.
        wish: What is wanted beside.
        reporter: Makes what shows the stage to a person.
        on_warning: Is told of oddities of the file.

    Raises:
        ConfigError: A setting of `download` leads nowhere; nothing was changed.
        FormatError: The file cannot be read, or names no video of the web; nothing was changed.

    """
    require_ready(workspace.config.download)
    before, extractors = released.version, workspace.config.download.extractors
    with writing(workspace.engine) as session:
        pages = read_wanted(released, on_warning)
        number = begin(session, released, pages, extractors, is_new=wish.is_new).id
    stage = run_stage(
        workspace,
        build_stage(NAME, workspace),
        retry_failed=wish.retry_failed,
        reporter=reporter() if reporter else None,
    )
    if released.version != before:
        raise FormatError(f"{released.path} was changed meanwhile. Run the same command again.")
    counts = _count(workspace, released, number)
    with writing(workspace.engine) as session:
        begun = session.get_one(AvailabilitySurvey, number)
        by_class = {label: plain(found) for label, found in sorted(counts.by_class.items())}
        begun.counts = {"rows": plain(counts.rows), "by_class": by_class}
        session.flush()
        history = tuple(_history(past_surveys(session, begun.path)))
        wanted = top_ups(session, counts.by_class, wish.minimum or 0, number)
        top_up = tuple(wanted)
    report = SurveyReport(
        file=str(released.path),
        format=released.format.name,
        num_rows=counts.rows.total(),
        outcomes=plain(counts.rows),
        by_class=by_class,
        history=history,
        minimum=wish.minimum,
        top_up=top_up,
        stage=stage,
    )
    if wish.folder is not None:
        with reading(workspace.engine) as session:
            write_files(wish.folder, report, rows_stood(session, released, number))
    return report


def _count(workspace: Workspace, released: Released, number: int) -> Counts:
    counts = Counts()
    with reading(workspace.engine) as session:
        for stood in rows_stood(session, released, number):
            counts.add(stood.row, stood.outcome)
    return counts


def _history(surveys: Sequence[AvailabilitySurvey]) -> Iterator[Past]:
    for one in surveys:
        if one.counts is None:  # begun, and stopped before it could be counted
            continue
        rows, there = Counter(one.counts["rows"]), Outcome.THERE.value
        by_class = {label: found.get(there, 0) for label, found in one.counts["by_class"].items()}
        num_open = rows[Outcome.NOT_ASKED.value]
        day = f"{one.begun_at:%Y-%m-%d}"
        yield Past(one.id, day, rows.total(), rows[there], num_open, by_class)
