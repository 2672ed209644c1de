"""Dealing a round's clips out to workers, a task each.

Shapes, as name suffixes: C clips by falling worth, V questions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kinetics_builder.crowd.policies.answered import Answered, Ints, Questions


@dataclass(frozen=True)
class Round:
    """How much is asked at once."""

    num_questions: int
    task_size: int
    """Questions that a worker gets at most."""


def deal(clip_C: Ints, workers: Sequence[int], size: Round, answered: Answered) -> Questions:
    """Return the first clips, each asked of one worker who has not answered it.

    As few workers as can take all clips, the first ones, get them in turn, as cards are
    dealt. Another joins them for a clip that all who have room have answered; a
    clip that everybody has answered is left out.
    """
    is_known = set(zip(answered.clip_V.tolist(), answered.worker_V.tolist(), strict=True))
    num_tasks = -(-min(size.num_questions, len(clip_C)) // size.task_size)
    room = dict.fromkeys(workers[:num_tasks], size.task_size)
    others = dict.fromkeys(workers[num_tasks:], size.task_size)
    pairs: list[tuple[int, int]] = []
    for clip in clip_C.tolist():
        if len(pairs) == size.num_questions:
            break
        worker = _first((*room, *others), clip, is_known)
        if worker is None:
            continue
        pairs.append((clip, worker))
        left = (room.pop(worker, None) or others.pop(worker)) - 1
        if left:
            room[worker] = left
    clip_V, worker_V = np.array(pairs, np.int64).reshape(-1, 2).T
    return Questions(clip_V, worker_V)


def _first(workers: Iterable[int], clip: int, is_known: set[tuple[int, int]]) -> int | None:
    """Return the first who has not answered the clip."""
    return next((worker for worker in workers if (clip, worker) not in is_known), None)
