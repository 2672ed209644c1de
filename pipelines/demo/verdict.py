"""The verdict on a demo run: every stage against the truth, the networks against the bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Decision, Verdict, Vote
from pipelines.demo import claims
from pipelines.demo.claims import Claim
from pipelines.demo.tally import StageTally, tally, usable_stretches
from pipelines.demo.truth import Truth


@dataclass(frozen=True, slots=True)
class NetworkScore:
    """What a network reached on the held-out clips. Shares are in [0, 1]."""

    network: str
    num_clips: int
    top1: float
    shuffled_top1: float
    """Top-1 with the frames of each clip in a random order."""
    reversed_swapped: float | None
    """Share of reversed clips that got the opposite label; None without such clips."""
    chance: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that a demo must reach."""

    name: str
    reached: float | None
    """None: it could not be measured."""
    least: float
    """Or, where less is better, the most."""
    is_less_better: bool = False

    @property
    def is_met(self) -> bool:
        """Return whether the number was measured and is high enough, or low enough."""
        if self.reached is None:
            return False
        return self.reached <= self.least if self.is_less_better else self.reached >= self.least

    @property
    def asked(self) -> str:
        """Return what is asked, in words."""
        return f"at {'most' if self.is_less_better else 'least'} {self.least:g}"


LEAST_PRECISION, LEAST_RECALL, MOST_VOTES = 0.98, 0.75, 3.2
_LEAST_PRECISION_OF_SMALL = 0.97
LEAST_TOP1 = {"i3d_tiny_12x3": 0.93, "slowfast_tiny_2x16": 0.85}
LEAST_GAIN_OF_TIME = 0.15
"""Top-1 minus top-1 on shuffled frames."""
LEAST_SWAPPED = 0.6


@dataclass(frozen=True)
class DemoVerdict:
    """How a demo run went."""

    stages: tuple[StageTally, ...]
    num_usable: int
    """Usable stretches of the truth."""
    precision: float
    """Of the released clips."""
    recall: float
    """Usable stretches among the released clips."""
    num_votes: int
    """Answers given, those to gold questions included."""
    votes_per_accepted_clip: float
    networks: tuple[NetworkScore, ...]
    bars: tuple[Bar, ...]
    report: Path
    """The HTML page about the workspace."""
    seconds: float
    """Wall time of this run."""
    part_seconds: Mapping[str, float]
    """Of its parts, in their order."""

    @property
    def missed(self) -> list[Bar]:
        """Return the bars that were not reached."""
        return [bar for bar in self.bars if not bar.is_met]


def tally_stages(session: Session, release: Path, truth: Truth) -> list[StageTally]:
    """Return how every stage did, in order."""
    passed: list[tuple[str, list[Claim]]] = [
        ("search", claims.listed(session)),
        ("match", claims.matched(session)),
        ("download", claims.downloaded(session)),
        ("propose", claims.proposed(session)),
        ("cut", claims.cut(session)),
        ("deduplicate", claims.kept(session)),
        ("annotate", claims.accepted(session)),
        ("release", claims.released(release)),
    ]
    there, result = usable_stretches(truth), []
    for stage, made in passed:
        counted, there = tally(stage, made, truth, there)
        result.append(counted)
    return result


def count_votes(session: Session) -> tuple[int, int]:
    """Return (answers given, those to gold questions included; accepted clips)."""
    num_votes = session.scalar(select(func.count(Vote.id)).where(Vote.stands()))
    accepted = select(func.count(Decision.clip_id)).where(Decision.verdict == Verdict.ACCEPTED)
    return num_votes or 0, session.scalar(accepted) or 0


def bars_of(
    judged: tuple[float, float, float], networks: Sequence[NetworkScore], small: bool
) -> tuple[Bar, ...]:
    """Return the bars of a demo: of what `judge` found, and of the networks.

    The small one trains too little to be held to accuracy, and has too few clips to learn cheaply
    who tells what.
    """
    precision, recall, votes = judged
    least_precision = _LEAST_PRECISION_OF_SMALL if small else LEAST_PRECISION
    bars = [
        Bar("precision of released clips", precision, least_precision),
        Bar("recall of usable clips", recall, LEAST_RECALL),
    ]
    if not small:
        bars.append(Bar("votes for each accepted clip", votes, MOST_VOTES, is_less_better=True))
    for score in () if small else networks:
        gain = score.top1 - score.shuffled_top1
        bars += [
            Bar(f"{score.network} top-1", score.top1, LEAST_TOP1[score.network]),
            Bar(f"{score.network} top-1 above shuffled frames", gain, LEAST_GAIN_OF_TIME),
            Bar(f"{score.network} reversed swap", score.reversed_swapped, LEAST_SWAPPED),
        ]
    return tuple(bars)


def judge(
    stages: Sequence[StageTally], num_usable: int, votes: tuple[int, int]
) -> tuple[float, float, float]:
    """Return (precision, recall, votes for each accepted clip) of a finished build."""
    last = stages[-1]
    num_votes, num_accepted = votes
    recall = last.num_found / num_usable if num_usable else 0.0
    return last.precision, recall, num_votes / num_accepted if num_accepted else 0.0
