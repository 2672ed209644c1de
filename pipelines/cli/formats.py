"""Commands about files of annotations: formats, convert, validate."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import (
    SaysProblems,
    emit,
    frame_rate_option,
    frame_size_option,
    json_option,
)
from pipelines.cli.numbers import SEED

if TYPE_CHECKING:
    from kinetics_builder.formats.format import Format, Options
    from kinetics_builder.formats.problems import Listener, Problem
    from pipelines.converting.convert import Report

F = TypeVar("F", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


_OPTIONS = (
    click.option("--label-map", type=_FILE, help="The classes, where the format has numbers."),
    frame_size_option,
    frame_rate_option,
    click.option(
        "--split",
        type=click.Choice(["train", "validate", "test"]),
        help="The split of rows that do not name one.",
    ),
    click.option(
        "--split-number",
        type=click.IntRange(min=1),
        metavar="N",
        help="Which of the splits, where a folder holds several.",
    ),
    click.option("--media", type=_FOLDER, help="The video files, where the format has them."),
    click.option("--encoding", metavar="NAME", help="The text's encoding; UTF-8 without it."),
)


def file_options(function: F) -> F:
    """Add the options that say what a file does not; `file_options_of` takes their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def file_options_of(values: dict[str, Any], one: "Format") -> "Options":
    """Return what the options of `file_options` say of a file of that format."""
    from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION
    from kinetics_builder.formats.format import Options
    from kinetics_builder.formats.records import Kind

    label_map = values["label_map"]
    values = {name: value for name, value in values.items() if name != "label_map"}
    if label_map is None:
        return Options(**values)
    from kinetics_builder.formats.labels.reading import read_label_map
    from kinetics_builder.formats.problems import Problems

    told = Problems(label_map, on_warning=SaysProblems())
    first_id = FIRST_ACTION if one.kind is Kind.BOXES else 0
    return Options(labels=read_label_map(label_map, told, first_id=first_id), **values)


@click.command()
@click.argument("name", required=False)
@json_option
def formats(name: str | None, *, as_json: bool) -> None:
    """List the formats that `convert` and `validate` know; with NAME, all about that one."""
    from kinetics_builder.formats.registry import all_formats, find_format

    if name is not None:
        one = find_format(name)
        emit(_row(one), as_json=as_json, lines=_about(one))
        return
    known = list(all_formats().values())
    emit([_row(one) for one in known], as_json=as_json, lines=_table(known))


def _row(one: "Format") -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "reads": one.read is not None,
        "writes": one.write is not None,
        "is_folder": one.is_folder,
        "what": one.what,
        "source": one.source,
        "traps": one.traps,
    }


def _goes(one: "Format") -> str:
    return " ".join(verb for verb in ("read", "write") if getattr(one, verb) is not None)


def _table(known: list["Format"]) -> list[str]:
    width = max((len(one.name) for one in known), default=0)
    return [
        f"{one.name:<{width}}  {one.kind.value:<6}  {_goes(one):<10}  {one.what}" for one in known
    ]


def _about(one: "Format") -> list[str]:
    place = "a folder" if one.is_folder else "a file"
    return [
        f"{one.name}: {one.what}",
        f"kind:   {one.kind.value}, {place}; {_goes(one)}",
        f"source: {one.source}",
        f"traps:  {one.traps}",
    ]


