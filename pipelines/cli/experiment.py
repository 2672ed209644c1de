"""The commands that ask questions of the papers: experiment transfer, ..."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kinetics_builder.errors import ModelError
from pipelines.cli.common import emit, json_option, make_reporter, retry_failed_option, say
from pipelines.cli.numbers import ABOVE_0, SHARE
from pipelines.cli.running import FOLDER

if TYPE_CHECKING:
    from pipelines.experiments.experiment import Experiment
    from pipelines.experiments.place import Place
    from pipelines.experiments.running import Manner

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--full",
        "is_full",
        is_flag=True,
        help="All networks and settings, over three seeds; hours on two cores.",
    ),
    click.option(
        "--out",
        type=FOLDER,
        help="Folder of all experiments, which share trainings and decoded clips [experiments].",
    ),
    click.option(
        "--workers",
        "num_workers",
        type=click.IntRange(min=1),
        help="Trainings at a time, each on one core; one a core without it.",
    ),
    click.option("--device", default="auto", help="auto, cpu, cuda or cuda:1."),
    retry_failed_option,
    json_option,
)
_PAIRS = click.option(
    "--reversed",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LABEL LABEL",
    help="Two labels that are each other played backwards: only time tells them. May be repeated.",
)


def _shared(function: F) -> F:
    """Add the options that all experiments have."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _models(function: F) -> F:
    """Add `--model` (parameter `networks`)."""
    return click.option(
        "--model",
        "networks",
        multiple=True,
        help="A network of `kbuild models`, or FILE.toml; may be repeated.",
    )(function)


@click.group()
def experiment() -> None:
    """Ask a question of the papers, of releases of your own or of drawn ones.

    Each experiment is a grid of trainings. It goes on where it was stopped, and does again only
    what is missing; what fails is a row with a reason. It writes a page, a table, and says which
    of the papers' directions hold. Without releases it draws some, whose truth is known: a subset
    of the question, in some minutes on two cores.
    """


@experiment.command()
@click.option("--source", type=FOLDER, help="The release that is learnt first; drawn without it.")
@click.option("--target", type=FOLDER, help="The release that it is to help; drawn without it.")
@_models
@click.option("--source-epochs", type=ABOVE_0, help="Passes over the source [as the recipe says].")
@click.option("--target-epochs", type=ABOVE_0, help="Passes over the target [as the recipe says].")
@click.option(
    "--split-number",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="Of UCF101's and HMDB51's own folders, which of their three splits.",
)
@_shared
@click.pass_obj
def transfer(
    folder: Path,
    /,
    source: Path | None,
    target: Path | None,
    networks: tuple[str, ...],
    split_number: int,
    is_full: bool,
    **options: Any,
) -> None:
    """Measure what learning elsewhere is worth: Original, Fixed, Full-FT (arXiv:1705.07750).

    Networks of pictures and of flow that are named alike (i3d_rgb, i3d_flow) are summed, too.
    --source and --target may also be the folders of UCF101 or HMDB51, lists and videos below.
    """
    from pipelines.experiments import transfer as asked
    from pipelines.experiments.folders import as_release
    from pipelines.experiments.grounds import Length
    from pipelines.experiments.place import Place

    seeds = _seeds(is_full)
    _check_apart(source, target)
    chosen = _checked(networks) or (asked.ALL_NETWORKS if is_full else asked.NETWORKS)
    place = Place(options["out"] or folder / "experiments", asked.NAME)
    if _are_given(source, target):
        reporter = make_reporter(as_json=options["as_json"])
        releases = {
            part: as_release(path, place.root / "releases", split_number, reporter)
            for part, path in ((asked.SOURCE, source), (asked.TARGET, target))
            if path is not None
        }
        lengths = {part: Length(num_epochs=options[f"{part}_epochs"]) for part in releases}
        grounds = asked.given_grounds(releases, lengths, seeds)
    else:
        grounds = asked.drawn_grounds(place.worlds, chosen, seeds, say)
    _run(asked.transfer(grounds, chosen), place, options)


@experiment.command(name="slowfast-ablation")
@click.option("--release", type=FOLDER, help="What is learnt and measured; drawn without it.")
@click.option("--model", "network", help="A SlowFast network, or FILE.toml of one [slowfast_tiny].")
@click.option("--epochs", type=ABOVE_0, help="Passes over the release [as the recipe says].")
@_PAIRS
@_shared
@click.pass_obj
def slowfast_ablation(
    folder: Path,
    /,
    release: Path | None,
    network: str | None,
    epochs: float | None,
    pairs: tuple[tuple[str, str], ...],
    is_full: bool,
    **options: Any,
) -> None:
    """Measure what each part of SlowFast does, and costs (arXiv:1812.03982, tables 5a to 5c).

    Pathways alone, averaged frames and a thinner Fast pathway; with --full also fusions, other
    widths, weak inputs, frame rates and shortened time.
    """
    from pipelines.experiments import slowfast_ablation as asked
    from pipelines.experiments.grounds import Ground, Length
    from pipelines.experiments.place import Place

    place = Place(options["out"] or folder / "experiments", asked.NAME)
    if release is None:
        grounds = asked.drawn_grounds(place.worlds, _seeds(is_full), say)
    else:
        lengths = {asked.RELEASE: Length(num_epochs=epochs)}
        grounds = [
            Ground(seed=seed, releases={asked.RELEASE: release}, lengths=lengths, pairs=pairs)
            for seed in _seeds(is_full)
        ]
    made = asked.slowfast_ablation(grounds, network or asked.NETWORK, is_full=is_full)
    _run(made, place, options)


