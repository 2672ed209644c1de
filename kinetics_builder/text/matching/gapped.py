"""Names whose words stand in a title in order, with others between them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

from kinetics_builder.text.matching.inflect import is_gerund
from kinetics_builder.text.matching.phrases import FUNCTION_WORDS, alternatives, parse_phrase
from kinetics_builder.text.matching.variants import WEIGHTS, Kind, word_forms
from kinetics_builder.text.normalise import strip_accents

MAX_GAP = 3
"""Words that may stand between the words of a name, in all."""
FIRST_GAP = 0.75
NEXT_GAP = 0.85
"""What the score is multiplied with for the first word between, and for each further one."""


class Gapped(NamedTuple):
    """A name found with gaps: from word `first` to word `last`, both included."""

    label: int
    score: float
    first: int
    last: int
    variant: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    """The words of a name that must follow one another, each in several forms."""

    label: int
    weight: float
    text: str
    slots: tuple[dict[str, float], ...]
    """Form without accents -> weight, for each word."""


class Group(NamedTuple):
    """Sequences of the same words: the name as it is, and turned."""

    label: int
    second: frozenset[str]
    """The forms of a word beside the one that the group is found by."""
    others: tuple[frozenset[str], ...]
    """Of each further word."""
    sequences: list[_Sequence]


class GappedIndex:
    """Names of two or more words, found by the rarest of their words."""

    def __init__(self, names: Iterable[tuple[int, str, float, bool]]) -> None:
        """Take (label, name, weight, whether it is English)."""
        sequences = [found for name in names for found in _sequences(*name)]
        use = Counter(form for s in sequences for slot in s.slots for form in slot)
        groups: dict[str, list[Group]] = defaultdict(list)
        for sequence in sequences:
            rarest = min(sequence.slots, key=lambda slot: max(use[form] for form in slot))
            second, *rest = [frozenset(slot) for slot in sequence.slots if slot is not rarest]
            group = Group(sequence.label, second, tuple(rest), [])
            for form in rarest:
                known = groups[form]
                if not known or known[-1][:3] != group[:3]:
                    known.append(group._replace(sequences=[]))
                known[-1].sequences.append(sequence)
        self._by_word = {
            word: (frozenset().union(*(group.second for group in known)), known)
            for word, known in groups.items()
        }
        """Word -> all words of which a title must have one beside it, and the groups."""
        self._rarest = frozenset(self._by_word)

    @property
    def groups(self) -> dict[str, list[Group]]:
        """The names by the word that they are found by."""
        return {word: groups for word, (_, groups) in self._by_word.items()}

    def find(self, words: list[str], skip: Collection[int]) -> Collection[Gapped]:
        """Return the best find of each label that `words` name, except those in `skip`."""
        best: dict[int, Gapped] = {}
        for word in self._known(words):
            seconds, groups = self._by_word[word]
            if seconds.isdisjoint(words):
                continue
            for label, second, others, sequences in groups:
                if label in skip or second.isdisjoint(words):
                    continue
                if others and any(map(frozenset.isdisjoint, others, repeat(words))):
                    continue
                for sequence in sequences:
                    found = _place(sequence, words)
                    if found and (label not in best or best[label].score < found.score):
                        best[label] = found
        return best.values()

    def _known(self, words: list[str]) -> Collection[str]:
        """Return the words that a name is found by, each once, in order."""
        known = self._rarest.intersection(words)
        if len(known) < 2:
            return known
        return [word for word in dict.fromkeys(words) if word in known]


def _sequences(label: int, name: str, weight: float, is_english: bool) -> Iterator[_Sequence]:
    for words in alternatives(parse_phrase(name).words):
        content = tuple(word for word in words if word not in FUNCTION_WORDS)
        if len(content) < 2:
            continue
        slots = (word_forms(word, is_english=is_english).items() for word in content)
        plain = tuple({strip_accents(f): WEIGHTS[kind] for f, kind in slot} for slot in slots)
        yield _Sequence(label, weight, " ".join(words), plain)
        if is_english and is_gerund(content[0]):
            turned = (*plain[1:], plain[0])
            yield _Sequence(label, weight * WEIGHTS[Kind.COMPOUND], " ".join(words), turned)


def _place(sequence: _Sequence, words: list[str]) -> Gapped | None:
    """Return the tightest place of a sequence in `words`, the first on a tie."""
    best: Gapped | None = None
    for start, word in enumerate(words):
        if word in sequence.slots[0]:
            found = _follow(sequence, words, start)
            if found is not None and (best is None or best.score < found.score):
                best = found
    return best


def _follow(sequence: _Sequence, words: list[str], start: int) -> Gapped | None:
    """Return the place that begins at word `start`, each next word as early as it comes."""
    score, gap, at = sequence.weight * sequence.slots[0][words[start]], 0, start
    for slot in sequence.slots[1:]:
        at += 1
        while at < len(words) and words[at] not in slot:
            gap += words[at] not in FUNCTION_WORDS
            at += 1
        if at == len(words) or gap > MAX_GAP:
            return None
        score *= slot[words[at]]
    score *= FIRST_GAP * NEXT_GAP ** max(0, gap - 1)
    return Gapped(sequence.label, score, start, at, sequence.text)
