"""Whether a worker's votes count, and what the owner should look at. Pure functions.

A `Record` is what a worker has answered so far, counted; `judge` says what follows from it.
Every page, `status` and `aggregate` show what `judge` says, so no two of them disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.gold import GoldCount, accuracy, looks_guessed, misses

NUM_RECENT = 20
"""Answers whose speed is looked at together."""
MIN_RECENT = 10
LONGEST_PAUSE_SECONDS = 15.0
"""A longer pause counts as this long: a bot that rests now and then is no slower for it."""
SEEN_AT_A_GLANCE = 4
"""Clips of a grid that a careful worker takes in at once."""
_HASTY_SHARE = 0.1
"""Share of answers in haste from which a worker is called hasty."""


class Fault(StrEnum):
    """Why a worker's votes are set aside."""

    EXCLUDED = "excluded by the owner"
    JOINED = "joined to another worker"
    HASTE = "answers too fast to have looked"
    YES = "misses clips that show the action"
    OTHER = "misses clips that don't show the action"
    BOXES = "misses people, or draws boxes where nobody is"
    LINKS_BROKEN = "breaks or mixes up people who are followed rightly"
    LINKS_MISSED = "leaves people who are mixed up"
    ACTIONS = "names other actions than are shown"
    WRONG_BOX = "names actions where nobody can be judged"
    ACTION_SHOWN = "misses actions that are shown"
    ACTION_NOT_SHOWN = "sees actions that are not shown"
    ELEMENT = "leads clips to other classes than they show"
    NO_ELEMENT = "leads clips to a class that show none of them"
    SEGMENTS = "misses when actions happen, or marks when they don't"
    GUESSES = "answers known questions no better than chance"


@dataclass(frozen=True, slots=True)
class Known:
    """An answer to a gold question. Gold has two sorts, judged apart: `Kind.faults` names them."""

    is_first_sort: bool
    """Of clips: whether the right answer is yes."""
    is_right: bool


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of any kind, as far as it says something about the worker."""

    answer_id: int
    said: str | None
    """In a word, to see whether it is always the same; None where that would say nothing of the
    worker."""
    known: Known | None = None
    """None where the question is not gold."""
    answered_at: float | None = None
    """Unix time in seconds by the server's clock; None if it was not noted."""
    taken_at: float | None = None
    """When the worker was handed the question's task."""
    num_at_once: int = 1
    """Questions that were before the worker at once, and answered together."""
    is_repeat: bool = False
    """Whether the same was asked before on purpose: it takes its time, and counts for nothing."""


