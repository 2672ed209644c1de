"""By what a network is measured while it learns, or afterwards."""

from dataclasses import dataclass

import torch

from models.training.ranks import ALONE, Ranks


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """A device, the processes that ask together, and those that decode beside each."""

    device: torch.device
    ranks: Ranks = ALONE
    num_workers: int = 0
    """Processes that decode ahead of the network; 0 decodes between two answers."""
