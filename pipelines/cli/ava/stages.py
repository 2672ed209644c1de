"""`kbuild ava search`, `download`, ...: the single stages of `kbuild ava collect`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import (
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace

_HELP = {
    "search": "Ask the source of the last `ava collect` for films.",
    "download": "Fetch the films, and look into them.",
    "select": "Take the films that are long enough, and a stretch of each.",
    "keyframes": "Write the stills at key frames, and find the shots.",
    "link": "Say whose box is whose, from key frame to key frame.",
}


def _stage_command(name: str) -> click.Command:
    @click.command(name, help=_HELP[name])
    @engine_option
    @retry_failed_option
    @json_option
    @click.pass_obj
    def command(folder: Path, retry_failed: bool, as_json: bool) -> None:
        from pipelines.running.runner import run_stage
        from pipelines.stages import build_stage

        workspace = open_workspace(folder)
        report = run_stage(
            workspace,
            build_stage(f"ava {name}", workspace),
            retry_failed=retry_failed,
            reporter=make_reporter(as_json=as_json),
        )
        lines = _lines_of_links(workspace) if name == "link" and not as_json else []
        emit(report, as_json=as_json, lines=lines)

    return command


def _lines_of_links(workspace: "Workspace") -> list[str]:
    """Return what can be asked about links that are there now."""
    from kinetics_builder.database.engine import reading
    from pipelines.inspecting.films.following import next_of_frames, next_of_links

    with reading(workspace.engine) as session:
        config = workspace.config
        following = next_of_frames(session, config) or next_of_links(session, config)
    return [f"Next: {following}"] if following else []


*before_detect, link = map(_stage_command, _HELP)
