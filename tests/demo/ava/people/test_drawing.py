"""Simulated annotators who draw boxes: what they mend, overlook and spoil."""

import json
from pathlib import Path

import pytest

from annotation_ui.kinds.boxes.replies import read_reply
from kinetics_builder.ava.boxes import overlap
from kinetics_builder.config import Config
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.demo.ava.people.drawing import HANDS, Box, BoxesWork, draw
from pipelines.demo.ava.people.eyes import Eyes, Sight
from pipelines.demo.ava.people.gold import Golds
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.crew.annotators import Annotator, Skill
from tests.demo.ava.people.conftest import film_truth, sights

NOWHERE = Corners(0.85, 0.05, 0.95, 0.25)
WHOLE = [sight for n in range(8) for sight in sights(film_truth(f"film{n}"))]
"""Some 500 key frames."""


def somebody(skill: Skill) -> Annotator:
    return Annotator(f"{skill}-1", skill)


def shares(skill: Skill, shown: bool) -> tuple[float, float]:
    """Return which share of people have a box, and of boxes around nobody that are left.

    With `shown` a right box and a wrong one are there, without only the wrong one.
    """
    num_met = num_left = num_people = 0
    for sight in WHOLE:
        there = [Box(one.corners, n) for n, one in enumerate(sight.moment.sightings) if shown]
        left = draw(somebody(skill), 0, sight, [*there, Box(NOWHERE, 9)])
        num_left += any(box.number == 9 for box in left)
        for one in sight.moment.sightings:
            num_people += 1
            num_met += any(overlap(box.corners, one.corners) >= 0.5 for box in left)
    return num_met / num_people, num_left / len(WHOLE)


@pytest.mark.parametrize("skill", [Skill.CAREFUL, Skill.HASTY])
def test_who_looks_overlooks_and_leaves_as_many_as_the_skill_says(skill: Skill) -> None:
    hand = HANDS[skill]
    met, left = shares(skill, shown=False)
    assert met == pytest.approx(1 - hand.misses, abs=0.03)
    assert left == pytest.approx(hand.leaves, abs=0.05)
    assert shares(skill, shown=True)[0] == 1.0


def test_who_does_not_look_leaves_every_other_box_and_the_malicious_none() -> None:
    met, left = shares(Skill.RANDOM, shown=True)
    assert 0.4 < left < 0.6
    assert met < 0.75
    assert shares(Skill.MALICIOUS, shown=True) == (0.0, 0.0)


def askew(sight: Sight, by: float) -> Box:
    x1, y1, x2, y2 = sight.moment.sightings[1].corners
    return Box(Corners(x1 + by, y1, x2 + by, y2), 7)


def test_a_box_that_is_askew_is_moved_and_keeps_its_number() -> None:
    sight = WHOLE[0]
    (moved,) = [
        b for b in draw(somebody(Skill.CAREFUL), 0, sight, [askew(sight, 0.06)]) if b.number
    ]
    assert moved.number == 7
    assert overlap(moved.corners, sight.moment.sightings[1].corners) > 0.85
    near = askew(sight, 0.01)
    assert near in draw(somebody(Skill.CAREFUL), 0, sight, [near])


def test_nobody_is_asked_for_who_is_mostly_hidden_and_half_hidden_ones_are_overlooked_more() -> (
    None
):
    def met(share: float) -> float:
        seen = [s for n in range(8) for s in sights(film_truth(f"film{n}", share))]
        drawn = [
            any(
                overlap(box.corners, sight.moment.sightings[0].corners) >= 0.5
                for box in draw(somebody(Skill.HASTY), 0, sight, [])
            )
            for sight in seen
        ]
        return sum(drawn) / len(drawn)

    assert met(0.1) < 0.35 < met(0.4) < 0.55 < met(1.0)


def test_what_is_drawn_depends_on_seed_worker_and_moment_alone(truth: FilmTruth) -> None:
    def drawn(seed: int, name: str = "hasty-1") -> list[list[Box]]:
        annotator = Annotator(name, Skill.HASTY)
        return [draw(annotator, seed, sight, [Box(NOWHERE, 3)]) for sight in sights(truth)]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert drawn(0) != drawn(0, "hasty-2")


def test_the_form_is_one_that_the_page_reads(truth: FilmTruth) -> None:

    eyes = Eyes({5: (truth.film_id, 7.0)}, [truth])
    work = BoxesWork(Config(), eyes, Golds(Path("boxes"), Path("links"), Path("people")), 0)
    for skill in Skill:
        form = work.answer(somebody(skill), {"frame": 5, "boxes": [[*NOWHERE, 4]]})
        reply = read_reply(form)
        assert len(reply.boxes) == len(json.loads(form["boxes"]))
        assert reply.seconds
