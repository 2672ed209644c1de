"""Commands that show what a trained network is: card, explain."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import emit, json_option
from pipelines.cli.numbers import SEED, Number
from pipelines.cli.running import FOLDER, lying_of, lying_options

if TYPE_CHECKING:
    from models.explaining.excitation import Found

_RUN = click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.command()
@_RUN
@click.option(
    "--release",
    type=FOLDER,
    help="The release that was measured; without it, it is looked for among the workspace's.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the page; card.html in the run without it.",
)
@lying_options
@json_option
@click.pass_obj
def card(
    folder: Path,
    /,
    run: Path,
    *,
    release: Path | None,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Write one page about the network in the folder RUN, and its README.

    Measures with intervals, classes, confusions, the worst clips to play, where and when the
    network looks, its first filters, how it was trained, and on what.
    """
    from pipelines.network_card.page import write_network_card
    from pipelines.training import releases_at_hand

    releases = [release] if release else releases_at_hand(folder)
    page = write_network_card(run, out, releases, lying_of(options))
    emit({"page": page}, as_json=as_json, lines=[f"The card is {page}"])


@click.command()
@_RUN
@click.option("--unit", metavar="LAYER:N", help="A channel of a layer (`kbuild models` has names).")
@click.option("--class", "label", metavar="NAME", help="A class, by its name.")
@click.option(
    "--slowness",
    "slownesses",
    type=Number(min=0),
    multiple=True,
    default=(0.0, 3.0, 30.0),
    show_default=True,
    help="Weight of the penalty on change over time, from 0 (fast); several stand side by side.",
)
@click.option("--smoothness", type=Number(min=0), help="Weight of the same in space  [1].")
@click.option("--steps", "num_steps", type=click.IntRange(min=1), help="Of each search  [200].")
@click.option("--seed", type=SEED, help="Of the noise that each search starts from  [0].")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the film; explained/NAME.mp4 in the run without it.",
)
@json_option
def explain(
    run: Path,
    *,
    unit: str | None,
    label: str | None,
    slownesses: tuple[float, ...],
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find what a unit or a class of the network in RUN asks for, and show it as a film.

    From noise, a clip is changed step by step so that the unit answers more (activation
    maximisation, arXiv:1801.01415): above how it looks, below what changes from one frame to the
    next. Equal options give equal bytes.
    """
    if (unit is None) == (label is None):
        raise click.UsageError("Name either --unit LAYER:N or --class NAME.")
    from models.explaining.excitation import Search
    from models.explaining.explain import Asked, explain_run

    given = {key: value for key, value in options.items() if value is not None}
    searches = [Search(slowness=one, **given) for one in slownesses]
    explained = explain_run(run, Asked(unit, label), searches, out)
    emit(explained.to_json(), as_json=as_json, lines=_lines(explained.found, explained.film))


def _lines(found: Sequence["Found"], film: Path) -> list[str]:
    return [
        *(
            f"slowness {one.search.slowness:g}: {one.before:.3g} at first, {one.after:.3g} in the "
            f"end; a pixel changes by {one.change:.4f} a frame"
            for one in found
        ),
        f"The film is {film}",
    ]


commands: list[click.Command] = [card, explain]
