"""`kbuild ava check`."""

import sys
from pathlib import Path
from typing import Any

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.numbers import SHARE


def _clip(context: click.Context, parameter: click.Parameter, value: str) -> tuple[int, int]:
    """Return the images of a clip and their distance from text like 32x2."""
    number, _, stride = value.lower().partition("x")
    if not (number.isdecimal() and stride.isdecimal() and int(number) and int(stride)):
        raise click.BadParameter(f"expected IMAGESxSTRIDE such as 32x2, found {value!r}")
    return int(number), int(stride)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "reader",
    type=click.Choice(["pyslowfast", "mmaction2", "kbuild"]),
    required=True,
    help="Whose rules count: PySlowFast 287ec007, MMAction2 1.2.0, or this project's.",
)
@click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with a folder of images for each video, if not DIR/frames (PySlowFast) or "
    "DIR/rawframes (MMAction2).",
)
@click.option(
    "--min-score",
    type=SHARE,
    help="The least score of a person that the reader takes: AVA.DETECTION_SCORE_THRESH, "
    "person_det_score_thr, or --min-score of `kbuild evaluate`.  [default: 0.9; of kbuild what the "
    "release says, else 0.8]",
)
@click.option(
    "--clip",
    metavar="NxS",
    callback=_clip,
    default="32x2",
    show_default=True,
    help="The images of a clip, and from one to the next.",
)
@json_option
def check(
    folder: Path,
    *,
    reader: str,
    media: Path | None,
    min_score: float | None,
    clip: tuple[int, int],
    as_json: bool,
) -> None:
    """Say why the mAP will be 0: what a reader would use of DIR, and what not and why.

    DIR is a folder of AVA's files, as `kbuild convert --to pyslowfast-ava`, `--to mmaction2-ava`
    or `kbuild ava release` write it: annotations/ (or the files themselves) and, for PySlowFast,
    frame_lists/. It is read by the reader's own rules, taken from running its own code. Exits 1 if
    the reader would stop, use nothing, use less than the folder states, or take something in it
    for something else.
    """
    from kinetics_builder.ava.checking.settings import Settings
    from pipelines.ava.checking import as_document, lines
    from pipelines.ava.checking import check as run

    settings = Settings(min_score=min_score, num_frames=clip[0], stride=clip[1])
    report = run(reader, folder, media, settings)
    document: Any = as_document(report, folder) if as_json else None
    emit(document, as_json=as_json, lines=() if as_json else list(lines(report, folder)))
    sys.exit(0 if report.passes else 1)
