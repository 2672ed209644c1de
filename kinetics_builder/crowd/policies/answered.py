"""What is known when it is decided whom to ask what: scores, answers, gold answers, audits.

Shapes, as name suffixes: N clips, V answers, G gold answers, U audited clips.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NOBODY = np.zeros(0, np.int64)
_NOTHING = np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False)
class Questions:
    """Which clip is asked of which worker; a pair stands once."""

    clip_V: Ints
    worker_V: Ints

    def __len__(self) -> int:
        return len(self.clip_V)


@dataclass(frozen=True, eq=False)
class Audited:
    """Clips drawn by chance of which somebody who is always right has said what they are."""

    clip_U: Ints = field(default_factory=lambda: _NOBODY)
    is_yes_U: Bools = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, eq=False)
class Answered:
    """All that a policy may see. It never holds the truth of a clip, nor how able a worker is."""

    score_N: Floats
    """The classifier's score of each clip, higher where it sees the action; NaN without one."""
    num_workers: int
    clip_V: Ints
    worker_V: Ints
    is_yes_V: Bools
    """Unsure and bad are no."""
    gold_worker_G: Ints
    gold_is_yes_G: Bools
    """What is right."""
    gold_said_yes_G: Bools
    audited: Audited = field(default_factory=Audited)

    @classmethod
    def nothing(cls, score_N: Floats, num_workers: int) -> "Answered":
        """Return what is known before the first answer."""
        scores = np.asarray(score_N, np.float64)
        nobody = (_NOBODY, _NOTHING, _NOTHING)
        return cls(scores, num_workers, _NOBODY, _NOBODY, _NOTHING, *nobody)

    @property
    def num_clips(self) -> int:
        """All clips, answered or not."""
        return len(self.score_N)

    @property
    def num_answers_N(self) -> Ints:
        """Answers about each clip."""
        return np.bincount(self.clip_V, minlength=self.num_clips)

    @property
    def num_yes_N(self) -> Ints:
        """Yes-answers about each clip."""
        return np.bincount(self.clip_V[self.is_yes_V], minlength=self.num_clips)

    def with_answers(self, questions: Questions, is_yes_V: Bools) -> "Answered":
        """Return the same with the answers to `questions` added."""
        return replace(
            self,
            clip_V=np.concatenate([self.clip_V, questions.clip_V]),
            worker_V=np.concatenate([self.worker_V, questions.worker_V]),
            is_yes_V=np.concatenate([self.is_yes_V, np.asarray(is_yes_V, np.bool_)]),
        )

    def with_audit(self, clip_U: Ints, is_yes_U: Bools) -> "Answered":
        """Return the same with what an audit says added."""
        before = self.audited
        clip_U = np.concatenate([before.clip_U, clip_U])
        is_yes_U = np.concatenate([before.is_yes_U, is_yes_U])
        return replace(self, audited=Audited(clip_U, is_yes_U))

    def with_gold(self, worker_G: Ints, is_yes_G: Bools, said_yes_G: Bools) -> "Answered":
        """Return the same with answers to gold questions added."""
        return replace(
            self,
            gold_worker_G=np.concatenate([self.gold_worker_G, worker_G]),
            gold_is_yes_G=np.concatenate([self.gold_is_yes_G, is_yes_G]),
            gold_said_yes_G=np.concatenate([self.gold_said_yes_G, said_yes_G]),
        )
