"""`kbuild ava render` and `kbuild ava view`: look at films with what files say of them."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import (
    SaysProblems,
    emit,
    frame_size_option,
    json_option,
    say,
    stretched_option,
)
from pipelines.cli.numbers import ABOVE_0, ANY, SHARE, Number

if TYPE_CHECKING:
    from pipelines.ava.watching.films import Found

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SOURCE = click.Path(exists=True, path_type=Path)
_ANY = click.Path(path_type=Path)

_OPTIONS = (
    click.option("--truth", type=_SOURCE, help="What is so: boxes with actions."),
    click.option(
        "--truth-format",
        metavar="NAME",
        default="ava",
        show_default=True,
        help="Any format of boxes of `kbuild formats`.",
    ),
    click.option("--detections", type=_SOURCE, help="What was predicted."),
    click.option(
        "--detections-format",
        metavar="NAME",
        default="ava-detections",
        show_default=True,
        help="Any format of boxes; ava-tracks says which boxes are one person.",
    ),
    click.option(
        "--label-map", type=_FILE, help="The actions' names, where they are not AVA's 80."
    ),
    click.option(
        "--video-id", metavar="NAME", help="What the rows call the film; else as its file's name."
    ),
    click.option(
        "--start",
        "start_seconds",
        type=ANY,
        metavar="SECONDS",
        help="The second of the rows' time at which the film's file begins, where it is a cut: "
        "900 for AVA's.",
    ),
    click.option(
        "--step",
        "step_seconds",
        type=ABOVE_0,
        default=1.0,
        show_default=True,
        metavar="SECONDS",
        help="From one key frame to the next: a person at both is followed from one to the other.",
    ),
    click.option(
        "--threshold",
        type=SHARE,
        default=0.5,
        show_default=True,
        help="The least score of what is shown of detections.",
    ),
    click.option(
        "--hold",
        "hold_seconds",
        type=Number(min=0),
        default=0.2,
        show_default=True,
        metavar="SECONDS",
        help="How long a box is shown around its key frame where nobody follows its person.",
    ),
    click.option(
        "--from",
        "from_seconds",
        type=ANY,
        metavar="SECONDS",
        help="Begin here, in the rows' time; else 1.5 s before the first key frame.",
    ),
    click.option(
        "--to",
        "to_seconds",
        type=ANY,
        metavar="SECONDS",
        help="End here; else 1.5 s behind the last key frame.",
    ),
    click.option(
        "--short-side",
        type=click.IntRange(min=64),
        metavar="PIXELS",
        help="Of the pictures; else the film's own (render: at least 360).",
    ),
    frame_size_option,
    stretched_option,
    click.option(
        "--fps",
        "frames_per_second",
        type=ABOVE_0,
        metavar="N",
        help="The frame rate, where a format counts frames.",
    ),
    click.option("--encoding", metavar="NAME", help="The text's encoding; UTF-8 without it."),
    click.option("--strict", "is_strict", is_flag=True, help="Make every oddity an error."),
    click.option("--force", "may_replace", is_flag=True, help="Replace what stands at OUT."),
)


def _options(function: F) -> F:
    """Add the options that both commands have; `_found` takes most of their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _found(film: Path, options: dict[str, Any]) -> "Found":
    from pipelines.ava.watching.films import Naming, find_films
    from pipelines.ava.watching.sheets import Sources
    from pipelines.converting.convert import Listeners

    naming = Naming(video_id=options.pop("video_id"), start_seconds=options.pop("start_seconds"))
    said, is_strict = SaysProblems(), options.pop("is_strict")
    listeners = Listeners(
        on_error=None if is_strict else said, on_warning=said, is_strict=is_strict
    )
    return find_films(film, Sources(**options), naming, listeners)


@click.command()
@click.argument("film", metavar="FILM", type=_SOURCE)
@click.argument("out", metavar="OUT", type=_ANY)
@_options
@click.option(
    "--speed",
    type=Number(0.01, 1),
    default=0.5,
    show_default=True,
    help="Of the film: at 0.5 a second takes two.",
)
@json_option
def render(film: Path, out: Path, *, as_json: bool, **options: Any) -> None:
    """Draw what files say on the pictures of FILM (a file, or a folder of them) as an MP4.

    Detections are green with their actions on top, the truth is red with its actions below. A
    person who has a box at two neighbouring key frames (by person_id, or by the track of
    ava-tracks) is followed from one to the other; other boxes are drawn around their key frame
    alone. OUT is a name ending in .mp4, or a folder.
    """
    from pipelines.ava.watching.drawn import Manner
    from pipelines.ava.watching.render import render as run

    may_replace, speed = options.pop("may_replace"), options.pop("speed")
    manner = Manner(speed=speed, **_manner(options))
    rendered = run(_found(film, options), out, manner, say, may_replace=may_replace)
    _end([(one, one.line, bool(one.failure)) for one in rendered], as_json=as_json)


@click.command()
@click.argument("film", metavar="FILM", type=_SOURCE)
@click.argument("out", metavar="OUT", type=_ANY)
@_options
@json_option
def view(film: Path, out: Path, *, as_json: bool, **options: Any) -> None:
    """Write a page on which FILM (a file, or a folder of them) is looked at with what files say.

    The film with boxes over it, a time line of its key frames and of each person's actions,
    steps by key frame, and choices of action, person and score. OUT is a name ending in .html,
    or a folder, which gets a page for each film and a list of them. The film's video lies
    beside its page; both need no server.
    """
    from pipelines.ava.watching.view import Look
    from pipelines.ava.watching.view import view as run

    may_replace = options.pop("may_replace")
    look = Look(**_manner(options))
    viewed = run(_found(film, options), out, look, say, may_replace=may_replace)
    _end([(one, one.line, bool(one.failure)) for one in viewed], as_json=as_json)


def _manner(options: dict[str, Any]) -> dict[str, Any]:
    """Take out of the options what says how films are shown."""
    from pipelines.ava.watching.stretch import Asked

    asked = Asked(start_seconds=options.pop("from_seconds"), end_seconds=options.pop("to_seconds"))
    names = ("threshold", "step_seconds", "hold_seconds")
    manner = {name: options.pop(name) for name in names}
    return {**manner, "asked": asked, "short_side": options.pop("short_side") or 0}


def _end(made: list[tuple[Any, str, bool]], *, as_json: bool) -> None:
    """Print what became of each film; exit 1 if one failed."""
    emit(
        [asdict(one) for one, _, _ in made],
        as_json=as_json,
        lines=[line for _, line, has_failed in made if not has_failed],
    )
    failed = [line for _, line, has_failed in made if has_failed]
    for line in failed:
        say(f"Error: {line}.")
    sys.exit(1 if failed else 0)


commands: list[click.Command] = [render, view]