@experiment.command(name="data-size")
@click.option("--source", type=FOLDER, help="What is learnt in part and whole; drawn without it.")
@click.option("--target", type=FOLDER, help="What each network learns then; drawn without both.")
@_models
@click.option(
    "--clips",
    "sizes",
    type=click.IntRange(min=1),
    multiple=True,
    help="Clips a class; may be repeated [halves of the largest class; 4, 8, 16, 32 if drawn].",
)
@click.option("--source-epochs", type=ABOVE_0, help="Steps of all sizes, as passes over all of it.")
@click.option("--target-epochs", type=ABOVE_0, help="Passes over the target [as the recipe says].")
@_shared
@click.pass_obj
def data_size(
    folder: Path,
    /,
    source: Path | None,
    target: Path | None,
    networks: tuple[str, ...],
    sizes: tuple[int, ...],
    is_full: bool,
    **options: Any,
) -> None:
    """Measure what accuracy examples buy, on the source and on a target that is learnt then."""
    from pipelines.experiments import data_size as asked
    from pipelines.experiments.grounds import Ground, Length
    from pipelines.experiments.place import Place

    if target and not source:
        raise click.UsageError("--target is learnt after a --source: give that, too.")
    _check_apart(source, target)
    chosen = _checked(networks) or (asked.ALL_NETWORKS if is_full else asked.NETWORKS)
    place = Place(options["out"] or folder / "experiments", asked.NAME)
    if source is None:
        grounds = asked.drawn_grounds(place.worlds, _seeds(is_full), say)
        wanted = sizes or asked.SIZES
    else:
        releases = {asked.SOURCE: source} | ({asked.TARGET: target} if target else {})
        lengths = {part: Length(num_epochs=options[f"{part}_epochs"]) for part in releases}
        grounds = [
            Ground(seed=seed, releases=releases, lengths=lengths) for seed in _seeds(is_full)
        ]
        wanted = sizes or asked.halves(source)
    _run(asked.data_size(grounds, chosen, sorted(set(wanted))), place, options)


@experiment.command()
@click.option("--release", type=FOLDER, help="The target; drawn without it, and a web around it.")
@click.option(
    "--web",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="items.csv of `kbuild omni write --threshold 0`.",
)
@click.option("--media", type=FOLDER, help="What its paths are relative to [the workspace].")
@click.option("--small", type=FOLDER, help="A small release of other classes, learnt afterwards.")
@click.option("--model", "network", help="The network that learns [i3d_tiny].")
@click.option(
    "--threshold",
    type=SHARE,
    default=0.5,
    show_default=True,
    help="Least probability that the teacher gives what is kept.",
)
@click.option("--epochs", type=ABOVE_0, help="Steps of all, as passes over the target.")
@_shared
@click.pass_obj
def omnisource(
    folder: Path,
    /,
    release: Path | None,
    web: Path | None,
    small: Path | None,
    network: str | None,
    is_full: bool,
    **options: Any,
) -> None:
    """Measure what clips, pictures and long videos of the web are worth, by a teacher's word.

    After OmniSource (arXiv:2003.13042): accuracy beside bytes of data, and what is left of it on
    a small set.
    """
    from pipelines.experiments import omnisource as asked
    from pipelines.experiments.place import Place

    place = Place(options["out"] or folder / "experiments", asked.NAME)
    [name] = _checked([network or asked.NETWORK])
    if _are_given(release, web):
        given = asked.Given(
            target=release or Path(),
            items=web or Path(),
            media=options["media"] or folder,
            small=small,
            num_epochs=options["epochs"],
        )
        grounds = asked.given_grounds(given, place, _seeds(is_full))
    else:
        drawn = asked.drawn_grounds(place.worlds, _seeds(is_full), say)
        grounds = asked.asked_teachers(drawn, name, place, _manner(options))
    made = asked.omnisource(grounds, name, threshold=options["threshold"], is_full=is_full)
    _run(made, place, options)


def _seeds(is_full: bool) -> tuple[int, ...]:
    from pipelines.experiments.grounds import SEEDS

    return SEEDS if is_full else SEEDS[:1]


def _checked(networks: Sequence[str]) -> tuple[str, ...]:
    """Return the networks, each once; refuse detectors."""
    from pipelines.training import is_detector

    for name in networks:
        if is_detector(name):
            raise ModelError(f"{name} is a detector; experiments take networks of clips.")
    return tuple(dict.fromkeys(networks))


def _check_apart(source: Path | None, target: Path | None) -> None:
    """Refuse to learn a release in order to learn it."""
    if source and target and source.resolve() == target.resolve():
        raise click.UsageError(
            f"--source and --target are both {source}: what was learnt there is no help from "
            "elsewhere. Name two."
        )


def _are_given(*releases: Path | None) -> bool:
    """Tell whether releases are given; all of an experiment, or none."""
    if any(releases) and not all(releases):
        raise click.UsageError("Give both, or neither: then all is drawn.")
    return all(releases)


def _run(asked: "Experiment", place: "Place", options: dict[str, Any]) -> None:
    """Run an experiment and say what came out; 1 where a cell failed."""
    from pipelines.experiments.experiment import lines_of
    from pipelines.experiments.run import run_experiment

    found = run_experiment(asked, place, _manner(options))
    emit(found.to_json(), as_json=options["as_json"], lines=lines_of(found))
    if found.failed:
        raise click.exceptions.Exit(1)


def _manner(options: dict[str, Any]) -> "Manner":
    from pipelines.experiments.running import Manner

    return Manner(
        num_workers=options["num_workers"] or 0,
        device=options["device"],
        retry_failed=options["retry_failed"],
        say=say,
    )


commands: list[click.Command] = [experiment]
