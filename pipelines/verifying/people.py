"""Verb `assign`, for persons at key frames: what they do, and whether that is true."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.config import AssignConfig
from kinetics_builder.crowd.actions.deciding import (
    ACTION_TASKS,
    ACTIONS,
    VERIFICATION,
    VERIFICATION_TASKS,
)
from kinetics_builder.crowd.boxes.decisions import are_boxes_open
from kinetics_builder.crowd.links.deciding import are_links_open
from kinetics_builder.crowd.tasks import deal, deal_in_order
from kinetics_builder.database.tables import (
    ActionCandidate,
    Answer,
    Gold,
    KeyFrame,
    PersonBox,
    Task,
    TaskSlot,
    Video,
)
from pipelines.verifying.gold_slots import is_for_all, mix_in_tasks
from pipelines.verifying.new_tasks import write_tasks


@dataclass(frozen=True)
class KindReport:
    """What `assign` did for one kind of task."""

    kind: str
    num_tasks: int
    """New ones."""
    num_questions: int
    """Ordinary questions of the new tasks."""
    num_gold_slots: int
    num_gold_known: int
    """Gold questions that may be asked."""
    num_gold_missing: int = 0
    """Gold slots of the new tasks that hold ordinary questions for want of gold."""
    num_gold_mixed_in: int = 0
    """Gold questions put into tasks of earlier runs that are not finished."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the person of a box does, or whether the person does an action."""

    frame_id: int
    box_id: int
    action_id: int | None
    content: str
    """Names the question without ids: film, moment, box, action."""
    gold_id: int | None = None
    """The gold row that knows the answer; None for an ordinary question."""
    is_yes: bool = False
    """Of gold: whether actions are named, or the action is done."""

    @property
    def thing(self) -> tuple[int, int | None]:
        """The box, and the action."""
        return self.box_id, self.action_id

    @property
    def label(self) -> str:
        """The action, if one is asked about."""
        return str(self.action_id or "")

    @property
    def slot(self) -> dict[str, int | None]:
        """Return the columns of `task_slot` that say what is asked."""
        return {
            "key_frame_id": self.frame_id,
            "person_box_id": self.box_id,
            "action_id": self.action_id,
        }


def assign_people(
    session: Session, config: AssignConfig, *, after_links: bool = False
) -> list[KindReport]:
    """Put every question about persons that people should see next into a task.

    What a person does is asked of the boxes that stand, once no question about the boxes of
    the key frame, or about whose they are, is open; one person's moments follow each other in a
    task. Whether it is true is asked of each action that was proposed, as soon as enough have
    proposed. Reads `person_box`, `action_candidate` and `gold`; writes `task` and `task_slot`.
    Tasks of earlier runs that are not finished get the gold that they lack. With `after_links`,
    key frames wait that have boxes without a person. A second run adds nothing.
    """
    kinds = (ACTIONS, VERIFICATION)
    return [assign_kind(session, config, kind, after_links=after_links) for kind in kinds]


def assign_kind(
    session: Session, config: AssignConfig, kind: str, *, after_links: bool = False
) -> KindReport:
    """Do as `assign_people`, for one kind of question."""
    return _assign(session, config, _ASKING[kind], after_links=after_links)


def count_new_kind(session: Session, kind: str, *, after_links: bool = False) -> int:
    """Return how many questions `assign_kind` would put into new tasks now."""
    return len(_ASKING[kind].new(session, after_links))


def count_waiting(session: Session, *, after_links: bool) -> int:
    """Return at how many key frames with boxes nobody is asked yet what the persons do."""
    strangers = [_has_strangers()] if after_links else []
    waits = or_(are_boxes_open(KeyFrame.id), are_links_open(), *strangers)
    query = (
        select(func.count(KeyFrame.id.distinct()))
        .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
        .where(KeyFrame.is_withdrawn.is_(False), PersonBox.stands(), ~_is_asked(ACTIONS), waits)
    )
    return session.scalar(query) or 0


def has_people(session: Session) -> bool:
    """Tell whether there is any box of a person to ask about."""
    return session.scalar(select(PersonBox.id).limit(1)) is not None


@dataclass(frozen=True)
class _Asking:
    """How questions of one kind are found and dealt."""

    kind: str
    new: Callable[[Session, bool], list[Question]]
    deal: Callable[[list[Question], list[Question], AssignConfig], list[list[Question]]]
    note: Callable[[Connection, Collection[int]], None]


def _assign(
    session: Session, config: AssignConfig, asking: _Asking, *, after_links: bool
) -> KindReport:
    num_mixed_in = mix_people_gold_in(session, config, asking.kind)
    gold = _gold(session, asking.kind)
    tasks = asking.deal(asking.new(session, after_links), gold, config)
    _write(session, asking.kind, tasks)
    asked = {question.box_id for task in tasks for question in task}
    asking.note(session.connection(), asked)
    num_gold = sum(question.gold_id is not None for task in tasks for question in task)
    return KindReport(
        kind=asking.kind,
        num_tasks=len(tasks),
        num_questions=sum(map(len, tasks)) - num_gold,
        num_gold_slots=num_gold,
        num_gold_known=len(gold),
        num_gold_missing=len(tasks) * config.gold_per_task - num_gold,
        num_gold_mixed_in=num_mixed_in,
    )


