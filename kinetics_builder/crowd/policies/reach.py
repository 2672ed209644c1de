"""Whether clips can be as pure as wanted at all, however many people answer.

Answers tell what a clip looks like, and no more: of the clips that everybody takes for right some
mislead. What is made sure of is a lower bound, and few clips leave it low.

Shapes, as name suffixes: N clips, T truth, L looks of a clip, C clips by falling probability that
one which looks right is.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kinetics_builder.crowd.policies.answered import Floats
from kinetics_builder.crowd.policies.chances import YES_L
from kinetics_builder.crowd.policies.scores import MISLEADING
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.text.counting import counted

_FEWER = (2, 5, 10, 20, 50, 100)
_MANY_TIMES = 1000
_TINY = 1e-300


@dataclass(frozen=True, kw_only=True)
class OutOfReach:
    """Why no clip will be accepted, and what would change that."""

    wanted: float
    purity: float
    """The highest that could be made sure of, by the confidence of the targets; may be below 0."""
    num_clips: int
    num_right: int
    """Clips that people would take for right, about."""
    num_enough: int | None
    """So many clips like these would do, about; None where no number does."""
    misleading: float
    """Share of the clips that is taken to look like what they are not."""
    is_told: bool
    """Whether that share was told (`verify.misleading`), not learnt."""
    misleading_enough: float | None
    """If no more than this share mislead, the purity could be reached; None where that changes
    nothing."""

    @property
    def words(self) -> str:
        """What every page and command says of it."""
        of_whom = "verify.misleading says that" if self.is_told else "it is taken that"
        return (
            f"A purity of {self.wanted:.1%} is out of reach of {counted(self.num_clips, 'clip')}, "
            f"and none will be accepted, however many answers come: {of_whom} "
            f"{100 * self.misleading:.2g}% of all clips look to everybody like what they are not, "
            f"and so of about {self.num_right} that people take for right {self._sure} can be made "
            f"sure of. {self._advice}"
        )

    @property
    def _sure(self) -> str:
        return f"no more than {self.purity:.1%}" if self.purity > 0 else "nothing"

    @property
    def _advice(self) -> str:
        ways = []
        if (purity := math.floor(200 * self.purity) / 200) >= 0.5:
            learn = "" if self.is_told or self.misleading <= MISLEADING else _AUDIT
            ways.append(f"set verify.purity = {purity:g}{learn}")
        if self.num_enough is not None:
            ways.append(f"ask about {self.num_enough} clips like these")
        if self.misleading_enough is not None:
            known = f"verify.misleading = {self.misleading_enough:g}"
            ways.append(f"say {known} if you know that no more mislead")
        words = " or ".join(", ".join(ways).rsplit(", ", 1)) if ways else "ask about other clips"
        return f"{words[0].upper()}{words[1:]}."


_AUDIT = " (then `kbuild crowd audit` tells how many mislead)"


class _Ideal(NamedTuple):
    """Clips as they would stand if it were known of each what it looks like."""

    weight_C: Floats
    """That the clip looks right."""
    pure_C: Floats
    """That it is right if it looks so."""

    @classmethod
    def of(cls, truth_looks_NTL: Floats) -> "_Ideal":
        joint_NT = truth_looks_NTL[:, :, YES_L].sum(axis=2)
        pure_N = joint_NT[:, 1] / (joint_NT.sum(axis=1) + _TINY)
        order_C = np.argsort(-pure_N, kind="stable")
        return cls(joint_NT.sum(axis=1)[order_C], pure_N[order_C])

    def if_fewer_mislead(self, before: float, share: float) -> "_Ideal":
        odds = before / (1 - before) * (1 - share) / share
        right_C = self.pure_C * odds
        return self._replace(pure_C=right_C / (right_C + 1 - self.pure_C))

    def purity(self, num_deviations: float) -> float:
        """Return the highest that some of the likeliest clips can be made sure of."""
        num_C, right_C, doubt_C = self._sums()
        held_C = (right_C - num_deviations * np.sqrt(doubt_C)) / (num_C + _TINY)
        return float(held_C.max())

    def times_needed(self, targets: Targets) -> float:
        """Return by how many times as many such clips the target is met; infinite if by none."""
        num_C, right_C, doubt_C = self._sums()
        margin_C = right_C - targets.purity * num_C
        can_C = margin_C > 0
        times_C = (targets.num_deviations * np.sqrt(doubt_C[can_C]) / margin_C[can_C]) ** 2
        return float(times_C.min(initial=math.inf))

    def _sums(self) -> tuple[Floats, Floats, Floats]:
        right_C = self.weight_C * self.pure_C
        doubt_C = right_C * (1 - self.pure_C)
        return self.weight_C.cumsum(), right_C.cumsum(), doubt_C.cumsum()


def out_of_reach(
    truth_looks_NTL: Floats, misleading: float, targets: Targets, *, is_told: bool = False
) -> OutOfReach | None:
    """Return why no set of these clips can hold the purity; None where one can.

    It is reckoned as if every clip's looks will be known for sure, and as many look right as is
    expected by now: what people make of clips beside that only makes it harder.

    Args:
        truth_looks_NTL: What is thought of the clips.
        misleading: Share of the clips that is taken to mislead.
        targets: What is wanted.
        is_told: Whether that share was told.

    """
    if not len(truth_looks_NTL):
        return None
    ideal, deviations = _Ideal.of(truth_looks_NTL), targets.num_deviations
    purity = ideal.purity(deviations)
    if purity >= targets.purity:
        return None
    times = ideal.times_needed(targets)
    fewer = [float(f"{misleading / part:.0e}") for part in _FEWER]
    enough = (
        share
        for share in fewer
        if ideal.if_fewer_mislead(misleading, share).purity(deviations) >= targets.purity
    )
    num_clips = len(truth_looks_NTL)
    return OutOfReach(
        wanted=targets.purity,
        purity=purity,
        num_clips=num_clips,
        num_right=round(float(ideal.weight_C.sum())),
        num_enough=math.ceil(times * num_clips) if times < _MANY_TIMES else None,
        misleading=misleading,
        is_told=is_told,
        misleading_enough=next(enough, None),
    )
