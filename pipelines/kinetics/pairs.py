"""Pairs of clips of which people should say whether they are the same recording.

`kbuild deduplicate --doubtful` prints them as a file of pairs in which the words are left out.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.formats.output import csv_line
from pipelines.kinetics.placing import doubtful_pairs, listed

HEADER = ("a", "b", "word", "similarity", "label", "is_mirrored")


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two clips of one class that may show the same."""

    a: str
    b: str
    """Names of their files, without the ending."""
    similarity: float
    label: str
    is_mirrored: bool

    @property
    def line(self) -> str:
        """Return the pair as a line of a file of pairs, the word left out."""
        return csv_line([self.a, self.b, "", self.similarity, self.label, self.is_mirrored]).rstrip(
            "\n"
        )


def list_doubtful(session: Session, config: DeduplicateConfig) -> list[DoubtfulPair]:
    """Return the pairs about which people should say something, the most alike first."""
    clips = listed(session)
    return [
        DoubtfulPair(
            a=clips[pair.one].name,
            b=clips[pair.other].name,
            similarity=pair.similarity,
            label=clips[pair.one].label,
            is_mirrored=pair.is_mirrored,
        )
        for pair in doubtful_pairs(session, clips, config)
    ]
