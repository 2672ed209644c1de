"""`kbuild ava detect`."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.ava.boxes import boxes_options, boxes_told
from pipelines.cli.common import (
    SaysProblems,
    emit,
    engine_option,
    json_option,
    make_reporter,
    open_workspace,
    retry_failed_option,
)


@click.command()
@boxes_options
@engine_option
@retry_failed_option
@json_option
@click.pass_obj
def detect(
    folder: Path, /, *, download: bool, retry_failed: bool, as_json: bool, **values: Any
) -> None:
    """Find the persons on the stills, or take their boxes from a file.

    The detector is named by detect.detector in kbuild.toml, and shows people the boxes from
    detect.min_score on. A file of boxes is remembered until --no-boxes.
    """
    from pipelines.ava.detecting import run_detect, take_boxes
    from pipelines.ava.weights import fetch_weights

    workspace = open_workspace(folder)
    told = boxes_told(values)
    if download:
        fetch_weights(workspace)
    says = SaysProblems()
    take_boxes(workspace, told, are_films_here=True, on_warning=says)
    report = run_detect(
        workspace,
        retry_failed=retry_failed,
        reporter=make_reporter(as_json=as_json),
        on_warning=says,
    )
    emit(report, as_json=as_json)
