"""What one find of a class in a title counts beside all else that the title says."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.contraries import Contraries, Said
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lessons
from kinetics_builder.text.matching.loose import Evidence
from kinetics_builder.text.matching.matcher import SPLIT
from kinetics_builder.text.matching.readings import Reading
from kinetics_builder.text.matching.variants import WEIGHTS, Kind

SURE = 0.5
"""A class with this score speaks against others that the title says less of."""
INSIDE_LONGER = 0.8
"""A name inside the words of a longer one, of both scores the lower: "guitar" in "bass guitar"."""
BESIDE_LONGER = 0.6
"""A name of one word beside one of several: "laughing at Mike shoveling snow"."""


class Find(NamedTuple):
    """What a title says of a class: words `first` to `last` of those without articles."""

    label: int
    score: float
    first: int
    last: int
    variant: str
    evidence: Evidence
    is_part: bool = False
    """Whether it takes but a part of a word, as "surfing" of "kitesurfing"."""


class Weigher:
    """What is known of classes beside their names."""

    def __init__(
        self,
        entries: Sequence[ClassEntry],
        contraries: Sequence[Contraries],
        is_long: Sequence[bool],
        lessons: Lessons,
    ) -> None:
        """Take what speaks against each class, and whether a name of it has several words."""
        self.names = [entry.name for entry in entries]
        self.contraries, self.is_long, self.lessons = contraries, is_long, lessons
        self.has_learnt = lessons != NONE_LEARNT

    def placed(self, find: Find, reading: Reading) -> Find:
        """Return a find by the places of the title's own words, as far as its sort proved right."""
        if not isinstance(reading.words.places, range):
            find = _in_title(find, reading)
        if not self.has_learnt:
            return find
        return find._replace(score=self.lessons.weighed(find.score, find.evidence.name))

    def judged(self, find: Find, finds: Collection[Find], said: Said) -> Find | None:
        """Return a find with what the rest of the title says of it; None if it is another class."""
        contraries = self.contraries[find.label]
        if not contraries.has_none and contraries.exclude(said, find.first, find.last):
            return None
        sure = [other for other in finds if other.score >= SURE and other.label != find.label]
        longer = [other for other in sure if _is_inside(find, other)]
        score = find.score
        if contraries.is_qualified(said):
            score = min(1.0, score / WEIGHTS[Kind.UNQUALIFIED])
        elif contraries.is_qualified_by_name and longer:
            return None  # "hair curling" means another curling than "curling (sport)"
        if longer:
            score = INSIDE_LONGER * min(score, max(other.score for other in longer))
        elif not self.is_long[find.label] and any(self.is_long[o.label] for o in sure):
            score *= BESIDE_LONGER
        if self.has_learnt and find.evidence is not Evidence.LEARNT:
            score = self.lessons.in_context(score, self.names[find.label], said.own)
        return find._replace(score=round(score, 4))


def _in_title(find: Find, reading: Reading) -> Find:
    """Return a find by the places of the title's own words."""
    words = reading.words
    first, last = words.places[find.first], words.last_place(find.last)
    is_split = last - first > find.last - find.first
    score = find.score * reading.weight * (SPLIT if is_split else 1)
    is_part = words.goes_on(find.first - 1) or words.goes_on(find.last)
    return find._replace(score=score, first=first, last=last, is_part=is_part)


def _is_inside(find: Find, other: Find) -> bool:
    """Say whether a find lies inside the words of another that takes more of them."""
    if not (other.first <= find.first and find.last <= other.last):
        return False
    more = other.last - other.first - (find.last - find.first)
    return more > 0 or (find.is_part and not other.is_part)
