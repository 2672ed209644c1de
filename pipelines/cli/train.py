"""Commands that learn from what was built: train-scorer, train-matcher, train-baseline."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinetics_builder.errors import ModelError, StageOrderError
from kinetics_builder.text.counting import counted
from pipelines.cli.common import emit, json_option, open_workspace, say
from pipelines.cli.numbers import ABOVE_0, COUNT, SEED, SHARE, Number
from pipelines.cli.running import (
    CHECKPOINT_EVERY,
    FOLDER,
    MISSING,
    RELEASE,
    RESUME,
    THREADS,
    broken_lines,
    device_options,
    is_first_process,
    lying_of,
    runtime_of,
    weights_of,
)

if TYPE_CHECKING:
    from models.image_scoring.training import ScorerReport
    from models.training.report import TrainReport
    from pipelines.picturing.placing import Placing


@click.command()
@click.option("--images", type=FOLDER, multiple=True, help="DIR/<class>/*.jpg; may be repeated.")
@click.option(
    "--from-votes",
    is_flag=True,
    help="Learn from frames of accepted clips, and that rejected ones do not show their class.",
)
@click.option(
    "--zero-shot",
    metavar="MODEL",
    help="Learn nothing: judge by the classes' names with a model of open_clip, and --weights.",
)
@click.option("--out", type=FOLDER, help="The scorer's folder; `scorer` in the workspace.")
@click.option("--backbone", help="A torchvision classifier, or tiny [tiny].")
@click.option("--weights", help="A file or a torchvision weight's name; from scratch without it.")
@click.option(
    "--frozen/--fine-tuned",
    default=None,
    help="With --weights: a linear layer on the backbone learns, or all of it [fine-tuned].",
)
@click.option("--size", type=COUNT, help="Height and width of the input, pixels [64].")
@click.option("--steps", "num_steps", type=COUNT, help="Steps; the recipe's own without it.")
@click.option("--batch-size", type=COUNT, help="Pictures of a step.")
@click.option("--rate", "peak_rate", type=ABOVE_0, help="Highest learning rate.")
@click.option("--holdout", "holdout_share", type=SHARE, help="Share kept back to measure [0.1].")
@click.option("--seed", type=SEED, help="Of everything random [0].")
@RESUME
@CHECKPOINT_EVERY
@THREADS
@json_option
@click.pass_obj
def train_scorer(
    folder: Path,
    /,
    *,
    images: tuple[Path, ...],
    from_votes: bool,
    zero_shot: str | None,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train the image classifier that `score` uses, on pictures of each class.

    Pictures are those of folders, of what people said of clips, or of both. Of clips, all videos
    of an uploader are learnt from or kept back; on those kept back it is measured.

    Ctrl-C and SIGTERM let the step end and save it; the same command goes on from there.
    """
    from models.image_scoring.recipe import ScorerRecipe
    from models.image_scoring.training import train_on
    from models.training.runtime import Runtime
    from pipelines.training import SCORER, scorer_lesson, scorer_placing

    if zero_shot:
        _by_words(folder, zero_shot, options["weights"], out or folder / SCORER, as_json=as_json)
        return
    known = {field.name for field in fields(ScorerRecipe)}
    given = {key: value for key, value in options.items() if key in known and value is not None}
    recipe = ScorerRecipe(num_threads=options["threads"], **given)
    runtime = Runtime(
        device="cpu",
        checkpoint_every=options["checkpoint_every"],
        fresh=not options["resume"],
    )
    lesson = scorer_lesson(folder, images, from_votes=from_votes, recipe=recipe, progress=say)
    report = train_on(lesson.pictures, out or folder / SCORER, recipe, runtime, say)
    placing = scorer_placing(folder, lesson, report.scorer) if lesson.kept_back else None
    lines = [*_scorer_lines(report), *_placing_lines(placing), *_missing_lines(lesson.without)]
    lines.append(f"The scorer is {report.scorer}; name it in kbuild.toml: [score] scorer = ...")
    emit(_with(report, placing), as_json=as_json, lines=lines)


