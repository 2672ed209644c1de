"""Tracks of a stretch: what most say, how right they are, what follows. Pure functions.

A track is the ids of one person's boxes in the order of time. `Moments` says when each box is
seen; no track has two boxes of one moment.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, groupby, pairwise
from typing import NamedTuple

from kinetics_builder.ava.link_edits import Edit

Tracks = Sequence[Sequence[int]]
Moments = Mapping[int, float]


def in_order(tracks: Iterable[Iterable[int]], moments: Moments) -> list[list[int]]:
    """Return tracks of the boxes that `moments` knows: the first seen first, none empty."""
    sorted_tracks = [
        sorted((box for box in track if box in moments), key=lambda box: (moments[box], box))
        for track in tracks
    ]
    found = [track for track in sorted_tracks if track]
    return sorted(found, key=lambda track: (moments[track[0]], track[0]))


def agree(answers: Collection[Tracks], moments: Moments) -> list[list[int]]:
    """Return the tracks that most of the answers say.

    Two boxes are of one person if more than half of the answers that know both say so. Where
    three boxes are so by pairs and not together, the pairs that more say hold, then the nearer.

    >>> agree([[[1, 2], [3, 4]], [[1, 4], [3, 2]], [[1, 2], [3], [4]]], {1: 0, 3: 0, 2: 1, 4: 1})
    [[1, 2], [3], [4]]
    """
    if len(answers) == 1:
        (said,) = answers
        alone = moments.keys() - {box for track in said for box in track}
        return in_order([*said, *([box] for box in alone)], moments)
    same: Counter[tuple[int, int]] = Counter()
    known: Counter[tuple[int, int]] = Counter()
    for tracks in answers:
        ordered = in_order(tracks, moments)
        for track in ordered:
            same.update(combinations(track, 2))
        boxes = sorted((box for track in ordered for box in track), key=lambda b: (moments[b], b))
        known.update(combinations(boxes, 2))
    pairs = [
        (-count / known[pair], moments[pair[1]] - moments[pair[0]], pair)
        for pair, count in same.items()
        if 2 * count > known[pair]
    ]
    return in_order(_united((pair for *_, pair in sorted(pairs)), moments), moments)


def _united(pairs: Iterable[tuple[int, int]], moments: Moments) -> list[set[int]]:
    """Return all boxes, together where a pair unites them and no moment is met twice."""
    track_of = {box: {box} for box in moments}
    for one, other in pairs:
        first, second = track_of[one], track_of[other]
        if first is second or not _moments(first, moments).isdisjoint(_moments(second, moments)):
            continue
        first |= second
        for box in second:
            track_of[box] = first
    return list({id(track): track for track in track_of.values()}.values())


def _moments(boxes: Iterable[int], moments: Moments) -> set[float]:
    return {moments[box] for box in boxes}


def edits_of(tracks: Tracks, moments: Moments) -> list[Edit]:
    """Return what makes these tracks hold, whatever a machine says of their boxes.

    First each box and the last one before it of every other person, who are not the same; then
    each box and the one before it in its track, who are.
    """
    ordered = in_order(tracks, moments)
    track_of = {box: number for number, track in enumerate(ordered) for box in track}
    apart: list[Edit] = []
    last: dict[int, int] = {}
    boxes = sorted(track_of, key=lambda one: (moments[one], one))
    for _, group in groupby(boxes, key=moments.__getitem__):
        here = list(group)
        for box in here:
            own = last.get(track_of[box])
            # Boxes of the moment of its own predecessor are told apart by that.
            passed = None if own is None else moments[own]
            apart += [
                Edit(other, box, is_same=False)
                for track, other in sorted(last.items())
                if track != track_of[box] and moments[other] != passed
            ]
        last |= {track_of[box]: box for box in here}
    links = [pair for track in ordered for pair in pairwise(track)]
    links.sort(key=lambda pair: (moments[pair[1]], pair))
    return apart + [Edit(one, other, is_same=True) for one, other in links]


def before_each(tracks: Tracks, among: Collection[int] | None = None) -> dict[int, int | None]:
    """Return for each box the one before it in its track, None for the first.

    With `among` other boxes are passed over, as if they were not there.
    """
    found: dict[int, int | None] = {}
    for track in tracks:
        kept = [box for box in track if among is None or box in among]
        found.update(zip(kept, [None, *kept], strict=False))
    return found


class Score(NamedTuple):
    """How many links are right."""

    num_right: int
    num: int

    @property
    def share(self) -> float:
        """In [0, 1]; 1 where there is no link."""
        return self.num_right / self.num if self.num else 1.0


class Wrong(NamedTuple):
    """A box whose predecessor an answer has wrong."""

    box: int
    said: int | None
    """The box before it as the answer says; None where it begins a track."""
    true: int | None


class Graded(NamedTuple):
    """An answer beside the truth."""

    score: Score
    wrong: list[Wrong]
    num_left: int
    """Links that were shown wrong and are so still."""

    def is_right(self, least: float) -> bool:
        """Tell whether the answer is right: a share of `least` of its links, all errors mended."""
        return not self.num_left and self.score.share >= least


def grade(said: Tracks, truth: Tracks, shown: Tracks) -> Graded:
    """Return how many links an answer has right, of all that it or the truth has, and which not.

    A link is a box and the one before it in its track: it is right if both say the same one.
    Boxes that only one of them knows are passed over.

    >>> grade([[1, 3], [2, 4]], [[1, 4], [2, 3]], [[1, 4], [2, 3]])
    Graded(score=Score(num_right=0, num=2), wrong=[Wrong(box=3, said=1, true=2), Wrong(box=4, \
said=2, true=1)], num_left=0)
    """
    known = {box for track in truth for box in track} & {box for track in said for box in track}
    mine, true = before_each(said, known), before_each(truth, known)
    asked = [box for box in known if mine[box] is not None or true[box] is not None]
    wrong = [Wrong(box, mine[box], true[box]) for box in sorted(asked) if mine[box] != true[box]]
    first = before_each(shown, known)
    num_left = sum(first.get(one.box) != one.true for one in wrong)
    return Graded(Score(len(asked) - len(wrong), len(asked)), wrong, num_left)


def with_error(tracks: Tracks, moments: Moments) -> list[list[int]]:
    """Return the tracks with the error that linking makes most: two persons change places.

    From the middle of the moments on at which two of them are seen one after the other; the
    longest two tracks that can. Where none can, the longest track is broken in its middle.
    Tracks without any link stay as they are.
    """
    ordered = in_order(tracks, moments)
    by_length = sorted(ordered, key=lambda track: (-len(track), moments[track[0]], track[0]))
    for one, other in combinations(by_length, 2):
        links = [{(moments[a], moments[b]) for a, b in pairwise(track)} for track in (one, other)]
        if both := sorted(links[0] & links[1]):
            _, later = both[len(both) // 2]
            rest = [track for track in ordered if track not in (one, other)]
            return in_order([*rest, *_exchanged(one, other, later, moments)], moments)
    longest = by_length[0] if by_length else []
    if len(longest) < 2:
        return ordered
    rest, middle = [track for track in ordered if track is not longest], len(longest) // 2
    return in_order([*rest, longest[:middle], longest[middle:]], moments)


def _exchanged(
    one: Sequence[int], other: Sequence[int], later: float, moments: Moments
) -> list[list[int]]:
    heads = [[box for box in track if moments[box] < later] for track in (one, other)]
    tails = [[box for box in track if moments[box] >= later] for track in (one, other)]
    return [heads[0] + tails[1], heads[1] + tails[0]]
