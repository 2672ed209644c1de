"""Boxes of one person one after another, and the numbers of persons. Pure, no database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kinetics_builder.formats.boxes.pixels import Corners

Track = list["Sighting"]
"""The boxes of one person, in the order of time; of a key frame at most one."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A box of somebody at a key frame."""

    id: int
    """Unlike that of any other box of the film."""
    frame: int
    """Number of the key frame in the film's order."""
    shot: int
    corners: Corners
    look: bytes | None = None
    """See `looks`; None where it was not measured."""
    given: int | None = None
    """The person's number that a file gives: boxes of one number in one shot are linked."""


def number_persons(tracks: Sequence[Track], before: Mapping[int, int]) -> list[int]:
    """Return a number for each track, from 0, so that persons keep the numbers they had.

    A track takes the number that most of its boxes had; where two tracks want one, that with
    more boxes of it, then the earlier. Others take the next number never used in `before`.

    Args:
        tracks: As `track_boxes` returns them.
        before: By the id of a box, the number of its person.

    """
    wishes = [
        (-count, place, number)
        for place, track in enumerate(tracks)
        for number, count in Counter(before[b.id] for b in track if b.id in before).items()
    ]
    given: dict[int, int] = {}
    taken: set[int] = set()
    for _, place, number in sorted(wishes):
        if place not in given and number not in taken:
            given[place] = number
            taken.add(number)
    following = max(before.values(), default=-1) + 1
    for place in range(len(tracks)):
        if place not in given:
            given[place] = following
            following += 1
    return [given[place] for place in range(len(tracks))]
