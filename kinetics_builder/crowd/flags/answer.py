"""One answer beside those of others about the same clip. Values, no database."""

from dataclasses import dataclass, field

LEVEL = 0.001
"""How often, at most, a flag of a sort is wrong about an honest worker at one look."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A worker's answer, in the order of answering, with what all others said of its clip."""

    clip_id: int
    said: str
    others: tuple[str, ...] = ()
    """What others said of the same, each once."""
    seconds: float | None = None
    """From the clip's first showing to the answer; None where no browser told."""
    seconds_of_others: tuple[float, ...] = ()
    clip_seconds: float = 10.0
    """How long the clip is."""

    def chance_of(self, word: str) -> float:
        """Return the share of this word among all answers about the clip, the worker's included.

        Whoever looked is one of those who did: any of the answers could be theirs. So this is the
        chance that an honest worker's is this word, once it is known what was said in all.
        """
        return (self.others.count(word) + (self.said == word)) / (len(self.others) + 1)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a worker's answers that an honest worker hardly does."""

    name: str
    """`hurried`, `one answer`, `pattern` or `contradicts`."""
    words: str
    """What was seen, in a sentence."""
    chance: float
    """How likely it is, at most, that an honest worker's answers look like that somewhere."""
    clip_ids: tuple[int, ...] = field(default=())
    """The evidence: clips that were answered so."""
