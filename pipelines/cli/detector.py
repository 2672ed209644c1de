"""Command: train-detector."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.text.counting import counted
from pipelines.cli.ava.boxes import boxes_file, reading_options
from pipelines.cli.common import SaysProblems, emit, json_option, open_workspace, say
from pipelines.cli.numbers import ABOVE_0, COUNT, SEED, SHARE
from pipelines.cli.running import CHECKPOINT_EVERY, RESUME, THREADS

if TYPE_CHECKING:
    from pipelines.ava.frame_sizes import SizesSeen


@click.command()
@click.option(
    "--boxes",
    metavar="FILE",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Boxes that people drew, in any format of boxes.",
)
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    required=True,
    help="The format of the boxes; `kbuild formats` lists them.",
)
@reading_options
@click.option(
    "--media",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Films, or stills as FILM/0902.jpg; the workspace's stills without it.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The detector; detector.pt in the workspace without it.",
)
@click.option("--long-side", type=COUNT, help="Pixels of a picture's longer side [256].")
@click.option("--steps", "num_steps", type=COUNT, help="Steps [1000].")
@click.option("--batch-size", type=COUNT, help="Pictures of a step [8].")
@click.option("--rate", "peak_rate", type=ABOVE_0, help="Highest learning rate [0.003].")
@click.option(
    "--precision", "least_precision", type=SHARE, help="What --min-score is chosen for [0.95]."
)
@click.option("--seed", type=SEED, help="Of everything random [0].")
@RESUME
@CHECKPOINT_EVERY
@click.option("--device", default="cpu", show_default=True, help="auto, cpu, cuda or cuda:1.")
@THREADS
@json_option
@click.pass_obj
def train_detector(
    folder: Path,
    /,
    *,
    boxes: Path,
    format_name: str,
    media: Path | None,
    out: Path | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Train a detector of persons on boxes that people drew, for `ava detect`.

    Ctrl-C and SIGTERM let the step end and save it; the same command goes on from there.

    Whole films are kept back (of a single film its last part), and the operating point is chosen
    on them for precision.
    """
    from models.detection.people.recipe import DetectorRecipe
    from models.detection.people.training import train_detector as train
    from models.training.runtime import Runtime
    from pipelines.ava.boxes_file import read_key_frames
    from pipelines.ava.frame_sizes import SizesSeen, check_sizes, shapes_below
    from pipelines.ava.weights import OWN

    file = boxes_file(boxes, format_name, values)
    sizes = SizesSeen()
    drawn = read_key_frames(file, on_warning=SaysProblems(), on_size=sizes)
    if media is None:
        media, drawn = _in_workspace(folder, drawn, sizes)
    else:
        check_sizes(sizes, shapes_below(media, {size.video_id for size in sizes}))
    known = {field.name for field in fields(DetectorRecipe)}
    given = {k: v for k, v in values.items() if v is not None and k in known}
    recipe = DetectorRecipe(**given)
    runtime = Runtime(
        device=values["device"],
        num_threads=values["threads"],
        checkpoint_every=values["checkpoint_every"],
        fresh=not values["resume"],
    )
    report = train(drawn, media, out or folder / OWN, recipe, runtime, say)
    emit(report, as_json=as_json, lines=_lines(report, folder, recipe.least_precision))


def _in_workspace(folder: Path, drawn: Any, sizes: "SizesSeen") -> tuple[Path, Any]:
    """Return the folder of the workspace's stills, and the boxes by the films' ids."""
    from kinetics_builder.database.engine import reading
    from pipelines.ava.given import by_id, check_drawn_on

    workspace = open_workspace(folder)
    with reading(workspace.engine) as session:
        check_drawn_on(session, sizes)
        return workspace.stills, by_id(session, drawn)


def _lines(report: Any, folder: Path, asked: float) -> list[str]:
    lines = [
        f"{counted(report.num_boxes, 'box', 'boxes')} on "
        f"{counted(report.num_pictures, 'key frame')} of {counted(report.num_films, 'film')}, "
        f"{report.seconds:.0f} s"
    ]
    point = report.point
    if point is None:
        lines.append("Nothing was found on key frames kept back, or none was: not measured.")
    else:
        lines.append(
            f"on {report.num_held_out} key frames kept back ({', '.join(report.held_out[:5])}): "
            f"precision {point.precision:.3f}, recall {point.recall:.3f} from score "
            f"{point.min_score:g} on"
        )
        if point.precision < asked:
            lines.append(f"No score reaches the precision of {asked:g} that was asked for.")
    lines += [f"  {one.file}: {one.reason}" for one in report.broken]
    lines += [
        "Use it by these lines of kbuild.toml:",
        "  [detect]",
        '  detector = "trained"',
        f'  weights = "{_named(report.detector, folder)}"',
    ]
    if point is not None:
        lines.append(f"  min_score = {point.min_score:g}")
    return lines


def _named(file: Path, folder: Path) -> str:
    """Return how a workspace's settings name a file."""
    inside = file.is_relative_to(folder)
    return str(file.relative_to(folder) if inside else file.absolute())


commands: list[click.Command] = [train_detector]
