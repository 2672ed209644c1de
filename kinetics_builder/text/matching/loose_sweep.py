"""The loose wordings over many titles at once: which titles have all words of which, and where.

Most of what two words let one think of falls away by numbers alone: a title lacks a third word, or
the wording can score no more than a name that stands there. What is left is placed: each of its
words at all places where the title has it, as `loose` does one by one.

Suffixes of arrays: W a word that is no article, P a pair of a title and a wording, X a word of the
title of a pair, C a choice of a place for each word of a pair's wording.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.text.matching.finds import EVIDENCE, Finds, Floats, is_first, within
from kinetics_builder.text.matching.loose import (
    FARTHEST,
    FIRST_GAP,
    LIGHT_GAP,
    LITTLE_WORDS,
    MIXED,
    MOST_PLACES,
    NEXT_GAP,
    Group,
    Loose,
    Wording,
    best_of,
)
from kinetics_builder.text.matching.sweep import Ints, Lists, Numbers, Words, are_in
from kinetics_builder.text.matching.variants import WEIGHTS, Kind

MOST_CHOICES = 64
"""Of places for the words of one wording in one title that are held side by side."""

_ANYTHING = 0
"""The set of words of which every title has one."""


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
        self.texts = sorted({wording.text for wording in self._wordings})
        """The variants of finds, by their numbers."""
        number_of = {text: number for number, text in enumerate(self.texts)}
        kinds = {evidence: number for number, evidence in enumerate(EVIDENCE)}
        self._label = _column(wording.label for wording in self._wordings)
        self._text = _column(number_of[wording.text] for wording in self._wordings)
        self._evidence = _column(kinds[wording.evidence] for wording in self._wordings)
        self._has_light = np.array([wording.has_light for wording in self._wordings], bool)
        functions = [numbers.of(word) for word in sorted(LITTLE_WORDS)]
        self._is_function = np.zeros(max(functions) + 2, bool)
        self._is_function[functions] = True

    def find(self, words: Words, names: Finds) -> Finds:
        """Return the best find of each class that says more than `names`, the best names there."""
        title_P, wording_P = self._with_two_words(words)
        title_P, wording_P, most_P = self._slots.reach(words, title_P, wording_P)
        is_more = most_P > names.score_of(title_P, self._label[wording_P])
        title_P, wording_P = title_P[is_more], wording_P[is_more]
        choices_P = self._slots.num_choices(words, title_P, wording_P)
        few = choices_P <= MOST_CHOICES
        found = Finds.joined(
            [
                self._placed(words, title_P[few], wording_P[few]),
                self._placed_alone(words, title_P[~few], wording_P[~few]),
            ]
        )
        best = _best(found)
        return best.at(best.score > names.score_of(best.title, best.label))

    def _placed(self, words: Words, title_P: Ints, wording_P: Ints) -> Finds:
        """Return all places of wordings in titles that have all their words."""
        pair_C, chosen_C, score_C = self._slots.choices(words, title_P, wording_P)
        wording_C, has_C = wording_P[pair_C], chosen_C >= 0
        first_C = np.where(has_C, chosen_C, len(words.number_W)).min(axis=1)
        last_C = chosen_C.max(axis=1)
        score_C *= _order_weight(chosen_C)
        gap_C = self._gap(words, chosen_C, first_C, last_C)
        light_C = self._has_light[wording_C]
        score_C *= _gap_weight(gap_C, light_C)
        begin_C = np.array(words.begins, np.int64)[title_P[pair_C]]
        found = self._finds(
            title_P[pair_C], wording_C, score_C, first_C - begin_C, last_C - begin_C
        )
        return found.at(~light_C | (gap_C <= LIGHT_GAP))

    def _placed_alone(self, words: Words, title_P: Ints, wording_P: Ints) -> Finds:
        """Return the best places of wordings with many, each looked for by itself."""
        rows: list[tuple[int, int, Loose]] = []
        for title, wording in zip(title_P.tolist(), wording_P.tolist(), strict=True):
            found = best_of([self._wordings[wording]], words.of(title)).values()
            rows += [(title, wording, one) for one in found]
        return self._finds(
            _column(title for title, _, _ in rows),
            _column(wording for _, wording, _ in rows),
            np.array([one.score for *_, one in rows], np.float64),
            _column(one.first for *_, one in rows),
            _column(one.last for *_, one in rows),
        )

    def _finds(self, title: Ints, wording: Ints, score: Floats, first: Ints, last: Ints) -> Finds:
        said = self._label[wording], self._text[wording], self._evidence[wording]
        return Finds(
            title, said[0], score, first, last, said[1], said[2], np.zeros(len(title), bool)
        )

    def _gap(self, words: Words, chosen_C: Ints, first_C: Ints, last_C: Ints) -> Ints:
        """Return how many words that carry meaning stand between those that were chosen."""
        carries_W = ~self._is_function[np.minimum(words.number_W, len(self._is_function) - 1)]
        before_W = np.concatenate([[0], np.cumsum(carries_W)])
        inner_C = (chosen_C >= 0) & (chosen_C < last_C[:, None])
        num_chosen_C = (inner_C & carries_W[chosen_C]).sum(axis=1)
        return np.asarray(before_W[last_C] - before_W[first_C] - num_chosen_C)

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


class _InSlots(NamedTuple):
    """Words of titles, held against one word of a wording for each pair."""

    first_P: Ints
    """Index of the first word of each pair among the following."""
    pair_X: Ints
    word_X: Ints
    weight_X: Floats
    """0 where it is no form of the wording's word."""


