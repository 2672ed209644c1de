"""Training on several GPUs under torchrun: who this process is, and what it shares."""

import os
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process's place among all that train together."""

    rank: int = 0
    num_ranks: int = 1

    @property
    def is_first(self) -> bool:
        """Return whether this process writes logs and checkpoints."""
        return self.rank == 0


def join_ranks() -> Ranks:
    """Return this process's place; torchrun says it by RANK and WORLD_SIZE."""
    num_ranks = int(os.environ.get("WORLD_SIZE", "1"))
    if "RANK" not in os.environ or num_ranks == 1:
        return Ranks()
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return Ranks(int(os.environ["RANK"]), num_ranks)


def spread(network: nn.Module, ranks: Ranks) -> nn.Module:
    """Return `network` with its gradients averaged over all ranks."""
    return network if ranks.num_ranks == 1 else DistributedDataParallel(network)


def is_said_by_any(ranks: Ranks, device: torch.device, said: bool) -> bool:
    """Return whether any rank says yes; every rank must ask, and all get the same answer."""
    if ranks.num_ranks == 1:
        return said
    votes = torch.tensor([float(said)], device=device)
    distributed.all_reduce(votes)
    return bool(votes.item() > 0)


def wait_for_all(ranks: Ranks) -> None:
    """Wait until every rank has come here."""
    if ranks.num_ranks > 1:
        distributed.barrier()
