"""`kbuild ava statistics`."""

from pathlib import Path
from typing import Any

import click

from kinetics_builder.errors import FormatError
from pipelines.cli.common import SaysProblems, emit, json_option, say
from pipelines.cli.numbers import ABOVE_0

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--vocabulary",
    type=_FILE,
    help="The actions and their types, where they are not AVA's 80 (CSV, TOML or .pbtxt).",
)
@click.option(
    "--detections", "has_scores", is_flag=True, help="The last column is a score, not a person."
)
@click.option(
    "--step",
    "step_seconds",
    type=ABOVE_0,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="From one key frame to the next, for transitions.",
)
@click.option(
    "--least",
    "least_count",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="How often two actions must meet (or would by chance) for their NPMI to be told.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write one page with pictures as well.",
)
@click.option("--encoding", metavar="NAME", help="The text's encoding; UTF-8 without it.")
@click.option("--strict", "is_strict", is_flag=True, help="Make every oddity an error.")
@json_option
def statistics(
    file: Path,
    *,
    vocabulary: Path | None,
    page: Path | None,
    encoding: str | None,
    is_strict: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Count what stands in FILE, an AVA CSV (plain or .gz): labels, boxes, what goes together.

    Rows, key frames (distinct video and time), boxes (distinct video, time and corners), persons
    (distinct video and person_id), labels, labels a box, box sizes, and by NPMI which actions
    follow one another, are done by two persons at once, or by one.
    """
    from pipelines.ava.statistics.lines import lines_of
    from pipelines.ava.statistics.summary import Rules, summarise
    from pipelines.measuring.result import Manner

    if file.is_dir():
        raise FormatError(f"{file}: is a folder. {_in_folder(file)}")
    manner = Manner(is_strict=is_strict, on_warning=SaysProblems(), encoding=encoding)
    rules = Rules(vocabulary=vocabulary, **values)
    summary, counted = summarise(file, rules, manner)
    if page is not None:
        from pipelines.ava.statistics.page import write_page

        write_page(page, summary, counted)
        say(f"The page is {page}")
    emit(summary, as_json=as_json, lines=lines_of(summary))


def _in_folder(folder: Path) -> str:
    """Return what to name instead of a folder."""
    found = sorted(one for kind in ("*.csv", "*.csv.gz") for one in folder.rglob(kind))
    if not found:
        return "Name a CSV of AVA's rows; there is none in it."
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"Name one of its files: {', '.join(map(str, found[:3]))}{more}."
