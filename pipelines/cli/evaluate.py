"""The command that measures what was learnt: evaluate."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.errors import ModelError, OtherLabelsError
from kinetics_builder.places import require_place
from kinetics_builder.text.counting import counted
from pipelines.cli.common import SaysProblems, emit, json_option
from pipelines.cli.numbers import SHARE
from pipelines.cli.running import (
    FOLDER,
    MISSING,
    RELEASE,
    broken_lines,
    device_options,
    is_first_process,
    lying_of,
    runtime_of,
)

if TYPE_CHECKING:
    from pipelines.measuring.ava.evaluating import Subject as Detections
    from pipelines.training import Subject

_LEFT_OUT = "leave-out"
_PATH = click.Path(exists=True, path_type=Path)
_OF_DETECTORS = {
    "boxes": "--boxes",
    "min_score": "--min-score",
    "against": "--against",
    "num_replicates": "--bootstrap",
    "with_tracks": "--tubes",
    "short_sides": "--scales",
    "with_mirror": "--flip",
}
_OF_NETWORKS = ("boxes", "min_score", "short_sides", "with_mirror")


def _sizes_of(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Return numbers above 0 with commas between: a click callback."""
    if text is None:
        return None
    sizes = [part.strip() for part in text.split(",")]
    if not all(size.isdecimal() and int(size) for size in sizes):
        raise click.BadParameter(f"expected sizes with commas between, as 224,256,320; got {text}.")
    return tuple(map(int, sizes))


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@RELEASE
@click.option("--out", type=FOLDER, help="Where the results go; beside the checkpoint without it.")
@click.option(
    "--split",
    type=click.Choice(["train", "validate", "test"]),
    help="What is measured.  [default: test; of detectors: validate]",
)
@click.option(
    "--reversed",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LABEL LABEL",
    help="Two labels that are each other played backwards. May be repeated.",
)
@click.option(
    "--boxes",
    type=click.Choice(["truth", "proposals", "own"]),
    help="Of detectors: whose boxes are asked about.  [default: the network's own, if it finds "
    "people; else proposals, if there are any]",
)
@click.option(
    "--min-score",
    type=SHARE,
    help="Of detectors: the least score of a proposal.  [default: what the release says, else 0.8]",
)
@click.option(
    "--against",
    type=_PATH,
    help="Of detectors: another run, or a CSV of detections, to compare with class by class.",
)
@click.option(
    "--bootstrap",
    "num_replicates",
    type=click.IntRange(min=0),
    metavar="N",
    help="Of detectors: replicates over films of the 95 % interval.  [default: 1000]",
)
@click.option(
    "--tubes",
    "with_tracks",
    is_flag=True,
    default=None,
    help="Of detectors: video-mAP too, of true boxes linked by their persons.",
)
@click.option(
    "--scales",
    "short_sides",
    metavar="N,N,...",
    callback=_sizes_of,
    help="Of detectors: short sides at which pictures are looked at, as 224,256,320; scores are "
    "averaged.  [default: the network's own]",
)
@click.option(
    "--flip",
    "with_mirror",
    is_flag=True,
    default=None,
    help="Of detectors: mirror images are looked at, too.",
)
@MISSING
@device_options
@json_option
@click.pass_obj
def evaluate(
    folder: Path, /, checkpoint: Path, release: Path | None, as_json: bool, **options: Any
) -> None:
    """Measure a trained network, also on shuffled and reversed clips.

    A detector is measured by frame-mAP at an overlap of 0.5 on a folder of AVA's files, beside
    the prior: the same boxes scored by how often each action is done in training. On a folder of
    Charades' files, whole videos and their points of time are judged, by mAP. CHECKPOINT may also
    be a CSV of detections that were made elsewhere.
    """
    from pipelines.training import (
        Subject,
        is_of_videos,
        release_folder,
        releases_at_hand,
        subject_of,
    )

    of = subject_of(checkpoint)
    _check_options(options, of)
    of_films = of in (Subject.DETECTOR, Subject.DETECTIONS)
    release = release_folder(folder, release, of_films=of_films)
    at_hand = releases_at_hand(folder)
    try:
        if of_films:
            _evaluate_detector(checkpoint, release, as_json, options)
        elif is_of_videos(release):
            _evaluate_videos(checkpoint, release, as_json, options)
        else:
            _evaluate_clips(checkpoint, release, as_json, options, at_hand)
    except OtherLabelsError as error:
        from pipelines.learnt.known_release import told_of_release

        if options["against"] or not (told := told_of_release(_run(checkpoint), at_hand)):
            raise
        raise ModelError(f"{error} {told}") from error


