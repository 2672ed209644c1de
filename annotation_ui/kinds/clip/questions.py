"""What is asked about a clip, and of how many workers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, false, func, or_, select
from sqlalchemy.orm import aliased

from annotation_ui import desk
from annotation_ui.desk import Subject
from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.parts import is_asked_by_parts
from kinetics_builder.crowd.policy import votes_to_decide
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipBelief,
    ClipFile,
    Decision,
    Label,
    TaskSlot,
)

_ALWAYS = 1
"""Answers that a repeat needs: one, whatever was decided."""


def subject_of(clip_id: int, label_id: int, occasion: int = 1) -> Subject:
    """Return what a question is about; where it is asked once more, on which occasion."""
    return (clip_id, label_id) if occasion == 1 else (clip_id, label_id, occasion)


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    clip_id: int
    label_id: int
    is_gold: bool
    label: str
    description: str | None
    example: str | None
    is_settled: bool = False
    """Whether no answer is asked for: the owner has decided the clip, its class is closed or
    full, or it is asked by now which part of its class it is."""
    worth: float | None = None
    """What another answer is worth to a policy that deals by worth; None where it says nothing."""
    num_examples: int = 0
    """Clips that can be looked at beside it."""
    beside: str | None = None
    """The other parts of the class that it is a part of, each on a line; None of a whole one."""
    is_repeat: bool = False
    """Whether the worker has answered it before, and is asked once more."""

    @property
    def occasion(self) -> int:
        """Return which time the worker is asked, 1 or 2."""
        return 1 + self.is_repeat

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return subject_of(self.clip_id, self.label_id, self.occasion)


class Desk(desk.Desk):
    """A task of such questions: a clip is asked about until its votes decide."""

    __slots__ = ()

    def is_asked(self, question: Any) -> bool:
        """Tell whether this worker is to answer the question now; a repeat always, once."""
        if question.is_repeat:
            return question.subject not in self.mine
        return super().is_asked(question)

    def is_worth_taking(self) -> bool:
        """Tell whether any question but gold and repeats is still to ask."""
        rest: list[Any] = self.remaining()
        return any(not (one.is_gold or one.is_repeat) for one in rest)

    def num_needed(self, question: Any) -> int:
        """Return the least number of answers that can still decide the question's clip.

        By worth it is one, as long as another is worth anything.
        """
        if question.is_repeat:
            return _ALWAYS
        if question.is_settled:
            return 0
        votes = self.votes.get(question.subject, {}).values()
        if self.config.policy == "posterior":
            is_worth_it = question.worth is None or question.worth > 0
            return int(is_worth_it and len(votes) < self.config.max_votes)
        num_yes = sum(answer is Answer.YES for answer in votes)
        return votes_to_decide(num_yes, len(votes), self.config)


_BESIDE = aliased(Label)
PARTS_BESIDE = case(
    (
        Label.part_of_id.is_not(None),
        select(func.aggregate_strings(_BESIDE.name, "\n"))
        .where(_BESIDE.part_of_id == Label.part_of_id, _BESIDE.id != Label.id, ~_BESIDE.is_retired)
        .correlate(Label)
        .scalar_subquery(),
    )
)
"""The names of the other parts of a label's class, see `Question.beside`."""
QUESTIONS: Any = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.clip_id,
        TaskSlot.label_id,
        TaskSlot.gold_id.is_not(None),
        Label.name,
        Label.description,
        Label.example,
        or_(
            func.coalesce(Decision.is_ruled, false()),
            is_closed(Clip.label_id),
            Label.is_full,
            is_asked_by_parts(Clip.id),
        ),
        ClipBelief.worth,
        Label.num_examples,
        PARTS_BESIDE,
        TaskSlot.behind_id.is_not(None),
    )
    .join(Label, Label.id == TaskSlot.label_id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(ClipFile, ClipFile.clip_id == Clip.id)
    .outerjoin(Decision, Decision.clip_id == Clip.id)
    .outerjoin(ClipBelief, ClipBelief.clip_id == Clip.id)
    .where(or_(TaskSlot.gold_id.is_not(None), Clip.is_withdrawn.is_(False)))
)
