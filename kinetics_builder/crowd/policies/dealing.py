"""Dealing a round's clips out to workers, a task each.

Shapes, as name suffixes: C clips by falling worth, V questions.
"""

from collections.abc import Sequence

import numpy as np

from kinetics_builder.crowd.policies.answered import Answered, Ints, Questions


def deal(clip_C: Ints, workers: Sequence[int], task_size: int, answered: Answered) -> Questions:
    """Return the clips, each asked of one worker who has not answered it.

    Workers get clips in turn, as cards are dealt, at most `task_size` each. A clip that all
    with room have answered already is left for another round.
    """
    is_known = set(zip(answered.clip_V.tolist(), answered.worker_V.tolist(), strict=True))
    room = {worker: task_size for worker in workers}
    pairs: list[tuple[int, int]] = []
    for clip in clip_C.tolist():
        worker = next((one for one in room if (clip, one) not in is_known), None)
        if worker is None:
            continue
        pairs.append((clip, worker))
        left = room.pop(worker) - 1
        if left:
            room[worker] = left
    clip_V, worker_V = np.array(pairs, np.int64).reshape(-1, 2).T
    return Questions(clip_V, worker_V)
