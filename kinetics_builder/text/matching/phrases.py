"""What a class name says: the words that must be there, and what stands in brackets."""

import re
from dataclasses import dataclass

from kinetics_builder.text.normalise import normalise

ARTICLES = frozenset(
    {"a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "some"}
    | {"o", "os", "as", "um", "uma", "uns", "umas", "meu", "minha"}  # Portuguese
    | {"el", "la", "los", "las", "un", "una", "unos", "unas"}  # Spanish
    | {"le", "les", "une", "des", "der", "die", "das", "ein", "eine"}  # French, German
)
"""Words that a title may have or lack anywhere."""

PARTICLES = frozenset({"down", "off", "out", "up"})
"""Words that make a noun with the verb before them: push-ups, time-outs."""

FUNCTION_WORDS = PARTICLES | {
    *("and", "at", "by", "for", "from", "in", "into", "of", "on", "onto", "or", "over"),
    *("through", "to", "with", "within", "da", "de", "do", "em", "na", "no"),
}
"""Words that carry little of a phrase's meaning; a loose match may lack them."""

PLACEHOLDERS = frozenset(
    {"object", "objects", "person", "persons", "somebody", "someone", "something"}
)
"""Words of a name that stand for any others; the scored match needs none of them."""

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_NOT = re.compile(r"\b(?:not|except|excluding|without)\b", re.IGNORECASE)
_OR = re.compile(r"\bn?or\b|[,;/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name taken apart. All words are normalised and no articles."""

    words: tuple[str, ...]
    """What a title must say."""

    qualifiers: frozenset[str]
    """Words in brackets: "shooting goal (soccer)". A title that has one says it fully."""

    contraries: frozenset[tuple[str, ...]]
    """What a title must not say: phrases in brackets after "not", of which "or" joins several,
    as in "skiing (not slalom or crosscountry)"."""


def parse_phrase(text: str) -> Phrase:
    """Take a class name, query or synonym apart.

    >>> parse_phrase("throwing the ball (not baseball or American football)").words
    ('throwing', 'ball')
    >>> sorted(parse_phrase("throwing the ball (not baseball or American football)").contraries)
    [('american', 'football'), ('baseball',)]
    """
    qualifiers: set[str] = set()
    contraries: set[tuple[str, ...]] = set()
    for bracket in _BRACKETS.findall(text):
        meant, *excluded = _NOT.split(bracket)
        qualifiers.update(_content(meant))
        contraries.update(_content(one) for phrase in excluded for one in _OR.split(phrase))
    contraries.discard(())
    return Phrase(
        words=_outside(text), qualifiers=frozenset(qualifiers), contraries=frozenset(contraries)
    )


def _content(text: str) -> tuple[str, ...]:
    """Return the words that carry meaning."""
    words = normalise(text).split()
    return tuple(word for word in words if word not in ARTICLES | FUNCTION_WORDS)


def words_with_articles(text: str) -> tuple[str, ...]:
    """Return the words outside of brackets; a name all in brackets keeps those.

    >>> words_with_articles("Hurling (sport)"), words_with_articles("(sport)")
    (('hurling',), ('sport',))
    """
    return tuple(normalise(_BRACKETS.sub(" ", text)).split() or normalise(text).split())


def _outside(text: str) -> tuple[str, ...]:
    """Return the words outside of brackets without articles, unless all of them are."""
    words = words_with_articles(text)
    return tuple(word for word in words if word not in ARTICLES) or words


def alternatives(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the phrases that "or" joins; one phrase where there is no "or" between words.

    >>> alternatives(("catching", "or", "throwing", "frisbee"))
    (('catching', 'frisbee'), ('throwing', 'frisbee'))
    """
    if "or" not in words[1:-1]:
        return (words,)
    place = words.index("or", 1)
    before, after = words[: place - 1], words[place + 2 :]
    chosen = ((*before, words[place + side], *after) for side in (-1, 1))
    return tuple(dict.fromkeys(found for one in chosen for found in alternatives(one)))
