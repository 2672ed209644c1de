"""Comparing key frames, shots, boxes and links with the truth. Pure functions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.formats.boxes.pixels import Corners
from pipelines.demo.ava.matching import pair
from pipelines.demo.ava.truth import FilmTruth, Moment

MIN_OVERLAP = 0.5
"""IoU from which a box is a person's."""

_SLACK_SECONDS = 0.1
"""By how much a shot may begin earlier or later: a picture at 12.5 a second."""

NOBODY, SECOND_BOX, SWITCH = "nobody there", "second box of a person", "identity switch"
NOT_DONE, OF_A_WRONG_BOX = "not done", "of a wrong box"
HIDDEN = "too little seen"
"""What a box of somebody is who is mostly hidden: it counts neither for nor against."""


@dataclass(frozen=True, slots=True)
class StepTally:
    """How one step did."""

    step: str
    unit: str
    """What is counted."""
    num_true: int
    """How many there should be."""
    num_passed: int
    """How many the step let pass, without those that count neither for nor against."""
    num_right: int
    let_through: dict[str, int]
    """What passed wrongly, by what is wrong."""

    @property
    def precision(self) -> float:
        """Return the share of right ones among those that passed; 0 when nothing passed."""
        return self.num_right / self.num_passed if self.num_passed else 0.0

    @property
    def recall(self) -> float:
        """Return the share of true ones that were found; 0 when there are none."""
        return self.num_right / self.num_true if self.num_true else 0.0

    @property
    def num_lost(self) -> int:
        """Return how many true ones were not found."""
        return self.num_true - self.num_right


class SeenBox(NamedTuple):
    """A box that a step let pass."""

    id: int
    film: str
    seconds: float
    corners: Corners


class Owner(NamedTuple):
    """Whose box it is: a person of a shot of a film."""

    film: str
    person: int


def tally_key_frames(claims: Iterable[tuple[str, float]], truths: Sequence[FilmTruth]) -> StepTally:
    """Return how right the key frames (film, second) are."""
    true = {(t.film_id, m.seconds) for t in truths for m in t.key_frames()}
    passed = set(claims)
    wrong = len(passed - true)
    let_through = {"no key frame": wrong} if wrong else {}
    right = len(passed & true)
    return StepTally("keyframes", "key frames", len(true), len(passed), right, let_through)


def tally_shots(claims: Iterable[tuple[str, float]], truths: Sequence[FilmTruth]) -> StepTally:
    """Return how right the beginnings of shots (film, second) are; those of films do not count."""
    left = {t.film_id: [shot.start for shot in t.shots[1:]] for t in truths}
    num_true = sum(len(starts) for starts in left.values())
    num_passed = num_right = 0
    for film, seconds in sorted(claims):
        if seconds <= 0:
            continue
        num_passed += 1
        near = [s for s in left.get(film, []) if abs(s - seconds) <= _SLACK_SECONDS]
        if near:
            left[film].remove(min(near, key=lambda s: abs(s - seconds)))
            num_right += 1
    wrong = num_passed - num_right
    let_through = {"no cut": wrong} if wrong else {}
    return StepTally("shots", "cuts", num_true, num_passed, num_right, let_through)


def owners_of(boxes: Iterable[SeenBox], truths: Sequence[FilmTruth]) -> dict[int, Owner | str]:
    """Return by the id of each box whose it is, or what is wrong with it.

    On each key frame boxes and persons are paired one to one so that their overlaps are largest.
    """
    moments = {(t.film_id, m.seconds): m for t in truths for m in t.key_frames()}
    by_frame: dict[tuple[str, float], list[SeenBox]] = defaultdict(list)
    for box in boxes:
        by_frame[box.film, box.seconds].append(box)
    found: dict[int, Owner | str] = {}
    for key, here in by_frame.items():
        moment = moments.get(key, Moment(key[1], ()))
        asked = moment.asked()
        whose = pair([b.corners for b in here], [one.corners for one in asked], MIN_OVERLAP)
        for place, box in enumerate(here):
            is_somebodys = place in whose
            found[box.id] = (
                Owner(key[0], asked[whose[place]].person) if is_somebodys else _fault(box, moment)
            )
    return found


