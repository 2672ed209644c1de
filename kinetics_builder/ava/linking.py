"""Whose box is whose from key frame to key frame. Pure functions, no database.

Boxes of neighbouring key frames are paired by the Hungarian algorithm (arXiv:1705.08421, 3.4) so
that the sum of their likenesses is largest; what is left is paired over gaps. No link crosses
a shot. Then people's edits are replayed in their order: of two that contradict each other the
later one holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.ava.link_edits import Edit, Groups, edits_that_hold
from kinetics_builder.ava.looks import likenesses
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.ava.tracks import Sighting, Track

_SURE = 1000.0
"""Likeness of two boxes of which people say that they are one person: above all others' sum."""


def track_boxes(
    boxes: Iterable[Sighting], config: LinkConfig, edits: Sequence[Edit] = ()
) -> list[Track]:
    """Return the tracks of a film's boxes: each box stands in one of them.

    The result does not depend on the order of `boxes`. Tracks are sorted by their first box:
    by its key frame, then from left to right, then by id.

    What edits say holds over looks, places and the numbers of a file; where some of them
    contradict one another, what was said later. One that says that two boxes are one person
    joins their tracks; where both tracks have a box at one key frame, the earlier one ends and
    the later one begins with its box. One that says they are not cuts the track between them,
    at its weakest link; boxes beyond that are said to be one person with a box before it stay
    with it. Edits of boxes that are not among `boxes`, or of two at one key frame that are said
    to be one person, change nothing.
    """
    boxes = list(boxes)
    held, groups = edits_that_hold(edits, {box.id: box.frame for box in boxes})
    said = {edit.pair: edit.is_same for edit in held}
    tracks = _Tracks(_linked(boxes, config, said), said, groups)
    parted = [edit for edit in held if not edit.is_same]
    joined = [edit for edit in held if edit.is_same]
    # Joining may bring two together again that were parted, and parting the other way round.
    for edit in (*edits, *parted, *joined):
        tracks.replay(edit)
    for group in groups.all():
        tracks.gather(group)
    for edit in parted:
        tracks.replay(edit)
    return sorted(tracks.all(), key=lambda track: _order(track[0]))


def likeness(one: Sighting, other: Sighting, config: LinkConfig) -> float:
    """Return how likely two boxes are of one person, in [0, 1], by place and look."""
    return float(_likeness_matrix([one], [other], config)[0, 0])


def _order(box: Sighting) -> tuple[object, ...]:
    return box.frame, box.corners, box.id


def _linked(
    boxes: Iterable[Sighting], config: LinkConfig, said: Mapping[frozenset[int], bool]
) -> list[Track]:
    """Return the tracks before edits, but without links of pairs that are said to be two."""
    ordered = sorted(boxes, key=_order)
    tracks: list[Track] = []
    for _, shot in groupby(sorted(ordered, key=lambda b: b.shot), key=lambda b: b.shot):
        tracks += _Shot(config, said).linked(list(shot))
    return tracks


class _Shot:
    """Links the boxes of one shot."""

    def __init__(self, config: LinkConfig, said: Mapping[frozenset[int], bool]) -> None:
        self._config = config
        self._said = said
        self._tracks: list[Track] = []

    def linked(self, boxes: list[Sighting]) -> list[Track]:
        """Return the tracks of boxes that are sorted by key frame."""
        for _, here in groupby(boxes, key=lambda box: box.frame):
            left = self._take_given(list(here))
            frame = left[0].frame if left else 0
            for gap in range(1, self._config.max_gap + 2):
                ends = [track for track in self._tracks if self._is_open(track, frame - gap)]
                left = self._pair(ends, left)
            self._tracks += [[box] for box in left]
        return self._tracks

    def _is_open(self, track: Track, frame: int) -> bool:
        return track[-1].frame == frame and track[-1].given is None

    def _take_given(self, boxes: list[Sighting]) -> list[Sighting]:
        """Link the boxes whose person a file gives; return the others."""
        for box in boxes:
            if box.given is not None:
                same = (t for t in self._tracks if t[-1].given == box.given)
                track = next((t for t in same if t[-1].frame < box.frame), None)
                if track is None:
                    self._tracks.append([box])
                else:
                    track.append(box)
        return [box for box in boxes if box.given is None]

    def _pair(self, ends: list[Track], boxes: list[Sighting]) -> list[Sighting]:
        """Append boxes to the tracks that they go on; return those that go on none."""
        if not ends or not boxes:
            return boxes
        likeness_NM = _likeness_matrix([track[-1] for track in ends], boxes, self._config)
        for row, track in enumerate(ends):
            for column, box in enumerate(boxes):
                is_same = self._said.get(frozenset((track[-1].id, box.id)))
                if is_same is not None:
                    likeness_NM[row, column] = _SURE if is_same else -1.0
        # What is too little for a link is nothing: it must not outweigh one that is enough.
        likeness_NM[likeness_NM < self._config.min_likeness] = 0.0
        left = dict(enumerate(boxes))
        for row, column in zip(*linear_sum_assignment(likeness_NM, maximize=True), strict=True):
            if likeness_NM[row, column] > 0:
                ends[row].append(left.pop(int(column)))
        return list(left.values())