def _by_words(folder: Path, model: str, weights: str | None, out: Path, *, as_json: bool) -> None:
    from models.image_scoring.training import score_by_words
    from pipelines.training import workspace_labels

    labels = workspace_labels(folder)
    if not labels:
        raise StageOrderError("train-scorer --zero-shot", "collect --classes FILE", "classes")
    if weights is None:
        raise ModelError(f"--zero-shot needs --weights FILE, the weights of {model}.")
    report = score_by_words(model, Path(weights), labels, out)
    lines = [
        f"{counted(len(labels), 'class is', 'classes are')} judged by name",
        f"The scorer is {report.scorer}; name it in kbuild.toml: [score] scorer = ...",
    ]
    emit(report, as_json=as_json, lines=lines)


def _scorer_lines(report: "ScorerReport") -> list[str]:
    accuracy = report.holdout_accuracy
    measured = "none" if accuracy is None else f"{accuracy:.3f}"
    rejected = f", {report.num_rejected} of them rejected" if report.num_rejected else ""
    lines = [
        f"{counted(report.num_images, 'picture')} of "
        f"{counted(len(report.labels), 'class', 'classes')}{rejected}, "
        f"{report.seconds:.1f} s",
        f"top-1 on {counted(report.num_holdout, 'picture')} kept back: {measured}",
    ]
    if precisions := report.average_precision:
        mean = sum(precisions.values()) / len(precisions)
        lines.append(
            f"mean average precision of {counted(len(precisions), 'class', 'classes')}: {mean:.3f}"
        )
        ranked = sorted(precisions.items(), key=lambda pair: (pair[1], pair[0]))
        lines += [f"  {value:.3f}  {label}" for label, value in ranked]
    return [*lines, *broken_lines(report.broken)]


def _placing_lines(placing: "Placing | None") -> list[str]:
    if placing is None or placing.recall is None:
        return []
    unread = (
        f"; {counted(placing.num_unread, 'video')} could not be read" if placing.num_unread else ""
    )
    return [
        f"placing: of {counted(placing.num_clips, 'accepted clip')} of videos kept back "
        f"{counted(placing.num_found, 'is', 'are')} proposed again ({placing.recall:.3f}){unread}"
    ]


def _missing_lines(labels: Sequence[str]) -> list[str]:
    if not labels:
        return []
    return [
        f"{counted(len(labels), 'class has', 'classes have')} no pictures, for instance "
        f"{labels[0]!r}: `score` goes by motion there."
    ]


def _with(report: "ScorerReport", placing: "Placing | None") -> dict[str, Any]:
    return asdict(report) | {"placing": None if placing is None else asdict(placing)}


@click.command()
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the lessons go; title_lessons.json in the workspace without it.",
)
@json_option
@click.pass_obj
def train_matcher(folder: Path, out: Path | None, as_json: bool) -> None:
    """Learn from people's decisions which titles are of a class, for the scored match.

    It says what that would have done for titles that were kept back. The match changes when
    match.lessons in kbuild.toml names the file.
    """
    from pipelines.collecting.teaching import teach

    report = teach(open_workspace(folder), out)
    before, after = report.untaught, report.taught
    lines = [
        f"learnt from {report.num_accepted} accepted and {report.num_rejected} rejected titles; "
        "kept back, a fifth at a time:",
        f"  untaught  {before.num_accepted} accepted and {before.num_rejected} rejected match",
        f"  taught    {after.num_accepted} accepted and {after.num_rejected} rejected match",
        f"The lessons are {report.file}; name them in kbuild.toml: [match] lessons = ...",
    ]
    emit(report, as_json=as_json, lines=lines)