@click.command()
@click.argument("source", metavar="IN", type=_PATH)
@click.argument("target", metavar="OUT", type=_PATH)
@click.option("--from", "source_name", metavar="NAME", required=True, help="The format of IN.")
@click.option("--to", "target_name", metavar="NAME", required=True, help="The format of OUT.")
@file_options
@click.option("--force", "may_replace", is_flag=True, help="Replace OUT if it is a file.")
@click.option("--strict", "is_strict", is_flag=True, help="End at the first oddity.")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of clips: leave out classes with fewer for training.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of clips: keep so many of a class for training at most.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Which those are.")
@click.option(
    "--shards",
    "num_shards",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of WebDataset: deal each split out to so many shards; by their size without it.",
)
@json_option
def convert(
    source: Path,
    target: Path,
    source_name: str,
    target_name: str,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Write the annotations of IN as OUT, in another format of the same kind.

    `kbuild formats` lists the formats. Bad rows are told of on standard error (many of one sort
    by their number; `kbuild validate` lists each) and left out, and the good ones written; what
    OUT's format cannot say is told of as well. OUT appears whole or,
    with --strict and something to tell of, not at all. Exits 1 if there are errors.

    --least and --most write a balanced subset of clips; other splits keep all clips of the classes
    that stay.
    """
    from kinetics_builder.curation.balanced import Balance
    from kinetics_builder.formats.records import Kind
    from pipelines.converting.checks import check_target, find_pair
    from pipelines.converting.convert import Listeners
    from pipelines.converting.convert import convert as run

    pair = find_pair(source_name, target_name)
    check_target(pair[1], source, target, may_replace=options.pop("may_replace"))
    is_strict, seed = options.pop("is_strict"), options.pop("seed")
    least, most = options.pop("least"), options.pop("most")
    balance = Balance(least or 1, most, seed) if least or most else None
    if balance is not None and pair[0].kind is not Kind.CLIPS:
        raise click.UsageError("--least and --most are about files of clips.")
    said = SaysProblems()
    listeners = Listeners(
        on_error=None if is_strict else said, on_warning=said, is_strict=is_strict
    )
    report = run(pair, source, target, file_options_of(options, pair[0]), listeners, balance)
    emit(report, as_json=as_json, lines=[_line(report), *_subset_line(report)])
    sys.exit(1 if report.num_errors else 0)


def _line(report: "Report") -> str:
    found = [f"{report.num_written:,} {'row' if report.num_written == 1 else 'rows'} written"]
    if report.num_errors:
        found.append(f"{report.num_errors:,} left out")
    if report.num_lost:
        found.append(f"{report.num_lost:,} without a place there")
    return ", ".join(found)


def _subset_line(report: "Report") -> list[str]:
    if (some := report.subset) is None:
        return []
    return [
        f"{some.num_classes:,} of {some.num_classes_before:,} classes, with {some.fewest:,} to "
        f"{some.largest:,} clips for training each; {some.num_clips:,} of "
        f"{some.num_clips_before:,} clips."
    ]


def _text(problem: "Problem") -> str:
    return f"{problem.severity.value.capitalize()}: {problem}"


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_PATH)
@click.option("--format", "name", metavar="NAME", required=True, help="What the files should be.")
@file_options
@click.option("--strict", "is_strict", is_flag=True, help="Take warnings for errors.")
@json_option
def validate(
    files: tuple[Path, ...],
    name: str,
    *,
    is_strict: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """List every bad row of each FILE, with its line and what was expected.

    Warnings are about what readers tolerate, and about rows that stand twice. Exits 1 if there
    are errors.
    """
    from kinetics_builder.formats.registry import find_format
    from pipelines.converting.convert import Listeners
    from pipelines.converting.validate import validate as run

    listed = _Listed() if as_json else None
    listener: Listener = listed or (lambda problem: click.echo(_text(problem)))
    listeners = Listeners(on_error=listener, on_warning=listener, is_strict=is_strict)
    one, given = find_format(name), file_options_of(options, find_format(name))
    reports = []
    for file in files:
        reports.append(run(one, file, given, listeners))
        if listed is None:
            click.echo(reports[-1].line())
    if listed is not None:
        listed.end([asdict(report) for report in reports])
    sys.exit(1 if any(report.num_errors for report in reports) else 0)


class _Listed:
    """Prints problems as they come, inside one JSON document: there may be millions."""

    def __init__(self) -> None:
        self._before = '{"problems": ['

    def __call__(self, problem: "Problem") -> None:
        click.echo(f"{self._before}\n{_json(asdict(problem))}", nl=False)
        self._before = ","

    def end(self, files: list[dict[str, Any]]) -> None:
        """Print what is said of the files, and end the document."""
        start = "" if self._before == "," else self._before
        click.echo(f'{start}],\n"files": {_json(files)}}}')


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


commands: list[click.Command] = [formats, convert, validate]
