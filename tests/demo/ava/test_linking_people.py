"""Boxes that hands draw on the world's films, and whose they are for those who link them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from kinetics_builder.ava.linking import track_boxes
from kinetics_builder.ava.looks import look_of
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.ava.tracks import Sighting
from pipelines.demo.ava.film import pictures
from pipelines.demo.ava.lessons import drawn_by_hand
from pipelines.demo.ava.tally import SWITCH, Owner, SeenBox, owners_of, tally_links
from pipelines.demo.ava.truth import FilmTruth, shown_at, truth_of
from pipelines.demo.ava.world import build_films

SEED = 11
"""Other films than those that the settings were chosen on."""


@dataclass
class Drawn:
    truths: list[FilmTruth]
    boxes: dict[int, SeenBox]
    sightings: dict[str, list[Sighting]]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    films = build_films(SEED, 4, 40)
    found = Drawn([truth_of(film) for film in films], {}, {})
    for film, truth in zip(films, found.truths, strict=True):
        shown = [np.asarray(picture) for picture in pictures(film)]
        here = found.sightings.setdefault(film.film_id, [])
        for number, moment in enumerate(drawn_by_hand(truth, film.seed).key_frames()):
            shot = next(n for n, s in enumerate(truth.shots) if moment.seconds < s.end)
            rgb_HWC = shown[shown_at(int(moment.seconds))]
            for one in moment.asked():
                row = len(found.boxes)
                found.boxes[row] = SeenBox(row, film.film_id, moment.seconds, one.corners)
                look = look_of(rgb_HWC, one.corners)
                here.append(Sighting(row, number, shot, one.corners, look))
    return found


def test_drawn_boxes_tremble_and_are_still_their_persons(drawn: Drawn) -> None:
    owners = owners_of(drawn.boxes.values(), drawn.truths)
    asked = [one for t in drawn.truths for m in t.key_frames() for one in m.asked()]
    assert all(isinstance(owner, Owner) for owner in owners.values())
    assert len(owners) == len(asked)
    assert {box.corners for box in drawn.boxes.values()}.isdisjoint(o.corners for o in asked)


@pytest.mark.parametrize("share_missing", [0.0, 0.15])
def test_few_links_switch_identity_also_where_boxes_are_missing(
    drawn: Drawn, share_missing: float
) -> None:
    rng, config = np.random.default_rng(SEED), LinkConfig()
    boxes = {n: box for n, box in drawn.boxes.items() if rng.random() >= share_missing}
    owners = owners_of(boxes.values(), drawn.truths)
    links = [
        (one.id, following.id)
        for sightings in drawn.sightings.values()
        for track in track_boxes([s for s in sightings if s.id in boxes], config)
        for one, following in pairwise(track)
    ]
    step = tally_links("link", links, boxes.values(), owners, config.max_gap)
    assert step.num_true > 250
    assert step.let_through.get(SWITCH, 0) <= 0.04 * step.num_passed
    assert step.recall >= 0.95
