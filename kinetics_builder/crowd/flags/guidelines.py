"""Classes about which careful workers disagree more than elsewhere: their guideline is unclear.

Of each clip the first two answers of careful workers are compared, yes beside anything else: how
many more were asked for follows from what these said. Whether a class has more clips of which the
two differ than chance lets it have is Fisher's exact test (1934), of that class beside all others.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Answer, Clip, Label, Vote, WorkerStanding

LEVEL = 0.05
"""How often, at most, any class of a workspace is flagged where all are equally clear."""
LEAST_GOLD = 8
"""Gold answers of a careful worker, at least, ..."""
LEAST_RIGHT = 0.9
"""... and the share of them that is right."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A class that careful workers understand in different ways."""

    label: str
    num_clips: int
    """Clips of the class that two careful workers answered."""
    num_differing: int
    """Of those, the clips of which they said different things."""
    num_clips_elsewhere: int
    num_differing_elsewhere: int
    chance: float
    """How likely so many or more are, were the class as clear as all others."""
    clip_ids: Sequence[int] = field(default=())
    """The clips of which they said different things."""

    @property
    def words(self) -> str:
        """What pages and commands say about it."""
        here = f"{self.num_differing} of {self.num_clips} clips"
        there = f"{self.num_differing_elsewhere} of {self.num_clips_elsewhere}"
        return f"careful workers disagree about {here}, elsewhere about {there}"


def find_unclear(
    clips: Mapping[str, Mapping[int, bool]], level: float = LEVEL
) -> Sequence[Unclear]:
    """Return the classes that differ, the surest first, then by name.

    Args:
        clips: By label and clip, whether its two answers differ.
        level: Divided by the number of classes (Bonferroni).

    """
    num_all = sum(map(len, clips.values()))
    num_differing = sum(sum(found.values()) for found in clips.values())
    flagged = []
    for label, found in clips.items():
        here, differing = len(found), sum(found.values())
        chance = upper_tail(differing, here, num_differing, num_all)
        if chance * len(clips) <= level:
            ids = tuple(sorted(clip for clip, differs in found.items() if differs))
            elsewhere = num_all - here, num_differing - differing
            flagged.append(Unclear(label, here, differing, *elsewhere, chance, ids))
    return sorted(flagged, key=lambda one: (one.chance, one.label))


def read_unclear(session: Session) -> Sequence[Unclear]:
    """Return the classes of clips that are flagged; reads all votes of careful workers."""
    words = {"least_gold": LEAST_GOLD, "least_right": LEAST_RIGHT}
    pairs = defaultdict[tuple[str, int], list[bool]](list)
    for label, clip_id, answer in session.execute(_FIRST_TWO, words):
        pairs[label, clip_id].append(answer is Answer.YES)
    clips = defaultdict[str, dict[int, bool]](dict)
    for (label, clip_id), said in pairs.items():
        if len(said) == 2:
            clips[label][clip_id] = said[0] != said[1]
    return find_unclear(clips)


def upper_tail(num_hits: int, num_drawn: int, num_marked: int, num_all: int) -> float:
    """Return the chance of `num_hits` or more marked ones among those drawn without replacement.

    >>> round(upper_tail(2, 2, 2, 4), 6)
    0.166667
    """
    most = min(num_drawn, num_marked)
    whole = _log_comb(num_all, num_drawn)
    terms = (
        _log_comb(num_marked, hits) + _log_comb(num_all - num_marked, num_drawn - hits) - whole
        for hits in range(max(num_hits, num_drawn + num_marked - num_all), most + 1)
    )
    return min(1.0, math.fsum(map(math.exp, terms)))


def _log_comb(num: int, chosen: int) -> float:
    return math.lgamma(num + 1) - math.lgamma(chosen + 1) - math.lgamma(num - chosen + 1)


_IS_CAREFUL = and_(
    ~WorkerStanding.is_warned,
    WorkerStanding.num_gold >= bindparam("least_gold"),
    WorkerStanding.num_gold_right >= bindparam("least_right") * WorkerStanding.num_gold,
)
_PLACE = func.row_number().over(partition_by=Vote.clip_id, order_by=Vote.id)
_CAREFUL: Any = (
    select(Label.name, Vote.clip_id, Vote.answer, _PLACE.label("place"))
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .join(Label, Label.id == Clip.label_id)
    .join(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands(), _IS_CAREFUL, ~Clip.is_withdrawn)
    .subquery()
)
_FIRST_TWO = (
    select(_CAREFUL.c.name, _CAREFUL.c.clip_id, _CAREFUL.c.answer)
    .where(_CAREFUL.c.place <= 2)
    .order_by(_CAREFUL.c.clip_id, _CAREFUL.c.place)
)
