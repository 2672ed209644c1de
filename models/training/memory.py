"""How much memory a run takes, and what to ask for where there is too little."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch

from kinetics_builder.errors import ModelError
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.ranks import Ranks

_FULL = ("not enough memory", "can't allocate memory", "out of memory")
"""What torch's RuntimeErrors say where the machine's own memory is full."""


_FLOAT_BYTES = 4
"""Of a channel of a pixel, as a network takes it; before that it is one byte."""


def memory_bytes(device: torch.device) -> int:
    """Return the most that was held on a GPU so far, or what the process holds now."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return int(psutil.Process().memory_info().rss)


@contextmanager
def told_of_memory(recipe: Recipe, ranks: Ranks, device: torch.device) -> Iterator[None]:
    """Let the block run; where memory does not do, say which part of a step may fit."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_of_memory(error):
            raise
        where = "the GPU" if device.type == "cuda" else "this machine"
        raise ModelError(
            f"The memory of {where} is full with {_at_once(recipe, ranks)} at a time: "
            f"{advice(recipe, ranks)}. The run goes on from its last state, or begins again with "
            "--fresh where it is another one by then."
        ) from error


def check_room(spec: NetworkSpec, recipe: Recipe, ranks: Ranks, room: int) -> None:
    """Raise ModelError where the pictures of a step alone are more than `room` bytes.

    A system that runs out of memory ends the process without a word.
    """
    sampling = spec.sampling
    of_clip = sampling.num_frames * sampling.crop_size**2 * sampling.num_channels
    own = recipe.batch_size // ranks.num_ranks
    at_once = (recipe.clips_at_once or recipe.batch_size) // ranks.num_ranks
    needed = of_clip * (own + _FLOAT_BYTES * at_once)
    if needed > room:
        raise ModelError(
            f"The pictures of a step of {recipe.batch_size:,} clips alone take "
            f"{needed / 2**30:.1f} GiB, and {room / 2**30:.1f} are free: "
            f"{advice(recipe, ranks)}, or a smaller --batch-size."
        )


def is_of_memory(error: Exception) -> bool:
    """Tell whether an error says that the memory of a GPU or of the machine is full."""
    is_known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return is_known or any(said in str(error).lower() for said in _FULL)


def _at_once(recipe: Recipe, ranks: Ranks) -> str:
    count = (recipe.clips_at_once or recipe.batch_size) // ranks.num_ranks
    return f"{count} clips" if count != 1 else "one clip"


def advice(recipe: Recipe, ranks: Ranks) -> str:
    """Return what to type for half as much memory at least.

    >>> half = Recipe(num_steps=9, batch_size=64, peak_rate=0.1, short_sides=(256, 320))
    >>> advice(half, Ranks())
    'try `--set clips_at_once=32`, which takes the same step in 2 parts'
    """
    now = recipe.clips_at_once or recipe.batch_size
    parts = [n for n in range(ranks.num_ranks, now // 2 + 1) if recipe.batch_size % n == 0]
    parts = [n for n in parts if n % ranks.num_ranks == 0]
    same = [
        n for n in parts if recipe.norm_clips and n % (recipe.norm_clips * ranks.num_ranks) == 0
    ]
    if not parts:
        return "choose a network or a clip that is smaller, or --half-precision on a GPU"
    best = max(same or parts)
    return (
        f"try `--set clips_at_once={best}`, which takes the same step in "
        f"{recipe.batch_size // best} parts"
    )
