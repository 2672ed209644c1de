"""The forms of one word of a name that the scored match takes, beyond those of the plain rule."""

from collections.abc import Mapping, Sequence

from kinetics_builder.text.matching import romance
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


def is_light(word: str, language: str) -> bool:
    """Say whether a word of a name is a verb that says little beside its object.

    >>> is_light("playing", "en"), is_light("carving", "en"), is_light("tocar", "pt")
    (True, False, True)
    """
    if not is_english(language):
        return strip_accents(word) in _LIGHT_WORDS
    return is_gerund(word) and base_of(word) in _LIGHT_VERBS


def is_english(language: str) -> bool:
    """Say whether a code is of English."""
    return language.startswith("en")


def forms_of(word: str, content: Sequence[str], language: str) -> Mapping[str, float]:
    """Return the forms of a word of a name, without accents, each with its weight.

    `content` are all words of the name that carry meaning: where none is a verb the first or
    the last one may be one. Of Portuguese, Spanish and French the first one may be an infinitive.

    >>> forms = forms_of("arranging", ("arranging", "flowers"), "en")
    >>> forms["arranging"], forms["arrangements"]
    (1.0, 0.8)
    >>> forms_of("saltar", ("saltar", "cuerda"), "es")["saltando"]
    0.92
    """
    english = is_english(language)
    forms = {form: WEIGHTS[kind] for form, kind in word_forms(word, is_english=english).items()}
    if english and word.isascii() and word.isalpha():
        _add(forms, _english(word, content))
    plain: dict[str, float] = {}
    for form, weight in forms.items():
        plain.setdefault(strip_accents(form), weight)
    known = romance.language_of(language)
    return _romance(plain, word == content[0], known) if known else plain


def _english(word: str, content: Sequence[str]) -> dict[str, float]:
    """Return what a word is as a noun of the verb, or as the verb of the noun."""
    if is_gerund(word):
        return _nouns_of(base_of(word), word)
    is_noun = word == content[-1] and len(word) > 2
    if any(map(is_gerund, content)) or not (is_noun or _may_be_verb(word, content)):
        return {}
    verb = singular_of(word) if is_noun else word
    gerund = gerund_of(verb)
    as_verb = dict.fromkeys((gerund, *verb_forms(verb, gerund)), NOUN_AS_VERB)
    return {**_agents(verb, gerund), **as_verb} if is_noun else as_verb


def _may_be_verb(word: str, content: Sequence[str]) -> bool:
    """Say whether a name may begin with a verb: "jump rope"."""
    return len(content) > 1 and word == content[0] and len(word) > 2


def _romance(forms: dict[str, float], is_first: bool, language: str) -> dict[str, float]:
    """Return the forms with those of a language's nouns, and of its verbs where it may be one."""
    word = next(iter(forms))
    found = dict(forms)
    if is_first:
        _add(found, dict.fromkeys(romance.verb_forms(word, language), WEIGHTS[Kind.VERB]))
        _add(found, dict.fromkeys(romance.nouns_of(word, language), NOUN_OF_VERB))
        _add(found, dict.fromkeys(romance.agents_of(word, language), WEIGHTS[Kind.AGENT]))
    _add(found, dict.fromkeys(romance.number_forms(word, language), WEIGHTS[Kind.NUMBER]))
    if language == "fr":
        return {said: weight for form, weight in found.items() for said in romance.elided(form)}
    return found


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
