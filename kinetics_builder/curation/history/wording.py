"""Could one class name be another's new wording? By words alone, without knowing any meaning."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from kinetics_builder.text.matching.inflect import base_of, is_gerund, singular_of
from kinetics_builder.text.matching.phrases import PLACEHOLDERS, Phrase, parse_phrase


@dataclass(frozen=True, slots=True)
class Reason:
    """How far words say that one name became another, and why."""

    belief: float
    why: str


SAME = Reason(0.99, "the same but for case, marks or articles")
BRACKETS = Reason(0.95, "the same words, other brackets")
REORDERED = Reason(0.9, "the same words in another order or form")
COMPLEMENT = Reason(0.9, "the part that another new name leaves out")
WITH_PERSON = Reason(0.85, "the same words, and who does it")
SPELT = Reason(0.8, "one word has a letter more or less")
COMPOUND = Reason(0.75, "one word became part of a longer one")
ALONE = Reason(0.6, "the same verb, of which nothing else is left")
NARROWER = Reason(0.5, "all its words, and others")
WIDER = Reason(0.5, "some of its words, and no others")
SAME_OBJECT = Reason(0.3, "another verb with the same words")
SAME_VERB = Reason(0.2, "the same verb with other words")
_LEAST_PART = 3
"""Letters of a word that may be part of a compound: tie in necktie."""
_LEAST_SPELT = 5
"""Letters of a word that may be spelt with one more: dying, dyeing."""


@dataclass(frozen=True)
class Wording:
    """A class name, taken apart."""

    name: str

    @cached_property
    def phrase(self) -> Phrase:
        """Return its words, and what stands in brackets."""
        return parse_phrase(self.name)

    @cached_property
    def stems(self) -> Counter[str]:
        """Return its words without their endings; what stands in brackets is left out."""
        return Counter(map(_stem, self.phrase.words))

    @cached_property
    def gerund(self) -> str:
        """Return its first word in -ing; empty where it has none."""
        return next(filter(is_gerund, self.phrase.words), "")

    @cached_property
    def verb(self) -> str:
        """Return the stem of that word."""
        return _stem(self.gerund) if self.gerund else ""

    @cached_property
    def objects(self) -> Counter[str]:
        """Return its stems without the verb."""
        return self.stems - Counter([self.verb] if self.verb else [])


def compare(old: str, new: str, came: Iterable[str], stayed: Iterable[str]) -> Reason | None:
    """Return the best reason to take `new` for what `old` became; None if there is none.

    Args:
        old: A name that is gone.
        new: One that came.
        came: All that came; `new` may be among them.
        stayed: Those that were there before and are now.

    """
    was, now = _wording(old), _wording(new)
    if was.phrase.words == now.phrase.words:
        return SAME if _brackets(was) == _brackets(now) else BRACKETS
    if was.stems == now.stems:
        return REORDERED
    return (
        _respelt(was.phrase.words, now.phrase.words)
        or _wider_or_narrower(was, now, came)
        or _by_verb_or_object(was, now, came, stayed)
    )


def _wider_or_narrower(was: Wording, now: Wording, came: Iterable[str]) -> Reason | None:
    more, less = now.stems - was.stems, was.stems - now.stems
    if less:
        return WIDER if not more and was.verb == now.verb else None
    if set(more) <= PLACEHOLDERS:
        return WITH_PERSON
    return COMPLEMENT if _leaves_out(was, more, came) else NARROWER


def _by_verb_or_object(
    was: Wording, now: Wording, came: Iterable[str], stayed: Iterable[str]
) -> Reason | None:
    if not (was.verb and now.verb and was.objects and now.objects):
        return None
    if was.objects == now.objects:
        return SAME_OBJECT
    has_stayed = any(now.verb in _wording(name).stems for name in stayed)
    if was.verb == now.verb:
        return SAME_VERB if has_stayed else ALONE
    return ALONE if _is_verb_respelt(was, now, came) and not has_stayed else None


def _is_verb_respelt(was: Wording, now: Wording, came: Iterable[str]) -> bool:
    """Say whether a verb is spelt otherwise now: another name that came has it, of the old words.

    `dying hair` is `dyeing hair`, so that it may be `dyeing eyebrows`; taking is not talking.
    """
    return _is_respelt(was.gerund, now.gerund) and any(
        other.gerund == now.gerund and other.objects == was.objects for other in map(_wording, came)
    )


def _brackets(name: Wording) -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    return name.phrase.qualifiers, name.phrase.contraries


def _respelt(was: tuple[str, ...], now: tuple[str, ...]) -> Reason | None:
    """Compare names of equally many words, all but one of which are the same."""
    if len(was) != len(now):
        return None
    changed = [(old, new) for old, new in zip(was, now, strict=True) if old != new]
    if len(changed) != 1:
        return None
    old, new = changed[0]
    if _is_respelt(old, new):
        return SPELT
    is_part = len(old) >= _LEAST_PART and len(new) >= len(old) + _LEAST_PART
    return COMPOUND if is_part and (new.endswith(old) or new.startswith(old)) else None


def _is_respelt(one: str, other: str) -> bool:
    """Say whether one of two words is the other with a letter more, behind its first."""
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= _LEAST_SPELT
        and len(long) == len(short) + 1
        and any(long[:place] + long[place + 1 :] == short for place in range(1, len(long)))
    )


def _leaves_out(was: Wording, more: Counter[str], came: Iterable[str]) -> bool:
    """Say whether another name is the old one without what `more` says: (not wine), wine."""
    return any(
        more == Counter(map(_stem, words))
        for other in map(_wording, came)
        if other.stems == was.stems
        for words in other.phrase.contraries
    )


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    return base_of(word) if is_gerund(word) else singular_of(word)


@lru_cache(maxsize=8192)
def _wording(name: str) -> Wording:
    return Wording(name)
