"""A localiser while it learns: what a step does, how it is put down and taken up again.

Shapes, as name suffixes: B batch, T moments, D features, A actions, M moments of all levels.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.states import state_to_resume
from models.checkpoints.torch_files import save_torch
from models.localising.config import LocaliserConfig
from models.localising.finding import padded
from models.localising.losses import edge_losses, focal_losses, targets
from models.localising.network import Localiser
from models.training.alone import state_file
from models.training.attending import Attending
from models.training.device import choose_device

_PARTS = {"identity", "network", "optimiser", "schedule", "step"}


@dataclass(frozen=True)
class Lesson:
    """A video: its features, and its actions in moments of them."""

    features_TD: Tensor
    actions_A2: Tensor
    numbers_A: Tensor


@dataclass(kw_only=True)
class Learning:
    """All that the next step depends on; what is random in a step follows from its number."""

    identity: str
    """Of the config and all lessons: what is taken up must be of the same."""
    network: Localiser
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    step: int = 0

    def save(self, path: Path) -> None:
        """Write all of it, or what was there before stays."""
        data = {
            "identity": self.identity,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
        }
        save_torch(path, data)

    def resume(self, path: Path) -> None:
        """Take up what `save` wrote, if anything.

        Raises ModelError where it is of another config or other lessons.
        """
        data = state_to_resume(path, _PARTS, self.identity, "options, videos or annotations")
        if data is None:
            return
        self.network.load_state_dict(data["network"])
        self.optimiser.load_state_dict(data["optimiser"])
        self.schedule.load_state_dict(data["schedule"])
        self.step = data["step"]


def identity_of(lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig) -> str:
    """Return 64 hex digits that change with anything that changes what is learnt."""
    told = json.dumps([num_classes, config.to_json()], sort_keys=True)
    digest = hashlib.sha256(told.encode())
    for one in lessons:
        for part in (one.features_TD, one.actions_A2, one.numbers_A):
            digest.update(f"{tuple(part.shape)}".encode() + part.contiguous().numpy().tobytes())
    return digest.hexdigest()


def learn(
    lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig, attending: Attending
) -> Localiser:
    """Return a localiser that has learnt from the lessons; equal lessons give equal weights.

    A training that was stopped or killed goes on where `OUT.last` has it.

    Raises:
        ModelError: There is nothing to learn from, a loss is no number, or `OUT.last` is of another
            training.
        AskedToStop: Somebody wants it to end; it was put down.

    """
    if not any(len(one.actions_A2) for one in lessons):
        raise ModelError(f"None of the {len(lessons)} videos to learn from has an action.")
    device = choose_device(attending.runtime.device)
    learning = _started(lessons, num_classes, config, device)
    learning.resume(state_file(attending.out))
    if learning.step:
        attending.progress(f"going on from step {learning.step}")
    learning.network.train()
    while learning.step < config.num_steps:
        with attending.stops.step():
            loss = _take_step(learning, lessons, num_classes, config)
        attending.after_step(learning.step, config.num_steps, loss, learning.save)
    return learning.network.eval()


def _started(
    lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig, device: torch.device
) -> Learning:
    """Return a localiser that has learnt nothing yet, drawn from the config's seed."""
    torch.manual_seed(config.seed)
    network = Localiser(lessons[0].features_TD.shape[1], num_classes, config).to(device)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=config.peak_rate, weight_decay=config.weight_decay
    )
    return Learning(
        identity=identity_of(lessons, num_classes, config),
        network=network,
        optimiser=optimiser,
        schedule=torch.optim.lr_scheduler.OneCycleLR(
            optimiser, config.peak_rate, total_steps=config.num_steps + 1, pct_start=0.1
        ),
    )


def _take_step(
    learning: Learning, lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig
) -> float:
    """Learn from the next videos, and return the loss."""
    random = np.random.default_rng((config.seed, learning.step))
    chosen = random.choice(len(lessons), min(config.batch_size, len(lessons)), replace=False)
    torch.manual_seed(int(random.integers(2**63)))
    loss = loss_of(learning.network, [lessons[place] for place in chosen], num_classes, config)
    value = float(loss.detach())
    if not math.isfinite(value):
        raise ModelError(
            f"The loss is {value} at step {learning.step + 1}. Use --fresh and a lower --rate."
        )
    learning.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(learning.network.parameters(), 1.0)
    learning.optimiser.step()
    learning.schedule.step()
    learning.step += 1
    return value


def loss_of(
    network: Localiser, lessons: Sequence[Lesson], num_classes: int, config: LocaliserConfig
) -> Tensor:
    """Return both losses, over the moments at which something is done (arXiv:2202.07925)."""
    x_BDT, is_there_BT = padded([one.features_TD for one in lessons], config.num_levels)
    wanted = [
        targets(one.actions_A2, one.numbers_A, x_BDT.shape[2], num_classes, config)
        for one in lessons
    ]
    done_BMK, far_BM2 = (torch.stack(some).to(network.device) for some in zip(*wanted, strict=True))
    logits_BMK, edges_BM2, there_BM = network(
        x_BDT.to(network.device), is_there_BT.to(network.device)
    )
    is_done_BM = done_BMK.amax(2) * there_BM
    classes = (focal_losses(logits_BMK, done_BMK).sum(2) * there_BM).sum()
    edges = (edge_losses(edges_BM2, far_BM2) * is_done_BM).sum()
    loss: Tensor = (classes + edges) / is_done_BM.sum().clamp(min=1)
    return loss
