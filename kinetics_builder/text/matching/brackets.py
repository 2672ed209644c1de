"""What stands in the brackets of a name, held against the words of a title."""

from dataclasses import dataclass

from kinetics_builder.text.matching.phrases import parse_phrase
from kinetics_builder.text.matching.variants import word_forms
from kinetics_builder.text.normalise import strip_accents

Forms = frozenset[str]


@dataclass(frozen=True, slots=True)
class Brackets:
    """The qualifiers and contraries of a name, each word in all its forms, without accents."""

    qualifiers: Forms
    contraries: tuple[tuple[Forms, ...], ...]
    """Phrases; each of their words must be there for a phrase to be said."""

    @classmethod
    def of(cls, name: str) -> "Brackets":
        """Return what the brackets of `name` say."""
        phrase = parse_phrase(name)
        qualifiers = frozenset().union(*map(_forms, phrase.qualifiers))
        contraries = [tuple(map(_forms, words)) for words in sorted(phrase.contraries)]
        joined = [(_forms("".join(words)),) for words in sorted(phrase.contraries) if words[1:]]
        return cls(qualifiers, (*contraries, *joined))

    def is_qualified(self, words: set[str]) -> bool:
        """Say whether a title with these words says a qualifier.

        >>> Brackets.of("shooting goal (soccer)").is_qualified({"shooting", "goal", "soccer"})
        True
        """
        return not self.qualifiers.isdisjoint(words)

    def is_excluded(self, words: set[str]) -> bool:
        """Say whether a title with these words says what the name excludes.

        >>> Brackets.of("hugging (not baby)").is_excluded({"hugging", "babies"})
        True
        """
        return any(
            all(not forms.isdisjoint(words) for forms in phrase) for phrase in self.contraries
        )


def _forms(word: str) -> Forms:
    return frozenset(map(strip_accents, word_forms(word)))
