"""Commands about data of many sorts from the web, kept by a teacher's word: kbuild omni."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import (
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)
from pipelines.cli.numbers import ABOVE_0

_KINDS = click.Choice(["images", "clips", "videos"])


@click.group()
def omni() -> None:
    """Keep pictures, clips and whole videos by what a trained network says of them.

    As OmniSource did (arXiv:2003.13042): score, look at the curve, leave out what is in the
    target's validation set, write lists for joint training.
    """


@omni.command()
@click.option(
    "--teacher",
    metavar="CHECKPOINT",
    type=click.Path(path_type=Path),
    help="A run of train-baseline, or an imported network; the last one named without it.",
)
@click.option(
    "--only", "kinds", type=_KINDS, multiple=True, help="These kinds of items; may be repeated."
)
@click.option(
    "--window",
    "window_seconds",
    type=ABOVE_0,
    help="Length of the windows of whole videos; propose.clip_seconds without it.",
)
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def score(
    folder: Path,
    /,
    teacher: Path | None,
    kinds: tuple[str, ...],
    window_seconds: float | None,
    retry_failed: bool,
    as_json: bool,
) -> None:
    """Ask a trained network about all that was collected, class by class.

    Pictures (kbuild images) are clips in which nothing moves, whole videos are looked at window by
    window. Each kind may have a teacher of its own: name it with --only. A network that does not
    know a class of the workspace is refused.
    """
    from dataclasses import asdict

    from kinetics_builder.database.tables import WebKind
    from pipelines.omni.teachers import Asked, appoint
    from pipelines.omni.teachers import score as run

    workspace = open_workspace(folder)
    asked = Asked(tuple(map(WebKind, kinds)) or tuple(WebKind), window_seconds, retry_failed)
    if teacher is not None:
        appoint(workspace, teacher, asked)
    elif window_seconds is not None:
        raise click.UsageError("--window goes with --teacher: it is a part of how one looks.")
    reports = run(workspace, asked, make_reporter(as_json=as_json))
    emit(
        [asdict(one) for one in reports],
        as_json=as_json,
        lines=["", *(one.line for one in reports), "Next: kbuild omni curve --known votes"],
    )


@omni.command()
@click.option(
    "--known",
    metavar="FILE",
    default="votes",
    show_default=True,
    help="What tells which items are right: votes, or a CSV of file,label,is_right.",
)
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: a PNG.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="A table.")
@json_option
@click.pass_obj
def curve(
    folder: Path, /, known: str, picture: Path | None, table: Path | None, as_json: bool
) -> None:
    """Show what each threshold on the teacher's score keeps, and how much of that is right."""
    from dataclasses import asdict

    from pipelines.omni.curves import curve_lines, draw_curves, write_curves

    if known != "votes" and not Path(known).is_file():
        raise click.BadParameter(
            f"expected votes, or a file, found {known!r}", param_hint="--known"
        )
    curves = draw_curves(open_workspace(folder), None if known == "votes" else Path(known))
    if table is not None:
        write_curves(table, curves)
    if picture is not None:
        from kinetics_builder.formats.output import writing_bytes
        from pipelines.omni.picture import draw

        with writing_bytes(picture) as drawn:
            drawn.write(draw(curves))
    plain = [{**asdict(one), "every_point": None} for one in curves]
    emit(plain, as_json=as_json, lines=[*curve_lines(curves)])


_TARGETS = click.option(
    "--target",
    "targets",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A release's folder, a released file or a list of ids (.txt); may be repeated.",
)
_SPLITS = click.option(
    "--split",
    "splits",
    type=click.Choice(["train", "validate", "test"]),
    multiple=True,
    default=("validate", "test"),
    show_default=True,
    help="Of the target, where its rows say theirs; may be repeated.",
)