@click.command()
@click.option(
    "--model",
    "name",
    required=True,
    help="i3d_tiny, slowfast_tiny, ... (`kbuild models` lists them), or your own FILE.toml.",
)
@RELEASE
@click.option("--out", type=FOLDER, help="The run's folder; in the workspace's runs/ without it.")
@click.option("--recipe", help="Train as this network, or FILE.toml, is trained [as its own].")
@click.option("--steps", "num_steps", type=COUNT, help="Steps; the recipe's own without it.")
@click.option(
    "--epochs",
    "num_epochs",
    type=ABOVE_0,
    help="Steps, as passes over the release.",
)
@click.option("--batch-size", type=COUNT, help="Clips of a step; scales rate and steps with it.")
@click.option("--rate", "peak_rate", type=ABOVE_0, help="Highest learning rate.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any value of the recipe (`kbuild recipes` lists them), as mixup=0.8; may be repeated.",
)
@click.option("--seed", type=SEED, help="Of everything random [0].")
@click.option(
    "--proposals",
    "proposal_overlap",
    type=Number(0, 1, min_open=True),
    help="Of detectors: learn from proposed boxes too that overlap a true one so much [none].",
)
@click.option(
    "--init",
    "init_trunk",
    type=click.Path(exists=True, path_type=Path),
    callback=weights_of,
    help="A trained network to start from: a run's folder, or one of `checkpoint import`.",
)
@click.option(
    "--bank",
    type=click.Path(exists=True, path_type=Path),
    callback=weights_of,
    help="Of detectors that remember (`..._lfb_det`): the trained detector whose features of a "
    "film are remembered.",
)
@click.option("--init-2d", help="2-D weights to start from: a file or torchvision's name of them.")
@click.option(
    "--half-precision/--full-precision", default=None, help="bfloat16 on CUDA [full precision]."
)
@MISSING
@RESUME
@CHECKPOINT_EVERY
@device_options
@json_option
@click.pass_obj
def train_baseline(
    folder: Path,
    /,
    name: str,
    release: Path | None,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a network on a release. A run that was stopped goes on where it stood.

    Networks of clips learn from `kbuild release`, or several labels at a time from a folder of
    Charades' files (Charades_v1_train.csv, films in videos/). Detectors (`..._det`) learn from
    `kbuild ava release` or any folder of AVA's files: ava_train_v2.2.csv,
    ava_action_list_v2.2.pbtxt, and films in videos/ or as videos.csv lists them.

    Ctrl-C and SIGTERM let the step end and save it; the same command goes on from there.
    """
    from models.training.asked import answered, note
    from pipelines.learnt.notes import note_learnt
    from pipelines.network_card.page import PAGE, write_network_card
    from pipelines.training import (
        is_detector,
        is_of_videos,
        network_name,
        question_of,
        release_folder,
        run_folder,
    )

    told = {"release": release, "clips": options["clips"], "flow": options["flow"]}
    named = "".join(f" --{option} {value}" for option, value in told.items() if value)
    release = release_folder(folder, release, of_films=is_detector(name))
    run = run_folder(folder, network_name(name), release, out)
    asked = question_of(name, release, options)
    report = answered(run, asked) if options["resume"] else None
    if report is None:
        if not (is_detector(name) or is_of_videos(release)):
            _warn_of_init(options, release, folder)
        report = _train(name, release, run, options)
        if is_first_process():
            note(run, asked)
            if not (is_detector(name) or is_of_videos(release)):
                note_learnt(run, [release], _started_from(options))
            write_network_card(run, releases=[release], lying=lying_of(options))
    elif is_first_process():
        say(f"{report.network}: already trained, see {run}")
    lines = [
        f"{report.network}: {counted(report.num_steps, 'step')} over "
        f"{counted(report.num_train, 'clip')}",
        *(f"{key:<16} {value:.3f}" for key, value in sorted(report.metrics.items())),
        *broken_lines(report.broken),
        f"The checkpoint is {report.checkpoint}, its card {run / PAGE}; "
        f"`kbuild evaluate {run}{named}` measures it.",
    ]
    if is_first_process():
        emit(report, as_json=as_json, lines=lines)


def _started_from(options: dict[str, Any]) -> Path | None:
    """Return the folder of the network that a run starts from."""
    weights = options["init_trunk"]
    return None if weights is None else Path(weights).parent


def _warn_of_init(options: dict[str, Any], release: Path, folder: Path) -> None:
    """Say which clips that will be measured the network to start from has learnt from."""
    from pipelines.learnt.overlap import find_overlap
    from pipelines.training import releases_at_hand

    init = _started_from(options)
    if init is None or not is_first_process() or not (init / "card.json").is_file():
        return
    for split in ("validate", "test"):
        for line in find_overlap(init, release, split, releases_at_hand(folder)).lines():
            say(line)


def _train(name: str, release: Path, run: Path, options: dict[str, Any]) -> "TrainReport":
    """Train in the folder `run`, with all that this needs imported."""
    from models.description import find_spec
    from models.training.baseline import train_baseline
    from pipelines.training import chosen_recipe

    recipe = chosen_recipe(name, options, release)
    return train_baseline(find_spec(name), release, run, recipe, runtime_of(options), say)


commands: list[click.Command] = [train_scorer, train_matcher, train_baseline]
