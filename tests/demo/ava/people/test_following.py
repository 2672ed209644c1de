"""Simulated annotators who follow people along strips of crops."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from annotation_ui.kinds.links.replies import are_same
from kinetics_builder.config import Config
from pipelines.demo.ava.people.eyes import Eyes
from pipelines.demo.ava.people.gold import Golds
from pipelines.demo.ava.people.linking import ATTENTION, Crop, LinksWork, follow
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.crew.annotators import Annotator, Skill

NUM_PLACES = 10
RIGHT = [list(range(NUM_PLACES)), list(range(NUM_PLACES, 2 * NUM_PLACES))]
"""Boxes of two people along ten key frames."""
SWITCHED = [[*RIGHT[0][:5], *RIGHT[1][5:]], [*RIGHT[1][:5], *RIGHT[0][5:]]]
BROKEN = [RIGHT[0][:5], RIGHT[0][5:], RIGHT[1]]


def crops(number: int) -> list[Crop]:
    return [
        Crop(box, box % NUM_PLACES, f"{number} {box}", ("film", box // NUM_PLACES))
        for box in range(2 * NUM_PLACES)
    ]


def said(skill: Skill, shown: list[list[int]], num: int = 300) -> list[list[list[int]]]:
    annotator = Annotator(f"{skill}-1", skill)
    return [follow(annotator, 0, crops(number), shown) for number in range(num)]


def share_right(skill: Skill, shown: list[list[int]]) -> float:
    answers = said(skill, shown)
    return sum(are_same(one, RIGHT) for one in answers) / len(answers)


def test_the_careful_mend_what_the_hasty_overlook() -> None:
    for shown in (SWITCHED, BROKEN):
        assert share_right(Skill.CAREFUL, shown) > 0.75
        assert 0.1 < share_right(Skill.HASTY, shown) < 0.7
    assert share_right(Skill.CAREFUL, RIGHT) > 0.93


@pytest.mark.parametrize("skill", list(Skill))
def test_right_links_are_broken_as_often_as_the_skill_says(skill: Skill) -> None:
    links = {link for track in RIGHT for link in pairwise(track)}
    kept = [
        {link for track in one for link in pairwise(track)} & links for one in said(skill, RIGHT)
    ]
    share = sum(map(len, kept)) / (len(kept) * len(links))
    assert share == pytest.approx(1 - ATTENTION[skill].breaks, abs=0.03)


@pytest.mark.parametrize("skill", list(Skill))
@pytest.mark.parametrize("shown", [RIGHT, SWITCHED, BROKEN], ids=["right", "switched", "broken"])
def test_every_box_stays_in_one_track_and_no_track_is_in_two_places_at_once(
    skill: Skill, shown: list[list[int]]
) -> None:
    for answer in said(skill, shown, 50):
        assert sorted(box for track in answer for box in track) == list(range(2 * NUM_PLACES))
        assert all(len({box % NUM_PLACES for box in track}) == len(track) for track in answer)


def test_a_box_around_nobody_is_nobody_elses() -> None:
    stray = Crop(99, 5, "0 99", ("film", -100))
    shown = [[*RIGHT[0][:5], 99], RIGHT[0][5:], RIGHT[1]]
    answer = follow(Annotator("careful-1", Skill.CAREFUL), 0, [*crops(0), stray], shown)
    assert are_same(answer, [*RIGHT, [99]])


def test_the_form_holds_tracks_of_the_boxes_that_are_shown(truth: FilmTruth) -> None:
    frames = {n: (truth.film_id, m.seconds) for n, m in enumerate(truth.key_frames()[:6])}
    golds = Golds(Path("boxes"), Path("links"), Path("people"))
    work = LinksWork(Config(), Eyes(frames, [truth]), golds, 0)
    boxes: list[dict[str, Any]] = [
        {"box": 10 * number + place, "place": place, "corners": list(one.corners)}
        for place, moment in enumerate(truth.key_frames()[:6])
        for number, one in enumerate(moment.sightings)
    ]
    shown = [[0, 1, 2, 13, 14, 15], [10, 11, 12, 3, 4, 5]]
    slot = {"frames": [{"frame": number} for number in frames], "boxes": boxes, "tracks": shown}
    form = work.answer(Annotator("careful-1", Skill.CAREFUL), slot)
    assert form["tracks"] == "[[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15]]"
    assert float(form["seconds"]) > 10
