"""Names whose words stand in a title in any order and at any distance, and parts of names.

What the first look of `matcher` is too strict for: "old horse being groomed" for "grooming horse",
"throws javelin" for "javelin throw". A part of a name counts so little that it is no match by
itself: an object without its verb is a question for who looks at the pictures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise, product, repeat
from typing import NamedTuple

from kinetics_builder.text.matching.inflect import is_gerund
from kinetics_builder.text.matching.phrases import (
    FUNCTION_WORDS,
    PLACEHOLDERS,
    alternatives,
    parse_phrase,
)
from kinetics_builder.text.matching.romance import language_of, unelided
from kinetics_builder.text.matching.slots import forms_of, is_light
from kinetics_builder.text.matching.variants import WEIGHTS, Kind

FIRST_GAP = 0.8
NEXT_GAP = 0.93
FARTHEST = 0.6
"""What the score is multiplied with for the first word between, each further one, and at least."""
LIGHT_GAP = 3
"""Words that may stand between a verb that says little and the rest: "make" and "pizza"."""
MIXED = 0.85
"""The words stand in another order than the name has them, turned or not."""
MOST_PLACES = 4
"""Of one word of a name in a title that are looked at."""
MOST_CLASSES = 3
"""A single word that so many classes share says little of any of them."""
SHORTEST_COMPOUND = 6
MOST_JOINED = 24
"""Forms of a word that are looked for as parts of compounds."""
LITTLE_WORDS = FUNCTION_WORDS | {
    *("com", "ao", "aos", "\u00e0", "pelo", "pela", "num", "numa", "dos", "das"),
    *("del", "al", "con", "en", "du", "au", "aux", "et", "sur", "dans", "avec"),
    *("dun", "dune", "mes", "tes", "ses", "nos", "vos", "mis", "tus", "sus", "seus", "suas"),
}
"""Words that carry little, those of Portuguese, Spanish and French among them."""


class Evidence(StrEnum):
    """What of a class a title says."""

    NAME = "name"
    APART = "words apart or turned"
    MOST = "all but one word"
    PART = "part of the name"
    OBJECT = "object without a verb that says little"
    THING = "object without a verb that says much"
    VERB = "verb without its object"
    LEARNT = "words of accepted titles"


PART_WEIGHTS = {
    Evidence.MOST: 0.55,
    Evidence.PART: 0.35,
    Evidence.OBJECT: 0.42,
    Evidence.THING: 0.3,
    Evidence.VERB: 0.3,
}
"""Of what a part of a name says: a trombone without "playing", a trampoline without "bouncing"."""


class Loose(NamedTuple):
    """A name, or a part of one, found in a title: from word `first` to word `last`."""

    label: int
    score: float
    first: int
    last: int
    variant: str
    evidence: Evidence


class Wording(NamedTuple):
    """Words, each in several forms, of which a title must have all."""

    label: int
    weight: float
    text: str
    slots: tuple[Mapping[str, float], ...]
    """Form without accents -> weight, for each word."""
    evidence: Evidence
    has_light: bool
    """Whether one of two words is a verb that says little."""


class Group(NamedTuple):
    """A wording, and what a title must have beside the word that it is found by."""

    others: tuple[frozenset[str], ...]
    wording: Wording


class LooseIndex:
    """Wordings, found by the rarest of their words."""

    def __init__(self, wordings: Iterable[Wording]) -> None:
        """Take the wordings of all names."""
        given = list(wordings)
        labels: dict[str, set[int]] = defaultdict(set)
        for wording in given:
            for form in (form for slot in wording.slots for form in slot):
                labels[form].add(wording.label)
        use = Counter({form: len(found) for form, found in labels.items()})
        self._by_word: dict[str, list[Group]] = defaultdict(list)
        for wording in given:
            rarest = min(wording.slots, key=lambda slot: max(use[form] for form in slot))
            others = tuple(frozenset(slot) for slot in wording.slots if slot is not rarest)
            is_single_part = not others and wording.evidence is not Evidence.APART
            for form in rarest:
                if not (is_single_part and use[form] > MOST_CLASSES):
                    self._by_word[form].append(Group(others, wording))
        self._rarest = frozenset(self._by_word)

    @property
    def groups(self) -> Mapping[str, list[Group]]:
        """The wordings by the words that they are found by."""
        return self._by_word

    def find(self, words: list[str]) -> dict[int, Loose]:
        """Return the best find of each label in a title's words."""
        return best_of(self._there(words), words)

    def _there(self, words: list[str]) -> Iterator[Wording]:
        """Yield the wordings of which a title has all words."""
        for word in self._rarest.intersection(words):
            for others, wording in self._by_word[word]:
                if not (others and any(map(frozenset.isdisjoint, others, repeat(words)))):
                    yield wording


def best_of(wordings: Iterable[Wording], words: list[str]) -> dict[int, Loose]:
    """Return the best find of each label in a title's words, by some wordings."""
    best: dict[int, Loose] = {}
    for wording in wordings:
        found = _place(wording, words)
        if found and (wording.label not in best or _is_better(found, best[wording.label])):
            best[wording.label] = found
    return best


