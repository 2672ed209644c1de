"""One unit or class of a trained network, asked what it wants to see."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch

from kinetics_builder.errors import ModelError
from kinetics_builder.video.cutting.drawn_film import drawn_film
from models.checkpoints.files import write_bytes
from models.checkpoints.store import TrainedNetwork, load_network
from models.explaining.excitation import Activation, Found, Search, excite, of_class, of_unit
from models.explaining.excited_film import draw_found
from models.explaining.units import read_unit

_FRAMES_A_SECOND = 8.0


@dataclass(frozen=True)
class Asked:
    """Which unit, or which class; one of them is None."""

    unit: str | None
    """`LAYER:N`."""
    label: str | None

    @property
    def name(self) -> str:
        """Return what a file about it is called."""
        return re.sub(r"[^\w.+-]+", "_", str(self.unit or self.label)).strip("_")


@dataclass(frozen=True)
class Explained:
    """What was found, and the film of it."""

    asked: Asked
    found: tuple[Found, ...]
    film: Path

    def to_json(self) -> dict[str, Any]:
        """Return plain values, without the pictures."""
        searches = [
            asdict(one.search) | {"before": one.before, "after": one.after, "change": one.change}
            for one in self.found
        ]
        return {**asdict(self.asked), "film": str(self.film), "searches": searches}


def explain_run(
    run: Path, asked: Asked, searches: Sequence[Search], out: Path | None = None
) -> Explained:
    """Search for clips that excite what is asked about, and write the film of them.

    Raises ModelError for an unknown layer, unit or class, and for detectors, which are asked
    about boxes.
    """
    trained = load_network(run)
    spec = trained.card.spec
    if spec.is_detector:
        raise ModelError(
            f"{run} is {spec.name}, a detector; expected a network that tells clips apart."
        )
    activation = _activation(trained, asked)
    torch.set_num_threads(1)  # sums in one order
    found = tuple(excite(trained.network, spec, activation, one) for one in searches)
    folder = run if run.is_dir() else run.parent
    film = out or folder / "explained" / f"{asked.name}.mp4"
    write_bytes(film, drawn_film(draw_found(found), _FRAMES_A_SECOND, crf=18))
    return Explained(asked, found, film)


def _activation(trained: TrainedNetwork, asked: Asked) -> Activation:
    if asked.unit is not None:
        return of_unit(trained.network, *read_unit(asked.unit))
    labels = trained.card.labels
    if asked.label not in labels:
        near = get_close_matches(str(asked.label), labels, n=3, cutoff=0.4)
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        raise ModelError(f"The network knows no class {asked.label!r}.{hint}")
    return of_class(trained.network, labels.index(asked.label))
