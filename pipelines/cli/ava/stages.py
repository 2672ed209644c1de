"""`kbuild ava search`, `download`, ...: the single stages of `kbuild ava collect`."""

from pathlib import Path

import click

from pipelines.cli.common import (
    emit,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)

_HELP = {
    "search": "Ask the source of the last `ava collect` for films.",
    "download": "Fetch the films, and look into them.",
    "select": "Take the films that are long enough, and a stretch of each.",
    "keyframes": "Write the stills at key frames, and find the shots.",
    "link": "Say whose box is whose, from key frame to key frame.",
}


def _stage_command(name: str) -> click.Command:
    @click.command(name, help=_HELP[name])
    @retry_failed_option
    @json_option
    @click.pass_obj
    def command(folder: Path, retry_failed: bool, as_json: bool) -> None:
        from pipelines.runner import run_stage
        from pipelines.stages import build_stage

        workspace = open_workspace(folder)
        report = run_stage(
            workspace,
            build_stage(f"ava {name}", workspace),
            retry_failed=retry_failed,
            reporter=make_reporter(as_json=as_json),
        )
        emit(report, as_json=as_json)

    return command


*before_detect, link = map(_stage_command, _HELP)
