"""Command of restoring: restore."""

from collections.abc import Iterable, Sequence
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
    from pipelines.restoring.counts import Counts
    from pipelines.restoring.restore import RestoreReport


@click.command()
@released_file
@click.option("--whole", "is_whole", is_flag=True, help="Keep videos whole, and cut no clips.")
@click.option("--name", metavar="NAME", help="Of the release; restored1 and so on without it.")
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def restore(
    folder: Path,
    /,
    file: Path,
    name: str | None,
    *,
    retry_failed: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Fetch the videos of a released FILE, cut its clips, and tell what is gone.

    FILE is one of Kinetics, AVA, ActivityNet, HACS or another that names videos of the web. What
    came back is a release: the same rows but those that are missing, which missing.csv lists.
    Films of AVA are kept whole. Run it again after an interruption; what is here stays, what is
    gone for good is not asked for again.
    """
    from dataclasses import asdict

    from pipelines.restoring.restore import restore as run

    workspace = open_workspace(folder)
    is_whole = options.pop("is_whole")

    released = released_of(file, options, is_whole=is_whole)
    report, counts = run(
        workspace,
        released,
        name=name,
        retry_failed=retry_failed,
        reporter=lambda: make_reporter(as_json=as_json),
        on_warning=SaysProblems(),
    )
    emit(asdict(report), as_json=as_json, lines=_lines(report, counts))


def _lines(report: "RestoreReport", counts: "Counts") -> list[str]:
    lines = [
        f"{report.file}: {report.num_restored:,} of {report.num_rows:,} rows restored",
        "",
        *_table(counts.table(counts.by_split, "split")),
        "",
        *_table(counts.table(counts.by_class, "class")),
        "",
    ]
    where = "`kbuild status --failures`" if report.release is None else "missing.csv"
    for outcome, remedy in _REMEDIES.items():
        if number := report.outcomes.get(outcome):
            text = "\n".join(remedy).format(where=where)
            lines += f"{number:,} {outcome}: {text}".split("\n")
    lines += report.parts.lines()
    if report.num_shortened:
        lines.append(f"{report.num_shortened:,} are shorter than released: their videos end before")
    if report.release is None:
        return [*lines, "Nothing came back, so that no release was written."]
    how = "new" if report.is_new else "there already, with the same content"
    return [*lines, f"{report.release}: {how}"]


_REMEDIES = {
    "over a limit": (
        "{where} says by how much. Raise download.max_duration_seconds,",
        "max_megabytes or refuse_above_height (for films films.max_hours, films.max_megabytes) in",
        "kbuild.toml, and run this again: what is here stays.",
    ),
    "unsafe address": (
        "{where} says which. If it is yours, name it in kbuild.toml, as",
        'download.allow_private = ["films.lan"], and run this again; if the videos lie elsewhere,',
        "give --address.",
    ),
    **dict.fromkeys(
        ("sign-in required", "age-restricted", "members only"),
        ("download.cookies_file in kbuild.toml signs in; then run this again.",),
    ),
    "blocked in a country": (
        "download.proxy in kbuild.toml asks from elsewhere; then run this again.",
    ),
    "other licence": ("download.licences in kbuild.toml lets others in; then run this again.",),
    "not fetched yet": (
        "{where} says why. --retry-failed asks again for what failed;",
        "what waits for its turn at a site comes by the same command later (`kbuild status`).",
    ),
}
"""What a person may do about rows that did not come back, by what became of them."""


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return lines with the names to the left and the numbers to the right."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in cells
    ]


commands: list[click.Command] = [restore]