class _Slots:
    """The forms of the words of wordings, and their weights."""

    def __init__(self, wordings: Sequence[Wording], numbers: Numbers) -> None:
        ids: dict[tuple[tuple[str, float], ...], int] = {}
        most = max((len(wording.slots) for wording in wordings), default=1)
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
        most_P = self._weight[wording_P]
        for column in range(self._slot.shape[1]):
            slot_P = self._slot[wording_P, column]
            has_slot = np.flatnonzero(slot_P >= 0)
            best_P = np.ones(len(slot_P))
            if len(has_slot):
                there = self._look(words, title_P[has_slot], slot_P[has_slot])
                best_P[has_slot] = np.maximum.reduceat(there.weight_X, there.first_P)
            most_P = most_P * best_P
            is_there = best_P > 0
            title_P, wording_P, most_P = title_P[is_there], wording_P[is_there], most_P[is_there]
        return title_P, wording_P, most_P

    def num_choices(self, words: Words, title_P: Ints, wording_P: Ints) -> Floats:
        """Return in how many ways the words of each pair's wording can be placed."""
        num_P = np.ones(len(title_P))
        for column in range(self._slot.shape[1]):
            _, _, count_P, _ = self._places(words, title_P, self._slot[wording_P, column])
            num_P *= count_P
        return num_P

    def choices(self, words: Words, title_P: Ints, wording_P: Ints) -> tuple[Ints, Ints, Floats]:
        """Return all ways: the pair of each, the places, -1 for no further word, and the weight."""
        pair_C, score_C = np.arange(len(title_P)), self._weight[wording_P]
        chosen_C = np.full((len(title_P), self._slot.shape[1]), -1)
        for column in range(self._slot.shape[1]):
            place, weight, count_P, begin_P = self._places(
                words, title_P, self._slot[wording_P, column]
            )
            count_C = count_P[pair_C]
            at = begin_P[np.repeat(pair_C, count_C)] + within(count_C)
            pair_C, chosen_C = np.repeat(pair_C, count_C), np.repeat(chosen_C, count_C, axis=0)
            score_C = np.repeat(score_C, count_C) * weight[at]
            chosen_C[:, column] = place[at]
            is_used = (chosen_C[:, :column] == place[at][:, None]).any(axis=1)
            kept = ~(is_used & (place[at] >= 0))
            pair_C, chosen_C, score_C = pair_C[kept], chosen_C[kept], score_C[kept]
        return pair_C, chosen_C, score_C

    def _places(self, words: Words, title_P: Ints, slot_P: Ints) -> tuple[Ints, Floats, Ints, Ints]:
        """Return places and weights of words, and for each pair how many, and where they begin.

        Where a pair has no such slot its one place is -1, of weight 1.
        """
        has_slot = np.flatnonzero(slot_P >= 0)
        there = self._look(words, title_P[has_slot], slot_P[has_slot])
        is_form = there.weight_X > 0
        pair, word, weight = there.pair_X[is_form], there.word_X[is_form], there.weight_X[is_form]
        count = np.bincount(pair, minlength=len(has_slot))
        is_looked_at = within(count) < MOST_PLACES
        word, weight = word[is_looked_at], weight[is_looked_at]
        count = np.minimum(count, MOST_PLACES)
        count_P, begin_P = np.ones(len(title_P), np.int64), np.zeros(len(title_P), np.int64)
        count_P[has_slot], begin_P[has_slot] = count, np.cumsum(count) - count + 1
        return np.append(-1, word), np.append(1.0, weight), count_P, begin_P

    def _look(self, words: Words, title_P: Ints, slot_P: Ints) -> _InSlots:
        """Return all words of the title of each pair, with their weights in its slot."""
        begins = np.array(words.begins, np.int64)
        count_P = begins[title_P + 1] - begins[title_P]
        first_P = np.cumsum(count_P) - count_P
        pair_X = np.repeat(np.arange(len(title_P)), count_P)
        word_X = begins[title_P][pair_X] + within(count_P)
        number_X = np.minimum(words.number_W[word_X], self._base - 1)
        key_X = slot_P[pair_X] * self._base + number_X
        if not len(self._keys):
            return _InSlots(first_P, pair_X, word_X, np.zeros(len(pair_X)))
        at_X = np.minimum(np.searchsorted(self._keys, key_X), len(self._keys) - 1)
        weight_X = np.where(self._keys[at_X] == key_X, self._form_weight[at_X], 0.0)
        return _InSlots(first_P, pair_X, word_X, weight_X)


