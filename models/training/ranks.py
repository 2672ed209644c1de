"""Training on several GPUs under torchrun: who this process is, and what it shares."""

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process's place among all that train together."""

    rank: int = 0
    num_ranks: int = 1

    @property
    def is_first(self) -> bool:
        """Return whether this process writes logs and checkpoints."""
        return self.rank == 0

    def share_of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return this process's part of `items`: a stretch, so that a film's moments stay together.

        >>> [Ranks(rank, 2).share_of("abcde") for rank in (0, 1)]
        ['ab', 'cde']
        """
        first, end = (len(items) * rank // self.num_ranks for rank in (self.rank, self.rank + 1))
        return items[first:end]


ALONE = Ranks()


def join_ranks() -> Ranks:
    """Return this process's place; torchrun says it by RANK and WORLD_SIZE."""
    num_ranks = int(os.environ.get("WORLD_SIZE", "1"))
    if "RANK" not in os.environ or num_ranks == 1:
        return Ranks()
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if not distributed.is_initialized():
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        )
    return Ranks(int(os.environ["RANK"]), num_ranks)


def spread(network: nn.Module, ranks: Ranks) -> nn.Module:
    """Return `network` with its gradients averaged over all ranks."""
    if ranks.num_ranks == 1:
        return network
    # Strides of kernels of one position differ in sides of length 1 alone: the memory is the same.
    warnings.filterwarnings("ignore", "Grad strides do not match bucket view strides")
    return DistributedDataParallel(network)


def kept_back(network: nn.Module) -> AbstractContextManager[None]:
    """Return a block in which gradients are not yet averaged over the ranks."""
    if isinstance(network, DistributedDataParallel):
        held: AbstractContextManager[None] = network.no_sync()
        return held
    return nullcontext()


def is_said_by_any(ranks: Ranks, said: bool) -> bool:
    """Return whether any rank says yes; every rank must ask, and all get the same answer.

    The ranks wait for one another, and not for their devices.
    """
    if ranks.num_ranks == 1:
        return said
    votes = torch.tensor([float(said)])
    distributed.all_reduce(votes)
    return bool(votes.item() > 0)


def share_statistics(network: nn.Module, ranks: Ranks) -> None:
    """Give all ranks the first one's running statistics: each has seen other clips of a step."""
    if ranks.num_ranks > 1:
        for buffer in network.buffers():
            distributed.broadcast(buffer, src=0)


def gathered(ranks: Ranks, value: Any) -> list[Any]:
    """Return every rank's value, in their order; every rank must ask, and all get them."""
    if ranks.num_ranks == 1:
        return [value]
    values: list[Any] = [None] * ranks.num_ranks
    distributed.all_gather_object(values, value)
    return values


def work_shared(
    ranks: Ranks, items: Sequence[Item], work: Callable[[Sequence[Item]], Iterable[Answer]]
) -> list[Answer]:
    """Return what `work` gives for all `items`, in their order; each rank does its share of it."""
    return [
        answer for part in gathered(ranks, list(work(ranks.share_of(items)))) for answer in part
    ]


def wait_for_all(ranks: Ranks) -> None:
    """Wait until every rank has come here."""
    if ranks.num_ranks > 1:
        distributed.barrier()
