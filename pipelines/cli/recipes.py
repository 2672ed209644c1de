"""Commands that say how networks are trained: recipes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.numbers import ABOVE_0
from pipelines.cli.running import FOLDER

if TYPE_CHECKING:
    from models.recipes.sourced import SourcedRecipe


@click.command()
@click.argument("name", required=False)
@click.option("--release", type=FOLDER, help="Say what epochs and steps are for this release.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="What the recipe is with another value, as `train-baseline --set` takes it.",
)
@click.option("--epochs", "num_epochs", type=ABOVE_0, help="Steps, as passes over --release.")
@json_option
def recipes(
    name: str | None,
    release: Path | None,
    settings: tuple[str, ...],
    num_epochs: float | None,
    as_json: bool,
) -> None:
    """Print how each network is trained, or all values of the network NAME with their sources.

    NAME is one of the list, or a TOML file that describes a network.
    A value was read where it says, is recalled of a source that was not read again, or was chosen
    because its source is silent. Where steps differ (multigrid), their sizes follow.
    """
    from models.description import find_sourced
    from models.recipes.changes import changed
    from models.recipes.registry import SOURCED

    if name is None:
        rows = [_summary(known, sourced) for known, sourced in SOURCED.items()]
        emit(rows, as_json=as_json, lines=_table(rows))
        return
    if num_epochs is not None and release is None:
        raise click.UsageError("--epochs are passes over a release: name it with --release.")
    num_clips = None if release is None else _num_clips(name, release)
    wanted = {"settings": settings, "num_epochs": num_epochs}
    sourced = find_sourced(name)
    sourced = sourced.asked(changed(sourced.recipe, wanted, lambda: num_clips or 0))
    if num_epochs is not None and num_clips is not None:
        sourced = replace(sourced, num_clips=num_clips)
    report = _summary(name, sourced) | {
        "values": {
            key: {"value": value, "source": source.where, "standing": source.standing}
            for key, value, source in sourced.values()
        },
        "release": None if num_clips is None else _at_hand(sourced, num_clips),
        "multigrid": _multigrid(name, sourced, num_clips),
    }
    emit(report, as_json=as_json, lines=_lines(report))


def _num_clips(name: str, release: Path) -> int:
    from models.description import find_spec
    from models.training.baseline import read_course

    return read_course(find_spec(name), release).num_clips


def _summary(name: str, sourced: "SourcedRecipe") -> dict[str, Any]:
    recipe = sourced.recipe
    return {
        "name": name,
        "num_epochs": round(sourced.num_epochs, 1),
        "num_clips": sourced.num_clips,
        "num_steps": recipe.num_steps,
        "batch_size": recipe.batch_size,
        "peak_rate": recipe.peak_rate,
        "optimiser": recipe.optimiser,
        "schedule": recipe.schedule,
    }


def _at_hand(sourced: "SourcedRecipe", num_clips: int) -> dict[str, Any]:
    """Return what as many epochs are in a release, and what as many steps would be."""
    recipe = sourced.recipe
    return {
        "num_clips": num_clips,
        "steps_of_its_epochs": recipe.lasting(sourced.num_epochs, num_clips).num_steps,
        "epochs_of_its_steps": round(recipe.num_epochs(num_clips), 1),
    }


def _multigrid(name: str, sourced: "SourcedRecipe", num_clips: int | None) -> dict[str, Any] | None:
    """Return the steps of a recipe in which they differ; epochs are a release's where one is."""
    from models.description import find_spec
    from models.recipes.multigrid import Multigrid, check_multigrid

    spec, recipe = find_spec(name), sourced.recipe
    check_multigrid(spec, recipe)
    if (multigrid := Multigrid.of(recipe, spec.sampling)) is None:
        return None
    in_a_pass = (num_clips or sourced.num_clips) * recipe.repeats
    return {
        "num_steps": multigrid.num_steps,
        "num_epochs": round(multigrid.num_samples / in_a_pass, 1),
        "share_of_work": round(multigrid.share_of_work, 3),
        "phases": [
            asdict(phase) | {"num_epochs": round(phase.num_samples / in_a_pass, 1)}
            for phase in multigrid.told()
        ],
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    width = max(len(row["name"]) for row in rows)
    head = f"{'network':<{width}}{'epochs':>9}{'of clips':>11}{'steps':>11}{'batch':>7}{'rate':>9}"
    return [f"{head}  optimiser  schedule"] + [
        f"{row['name']:<{width}}{row['num_epochs']:>9g}{row['num_clips']:>11,}"
        f"{row['num_steps']:>11,}{row['batch_size']:>7,}{row['peak_rate']:>9g}"
        f"  {row['optimiser']:<9}  {row['schedule']}"
        for row in rows
    ]


def _lines(report: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{report['name']}: {report['num_steps']:,} steps of {report['batch_size']:,}, "
        f"{report['num_epochs']:g} epochs of {report['num_clips']:,} clips",
    ]
    if (here := report["release"]) is not None and here["num_clips"] != report["num_clips"]:
        lines.append(
            f"a release of {here['num_clips']:,} clips: as many epochs are "
            f"{here['steps_of_its_epochs']:,} steps (--epochs {report['num_epochs']:g}); as many "
            f"steps would be {here['epochs_of_its_steps']:,g} epochs"
        )
    if (multigrid := report["multigrid"]) is not None:
        lines += _multigrid_lines(multigrid)
    texts = {key: _said(one["value"]) for key, one in report["values"].items()}
    names, values = (max(map(len, some)) for some in (texts.keys(), texts.values()))
    return [*lines, ""] + [
        f"{key:<{names}}  {texts[key]:<{values}}  {one['standing']:<8}  {one['source']}"
        for key, one in report["values"].items()
    ]


def _multigrid_lines(multigrid: Mapping[str, Any]) -> list[str]:
    rows = [("steps", "epochs", "frames", "square, pixels", "clips a step", "rate")]
    for one in multigrid["phases"]:
        first, last = (f"{rate:.3g}" for rate in one["rates"])
        rows.append(
            (
                f"{one['first_step']:,} to {one['last_step']:,}",
                f"{one['num_epochs']:g}",
                str(one["num_frames"]),
                " ".join(map(str, one["crop_sizes"])),
                " ".join(f"{size:,}" for size in one["batch_sizes"]),
                first if first == last else f"{first} to {last}",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"with multigrid {multigrid['num_steps']:,} steps, {multigrid['num_epochs']:g} epochs, "
        f"which compute {multigrid['share_of_work']:.0%} of that:",
        *(
            "  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
            for row in rows
        ),
    ]


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_said, value)) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    named = {"True": "yes", "False": "no", "None": "none"}
    return named.get(str(value), str(value))


commands: list[click.Command] = [recipes]