def _order_weight(chosen_C: Ints) -> Floats:
    """Return what the order of the words counts: as in the name, turned, or mixed."""
    is_next_C = np.diff(chosen_C, axis=1) > 0
    is_next_C |= chosen_C[:, 1:] < 0
    last_C = np.take_along_axis(chosen_C, (chosen_C >= 0).sum(axis=1)[:, None] - 1, axis=1)[:, 0]
    is_turned_C = is_next_C[:, 1:].all(axis=1) & (last_C < chosen_C[:, 0])
    other_C = np.where(is_turned_C, WEIGHTS[Kind.COMPOUND], MIXED)
    return np.where(is_next_C.all(axis=1), 1.0, other_C)


def _gap_weight(gap_C: Ints, light_C: NDArray[np.bool_]) -> Floats:
    """Return what words between count."""
    most = int(gap_C.max(initial=0))
    far = np.array([1.0, *(FIRST_GAP * NEXT_GAP ** (gap - 1) for gap in range(1, most + 1))])
    return np.where(light_C | (gap_C == 0), far[gap_C], np.maximum(FARTHEST, far[gap_C]))


def _best(found: Finds) -> Finds:
    """Return the best find of each class, as `loose` ranks those of one title."""
    base = int(found.label.max(initial=0)) + 1
    key = found.title * base + found.label
    ranks = found.evidence, found.variant, -found.first, found.first - found.last, found.score
    order = np.lexsort((*(-rank for rank in ranks), key))
    return found.at(order[is_first(key[order])])


def _column(values: object) -> Ints:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]
