"""The forms of one word of a name that the scored match takes, beyond those of the plain rule."""

from collections.abc import Mapping, Sequence

from kinetics_builder.text.matching.inflect import (
    agent_of,
    base_of,
    gerund_of,
    is_gerund,
    plural_of,
    singular_of,
    verb_forms,
)
from kinetics_builder.text.matching.variants import WEIGHTS, Kind, word_forms
from kinetics_builder.text.normalise import strip_accents

NOUN_OF_VERB = 0.8
"""An arrangement, for arranging."""
SEVERAL = 0.85
"""Settings, for setting."""
NOUN_AS_VERB = 0.85
"""Throws, for a throw."""

_LIGHT_VERBS = frozenset(
    {"dance", "do", "get", "give", "go", "have", "make", "perform", "play", "practice"}
    | {"present", "take", "use"}
)
_LIGHT_WORDS = frozenset(
    {"bailar", "dancar", "danser", "faire", "fazer", "hacer", "jogar", "jouer", "jugar"}
    | {"tocar", "usar", "utiliser"}
)
"""Portuguese, Spanish, French."""


def is_light(word: str, *, is_english: bool) -> bool:
    """Say whether a word of a name is a verb that says little beside its object.

    >>> is_light("playing", is_english=True), is_light("carving", is_english=True)
    (True, False)
    """
    if not is_english:
        return strip_accents(word) in _LIGHT_WORDS
    return is_gerund(word) and base_of(word) in _LIGHT_VERBS


def forms_of(word: str, content: Sequence[str], *, is_english: bool) -> Mapping[str, float]:
    """Return the forms of a word of a name, without accents, each with its weight.

    `content` are all words of the name that carry meaning: where none is a verb the last one
    may be one.

    >>> forms = forms_of("arranging", ("arranging", "flowers"), is_english=True)
    >>> forms["arranging"], forms["arrangements"]
    (1.0, 0.8)
    """
    forms = {form: WEIGHTS[kind] for form, kind in word_forms(word, is_english=is_english).items()}
    if is_english and word.isascii() and word.isalpha():
        if is_gerund(word):
            _add(forms, _nouns_of(base_of(word), word))
        elif word == content[-1] and len(word) > 2 and not any(map(is_gerund, content)):
            verb = singular_of(word)
            gerund = gerund_of(verb)
            _add(forms, dict.fromkeys((gerund, *verb_forms(verb, gerund)), NOUN_AS_VERB))
            _add(forms, _agents(verb, gerund))
    return {strip_accents(form): weight for form, weight in forms.items()}


def _nouns_of(base: str, gerund: str) -> dict[str, float]:
    stem = base.removesuffix("e")
    nouns = [f"{base}ment", f"{stem}ation", *([f"{stem}ion"] if stem.endswith("t") else [])]
    spoken = {form: NOUN_OF_VERB for noun in nouns for form in (noun, f"{noun}s")}
    return {**_agents(base, gerund), f"{gerund}s": SEVERAL, **spoken}


def _agents(base: str, gerund: str) -> dict[str, float]:
    agent = agent_of(base, gerund)
    return dict.fromkeys((agent, plural_of(agent)), WEIGHTS[Kind.AGENT])


def _add(forms: dict[str, float], more: Mapping[str, float]) -> None:
    for form, weight in more.items():
        forms.setdefault(form, weight)
