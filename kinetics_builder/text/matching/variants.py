"""Forms in which a title may say a class name, each with a weight.

Kinetics matched "simple variations of the class name" (arXiv:1705.06950, arXiv:1808.01340):
singular and plural, articles, forms of the verb. Articles need no variants here: the
matcher leaves them out of names and titles alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, product

from kinetics_builder.text.matching.inflect import (
    agent_of,
    base_of,
    gerund_of,
    is_gerund,
    number_forms,
    plural_of,
    singular_of,
    verb_forms,
)
from kinetics_builder.text.matching.phrases import (
    ARTICLES,
    FUNCTION_WORDS,
    PARTICLES,
    alternatives,
    parse_phrase,
    words_with_articles,
)

MAX_VARIANTS = 600
"""Of one phrase; long names stop there, best forms first."""


class Kind(StrEnum):
    """How a variant differs from the name."""

    NAME = "name"
    UNQUALIFIED = "without brackets"
    ALTERNATIVE = "one side of or"
    NUMBER = "singular or plural"
    VERB = "form of the verb"
    JOINED = "written as one word"
    COMPOUND = "object before verb"
    VERB_FIRST = "verb before object"
    AGENT = "who does it"


WEIGHTS = {
    Kind.NAME: 1.0,
    Kind.UNQUALIFIED: 0.95,
    Kind.ALTERNATIVE: 0.95,
    Kind.NUMBER: 0.97,
    Kind.VERB: 0.92,
    Kind.JOINED: 0.92,
    Kind.COMPOUND: 0.85,
    Kind.VERB_FIRST: 0.8,
    Kind.AGENT: 0.75,
}
"""How sure each difference leaves us that the action is meant; measured on Kinetics' titles."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One spelling of a phrase."""

    words: tuple[str, ...]
    """Normalised, accents kept, no articles."""
    weight: float
    """In (0, 1]."""
    kind: Kind
    """The least sure of the differences to the name."""

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


def variants(name: str, weight: float = 1.0, *, is_english: bool = True) -> tuple[Variant, ...]:
    """Return the forms of `name`, best first, each once; the name itself is the first.

    Args:
        name: A class name, query or synonym.
        weight: Of the name itself, in (0, 1].
        is_english: Forms of the verb are made for English alone; plurals in -s for all.

    >>> [v.text for v in variants("catching a ball")][:4]
    ['catching ball', 'catching balls', 'catch ball', 'catches ball']

    """
    phrase = parse_phrase(name)
    sides = alternatives(phrase.words)
    best: dict[tuple[str, ...], Variant] = {}
    for side in sides:
        kind = Kind.NAME if len(sides) == 1 else Kind.ALTERNATIVE
        if phrase.qualifiers:
            kind = Kind.UNQUALIFIED
        start = Variant(side, weight * WEIGHTS[kind], kind)
        for found in islice(_forms(start, is_english), MAX_VARIANTS):
            if found.words not in best or best[found.words].weight < found.weight:
                best[found.words] = found
    return tuple(sorted(best.values(), key=lambda v: (-v.weight, v.words != sides[0], v.words)))


def word_forms(word: str, *, is_english: bool = True) -> dict[str, Kind]:
    """Return the forms of one word of a phrase, with what makes each differ.

    >>> sorted(word_forms("knives"))
    ['knife', 'knives']
    """
    forms = {word: Kind.NAME}
    if word in FUNCTION_WORDS - PARTICLES or not word.isalpha():
        return forms
    if is_english and is_gerund(word):
        base = base_of(word)
        forms |= dict.fromkeys(verb_forms(base, word), Kind.VERB)
        return {word: Kind.NAME} | forms
    for other in number_forms(word):
        forms.setdefault(other, Kind.NUMBER)
    return forms


def queries(name: str) -> tuple[str, ...]:
    """Return what to ask a search for: the name without brackets, each side of an "or".

    >>> queries("catching or throwing frisbee"), queries("hurling (sport)")
    (('catching frisbee', 'throwing frisbee'), ('hurling sport',))
    """
    phrase = parse_phrase(name)
    sides = alternatives(words_with_articles(name))
    return tuple(" ".join((*side, *sorted(phrase.qualifiers))) for side in sides)


def _forms(start: Variant, is_english: bool) -> Iterator[Variant]:
    yield start
    yield from _inflected(start, is_english)
    yield from _joined(start, is_english)
    if is_english:
        yield from _turned(start)
        yield from _last_word_as_verb(start)


def _inflected(start: Variant, is_english: bool) -> Iterator[Variant]:
    choices = (word_forms(word, is_english=is_english).items() for word in start.words)
    for chosen in product(*choices):
        words = tuple(word for word, _ in chosen)
        kinds = {kind for _, kind in chosen if kind is not Kind.NAME}
        yield _derived(start, words, *sorted(kinds))


def _joined(start: Variant, is_english: bool) -> Iterator[Variant]:
    """Yield "pushup" and "pushups" for "push up", "iceskate" for "ice skating"."""
    words = start.words
    for place in range(len(words) - 1):
        first, second = words[place : place + 2]
        if first in FUNCTION_WORDS or second in FUNCTION_WORDS - PARTICLES:
            continue
        for form, kind in word_forms(second, is_english=is_english).items():
            joined = (*words[:place], first + form, *words[place + 2 :])
            yield _derived(start, joined, Kind.JOINED, kind)


def _turned(start: Variant) -> Iterator[Variant]:
    """Yield "tree trimming", "tree trimmer" for "trimming trees", and the other way round."""
    verb, *rest = start.words
    content = tuple(word for word in rest if word not in FUNCTION_WORDS)
    if is_gerund(verb) and content:
        base = base_of(verb)
        for thing in dict.fromkeys((content[-1], singular_of(content[-1]))):
            objects = (*content[:-1], thing)
            yield _derived(start, (*objects, verb), Kind.COMPOUND)
            yield _derived(start, (*objects, base), Kind.COMPOUND, Kind.VERB)
            for agent in (agent_of(base, verb), plural_of(agent_of(base, verb))):
                yield _derived(start, (*objects, agent), Kind.AGENT)
    elif rest and is_gerund(rest[-1]):
        first = start.words[:-1]
        for thing in dict.fromkeys((first[-1], plural_of(singular_of(first[-1])))):
            yield _derived(start, (rest[-1], *first[:-1], thing), Kind.VERB_FIRST)


def _last_word_as_verb(start: Variant) -> Iterator[Variant]:
    """Yield "high jumping", "high jumper" for "high jump", and agents of single verbs."""
    *first, last = start.words
    last = last if is_gerund(last) else singular_of(last)
    if last in FUNCTION_WORDS | ARTICLES or not last.isascii() or not last.isalpha():
        return
    verb = last if is_gerund(last) else gerund_of(last)
    base = base_of(last) if is_gerund(last) else last
    if not any(is_gerund(word) for word in first):
        yield _derived(start, (*first, verb), Kind.VERB)
        for agent in (agent_of(base, verb), plural_of(agent_of(base, verb))):
            yield _derived(start, (*first, agent), Kind.AGENT)


def _derived(start: Variant, words: tuple[str, ...], *kinds: Kind) -> Variant:
    weight, worst = start.weight, start.kind
    for kind in kinds:
        weight *= WEIGHTS[kind]
        worst = min(worst, kind, key=WEIGHTS.__getitem__)
    return Variant(words, round(weight, 6), worst)
