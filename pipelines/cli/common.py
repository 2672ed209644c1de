"""What the commands share: the workspace, output for people and for programs, progress."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.numbers import ABOVE_0

if TYPE_CHECKING:
    from kinetics_builder.formats.problems import Problem
    from kinetics_builder.workspace import Workspace
    from pipelines.running.reports import Reporter

F = TypeVar("F", bound=Callable[..., Any])

_ENGINE = "kbuild.engine"
_MOST = 5
"""Problems of one sort that are said one by one."""
_VALUES = re.compile(r"'[^']*'|\[.*\]|-?\d[\d.,e+-]*\d|\d")


def json_option(function: F) -> F:
    """Add `--json` (parameter `as_json`): one JSON document on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
        function
    )


def frame_size_option(function: F) -> F:
    """Add `--frame-size WIDTHxHEIGHT` (parameter `frame_size`: two integers, or None)."""
    return click.option(
        "--frame-size",
        metavar="WxH",
        callback=_size,
        help="The frames' size, where the format counts in pixels.",
    )(function)


def columns_option(function: F) -> F:
    """Add `--columns WORKER,TASK,LABEL` (parameter `columns`: three names, or None)."""
    return click.option(
        "--columns",
        metavar="WORKER,TASK,LABEL",
        callback=_three_names,
        help="What the header calls these three, or their places from 1 where there is none.",
    )(function)


def frame_rate_option(function: F) -> F:
    """Add `--fps N` (parameter `frames_per_second`: above 0, or None)."""
    return click.option(
        "--fps",
        "frames_per_second",
        type=ABOVE_0,
        metavar="N",
        help="The frame rate, where the format counts frames.",
    )(function)


def stretched_option(function: F) -> F:
    """Add `--stretched` (parameter `is_stretched`: whether it was given)."""
    return click.option(
        "--stretched",
        "is_stretched",
        is_flag=True,
        help="The boxes were drawn on whole pictures that were stretched to another shape.",
    )(function)


def retry_failed_option(function: F) -> F:
    """Add `--retry-failed` (parameter `retry_failed`: whether it was given)."""
    return click.option(
        "--retry-failed",
        is_flag=True,
        help="Also try again what failed for a reason that may have passed.",
    )(function)


def engine_option(function: F) -> F:
    """Add `--engine`, which holds for what the command opens by `open_workspace`."""

    def remember(context: click.Context, _option: click.Parameter, engine: str | None) -> None:
        context.meta[_ENGINE] = engine

    return click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        expose_value=False,
        callback=remember,
        help="Where items are worked on: on this machine or on a Ray cluster; else run.engine.",
    )(function)


def _size(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Return (width, height) of text like 640x360."""
    if value is None:
        return None
    width, _, height = value.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise click.BadParameter(f"expected WIDTHxHEIGHT such as 640x360, found {value!r}")
    return int(width), int(height)


def _three_names(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Return the names of text like worker,task,label."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    if len(names) != 3:
        raise click.BadParameter("expected three names, such as worker,task,label")
    return names


def open_workspace(folder: Path) -> "Workspace":
    """Open the workspace named by `-C`, which the group left in the context's object."""
    from kinetics_builder.workspace import Workspace

    workspace = Workspace.open(folder)
    engine = click.get_current_context().meta.get(_ENGINE)
    return workspace if engine is None else workspace.on_engine(engine)


def say(text: str) -> None:
    """Print a line for people, on standard error so that `--json` stays clean."""
    from kinetics_builder.text.masking import masked

    click.echo(masked(text), err=True)


class SaysProblems:
    """Says what is wrong: of each sort of errors the first ones, as they come, and how many more.

    Warnings come at the end, each sort once with its number. Problems are of one sort that
    differ in place, numbers and quoted texts alone.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._warnings: dict[str, str] = {}
        """What is said of the first of each sort."""
        click.get_current_context().call_on_close(self._say_rest)

    def __call__(self, problem: "Problem") -> None:
        """Say an error, unless there were many of its sort; keep a warning for the end."""
        severity = problem.severity.value
        text = f"{severity.capitalize()}: {problem}"
        sort = f"{severity.capitalize()}: {problem.path}: {_VALUES.sub('...', problem.message)}"
        self._counts[sort] += 1
        if severity == "warning":
            self._warnings.setdefault(sort, text)
        elif self._counts[sort] <= _MOST:
            say(text)

    def _say_rest(self) -> None:
        for sort, number in self._counts.items():
            most = 1 if sort in self._warnings else _MOST
            more = f" ({number - most:,} more like this)" if number > most else ""
            if sort in self._warnings or more:
                say(f"{self._warnings.get(sort, sort)}{more}")


def emit(report: Any, *, as_json: bool, lines: Sequence[str] = ()) -> None:
    """Print a report, or a list of them: a JSON document of their fields, or `lines`."""
    if as_json:
        value = [*map(_fields, report)] if isinstance(report, list) else _fields(report)
        click.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def _fields(report: Any) -> Any:
    return asdict(report) if is_dataclass(report) and not isinstance(report, type) else report


def make_reporter(*, as_json: bool) -> "Reporter":
    """Return progress bars on a terminal, plain lines elsewhere, the least beside JSON."""
    from pipelines.cli.progress import LineReporter, RichReporter, TellingReporter

    if as_json:
        return TellingReporter()
    return RichReporter() if sys.stderr.isatty() else LineReporter()
