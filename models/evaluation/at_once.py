"""How many views, or clips, a network is asked about at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from kinetics_builder.errors import ModelError
from models.training.memory import is_of_memory

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass
class AtOnce:
    """So many at once: half as many from each time on that the memory is full."""

    num: int = 16
    what: str = "view"

    def answers(
        self, items: Sequence[Item], ask: Callable[[Sequence[Item]], Answer]
    ) -> Iterator[Answer]:
        """Yield what `ask` says of each part of `items`, in their order.

        Raises ModelError where not even one of them fits.
        """
        done = 0
        while done < len(items):
            part = items[done : done + self.num]
            try:
                answer = ask(part)
            except (MemoryError, RuntimeError) as error:
                if not is_of_memory(error):
                    raise
                self._halve(len(part), error)
                continue  # what was computed goes with the error
            yield answer
            done += len(part)

    def _halve(self, num_asked: int, error: Exception) -> None:
        if num_asked > 1:
            self.num = num_asked // 2
            return
        is_gpu = isinstance(error, torch.OutOfMemoryError)
        where = "the GPU" if is_gpu else "this machine"
        remedy = "see by `nvidia-smi` who else is there, or use --device cpu"
        raise ModelError(
            f"The memory of {where} is full with one {self.what} at a time: "
            f"{remedy if is_gpu else 'end what else runs here'}."
        ) from error