@omni.command()
@_TARGETS
@_SPLITS
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="List all.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="Items shown.")
@json_option
@click.pass_obj
def contamination(
    folder: Path,
    /,
    targets: tuple[Path, ...],
    splits: tuple[str, ...],
    table: Path | None,
    limit: int,
    as_json: bool,
) -> None:
    """List which pictures, clips and videos may be in a target's validation set, and why.

    By ids, by files, by uploaders where they are known, and by what they look like: a release
    with clips.parquet tells that. The workspace's newest release is the target without --target.
    """
    from pipelines.omni.contamination import (
        contamination_lines,
        find_contaminated,
        write_contaminated,
    )

    workspace = open_workspace(folder)
    report = find_contaminated(workspace, targets or [workspace.newest_release()], splits)
    if table is not None:
        write_contaminated(table, report.found)
    emit(report, as_json=as_json, lines=[*contamination_lines(report, limit)])


def _thresholds(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Return the least score of each kind: of `0.5` for all, of `images=0.3` for one."""
    found: dict[str, float] = {}
    for value in values:
        kind, _, number = value.rpartition("=")
        try:
            share = float(number)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1 or (kind and kind not in _KINDS.choices):
            raise click.BadParameter(
                f"expected a share from 0 to 1, or one of {', '.join(_KINDS.choices)} with it as "
                f"images=0.3, found {value!r}"
            )
        found |= {kind: share} if kind else dict.fromkeys(map(str, _KINDS.choices), share)
    return found


@omni.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--threshold",
    "thresholds",
    metavar="SHARE",
    multiple=True,
    required=True,
    callback=_thresholds,
    help="Least score that is kept: 0.5, or of one kind images=0.3; the last one counts.",
)
@_TARGETS
@_SPLITS
@click.option("--keep-contaminated", is_flag=True, help="Without --target: hold against none.")
@click.option("--no-lists", is_flag=True, help="Without MMAction2's lists, items.csv alone.")
@json_option
@click.pass_obj
def write(
    folder: Path,
    /,
    out: Path,
    thresholds: dict[str, float],
    as_json: bool,
    **values: Any,
) -> None:
    """Write lists of what the teacher's word keeps to the folder OUT, for joint training.

    items.csv holds every picture, clip and stretch with its label, source and score; images.txt,
    clips.txt, videos.txt are MMAction2's. Paths are relative to the workspace. What may be in a
    target's validation set (the newest release's without --target) is left out, and listed.
    """
    from kinetics_builder.database.tables import WebKind
    from pipelines.omni.writing import LEFT_OUT, Wanted, write_omni

    workspace = open_workspace(folder)
    held = values["targets"]
    if not held and not values["keep_contaminated"]:
        held = [workspace.newest_release()]
    least = {WebKind(kind): share for kind, share in thresholds.items()}
    wanted = Wanted(least, held, values["splits"], has_lists=not values["no_lists"])
    report = write_omni(workspace, out, wanted)
    lines = [f"{out}: {'kept':>8}{'below':>9}{'in a target':>13}"]
    for kind in report.num_scored:
        numbers = (report.num_written, report.num_below, report.num_contaminated)
        kept, below, bad = (counts.get(kind, 0) for counts in numbers)
        lines.append(f"{kind:<8}{kept:>8,}{below:>9,}{bad:>13,}")
    lines.append(f"What was left out for being in a target stands in {LEFT_OUT}.")
    emit(report, as_json=as_json, lines=lines)


@omni.command()
@click.argument("lists", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--media", type=click.Path(path_type=Path), help="The workspace: are the files there?"
)
@json_option
def check(lists: Path, media: Path | None, as_json: bool) -> None:
    """Say what is wrong with a folder that `omni write` wrote; exit 1 if anything is."""
    from kinetics_builder.formats.training.omnisource.checking import check_folder

    found = list(check_folder(lists, media))
    emit(found, as_json=as_json, lines=found or [f"{lists}: nothing is wrong."])
    if found:
        click.get_current_context().exit(1)


commands: list[click.Command] = [omni]
