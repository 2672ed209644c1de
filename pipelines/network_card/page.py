"""Verb `card`: a trained network -> one self-contained HTML page, and a README for programs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.output import writing_text
from pipelines.html_page import png_address, write_page
from pipelines.network_card.clips_shown import Shown, film_address
from pipelines.network_card.curves import charts
from pipelines.network_card.measures import class_accuracies, confused, measures, precisions
from pipelines.network_card.readme import README, readme
from pipelines.network_card.run_files import CONFUSION, Evaluation, RunFiles, read_run

if TYPE_CHECKING:
    from models.checkpoints.store import TrainedNetwork
    from models.clips.release import Release

PAGE = "card.html"
_MOST_BROKEN = 50
_MOST_MATRIX = 60
"""Classes up to which the picture of confusions can be read."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a recipe."""

    name: str
    value: Any
    where: str
    standing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lying:
    """Where the files of a release lie that are not beside its lists."""

    clips: str = ""
    """As `kbuild train-baseline --clips` has it."""
    flow: str = ""
    """As its `--flow` has it."""
    cache: Path | None = None
    """Folder of copies of these, as its `--cache`; beside the run without it."""


def write_network_card(
    run: Path,
    path: Path | None = None,
    releases: Iterable[Path] = (),
    lying: Lying | None = None,
) -> Path:
    """Write the page of the network in the folder `run`, a README into it, and return the page.

    Args:
        run: Its folder; evaluations are looked for in folders below.
        path: Of the page; `card.html` in the run without it.
        releases: Where the clips may lie that were measured: the one that was is found by its
            hash. Without it, no clip is shown.
        lying: Where its clips and their flow lie; in its folder without it.

    Raises:
        ModelError: There is no trained network, or a file of it is damaged.
        WorkspaceError: There can be no such page.

    """
    from models.checkpoints.store import load_network
    from models.clips.release import MUCH_MISSING

    found, trained = read_run(run), load_network(run)
    values = {
        "name": trained.card.spec.name,
        "run": run.resolve().name,
        "spec": trained.card.spec,
        "card": trained.card,
        "report": found.report,
        "missing_share": found.missing_share,
        "is_much_missing": found.missing_share > MUCH_MISSING,
        "broken": trained.card.broken[:_MOST_BROKEN],
        "num_broken": len(trained.card.broken),
        "charts": charts(found.log),
        "evaluations": [(one, measures(one), precisions(one)) for one in found.evaluations],
        "recipe": _recipe(trained),
        "sizes": _sizes(trained),
        "filters": _filters(trained),
        **_of_main(found, trained, _shown(run, found, releases, lying or Lying())),
        "what_is_seen": _SEEN[trained.card.spec.sampling.modality],
    }
    page = write_page(path or run / PAGE, "pipelines.network_card", "network.html", values)
    with writing_text(run / README) as file:
        file.write(readme(found))
    return page


_SEEN = {
    "rgb": "the clip",
    "flow": "the clip's flow: colours say where to, their strength how far",
    "rgb_and_flow": "the clip, and its flow",
}
"""What films of evidence show first, by what a network eats."""


def _shown(run: Path, found: RunFiles, releases: Iterable[Path], lying: Lying) -> "Shown | None":
    """Return the clips that were asked about at length, where their release is found."""
    from models.clips.opening import CachePolicy
    from models.clips.places import clip_place

    if found.main is None or (release := _measured_release(found.main, releases)) is None:
        return None
    folder = lying.cache or run.parent / "frames"
    policy = CachePolicy(folder=folder, clips=lying.clips, flow=lying.flow)
    release = replace(release, place=clip_place(policy.clips, policy.copies))
    return Shown(release, found.main.said(), found.main.split, policy)


def _of_main(found: RunFiles, trained: "TrainedNetwork", shown: Shown | None) -> dict[str, Any]:
    """Return what is shown at length of one evaluation."""
    main, labels = found.main, found.labels
    if main is None:
        return {"main": None}
    picture = main.folder / CONFUSION
    pairs = confused(main, labels)
    sheets = shown.sheets([(one.label, one.predicted) for one in pairs]) if shown else []
    return {
        "main": main,
        "classes": class_accuracies(main, labels),
        "confusion": png_address(picture.read_bytes()) if picture.is_file() else "",
        "is_readable": len(labels) <= _MOST_MATRIX,
        "pairs": list(zip(pairs, sheets or [""] * len(pairs), strict=True)),
        "has_clips": shown is not None,
        "worst": [shown.film(*one) for one in shown.worst()] if shown else [],
        "evidence": shown.evidence(trained) if shown else [],
    }


def _measured_release(main: Evaluation, releases: Iterable[Path]) -> "Release | None":
    from models.clips.release import read_release, release_sha256

    for folder in releases:
        try:
            if release_sha256(folder) == main.values.get("release_sha256"):
                return read_release(folder)
        except ModelError:
            continue  # a folder of another kind
    return None


def _recipe(trained: "TrainedNetwork") -> list[Value]:
    """Return the values of the run's recipe, with the source of those that are as stated."""
    from dataclasses import fields

    from models.description import find_sourced
    from models.recipes.recipe import Recipe

    recipe, name = trained.card.recipe, trained.card.spec.name
    try:
        stated = {key: (value, source) for key, value, source in find_sourced(name).values()}
    except ModelError:
        stated = {}
    defaults = {field.name: field.default for field in fields(Recipe)}
    found = []
    for key, value in sorted(recipe.items()):
        known, source = stated.get(key, (None, None))
        is_stated = source is not None and _plain(known) == _plain(value)
        if not is_stated and key not in stated and _plain(value) == _plain(defaults.get(key)):
            continue
        where = source.where if source is not None and is_stated else "as this run was asked"
        standing = source.standing.value if source is not None and is_stated else "chosen"
        found.append(Value(key, value, where, standing))
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _sizes(trained: "TrainedNetwork") -> dict[str, Any]:
    """Return parameters with these classes, and multiply-adds of a view; without what fails."""
    from models.counting import count
    from models.network import num_parameters

    counted = count(trained.card.spec)
    return {
        "parameters": num_parameters(trained.network),
        "multiply_adds": counted.multiply_adds,
        "input": "x".join(map(str, counted.input_shape)),
    }


def _filters(trained: "TrainedNetwork") -> list[tuple[Any, str, str]]:
    """Return each layer's filters with a `data:` address of a film, or of a picture."""
    import io

    from PIL import Image

    from kinetics_builder.video.cutting.drawn_film import drawn_film
    from models.explaining.filters import draw_filters

    found = []
    for drawn in draw_filters(trained.network, trained.card.spec.sampling.num_channels):
        if len(drawn.pictures_THWC) > 1:
            film = drawn_film(drawn.pictures_THWC, len(drawn.pictures_THWC), crf=16)
            found.append((drawn, film_address(film), ""))
            continue
        with io.BytesIO() as file:
            Image.fromarray(drawn.pictures_THWC[0]).save(file, "PNG", optimize=True)
            found.append((drawn, "", png_address(file.getvalue())))
    return found
