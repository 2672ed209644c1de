"""The loose wordings over many titles at once: which titles have all words of which.

Most of what two words let one think of falls away by numbers alone: a title lacks a third word, or
the wording can score no more than a name that stands there. The rest is looked at one by one.

Suffixes of arrays: W a word that is no article, P a pair of a title and a wording, H a name that
stands in a title, X a word of the title of a pair.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.text.matching.loose import Group, Wording
from kinetics_builder.text.matching.sweep import Ints, Lists, Numbers, Words, are_in

Floats = NDArray[np.float64]

_ANYTHING = 0
"""The set of words of which every title has one."""


class Named(NamedTuple):
    """Names of one class alone that stand in titles, and their scores."""

    title_H: Ints
    label_H: Ints
    score_H: Floats


class LooseSweep:
    """Wordings by the numbers of their words."""

    def __init__(self, groups: Mapping[str, Sequence[Group]], numbers: Numbers) -> None:
        """Take the wordings by the words that they are found by."""
        self._ids: dict[int, int] = {}
        self._wordings: list[Wording] = []
        sets: dict[frozenset[str], int] = {}
        named: dict[int, list[tuple[int, int]]] = {}
        for word, known in groups.items():
            rows = named.setdefault(numbers.of(word), [])
            for group in known:
                second = sets.setdefault(group.others[0], len(sets) + 1) if group.others else 0
                rows.append((self._id(group.wording), second or _ANYTHING))
        holds: dict[int, list[tuple[int, int]]] = {}
        for forms, number in sets.items():
            for form in sorted(forms):
                holds.setdefault(numbers.of(form), []).append((number, 0))
        self._num_sets = len(sets) + 1
        self._named, self._holds = Lists(named), Lists(holds)
        self._slots = _Slots(self._wordings, numbers)
        self._label = np.array([wording.label for wording in self._wordings], np.int64)

    def find(self, words: Words, named: Named) -> dict[int, list[Wording]]:
        """Return title -> wordings of which it has all words and that may say more than `named`.

        All that a title has is given of classes of which no name stands there.
        """
        title_P, wording_P = self._with_two_words(words)
        title_P, wording_P, most_P = self._slots.reach(words, title_P, wording_P)
        is_more = most_P > _best_named(named, title_P, self._label[wording_P])
        found: dict[int, list[Wording]] = {}
        titles, wordings = title_P[is_more].tolist(), wording_P[is_more].tolist()
        for title, wording in zip(titles, wordings, strict=True):
            found.setdefault(title, []).append(self._wordings[wording])
        return found

    def _with_two_words(self, words: Words) -> tuple[Ints, Ints]:
        """Return titles and wordings, each pair once, of which a title has one or two words."""
        at_P, rows_P = self._named.of(words.number_W)
        at_S, sets_S = self._holds.of(words.number_W)
        there = np.unique(words.title_W[at_S] * self._num_sets + sets_S[:, 0])
        title_P = words.title_W[at_P]
        is_there = are_in(title_P * self._num_sets + rows_P[:, 1], there)
        is_there |= rows_P[:, 1] == _ANYTHING
        num_wordings = max(len(self._wordings), 1)
        pairs = np.unique(title_P[is_there] * num_wordings + rows_P[is_there, 0])
        return pairs // num_wordings, pairs % num_wordings

    def _id(self, wording: Wording) -> int:
        number = self._ids.setdefault(id(wording), len(self._ids))
        if number == len(self._wordings):
            self._wordings.append(wording)
        return number


class _Slots:
    """The forms of the words of wordings, and their weights."""

    def __init__(self, wordings: Sequence[Wording], numbers: Numbers) -> None:
        ids: dict[tuple[tuple[str, float], ...], int] = {}
        most = max((len(wording.slots) for wording in wordings), default=0)
        self._slot = np.full((len(wordings), most), -1)
        self._weight = np.array([wording.weight for wording in wordings], np.float64)
        for at, wording in enumerate(wordings):
            slots = [ids.setdefault(tuple(slot.items()), len(ids)) for slot in wording.slots]
            self._slot[at, : len(slots)] = slots
        rows = [
            (slot, numbers.of(form), weight)
            for forms, slot in ids.items()
            for form, weight in forms
        ]
        self._base = max((number for _, number, _ in rows), default=0) + 2
        keys = np.array([slot * self._base + number for slot, number, _ in rows], np.int64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._form_weight = np.array([weight for *_, weight in rows], np.float64)[order]

    def reach(self, words: Words, title_P: Ints, wording_P: Ints) -> tuple[Ints, Ints, Floats]:
        """Return the pairs whose title has all words of the wording, and the most it can score.

        The weights are multiplied in the order in which `loose` multiplies them, so that what it
        finds is never more, not even by a last digit.
        """
        begins = np.array(words.begins, np.int64)
        most_P = self._weight[wording_P]
        for column in range(self._slot.shape[1]):
            slot_P = self._slot[wording_P, column]
            has_slot = np.flatnonzero(slot_P >= 0)
            best_P = np.ones(len(slot_P))
            best_P[has_slot] = self._best(words, begins, title_P[has_slot], slot_P[has_slot])
            most_P = most_P * best_P
            is_there = best_P > 0
            title_P, wording_P, most_P = title_P[is_there], wording_P[is_there], most_P[is_there]
        return title_P, wording_P, most_P

    def _best(self, words: Words, begins: Ints, title_P: Ints, slot_P: Ints) -> Floats:
        """Return the highest weight that a word of the title has in a slot, 0 if none is in it."""
        if not len(title_P):
            return np.zeros(0)
        count_P = begins[title_P + 1] - begins[title_P]
        first_P = np.cumsum(count_P) - count_P
        pair_X = np.repeat(np.arange(len(title_P)), count_P)
        word_X = begins[title_P][pair_X] + np.arange(len(pair_X)) - first_P[pair_X]
        number_X = np.minimum(words.number_W[word_X], self._base - 1)
        key_X = slot_P[pair_X] * self._base + number_X
        at_X = np.minimum(np.searchsorted(self._keys, key_X), len(self._keys) - 1)
        weight_X = np.where(self._keys[at_X] == key_X, self._form_weight[at_X], 0.0)
        best: Floats = np.maximum.reduceat(weight_X, first_P)
        return best


def _best_named(named: Named, title_P: Ints, label_P: Ints) -> Floats:
    """Return the highest score of the class among the names in the title; 0 without one."""
    if not len(named.title_H):
        return np.zeros(len(title_P))
    base = 1 + max(named.label_H.max(initial=0), label_P.max(initial=0))
    key_H, key_P = named.title_H * base + named.label_H, title_P * base + label_P
    order = np.lexsort((named.score_H, key_H))
    after_P = np.searchsorted(key_H[order], key_P, side="right")
    last_P = order[np.maximum(after_P - 1, 0)]
    is_named = (after_P > 0) & (key_H[last_P] == key_P)
    return np.where(is_named, named.score_H[last_P], 0.0)
