"""Commands about what was released: releases page, survey."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import (
    SaysProblems,
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)
from pipelines.cli.released_file import released_file, released_of

if TYPE_CHECKING:
    from pipelines.availability.surveyed import SurveyReport

_MOST = 20
"""Classes that are shown."""


@click.group()
def releases() -> None:
    """Look after what was released."""


@releases.command()
@released_file
@click.option("--new", "is_new", is_flag=True, help="Ask for all of it anew, beside what was said.")
@click.option(
    "--minimum",
    type=click.IntRange(min=1),
    metavar="N",
    help="Tell what it takes for each class to have N rows again.",
)
@click.option(
    "--out",
    "out",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write tables, the classes to collect and a picture there.",
)
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def survey(
    folder: Path,
    /,
    file: Path,
    *,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Ask which videos of a released FILE are still there, and tell by class and over time.

    Nothing is fetched, and sites are asked as seldom as by `download`. Run again, it goes on
    with what is not answered yet; --new asks for all of it anew.
    """
    from pipelines.availability.survey import Wish
    from pipelines.availability.survey import survey as run

    workspace = open_workspace(folder)
    wish = Wish(options.pop("is_new"), options.pop("minimum"), out, options.pop("retry_failed"))

    report = run(
        workspace,
        released_of(file, options),
        wish,
        reporter=lambda: make_reporter(as_json=as_json),
        on_warning=SaysProblems(),
    )
    emit(report, as_json=as_json, lines=list(_lines(report, out)))


@releases.command()
@click.argument("name", metavar="RELEASE")
@click.option(
    "--out",
    "out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page; RELEASE.html in the current folder without it.",
)
@click.option(
    "--groups",
    "groups_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of `clip,group`: what annotators said of the people in it (docs/measures.md). Then "
    "it is told which classes one group dominates.",
)
@click.pass_obj
def page(folder: Path, name: str, out: Path | None, groups_file: Path | None) -> None:
    """Write one page about a RELEASE: how much of what, answers, terms, contact sheets.

    RELEASE is a name in the workspace's releases, or a folder anywhere. Nothing but it is read.
    """
    from pipelines.measuring.groups.reading import read_groups
    from pipelines.publishing.kinds import find_folder, known_kind

    release = Path(name)
    if not release.is_dir():
        release = find_folder(open_workspace(folder), name)
    path = out or Path(f"{release.absolute().name}.html")
    groups = None if groups_file is None else read_groups(groups_file)
    reporter = make_reporter(as_json=False)
    click.echo(known_kind(release).write_page(release, path, groups, reporter))


def _lines(report: "SurveyReport", out: Path | None) -> Iterator[str]:
    there = "there"
    lost = [f"{number:,} {word}" for word, number in report.outcomes.items() if word != there]
    came = f"{report.num_there:,} of {report.num_rows:,} rows are still there"
    yield f"{report.file}: {came}" + (f"; {', '.join(lost)}" if lost else "")
    for past in report.history[:-1]:
        yield f"on {past.begun_on} it were {past.num_there:,} of {past.num_rows:,}"
    yield from _worst_classes(report)
    yield from _top_up_lines(report)
    if report.outcomes.get("not answered yet"):
        yield (
            "What is not answered yet is asked for by the same command later (`kbuild status` "
            "says when a site may be asked again); --retry-failed asks again for what failed."
        )
    if out is not None:
        yield f"{out}: tables and a picture"


def _worst_classes(report: "SurveyReport") -> Iterator[str]:
    shares = [
        (found.get("there", 0) / max(1, sum(found.values())), label, found)
        for label, found in report.by_class.items()
    ]
    worst = sorted(shares, key=lambda one: one[:2])[:_MOST]
    width = max((len(label) for _, label, _ in worst), default=0)
    for _, label, found in worst:
        total = sum(found.values())
        yield f"  {label or '(none)':<{width}}  {found.get('there', 0):,} of {total:,}"
    if (rest := len(shares) - len(worst)) > 0:
        yield f"  and {rest:,} more, of which a larger share is there"


def _top_up_lines(report: "SurveyReport") -> Iterator[str]:
    if report.minimum is None:
        return
    short = sum(one.num_short for one in report.top_up)
    ours = sum(one.num_accepted for one in report.top_up)
    if not short:
        yield f"Every class has {report.minimum:,} rows or more."
        return
    yield (
        f"{len(report.top_up):,} classes have fewer than {report.minimum:,} rows: {short:,} are "
        f"wanting, {ours:,} of them are accepted here, {short - ours:,} are to be collected."
    )


commands: list[click.Command] = [releases]