def _check_options(options: dict[str, Any], of: "Subject | None") -> None:
    """Refuse options that are of something else; what cannot be told is told of when it is read."""
    from pipelines.training import Subject, subject_of

    if of is Subject.CLIPS:
        for name, option in _OF_DETECTORS.items():
            if options[name] is not None:
                raise click.UsageError(f"{option} is of detectors; this network tells clips apart.")
    elif of is not None and options["pairs"]:
        raise click.UsageError("--reversed is of networks that tell clips apart.")
    against = options["against"]
    if of is Subject.DETECTIONS and (not against or subject_of(against) is Subject.DETECTIONS):
        given = [_OF_DETECTORS[name] for name in _OF_NETWORKS if options[name] is not None]
        given += ["--missing"] if options["missing"] != _LEFT_OUT else []
        if given:
            raise click.UsageError(
                f"{given[0]} says what a network is asked; rows that were made elsewhere are "
                "measured as they stand."
            )


def _evaluate_clips(
    checkpoint: Path,
    release: Path,
    as_json: bool,
    options: dict[str, Any],
    at_hand: Sequence[Path],
) -> None:
    from models.evaluation.evaluate import evaluate_checkpoint

    split = options["split"] or "test"
    out = _results(checkpoint, split, options["out"])
    report = evaluate_checkpoint(
        checkpoint, release, out, split, options["pairs"], runtime_of(options)
    )
    if not is_first_process():
        return
    swapped = report.reversed_swapped
    between = {key: f"  ({low:.3f} to {high:.3f})" for key, (low, high) in report.intervals.items()}
    lines = [
        f"{report.network} on {counted(report.num_clips, 'clip')} of the split {split}; 95 % in "
        f"brackets; chance {report.chance:.3f}",
        f"top-1           {report.top1:.3f}{between['top1']}",
        f"top-5           {report.top5:.3f}{between['top5']}",
        f"mean class      {report.mean_class_accuracy:.3f}{between['mean_class_accuracy']}",
        f"shuffled top-1  {report.shuffled_top1:.3f}{between['shuffled_top1']}",
        *([] if swapped is None else [f"reversed swap   {swapped:.3f}"]),
        *broken_lines(report.broken, report.missing),
        *_overlap_lines(_run(checkpoint), release, split, out, at_hand),
        f"The confusion matrix is {out / 'confusion.png'}",
        *_card_lines(_run(checkpoint), out, release, options),
    ]
    emit(report, as_json=as_json, lines=lines)


def _evaluate_detector(
    checkpoint: Path, release: Path, as_json: bool, options: dict[str, Any]
) -> None:
    from pipelines.measuring.ava.evaluating import PICTURE, evaluate
    from pipelines.measuring.result import Manner

    split = options["split"] or "validate"
    out = _results(checkpoint, split, options["out"])
    subject, other = _subjects(checkpoint, release, out, options)
    if not is_first_process():
        return
    replicates = options["num_replicates"]
    manner = Manner(
        num_replicates=1000 if replicates is None else replicates, on_warning=SaysProblems()
    )
    found = evaluate(subject, release, split, out, manner, other)
    asked = subject.asked
    said = asked and (
        f"{asked.network} on {counted(asked.num_boxes, 'box', 'boxes')} ({asked.boxes}) of "
        f"{counted(asked.num_key_frames, 'key frame')} of the split {split}"
    )
    lines = [
        said or f"{checkpoint} on the split {split}",
        "",
        *found.lines(),
        *(broken_lines(asked.broken, asked.missing) if asked else ()),
        f"The classes are drawn in {out / PICTURE}",
        *(_card_lines(_run(checkpoint), out, release, options) if asked else ()),
    ]
    emit(found.to_json(), as_json=as_json, lines=lines)