def tally_boxes(
    step: str, owners: Mapping[int, Owner | str], truths: Sequence[FilmTruth]
) -> StepTally:
    """Return how right boxes are; persons of whom too little is seen count neither way."""
    num_true = sum(len(moment.asked()) for truth in truths for moment in truth.key_frames())
    num_right = sum(isinstance(owner, Owner) for owner in owners.values())
    wrong = Counter(o for o in owners.values() if isinstance(o, str) and o != HIDDEN)
    passed = num_right + wrong.total()
    return StepTally(step, "boxes", num_true, passed, num_right, dict(sorted(wrong.items())))


def tally_links(
    step: str,
    links: Iterable[tuple[int, int]],
    boxes: Iterable[SeenBox],
    owners: Mapping[int, Owner | str],
    max_gap: int,
) -> StepTally:
    """Return how right links (box, next box) are.

    True are those between a person's boxes one after the other in a shot, at most `max_gap`
    missing key frames (of a second) apart, as far as boxes were found: what is lost earlier is
    not lost here again.
    """
    true = _true_links(boxes, owners, max_gap)
    wrong: Counter[str] = Counter()
    num_right = num_passed = 0
    for one, following in links:
        first, second = owners[one], owners[following]
        if HIDDEN in (first, second):
            continue
        num_passed += 1
        if (one, following) in true:
            num_right += 1
        elif isinstance(first, str) or isinstance(second, str):
            wrong["to a wrong box"] += 1
        else:
            wrong[SWITCH if first != second else "not the next box"] += 1
    return StepTally(step, "links", len(true), num_passed, num_right, dict(sorted(wrong.items())))


def tally_labels(
    step: str,
    labels: Iterable[tuple[int, int]],
    boxes: Iterable[SeenBox],
    owners: Mapping[int, Owner | str],
    truths: Sequence[FilmTruth],
) -> StepTally:
    """Return how right labels (box, action) are.

    True is each action of each person of whom enough is seen, whether the person has a box or
    not. Labels of people of whom too little is seen count neither way.
    """
    done = {
        (truth.film_id, moment.seconds, one.person): set(one.actions)
        for truth in truths
        for moment in truth.key_frames()
        for one in moment.asked()
    }
    moments = {box.id: (box.film, box.seconds) for box in boxes}
    wrong: Counter[str] = Counter()
    num_right = 0
    for box, action in labels:
        owner = owners[box]
        if isinstance(owner, Owner):
            is_right = action in done[(*moments[box], owner.person)]
            num_right += is_right
            wrong[NOT_DONE] += not is_right
        elif owner != HIDDEN:
            wrong[OF_A_WRONG_BOX] += 1
    num_true = sum(map(len, done.values()))
    let_through = {what: count for what, count in sorted(wrong.items()) if count}
    passed = num_right + wrong.total()
    return StepTally(step, "labels", num_true, passed, num_right, let_through)


def _fault(box: SeenBox, moment: Moment) -> str:
    """Return what is wrong with a box that is nobody's."""
    hidden = [one for one in moment.sightings if not one.is_asked]
    if any(_covered(box.corners, one.corners) >= MIN_OVERLAP for one in hidden):
        return HIDDEN
    if any(overlap(box.corners, one.corners) >= MIN_OVERLAP for one in moment.asked()):
        return SECOND_BOX
    return NOBODY


def _covered(box: Corners, seen: Corners) -> float:
    """Return which share of what is seen of somebody lies in a box."""
    width = min(box.x2, seen.x2) - max(box.x1, seen.x1)
    height = min(box.y2, seen.y2) - max(box.y1, seen.y1)
    area = (seen.x2 - seen.x1) * (seen.y2 - seen.y1)
    return max(0.0, width) * max(0.0, height) / area


def _true_links(
    boxes: Iterable[SeenBox], owners: Mapping[int, Owner | str], max_gap: int
) -> set[tuple[int, int]]:
    by_owner: dict[Owner, list[SeenBox]] = defaultdict(list)
    for box in sorted(boxes, key=lambda b: b.seconds):
        owner = owners[box.id]
        if isinstance(owner, Owner):
            by_owner[owner].append(box)
    return {
        (one.id, following.id)
        for track in by_owner.values()
        for one, following in pairwise(track)
        if following.seconds - one.seconds <= max_gap + 1
    }
