"""What the commands share that release: where the release goes to, beside the workspace."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import emit

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def out_option(function: F) -> F:
    """Add `--out TARGET` (parameter `out`: a folder or an address, or None)."""
    return click.option(
        "--out",
        metavar="TARGET",
        help="Also copy it below TARGET, a folder or an address such as s3://bucket/folder, and "
        "read every file back there; the same command goes on with what was broken off.",
    )(function)


def hand_out(
    workspace: "Workspace",
    out: str | None,
    run: Callable[[], Any],
    lines_of: Callable[[Any], Sequence[str]],
    *,
    as_json: bool,
) -> None:
    """Release, copy the release to where it is given away, and print what came of both.

    A place that takes no file is refused before anything is written.
    """
    from pipelines.publishing.copying import copied_line, copy_release, require_target

    if out is None:
        report = run()
        emit(report, as_json=as_json, lines=lines_of(report))
        return
    require_target(workspace, out)
    report = run()
    copy = copy_release(workspace, report.folder, out)
    told = {**asdict(report), "copy": asdict(copy)}
    emit(told, as_json=as_json, lines=[*lines_of(report), copied_line(copy)])
