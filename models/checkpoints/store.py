"""A trained network: `model.safetensors`, and beside it `card.json` with all to rebuild it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.checkpoints.weights import CARD, check_weights, read_card, read_weights, write_weights
from models.network import VideoNetwork, build_network
from models.spec import NetworkSpec, spec_from_json

WEIGHTS = "model.safetensors"
_AGAIN = "Train it again with --fresh, or import it again."


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a trained network is and where it comes from."""

    spec: NetworkSpec
    labels: tuple[str, ...]
    release_sha256: str
    recipe: dict[str, Any]
    metrics: dict[str, float]
    broken: tuple[tuple[str, str], ...] = field(default=())
    """(file, reason) of clips that could not be read."""
    imported: dict[str, Any] | None = None
    """Layout, and file names with their SHA-256, of a network that was trained elsewhere."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        values = {
            "kind": "video network",
            "spec": self.spec.to_json(),
            "labels": list(self.labels),
            "release_sha256": self.release_sha256,
            "recipe": self.recipe,
            "metrics": self.metrics,
            "broken": [list(entry) for entry in self.broken],
        }
        return values if self.imported is None else values | {"imported": self.imported}


@dataclass(frozen=True)
class TrainedNetwork:
    """A network with its weights, ready to be asked."""

    network: VideoNetwork
    card: Card


def save_network(folder: Path, network: VideoNetwork, card: Card) -> Path:
    """Write the weights, then the card with their mark; return the weights' path."""
    mark = write_weights(folder / WEIGHTS, network.state_dict())
    write_json(folder / CARD, card.to_json() | {"weights": mark})
    return folder / WEIGHTS


def load_network(checkpoint: Path) -> TrainedNetwork:
    """Return the network in `checkpoint`: a run's folder, or its weights file.

    Raises ModelError for weights that are not those that the card marks.
    """
    if not checkpoint.exists():
        raise ModelError(
            f"{checkpoint} is not there. Expected a run's folder or its weights, or a CSV of "
            "detections that were made elsewhere."
        )
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    weights = folder / WEIGHTS if checkpoint.is_dir() else checkpoint
    data, card = _read_card(folder)
    network = build_network(card.spec, len(card.labels))
    mark = data if weights.name == WEIGHTS else {}
    state = read_weights(weights, mark, _AGAIN)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(
            f"{weights} does not hold the network of its card: {error} {_AGAIN}"
        ) from error
    return TrainedNetwork(network.eval(), card)


def read_spec(folder: Path) -> NetworkSpec:
    """Return what the network in a run's folder is, without its weights; raises ModelError."""
    return _read_card(folder)[1].spec


def check_network(folder: Path) -> None:
    """Raise ModelError unless the weights in `folder` are those that its card marks."""
    data, _ = _read_card(folder)
    check_weights(folder / WEIGHTS, data, _AGAIN)


def _read_card(folder: Path) -> tuple[dict[str, Any], Card]:
    """Return the card's plain values, and the card."""
    path = folder / CARD
    try:
        data = read_card(folder)
        return data, Card(
            spec=spec_from_json(data["spec"]),
            labels=tuple(data["labels"]),
            release_sha256=data["release_sha256"],
            recipe=data["recipe"],
            metrics=data["metrics"],
            broken=tuple((file, reason) for file, reason in data["broken"]),
            imported=data.get("imported"),
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(
            f"{path.parent} holds no trained network: {path.name} is not there. "
            "Give the folder that `kbuild train-baseline` wrote, once it has finished."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is no card of a network ({error!r}). Train it again.") from error
