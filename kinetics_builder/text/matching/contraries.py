"""What the rest of a title says about a class that it names: negative words, brackets."""

from collections.abc import Sequence
from typing import NamedTuple

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.brackets import Brackets
from kinetics_builder.text.matching.variants import variants
from kinetics_builder.text.normalise import strip_accents


class Said(NamedTuple):
    """All that a title says, however its words are joined or parted."""

    words: set[str]
    texts: list[str]
    """Each way of reading it, with spaces around each word."""
    own: list[str]
    """Its words as they stand there, without accents and articles."""

    @classmethod
    def of(cls, versions: Sequence[list[str]]) -> "Said":
        """Take the words of a title in each way of reading it, first as they stand there."""
        texts = [f" {' '.join(words)} " for words in versions]
        return cls(set().union(*versions), texts, versions[0])


class Contraries:
    """What speaks for and against one class in a title."""

    def __init__(self, entry: ClassEntry) -> None:
        """Take the negative words and what stands in the name's brackets."""
        self._brackets = Brackets.of(entry.name)
        negative = [variants(word) for word in entry.negative_words]
        forms = [strip_accents(variant.text) for found in negative for variant in found]
        self._vetoes = tuple(f" {form} " for form in forms)
        self.words = _words(self._brackets, forms)
        """Words that keep a title from the class: a title may have them in two."""
        self.is_qualified_by_name = bool(self._brackets.qualifiers)
        self.has_none = not (forms or self._brackets.qualifiers or self._brackets.contraries)

    def exclude(self, said: Said, first: int, last: int) -> bool:
        """Say whether a title that names the class in words `first` to `last` means another."""
        if any(veto in text for veto in self._vetoes for text in said.texts):
            return True
        return self._brackets.is_excluded(said.words - set(said.own[first : last + 1]))

    def is_qualified(self, said: Said) -> bool:
        """Say whether a title has a word of the name's brackets."""
        return self._brackets.is_qualified(said.words)


def _words(brackets: Brackets, negative: Sequence[str]) -> set[str]:
    contrary = {form for phrase in brackets.contraries for forms in phrase for form in forms}
    return contrary.union(*(form.split() for form in negative))
