"""The verdict on a demo of AVA: every step against the truth, and the bars."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.demo.ava.actor import ActorScore
from pipelines.demo.ava.lessons import Learnt
from pipelines.demo.ava.people.asking import KindTally
from pipelines.demo.ava.tally import SWITCH, StepTally
from pipelines.demo.verdict import Bar

LEAST_KEY_FRAMES, LEAST_CUTS = 1.0, 0.9
LEAST_PRECISION, LEAST_RECALL = 0.9, 0.8
"""Of the boxes that people are shown first."""
LEAST_RECALL_OF_SMALL = 0.7
"""Where the detector has learnt from five films alone: how sure it must be to be shown is chosen on
few boxes, and comes out otherwise on another processor."""
LEAST_UNSWITCHED = 0.9
"""Share of links that do not go from one person to another, before people have looked."""
LEAST_REVIEWED_RECALL, LEAST_REVIEWED_UNSWITCHED = 0.97, 0.98
"""Of boxes and links, after people have looked."""
LEAST_LABEL_PRECISION, LEAST_LABEL_RECALL = 0.95, 0.85
"""Of labels that were confirmed."""

LEAST_USED = 1.0
"""Share of the released key frames that training and measuring use."""


@dataclass(frozen=True)
class AvaVerdict:
    """How a demo of AVA went."""

    num_films: int
    seconds_of_film: float
    learnt: Learnt
    """What the detector of persons was worth before."""
    steps: tuple[StepTally, ...]
    kinds: tuple[KindTally, ...]
    """The work of the crew."""
    num_people: int
    """Persons at key frames for whom a box is asked."""
    actor: ActorScore
    """What the detector of actions learnt from the release."""
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

    @property
    def answers_a_person(self) -> float:
        """Return how many answers of any kind, gold included, each person at a key frame cost."""
        num_answers = sum(kind.num_answers for kind in self.kinds)
        return num_answers / self.num_people if self.num_people else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, with the shares that follow from the counts."""
        steps = [
            {**asdict(step), "precision": step.precision, "recall": step.recall}
            for step in self.steps
        ]
        return {**asdict(self), "steps": steps, "answers_a_person": self.answers_a_person}


def bars_of(steps: Sequence[StepTally], *, small: bool = False) -> tuple[Bar, ...]:
    """Return the bars of the steps, by their names."""
    least_recall = LEAST_RECALL_OF_SMALL if small else LEAST_RECALL
    by_name: Mapping[str, StepTally] = {step.step: step for step in steps}
    shown, labels = by_name["detect, shown"], by_name["actions, confirmed"]
    return (
        Bar("key frames found", by_name["keyframes"].recall, LEAST_KEY_FRAMES),
        Bar("cuts found", by_name["shots"].recall, LEAST_CUTS),
        Bar("precision of shown boxes", shown.precision, LEAST_PRECISION),
        Bar("recall of shown boxes", shown.recall, least_recall),
        Bar("links that switch no identity", _unswitched(by_name["link"]), LEAST_UNSWITCHED),
        Bar("recall of reviewed boxes", by_name["boxes, drawn"].recall, LEAST_REVIEWED_RECALL),
        Bar(
            "reviewed links that switch no identity",
            _unswitched(by_name["links, followed"]),
            LEAST_REVIEWED_UNSWITCHED,
        ),
        Bar("precision of confirmed labels", labels.precision, LEAST_LABEL_PRECISION),
        Bar("recall of confirmed labels", labels.recall, LEAST_LABEL_RECALL),
        Bar("released key frames that are of use", by_name["check"].recall, LEAST_USED),
    )


def bars_of_actor(actor: ActorScore, small: bool) -> tuple[Bar, ...]:
    """Return the bar of the network; the small demo trains too little to be held to it."""
    return () if small else (Bar(f"frame-mAP of {actor.network}", actor.mean_ap, actor.least),)


def _unswitched(links: StepTally) -> float | None:
    switched = links.let_through.get(SWITCH, 0)
    return 1 - switched / links.num_passed if links.num_passed else None
