"""The verdict on a demo of AVA: every step against the truth, and the bars."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from pipelines.demo.ava import claims
from pipelines.demo.ava.lessons import Learnt
from pipelines.demo.ava.tally import (
    SWITCH,
    StepTally,
    owners_of,
    tally_boxes,
    tally_key_frames,
    tally_links,
    tally_shots,
)
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.verdict import Bar

LEAST_KEY_FRAMES, LEAST_CUTS = 1.0, 0.9
LEAST_PRECISION, LEAST_RECALL = 0.9, 0.8
"""Of the boxes that people would be shown first."""
LEAST_UNSWITCHED = 0.9
"""Share of links that do not go from one person to another, before people have looked."""


@dataclass(frozen=True)
class AvaVerdict:
    """How a demo of AVA went, up to linked boxes."""

    num_films: int
    seconds_of_film: float
    learnt: Learnt
    """What the detector of persons was worth before."""
    steps: tuple[StepTally, ...]
    bars: tuple[Bar, ...]
    seconds: float
    """Wall time of this run."""

    @property
    def missed(self) -> list[Bar]:
        """Return the bars that were not reached."""
        return [bar for bar in self.bars if not bar.is_met]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, with the shares that follow from the counts."""
        steps = [
            {**asdict(step), "precision": step.precision, "recall": step.recall}
            for step in self.steps
        ]
        return {**asdict(self), "steps": steps}


def tally_steps(
    session: Session, truths: Sequence[FilmTruth], max_gap: int
) -> tuple[StepTally, ...]:
    """Return how every step did, in order."""
    found, shown = claims.detected(session), claims.shown(session)
    owners = owners_of(shown, truths)
    return (
        tally_key_frames(claims.key_frames(session), truths),
        tally_shots(claims.shots(session), truths),
        tally_boxes("detect, all", owners_of(found, truths), truths),
        tally_boxes("detect, shown", owners, truths),
        tally_links(claims.links(session), shown, owners, max_gap),
    )


def bars_of(steps: Sequence[StepTally]) -> tuple[Bar, ...]:
    """Return the bars of the steps of `tally_steps`."""
    key_frames, cuts, _, shown, links = steps
    switched = links.let_through.get(SWITCH, 0)
    unswitched = 1 - switched / links.num_passed if links.num_passed else None
    return (
        Bar("key frames found", key_frames.recall, LEAST_KEY_FRAMES),
        Bar("cuts found", cuts.recall, LEAST_CUTS),
        Bar("precision of shown boxes", shown.precision, LEAST_PRECISION),
        Bar("recall of shown boxes", shown.recall, LEAST_RECALL),
        Bar("links that switch no identity", unswitched, LEAST_UNSWITCHED),
    )