def mix_people_gold_in(session: Session, config: AssignConfig, kind: str) -> int:
    """Put gold into unfinished tasks of a kind, see `mix_in_tasks`; return how many questions."""
    return mix_in_tasks(session, _gold(session, kind), _unfinished(session, kind), config)


def _unfinished(session: Session, kind: str) -> dict[int, list[tuple[int, Question]]]:
    """Return (slot id, question) in the order of the task, by task."""
    query = (
        _questions(TaskSlot.action_id)
        .add_columns(TaskSlot.id, TaskSlot.task_id, TaskSlot.gold_id)
        .join(TaskSlot, TaskSlot.person_box_id == PersonBox.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .where(Task.kind == kind, ~Task.is_finished, is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[int, list[tuple[int, Question]]] = {}
    for row in session.execute(query):
        *_, slot_id, task_id, gold_id = row
        found.setdefault(task_id, []).append((slot_id, _question(row, gold_id)))
    return found


def _new_boxes(session: Session, after_links: bool) -> list[Question]:
    query = (
        _questions(None)
        .where(
            PersonBox.stands(),
            ~_is_asked(ACTIONS),
            ~are_boxes_open(KeyFrame.id),
            ~are_links_open(),
            *([~_has_strangers()] if after_links else []),
        )
        .order_by(Video.video_id, PersonBox.person, KeyFrame.timestamp_seconds, PersonBox.x1)
    )
    return [_question(row) for row in session.execute(query)]


def _has_strangers() -> ColumnElement[bool]:
    """Return the condition that a box at `KeyFrame` is nobody's yet."""
    other = aliased(PersonBox)
    stands = and_(other.is_dropped.is_(False), other.is_withdrawn.is_(False))
    nobodys = exists(other.id).where(other.key_frame_id == KeyFrame.id, stands)
    return nobodys.where(other.person.is_(None)).correlate(KeyFrame)


def _new_candidates(session: Session, after_links: bool) -> list[Question]:
    query = (
        _questions(ActionCandidate.action_id)
        .join(ActionCandidate, ActionCandidate.person_box_id == PersonBox.id)
        .where(
            PersonBox.stands(),
            ~_is_asked(VERIFICATION, TaskSlot.action_id == ActionCandidate.action_id),
        )
    )
    return [_question(row) for row in session.execute(query)]


def _gold(session: Session, kind: str) -> list[Question]:
    """Return the gold questions of a kind, those used least first."""
    used = (
        select(func.count(TaskSlot.id))
        .where(TaskSlot.gold_id == Gold.id)
        .correlate(Gold)
        .scalar_subquery()
    )
    is_of_kind = Gold.action_id.is_(None) if kind == ACTIONS else Gold.action_id.is_not(None)
    query = (
        _questions(Gold.action_id)
        .add_columns(Gold.id, Gold.expected, used)
        .join(Gold, Gold.person_box_id == PersonBox.id)
        .where(is_of_kind)
    )
    found = [
        (row[-1], _question(row, gold_id=row[-3], is_yes=row[-2] is Answer.YES))
        for row in session.execute(query)
    ]
    return [question for _, question in sorted(found, key=lambda one: (one[0], one[1].content))]


def _questions(action_id: Any) -> Any:
    """Return the columns that `_question` reads, of boxes at key frames that are wanted."""
    number = action_id if action_id is not None else func.nullif(1, 1)
    return (
        select(
            KeyFrame.id,
            PersonBox.id,
            number,
            Video.video_id,
            KeyFrame.timestamp_seconds,
            PersonBox.x1,
            PersonBox.y1,
            PersonBox.x2,
            PersonBox.y2,
        )
        .select_from(PersonBox)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
        .where(KeyFrame.is_withdrawn.is_(False))
    )


def _question(row: Any, gold_id: int | None = None, *, is_yes: bool = False) -> Question:
    frame_id, box_id, action_id, video, at, *corners = row[:9]
    place = " ".join(f"{corner:.4f}" for corner in corners)
    content = f"{video} {at:.3f} {place} {action_id or ''}"
    return Question(frame_id, box_id, action_id, content, gold_id, is_yes)


def _is_asked(kind: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    task = aliased(Task)
    return exists(
        select(TaskSlot.id)
        .join(task, task.id == TaskSlot.task_id)
        .where(
            TaskSlot.person_box_id == PersonBox.id,
            TaskSlot.gold_id.is_(None),
            task.kind == kind,
            *conditions,
        )
        .correlate(PersonBox, ActionCandidate)
    )


def _write(session: Session, kind: str, tasks: Sequence[Sequence[Question]]) -> None:
    if not tasks:
        return
    write_tasks(session, kind, tasks)


_ASKING = {
    ACTIONS: _Asking(ACTIONS, _new_boxes, deal_in_order, ACTION_TASKS.note),
    VERIFICATION: _Asking(VERIFICATION, _new_candidates, deal, VERIFICATION_TASKS.note),
}
