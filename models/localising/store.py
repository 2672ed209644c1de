"""A trained localiser: `localiser.safetensors`, and `card.json` with all to rebuild it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.checkpoints.weights import CARD, read_card, read_weights, write_weights
from models.localising.config import LocaliserConfig
from models.localising.network import Localiser

WEIGHTS = "localiser.safetensors"


@dataclass(frozen=True)
class TrainedLocaliser:
    """A localiser with what it knows."""

    network: Localiser
    labels: tuple[str, ...]
    every_seconds: float
    """Time from one feature to the next."""
    features_of: dict[str, Any]
    """Network, layer and weights that gave the features."""
    identity: str = ""
    """Of the training that gave it: equal ones have learnt the same from the same."""


def save_localiser(folder: Path, trained: TrainedLocaliser, config: LocaliserConfig) -> None:
    """Write the weights, then the card with their mark."""
    mark = write_weights(folder / WEIGHTS, trained.network.state_dict())
    card = {
        "kind": "localiser",
        "labels": list(trained.labels),
        "every_seconds": trained.every_seconds,
        "features_of": trained.features_of,
        "num_features": trained.network.first[0].in_channels,
        "config": config.to_json(),
        "identity": trained.identity,
        "weights": mark,
    }
    write_json(folder / CARD, card)


def load_localiser(folder: Path) -> TrainedLocaliser:
    """Return the localiser in a folder; ModelError where there is none, or it is damaged."""
    try:
        card = read_card(folder)
        config = LocaliserConfig(**card["config"])
        network = Localiser(card["num_features"], len(card["labels"]), config)
        labels, known = tuple(card["labels"]), (card["every_seconds"], card["features_of"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder} holds no localiser that can be read ({error!r}).") from error
    network.load_state_dict(read_weights(folder / WEIGHTS, card, "Train it again with --fresh."))
    return TrainedLocaliser(network.eval(), labels, *known, card.get("identity", ""))


def holds_localiser(folder: Path, identity: str) -> bool:
    """Tell whether a folder's card says that it holds what this training gives."""
    try:
        return bool(read_card(folder).get("identity") == identity)
    except (OSError, ValueError):
        return False