def _evaluate_videos(
    checkpoint: Path, release: Path, as_json: bool, options: dict[str, Any]
) -> None:
    from models.many_labels.evaluate import POINTS, VIDEOS, evaluate_actions

    if options["pairs"]:
        raise click.UsageError("--reversed is of clips that have one label; these have several.")
    split = options["split"] or "test"
    out = _results(checkpoint, split, options["out"])
    report = evaluate_actions(checkpoint, release, out, split, runtime_of(options))
    if not is_first_process():
        return
    lines = [
        f"{report.network} on {counted(report.num_videos, 'video')} of the split {split}, each "
        "asked about around 25 points",
        *(f"{key:<17} {value:.4f}" for key, value in report.measured.items()),
        *broken_lines(report.broken, report.missing),
        f"`kbuild measure charades` takes {out / VIDEOS} and {out / POINTS}",
        *_card_lines(_run(checkpoint), out, release, options),
    ]
    emit(report, as_json=as_json, lines=lines)


def _overlap_lines(
    run: Path, release: Path, split: str, out: Path, at_hand: Sequence[Path]
) -> list[str]:
    """Write down what the network has seen of the split before, and return what to warn of."""
    from models.checkpoints.files import write_json
    from pipelines.learnt.overlap import OVERLAP, find_overlap

    overlap = find_overlap(run, release, split, at_hand)
    write_json(out / OVERLAP, overlap.to_json())
    return overlap.lines()


def _results(checkpoint: Path, split: str, out: Path | None) -> Path:
    """Return the folder of the results; raises WorkspaceError where none can be."""
    folder = out or _run(checkpoint) / f"evaluation-{split}"
    require_place(folder)
    return folder


def _card_lines(run: Path, out: Path, release: Path, options: dict[str, Any]) -> list[str]:
    """Write the card of a run anew, where it knows the results in `out`, and say where it is."""
    from pipelines.network_card.page import write_network_card

    if out.resolve().parent != run.resolve():
        return []
    page = write_network_card(run, releases=[release], lying=lying_of(options))
    return [f"The card is {page}"]


def _subjects(
    checkpoint: Path, release: Path, out: Path, options: dict[str, Any]
) -> "tuple[Detections, Detections | None]":
    """Return what is measured, and what it is compared with, by names that differ."""
    subject, against = _subject(checkpoint, release, out, options), options["against"]
    if against is None:
        return subject, None
    other = _subject(against, release, out / "against", options | {"with_tracks": None})
    if other.name != subject.name:
        return subject, other
    named = ((subject, checkpoint), (other, against))
    subject, other = (replace(one, name=f"{one.name} ({path})") for one, path in named)
    return subject, other


def _subject(checkpoint: Path, release: Path, out: Path, options: dict[str, Any]) -> "Detections":
    """Return the detections of a run, asked now, or those of a CSV."""
    from models.detection.evaluate import Inquiry
    from pipelines.measuring.ava.evaluating import Subject as Detections
    from pipelines.measuring.ava.evaluating import ask
    from pipelines.training import Subject, subject_of

    if subject_of(checkpoint) is Subject.DETECTIONS:
        if options["with_tracks"]:
            raise click.UsageError(
                "--tubes is of a network; `kbuild measure ava --task video` is of rows."
            )
        return Detections(name=checkpoint.name, detections=checkpoint)
    inquiry = Inquiry(
        split=options["split"] or "validate",
        boxes=options["boxes"],
        with_tracks=bool(options["with_tracks"]),
        min_score=options["min_score"],
        short_sides=options["short_sides"] or (),
        with_mirror=bool(options["with_mirror"]),
    )
    return ask(checkpoint, release, out, inquiry, runtime_of(options))


def _run(checkpoint: Path) -> Path:
    return checkpoint if checkpoint.is_dir() else checkpoint.parent


commands: list[click.Command] = [evaluate]
