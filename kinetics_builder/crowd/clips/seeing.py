"""What votes tell of clips one by one, each weighed by what is thought of its worker.

Shapes, as name suffixes: N clips, V votes, L looks of a clip.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kinetics_builder.crowd.policies.answered import Floats
from kinetics_builder.crowd.policies.kept import Kept, Seen, evidence_of
from kinetics_builder.database.tables import Answer


def seen_of(clips: Sequence[tuple[int, float]], votes: Iterable[Any], kept: Kept) -> Seen:
    """Return clips as far as votes about them tell.

    Who is unsure has answered, and says nothing.

    Args:
        clips: Their ids and priors.
        votes: A clip's id, an answer, and P(yes) of whoever gave it, None of the new.
        kept: What holds for all.

    """
    place = {clip: number for number, (clip, _) in enumerate(clips)}
    given = [(place[clip], answer, yes_L) for clip, answer, yes_L in votes if clip in place]
    told = [one for one in given if one[1] is not Answer.UNSURE]
    clip_V = np.array([number for number, *_ in told], np.int64)
    is_yes_V = np.array([answer is Answer.YES for _, answer, _ in told], np.bool_)
    evidence_NL = np.zeros((len(clips), len(kept.new_L)))
    if told:
        yes_VL: Floats = np.array([kept.new_L if yes_L is None else yes_L for *_, yes_L in told])
        np.add.at(evidence_NL, clip_V, evidence_of(yes_VL, is_yes_V))
    return Seen(
        np.array([prior for _, prior in clips]),
        evidence_NL,
        np.bincount(np.array([number for number, *_ in given], np.int64), minlength=len(clips)),
        np.bincount(clip_V[is_yes_V], minlength=len(clips)),
    )
