"""A detector while it learns: how it is put down and taken up again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from models.checkpoints.states import state_to_resume
from models.checkpoints.torch_files import save_torch
from models.detection.people.examples import Example
from models.detection.people.network import PeopleNetwork
from models.detection.people.recipe import DetectorRecipe

_PARTS = {"identity", "network", "optimiser", "schedule", "random", "losses"}
_UNLEARNT = ("least_precision",)
"""What of a recipe changes nothing that is learnt."""


@dataclass(kw_only=True)
class Learning:
    """All that the next step depends on."""

    identity: str
    """Of the recipe and all pictures and boxes: what is taken up must be of the same."""
    network: PeopleNetwork
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    random: torch.Generator
    """Which pictures come next, and how they are varied."""
    losses: list[float] = field(default_factory=list)
    """Of each step that was taken."""

    def save(self, path: Path) -> None:
        """Write all of it, or what was there before stays."""
        data = {
            "identity": self.identity,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": self.random.get_state(),
            "losses": self.losses,
        }
        save_torch(path, data)

    def resume(self, path: Path) -> bool:
        """Take up what `save` wrote and return True; return False where there is nothing.

        Raises ModelError where it is of another recipe, other pictures or other boxes.
        """
        data = state_to_resume(path, _PARTS, self.identity, "recipe, pictures or boxes")
        if data is None:
            return False
        self.network.load_state_dict(data["network"])
        self.optimiser.load_state_dict(data["optimiser"])
        self.schedule.load_state_dict(data["schedule"])
        self.random.set_state(data["random"])
        self.losses = list(data["losses"])
        return True


def started(recipe: DetectorRecipe, examples: Sequence[Example], device: torch.device) -> Learning:
    """Return a detector that has learnt nothing yet, drawn from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    network = PeopleNetwork(recipe.width).to(device)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.weight_decay
    )
    return Learning(
        identity=identity_of(recipe, examples),
        network=network,
        optimiser=optimiser,
        schedule=torch.optim.lr_scheduler.OneCycleLR(
            optimiser, max_lr=recipe.peak_rate, total_steps=recipe.num_steps
        ),
        random=torch.Generator().manual_seed(recipe.seed),
    )


def identity_of(recipe: DetectorRecipe, examples: Sequence[Example]) -> str:
    """Return 64 hex digits that change with anything that changes what is learnt."""
    values = {name: value for name, value in asdict(recipe).items() if name not in _UNLEARNT}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for one in examples:
        boxes = [list(box) for box in one.boxes]
        digest.update(json.dumps([one.film, one.seconds, boxes]).encode() + one.jpeg)
    return digest.hexdigest()
