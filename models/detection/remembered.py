"""What was seen of the people of films, second by second (arXiv:1812.05038). No torch.

Shapes, as name suffixes: B clips, M places for people (`num_remembered`), C channels, N people of
a second.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detection.folder import Moment
from models.heads.config import HeadConfig

Features = NDArray[np.float32]
Second = tuple[str, int]
"""A video id and a second of its own time line."""


@dataclass(frozen=True)
class Bank:
    """Features of the people of films."""

    seen: Mapping[Second, Features]
    """(N, C) of each second at which somebody was seen."""
    head: HeadConfig
    """How much of it is remembered at a time."""

    def around(self, moments: Sequence[Moment]) -> Features:
        """Return what is remembered at each key frame (B, M, C).

        A second's first people have its places in their order, half of the seconds come before the
        key frame's own, and places of nobody are 0.
        """
        return np.stack([self._at(*moment) for moment in moments])

    def _at(self, video_id: str, microseconds: int) -> Features:
        head = self.head
        first = math.floor(microseconds / 1e6) - head.memory_seconds // 2
        places = np.zeros((head.memory_seconds, head.memory_people, head.memory_width), np.float32)
        for number in range(head.memory_seconds):
            seen = self.seen.get((video_id, first + number))
            if seen is not None:
                few = seen[: head.memory_people]
                places[number, : len(few)] = few
        return places.reshape(head.num_remembered, head.memory_width)