def _likeness_matrix(
    rows: list[Sighting], columns: list[Sighting], config: LinkConfig
) -> NDArray[np.float64]:
    """Return the likenesses of boxes; where a look was not measured their places alone count."""
    places_NM = np.array([[overlap(a.corners, b.corners) for b in columns] for a in rows])
    unknown = bytes(max(len(box.look or b"\0") for box in (*rows, *columns)))
    looks_NM = likenesses([a.look or unknown for a in rows], [b.look or unknown for b in columns])
    is_known_NM = np.array([[bool(a.look and b.look) for b in columns] for a in rows])
    weight = config.overlap_weight
    mixed_NM = weight * places_NM + (1 - weight) * looks_NM
    likeness_NM: NDArray[np.float64] = np.where(is_known_NM, mixed_NM, places_NM)
    return likeness_NM


class _Tracks:
    """Tracks that edits are replayed on."""

    def __init__(
        self, tracks: list[Track], said: Mapping[frozenset[int], bool], groups: Groups
    ) -> None:
        self._said = said
        self._groups = groups
        self._track_of: dict[int, Track] = {}
        for track in tracks:
            self._keep(track)

    def all(self) -> list[Track]:
        """Return the tracks."""
        return list({id(track): track for track in self._track_of.values()}.values())

    def replay(self, edit: Edit) -> None:
        """Make an edit hold."""
        if edit.one not in self._track_of or edit.other not in self._track_of:
            return
        one, other = self._box(edit.one), self._box(edit.other)
        early, late = sorted((one, other), key=_order)
        if edit.is_same:
            self._join(early, late)
        elif self._track_of[early.id] is self._track_of[late.id]:
            self._part(early, late)

    def _join(self, early: Sighting, late: Sighting) -> None:
        if early.frame == late.frame or self._track_of[early.id] is self._track_of[late.id]:
            return
        self._make_room(early, late)
        joined = self._track_of[early.id] + self._track_of[late.id]
        self._keep(sorted(joined, key=_order))

    def _make_room(self, early: Sighting, late: Sighting) -> None:
        """Cut both tracks so that they have no key frame in common."""
        first, second = self._track_of[early.id], self._track_of[late.id]
        if not _meet(first, second):
            return
        self._cut(first, first.index(early) + 1)
        self._cut(second, second.index(late))

    def _part(self, early: Sighting, late: Sighting) -> None:
        track = self._track_of[early.id]
        begin, end = track.index(early), track.index(late)
        weakest = min(
            range(begin + 1, end + 1),
            key=lambda place: (*self._strength(track[place - 1], track[place]), -place),
        )
        before = {box.id for box in track[:weakest]}
        with_early = set(before)
        for group in self._groups.all():
            if early.id in group or (late.id not in group and not group.isdisjoint(before)):
                with_early |= group
            else:
                with_early -= group
        self._keep([box for box in track if box.id in with_early])
        self._keep([box for box in track if box.id not in with_early])

    def gather(self, group: set[int]) -> None:
        """Bring boxes that are one person together, where replaying could not.

        They go to the track of the first of them; what is there at their key frames, and who is
        one person with that, makes room.
        """
        members = sorted((self._box(number) for number in group), key=_order)
        home = self._track_of[members[0].id]
        strays = [box for box in members if self._track_of[box.id] is not home]
        if not strays:
            return
        for box in strays:
            self._keep([other for other in self._track_of[box.id] if other is not box])
        taken = {box.frame for box in strays}
        in_the_way = [self._groups.of(box.id) for box in home if box.frame in taken]
        leaves = set[int]().union(*in_the_way)
        self._keep([box for box in home if box.id in leaves])
        stays = [box for box in home if box.id not in leaves]
        self._keep(sorted(stays + strays, key=_order))

    def _strength(self, one: Sighting, other: Sighting) -> tuple[float, ...]:
        """Return what tells a strong link from a weak one: that people say it, then a machine."""
        is_said = self._said.get(frozenset((one.id, other.id)), False)
        return is_said, -float(other.frame - one.frame), overlap(one.corners, other.corners)

    def _cut(self, track: Track, place: int) -> None:
        for part in (track[:place], track[place:]):
            self._keep(part)

    def _keep(self, track: Track) -> None:
        for box in track:
            self._track_of[box.id] = track

    def _box(self, number: int) -> Sighting:
        return next(box for box in self._track_of[number] if box.id == number)


def _meet(first: Track, second: Track) -> bool:
    return not {box.frame for box in first}.isdisjoint(box.frame for box in second)