@dataclass(slots=True)
class Record:
    """The answers of one worker of one kind so far, counted in the order in which they came."""

    last_vote_id: int = 0
    num_votes: int = 0
    num_gold_yes: int = 0
    num_gold_yes_right: int = 0
    num_gold_other: int = 0
    num_gold_other_right: int = 0
    last_answer: str | None = None
    num_same: int = 0
    """How often the last answer was given in a row."""
    last_answered_at: float | None = None
    recent_seconds: list[float] = field(default_factory=list)
    """By the server's clock, the time that each of the last answers took."""
    num_hasty: int = 0
    """Answers that came when the last ones took less than `haste_seconds` on average."""

    @property
    def gold(self) -> GoldCount:
        """The gold answers."""
        return GoldCount(
            self.num_gold_yes,
            self.num_gold_yes_right,
            self.num_gold_other,
            self.num_gold_other_right,
        )

    @property
    def pace_seconds(self) -> float | None:
        """Mean time of the recent answers; None for fewer than `MIN_RECENT`."""
        if len(self.recent_seconds) < MIN_RECENT:
            return None
        return sum(self.recent_seconds) / len(self.recent_seconds)

    def add(self, given: Given, config: VerifyConfig) -> None:
        """Count one more answer."""
        self.last_vote_id = given.answer_id
        if given.is_repeat:
            self.last_answered_at = given.answered_at or self.last_answered_at
            return
        self.num_votes += 1
        is_same = given.said is not None and given.said == self.last_answer
        self.num_same = self.num_same + 1 if is_same else 1
        self.last_answer = given.said
        self._add_gold(given)
        self._add_time(given, config)

    def _add_gold(self, given: Given) -> None:
        if given.known is None:
            return
        if given.known.is_first_sort:
            self.num_gold_yes += 1
            self.num_gold_yes_right += given.known.is_right
        else:
            self.num_gold_other += 1
            self.num_gold_other_right += given.known.is_right

    def _add_time(self, given: Given, config: VerifyConfig) -> None:
        """Note how long the answer took: since the one before, or since the task was taken.

        Answers that waited in the browser and arrive together took no time each, but the
        first of them has the time of all. Of what is shown and answered at once each has its
        part of the time, `SEEN_AT_A_GLANCE` together.
        """
        if given.answered_at is None:
            return
        begins = [time for time in (self.last_answered_at, given.taken_at) if time is not None]
        self.last_answered_at = given.answered_at
        if not begins or max(begins) > given.answered_at:
            return
        seconds = self._seconds(given, given.answered_at - max(begins))
        self.recent_seconds = [*self.recent_seconds, round(seconds, 3)][-NUM_RECENT:]
        pace = self.pace_seconds
        self.num_hasty += pace is not None and pace < config.haste_seconds

    def _seconds(self, given: Given, since: float) -> float:
        if given.num_at_once > 1 and not since and self.recent_seconds:
            return self.recent_seconds[-1]
        looks = max(given.num_at_once / SEEN_AT_A_GLANCE, 1)
        return min(since / looks, LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from a worker's record."""

    record: Record
    faults: tuple[Fault, ...] = ()
    """Why the worker's votes are set aside; empty when they count."""
    is_straight: bool = False
    """Whether the last `straight_answers` answers or more were all the same."""

    @property
    def counts(self) -> bool:
        """Whether the worker's votes decide."""
        return not self.faults

    @property
    def is_flagged(self) -> bool:
        """Whether the owner should look."""
        is_settled = Fault.EXCLUDED in self.faults or Fault.JOINED in self.faults
        return not is_settled and (self.is_straight or bool(self.faults))

    @property
    def num_votes(self) -> int:
        """All answers, gold included."""
        return self.record.num_votes

    @property
    def num_gold(self) -> int:
        """Gold answers."""
        return self.record.gold.num

    @property
    def num_gold_right(self) -> int:
        """Right gold answers."""
        return self.record.gold.num_right

    @property
    def is_warned(self) -> bool:
        """Whether the worker is told to look more closely."""
        return not self.counts

    @property
    def is_hasty(self) -> bool:
        """Whether answers came too fast to have looked."""
        return Fault.HASTE in self.faults

    @property
    def words(self) -> str:
        """What every page and `status` say about the worker."""
        said = f"set aside: {'; '.join(map(_word, self.faults))}" if self.faults else "counts"
        if not self.is_straight or self.record.last_answer is None:
            return said
        return f"{said}; “{self.record.last_answer}” {self.record.num_same} times in a row"

    @property
    def gold_yes_accuracy(self) -> float | None:
        """Share of right answers where yes is right."""
        return accuracy(self.record.num_gold_yes_right, self.record.num_gold_yes)

    @property
    def gold_other_accuracy(self) -> float | None:
        """Share of right answers where yes is wrong."""
        return accuracy(self.record.num_gold_other_right, self.record.num_gold_other)


def judge(
    record: Record,
    config: VerifyConfig,
    owners: Sequence[Fault] = (),
    missing: tuple[Fault, Fault] = (Fault.YES, Fault.OTHER),
) -> Standing:
    """Return what follows from a worker's answers.

    Args:
        record: The answers.
        config: From when on somebody is judged.
        owners: What the owner has done about the worker.
        missing: What is said of one who misses gold of the first sort, and of the other.

    """
    gold = record.gold
    faults = list(owners)
    if record.num_hasty and record.num_hasty >= _HASTY_SHARE * record.num_votes:
        faults.append(Fault.HASTE)
    misses_yes = misses(gold.num_yes_right, gold.num_yes, gold.num, config)
    misses_other = misses(gold.num_other_right, gold.num_other, gold.num, config)
    if misses_yes:
        faults.append(missing[0])
    if misses_other:
        faults.append(missing[1])
    if not misses_yes and not misses_other and looks_guessed(gold):
        faults.append(Fault.GUESSES)
    is_straight = bool(config.straight_answers) and record.num_same >= config.straight_answers
    return Standing(record, tuple(faults), is_straight)


def _word(fault: Fault) -> str:
    return fault.value