def wordings_of(label: int, name: str, weight: float, language: str) -> Iterator[Wording]:
    """Yield what a title may say of a name: all its words, and its parts.

    >>> [(w.evidence.name, w.slots[0]["tango"]) for w in wordings_of(0, "tango dancing", 1, "en")]
    [('APART', 1.0), ('OBJECT', 1.0)]
    """
    if language_of(language) == "fr":
        name = unelided(name)
    phrase = parse_phrase(name)
    if phrase.qualifiers:
        weight *= WEIGHTS[Kind.UNQUALIFIED]
    for words in alternatives(phrase.words):
        content = [word for word in words if word not in LITTLE_WORDS | PLACEHOLDERS]
        if not content:
            continue
        slots = tuple(forms_of(word, content, language) for word in content)
        lights = [is_light(word, language) for word in content]
        text, has_light = " ".join(words), len(content) == 2 and any(lights)
        yield Wording(label, weight, text, slots, Evidence.APART, has_light)
        for gone in range(len(content)):
            said = _without(gone, content, lights)
            if said is not None:
                rest = slots[:gone] + slots[gone + 1 :]
                part_weight = weight * PART_WEIGHTS[said]
                yield Wording(label, part_weight, text, rest, said, has_light=False)


def compounds_of(wordings: Iterable[Wording]) -> dict[str, tuple[str, ...]]:
    """Return words that are words of a name without a space between, with these.

    >>> compounds_of(wordings_of(0, "washing hands", 1, "en"))["handwashing"]
    ('hand', 'washing')
    """
    found: dict[str, tuple[str, ...]] = {}
    known: set[str] = set()
    for wording in wordings:
        known.update(*wording.slots)
        if wording.evidence is Evidence.APART and wording.slots[1:]:
            for slots in _runs(wording.slots):
                for forms in product(*slots):
                    joined = "".join(forms)
                    if min(map(len, forms)) > 1 and len(joined) >= SHORTEST_COMPOUND:
                        found.setdefault(joined, forms)
    return {word: forms for word, forms in found.items() if word not in known}


def _runs(
    slots: tuple[Mapping[str, float], ...],
) -> Iterator[tuple[Iterable[str], ...]]:
    """Yield what may be joined: neighbours, the last with the first, and short names whole."""
    short = [list(slot)[:MOST_JOINED] for slot in slots]
    yield from pairwise(short)
    yield short[-1], short[0]
    if len(slots) == 3:
        yield tuple(list(slot)[:4] for slot in slots)


def _without(gone: int, content: list[str], lights: list[bool]) -> Evidence | None:
    """Return what a name says by its words but one; None if that is nothing."""
    rest_is_light = all(light for place, light in enumerate(lights) if place != gone)
    if len(content) == 1 or rest_is_light:
        return None
    if len(content) > 3:
        return Evidence.MOST
    if lights[gone]:
        return Evidence.OBJECT
    if len(content) == 3:
        return Evidence.PART
    return Evidence.THING if is_gerund(content[gone]) else Evidence.VERB


def _place(wording: Wording, words: list[str]) -> Loose | None:
    """Return the best place of a wording in a title, the first on a tie; None without one."""
    places = [
        [place for place, word in enumerate(words) if word in slot][:MOST_PLACES]
        for slot in wording.slots
    ]
    best: Loose | None = None
    for chosen in product(*places):
        if len(set(chosen)) == len(chosen):
            found = _at(wording, words, chosen)
            if found and (best is None or _is_better(found, best)):
                best = found
    return best


def _at(wording: Wording, words: list[str], chosen: tuple[int, ...]) -> Loose | None:
    first, last = min(chosen), max(chosen)
    score = wording.weight
    for place, slot in zip(chosen, wording.slots, strict=True):
        score *= slot[words[place]]
    in_order = tuple(sorted(chosen))
    if chosen != in_order:
        is_turned = (*chosen[1:], chosen[0]) == in_order
        score *= WEIGHTS[Kind.COMPOUND] if is_turned else MIXED
    between = (words[place] for place in range(first, last) if place not in chosen)
    gap = sum(word not in LITTLE_WORDS for word in between)
    if gap > LIGHT_GAP and wording.has_light:
        return None
    if gap:
        far = FIRST_GAP * NEXT_GAP ** (gap - 1)
        score *= far if wording.has_light else max(FARTHEST, far)
    return Loose(wording.label, score, first, last, wording.text, wording.evidence)


def _is_better(found: Loose, other: Loose) -> bool:
    """Say whether one find of a label is better; of equal ones the shorter, then the first is."""
    return _rank(found) > _rank(other)


def _rank(found: Loose) -> tuple[float, int, int, str, int]:
    length = found.last - found.first
    return found.score, -length, -found.first, found.variant, _EVIDENCE[found.evidence]


_EVIDENCE = {evidence: place for place, evidence in enumerate(Evidence)}
