"""How simulated annotators draw boxes: what the machine drew is mended, more or less."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.config import Config
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import BoxesFile
from pipelines.demo.ava.matching import pair
from pipelines.demo.ava.people.eyes import CLEAR_SHARE, Eyes, Sight
from pipelines.demo.ava.people.gold import Golds
from pipelines.demo.ava.truth import Sighting
from pipelines.demo.crew.annotators import Annotator, Skill, chance
from pipelines.demo.crew.work import Slot
from pipelines.verifying.assign_frames import assign_frames
from pipelines.verifying.gold_frames import add_gold_frames

_ABOUT_OVERLAP = 0.3
"""IoU from which on a machine's box is taken for one of a person that is askew."""
_HARD_TO_SEE = 4.0
"""How many times more often somebody is overlooked who is half hidden."""
_DRAWN_HIDDEN = 0.2
"""How often somebody is drawn who is too hidden for a box to be asked for."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody draws. Shares are in [0, 1]."""

    misses: float
    """Of the people without a box, those who get none."""
    leaves: float
    """Of the boxes around nobody, those that stay."""
    trembles: float
    """How far an edge lies beside the truth at most, as a share of the box's side."""
    contents: float
    """IoU from which on a box of the machine's is left as it is."""


HANDS = {
    Skill.CAREFUL: Hand(misses=0.02, leaves=0.02, trembles=0.03, contents=0.75),
    Skill.HASTY: Hand(misses=0.15, leaves=0.20, trembles=0.06, contents=0.55),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A box on the page: `number` is that of the machine's box that it is, or began as."""

    corners: Corners
    number: int | None


class BoxesWork:
    """The question who is to be seen at a key frame."""

    kind = "boxes"
    is_answered_together = False

    def __init__(self, config: Config, eyes: Eyes, golds: Golds, seed: int) -> None:
        self._config = config
        self._eyes = eyes
        self._golds = golds
        self._seed = seed

    def assign(self, session: Session) -> int:
        """Add the gold, and put the key frames into tasks; return how many tasks are new."""
        add_gold_frames(session, BoxesFile(path=self._golds.boxes, format="ava"))
        return assign_frames(session, self._config).num_tasks

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends."""
        sight = self._eyes.look(slot["frame"])
        shown = [Box(Corners(*corners), number) for *corners, number in slot["boxes"]]
        drawn = draw(annotator, self._seed, sight, shown)
        num_changes = sum(box not in shown for box in drawn) + sum(b not in drawn for b in shown)
        slowness = 1.0 if annotator.skill == Skill.CAREFUL else 0.4
        seconds = round(slowness * (3.0 + 5.0 * num_changes), 1)
        boxes = [[*box.corners, box.number] for box in drawn]
        return {"boxes": json.dumps(boxes), "seconds": str(seconds)}


def draw(annotator: Annotator, seed: int, sight: Sight, shown: Sequence[Box]) -> list[Box]:
    """Return the boxes that this annotator leaves, where `shown` were there."""
    if annotator.skill == Skill.MALICIOUS:
        return [Box(Corners(0.0, 0.0, 0.08, 0.12), None)]
    if annotator.skill == Skill.RANDOM:
        return _scribble(annotator, seed, sight, shown)
    artist = _Artist(annotator, seed, sight)
    people = sight.moment.sightings
    whose = pair([b.corners for b in shown], [one.corners for one in people], _ABOUT_OVERLAP)
    drawn = [
        artist.mended(box, people[whose[place]]) if place in whose else box
        for place, box in enumerate(shown)
        if place in whose or artist.leaves(box)
    ]
    left = [one for place, one in enumerate(people) if place not in whose.values()]
    return drawn + [Box(artist.by_hand(one), None) for one in left if artist.adds(one)]


@dataclass(frozen=True, slots=True)
class _Artist:
    """Somebody who looks, with a hand that is more or less sure."""

    annotator: Annotator
    seed: int
    sight: Sight

    @property
    def hand(self) -> Hand:
        return HANDS[self.annotator.skill]

    def mended(self, box: Box, one: Sighting) -> Box:
        is_good = overlap(box.corners, one.corners) >= self.hand.contents
        return box if is_good or not one.is_asked else Box(self.by_hand(one), box.number)

    def leaves(self, box: Box) -> bool:
        corners = " ".join(f"{corner:.4f}" for corner in box.corners)
        return self._chance("leave", corners) < self.hand.leaves

    def adds(self, one: Sighting) -> bool:
        if not one.is_asked:
            return self._chance("hidden", one.who) < _DRAWN_HIDDEN
        is_hard = one.seen_share < CLEAR_SHARE
        misses = self.hand.misses * (_HARD_TO_SEE if is_hard else 1.0)
        return self._chance("add", one.who) >= misses

    def by_hand(self, one: Sighting) -> Corners:
        width, height = one.corners.x2 - one.corners.x1, one.corners.y2 - one.corners.y1
        edges = zip(one.corners, (width, height) * 2, range(4), strict=True)
        moved = (
            edge + side * self.hand.trembles * (2 * self._chance("edge", one.who, number) - 1)
            for edge, side, number in edges
        )
        return Corners(*(round(min(max(edge, 0.0), 1.0), 4) for edge in moved))

    def _chance(self, *words: object) -> float:
        return chance(self.annotator, self.seed, self.sight.name, *words)


def _scribble(annotator: Annotator, seed: int, sight: Sight, shown: Sequence[Box]) -> list[Box]:
    """Keep every other box, and draw one anywhere."""

    def toss(*words: object) -> float:
        return chance(annotator, seed, sight.name, *words)

    kept = [box for place, box in enumerate(shown) if toss("keep", place) < 0.5]
    left, top = 0.8 * toss("left"), 0.5 * toss("top")
    anywhere = Corners(*(round(edge, 4) for edge in (left, top, left + 0.15, top + 0.45)))
    return [*kept, Box(anywhere, None)]
