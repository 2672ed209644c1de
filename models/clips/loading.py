"""Items that processes make ready beside a network, in their order."""

from collections.abc import Iterator
from typing import TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from kinetics_builder.children import fresh_children
from models.clips.cropping import in_one_thread

Item = TypeVar("Item")


def in_order(items: Dataset[Item], num_workers: int) -> Iterator[Item]:
    """Yield each item, in order; `num_workers` processes make them ready, 0 makes each here."""
    loader: DataLoader[Item] = DataLoader(
        items,
        batch_size=None,
        num_workers=num_workers,
        generator=torch.Generator(),
        worker_init_fn=in_one_thread,
        multiprocessing_context=fresh_children() if num_workers else None,
    )
    return iter(loader)
