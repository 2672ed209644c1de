"""Training a localiser on features and annotations, and putting it down.

Shapes, as name suffixes: B batch, T moments, D features, A actions, M moments of all levels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.checkpoints.weights import CARD, read_card, read_weights, write_weights
from models.localising.config import LocaliserConfig
from models.localising.finding import padded
from models.localising.losses import edge_loss, focal_loss, targets
from models.localising.network import Localiser

WEIGHTS = "localiser.safetensors"


@dataclass(frozen=True)
class Lesson:
    """A video: its features, and its actions in moments of them."""

    features_TD: Tensor
    actions_A2: Tensor
    numbers_A: Tensor


@dataclass(frozen=True)
class TrainedLocaliser:
    """A localiser with what it knows."""

    network: Localiser
    labels: tuple[str, ...]
    every_seconds: float
    """Time from one feature to the next."""
    features_of: dict[str, Any]
    """Network, layer and weights that gave the features."""


def learn(
    lessons: Sequence[Lesson],
    num_classes: int,
    config: LocaliserConfig,
    progress: Callable[[str], None],
) -> Localiser:
    """Return a localiser that has learnt from the lessons; equal lessons give equal weights.

    Raises ModelError where there is nothing to learn from, and where a loss is no number.
    """
    if not any(len(one.actions_A2) for one in lessons):
        raise ModelError(f"None of the {len(lessons)} videos to learn from has an action.")
    torch.manual_seed(config.seed)
    network = Localiser(lessons[0].features_TD.shape[1], num_classes, config).train()
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=config.peak_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.peak_rate, total_steps=config.num_steps + 1, pct_start=0.1
    )
    random = np.random.default_rng(config.seed)
    for step in range(1, config.num_steps + 1):
        chosen = random.choice(len(lessons), min(config.batch_size, len(lessons)), replace=False)
        loss = _loss(network, [lessons[place] for place in chosen], num_classes, config)
        if not torch.isfinite(loss):
            raise ModelError(f"The loss is {float(loss.detach())} at step {step}. Lower the rate.")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == config.num_steps:
            progress(f"step {step}/{config.num_steps}, loss {float(loss.detach()):.3f}")
    return network.eval()


def _loss(
    network: Localiser, lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig
) -> Tensor:
    """Return both losses, over the moments at which something is done (arXiv:2202.07925)."""
    x_BDT, is_there_BT = padded([one.features_TD for one in lessons], config.num_levels)
    logits_BMK, edges_BM2, there_BM = network(x_BDT, is_there_BT)
    wanted = [
        targets(one.actions_A2, one.numbers_A, x_BDT.shape[2], num_classes, config)
        for one in lessons
    ]
    done_BMK, far_BM2 = (torch.stack(some) for some in zip(*wanted, strict=True))
    is_there = there_BM > 0
    is_done = (done_BMK.amax(2) > 0) & is_there
    num_done = is_done.sum().clamp(min=1)
    classes = focal_loss(logits_BMK[is_there], done_BMK[is_there])
    edges = edge_loss(edges_BM2[is_done], far_BM2[is_done])
    loss: Tensor = (classes + edges) / num_done
    return loss


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
        "weights": mark,
    }
    write_json(folder / CARD, card)


def load_localiser(folder: Path) -> TrainedLocaliser:
    """Return the localiser in a folder; ModelError where there is none, or it is damaged."""
    try:
        card = read_card(folder)
        config = LocaliserConfig(**card["config"])
        network = Localiser(card["num_features"], len(card["labels"]), config)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder} holds no localiser that can be read ({error!r}).") from error
    network.load_state_dict(read_weights(folder / WEIGHTS, card, "Train it again."))
    return TrainedLocaliser(
        network.eval(), tuple(card["labels"]), card["every_seconds"], card["features_of"]
    )
