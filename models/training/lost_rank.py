"""What a process hears of those that train or measure with it and have ended: one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import distributed

from kinetics_builder.errors import ModelError

_LOST = ("/gloo/", "[gloo]", "connection closed by peer", "connection reset by peer", "nccl")
"""What torch's RuntimeErrors say where another process does not answer."""


@contextmanager
def lost_rank_told() -> Iterator[None]:
    """Let the block run; where another process has ended meanwhile, say so.

    Raises ModelError. What ended the other one, that one says, or torchrun does.
    """
    try:
        yield
    except RuntimeError as error:
        if not is_of_lost_rank(error):
            raise
        raise ModelError(
            "Another of the processes that torchrun started has ended or cannot be reached; why, "
            "stands with what that one said. Give the same command again: it goes on from what is "
            "saved."
        ) from error


def is_of_lost_rank(error: RuntimeError) -> bool:
    """Tell whether an error says that another process does not answer."""
    said = str(error).lower()
    return isinstance(error, distributed.DistError) or any(word in said for word in _LOST)
