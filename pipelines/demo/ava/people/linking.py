"""How simulated annotators follow people along strips of crops."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.ava.boxes_file import BoxesFile
from pipelines.demo.ava.people.eyes import Eyes
from pipelines.demo.ava.people.gold import Golds
from pipelines.demo.crew.annotators import Annotator, Skill, chance
from pipelines.demo.crew.work import Slot
from pipelines.verifying.assign_links import assign_links
from pipelines.verifying.gold_links import add_gold_links

Link = tuple[int, int]
"""A box, and the next one of the same person."""


@dataclass(frozen=True, slots=True)
class Attention:
    """How well somebody follows people. Shares are in [0, 1]."""

    misses: float
    """Of the faults that are shown, those that stay: wrong links, and links that are missing."""
    breaks: float
    """Of the links that are right, those that are broken."""


ATTENTION = {
    Skill.CAREFUL: Attention(misses=0.05, breaks=0.002),
    Skill.HASTY: Attention(misses=0.30, breaks=0.01),
    Skill.RANDOM: Attention(misses=1.0, breaks=0.4),
    Skill.MALICIOUS: Attention(misses=1.0, breaks=1.0),
}


@dataclass(frozen=True, slots=True)
class Crop:
    """A box of a stretch, and whom it shows."""

    box: int
    place: int
    """Of its key frame in the stretch."""
    name: str
    """Names it without ids: the key frame and the person."""
    whose: tuple[str, int]
    """The film, and the person's number; a number of its own for a box around nobody."""


class LinksWork:
    """The question whose the boxes along a stretch of a film are."""

    kind = "links"
    is_answered_together = False

    def __init__(self, config: Config, eyes: Eyes, golds: Golds, seed: int) -> None:
        self._config = config
        self._eyes = eyes
        self._golds = golds
        self._seed = seed

    def assign(self, session: Session) -> int:
        """Add the gold, and put stretches into tasks; return how many tasks are new."""
        add_gold_links(session, BoxesFile(path=self._golds.links, format="ava"), self._config)
        return assign_links(session, self._config).num_tasks

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends."""
        crops = self._see(slot)
        tracks = follow(annotator, self._seed, crops, slot["tracks"])
        num_changes = len(set(_links(tracks)) ^ set(_links(slot["tracks"])))
        slowness = 1.0 if annotator.skill == Skill.CAREFUL else 0.4
        seconds = round(slowness * (6.0 + 0.5 * len(crops) + 4.0 * num_changes), 1)
        return {"tracks": json.dumps(tracks), "seconds": str(seconds)}

    def _see(self, slot: Slot) -> list[Crop]:
        return [self._crop(slot["frames"], box) for box in slot["boxes"]]

    def _crop(self, frames: Sequence[Mapping[str, Any]], box: Mapping[str, Any]) -> Crop:
        sight = self._eyes.look(frames[box["place"]]["frame"])
        corners = Corners(*box["corners"])
        one = sight.person_in(corners)
        number = -1 - box["box"] if one is None else one.person
        who = " ".join(f"{c:.4f}" for c in corners) if one is None else str(one.person)
        return Crop(box["box"], box["place"], f"{sight.name} {who}", (sight.film, number))


def follow(
    annotator: Annotator, seed: int, crops: Sequence[Crop], shown: Sequence[Sequence[int]]
) -> list[list[int]]:
    """Return the tracks that this annotator leaves, where `shown` were there.

    A fault that is seen is mended: a link between two people is broken, and somebody who goes on
    in another track is joined, as far as both ends are free.
    """
    by_box = {crop.box: crop for crop in crops}
    attention = ATTENTION[annotator.skill]
    links, right = _links(shown), set(_true_links(crops))

    def toss(link: Link, purpose: str) -> float:
        one, other = (by_box[box].name for box in link)
        return chance(annotator, seed, one, other, purpose)

    def stays(link: Link) -> bool:
        if link in right:
            return toss(link, "break") >= attention.breaks
        return toss(link, "see") < attention.misses

    following = {one: other for one, other in links if stays((one, other))}
    taken = set(following.values())
    for one, other in sorted(right - set(links)):
        is_seen = toss((one, other), "join") >= attention.misses
        if is_seen and one not in following and other not in taken:
            following[one] = other
            taken.add(other)
    return _chains(crops, following, taken)


def _links(tracks: Iterable[Sequence[int]]) -> list[Link]:
    return [link for track in tracks for link in pairwise(track)]


def _true_links(crops: Iterable[Crop]) -> list[Link]:
    """Return the links between the boxes of each person, in the order of time."""
    tracks: dict[tuple[str, int], dict[int, int]] = {}
    for crop in sorted(crops, key=lambda crop: (crop.place, crop.box)):
        tracks.setdefault(crop.whose, {}).setdefault(crop.place, crop.box)
    return _links([list(track.values()) for track in tracks.values()])


def _chains(
    crops: Iterable[Crop], following: Mapping[int, int], taken: set[int]
) -> list[list[int]]:
    chains = []
    for crop in crops:
        if crop.box not in taken:
            chain = [crop.box]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            chains.append(chain)
    return chains
