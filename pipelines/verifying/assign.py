"""Verb `assign`: clips nobody was asked about -> tasks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, union_all
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.clips.asking import question_of, questions_about
from kinetics_builder.crowd.clips.dealing import Dealt, deal_by_way
from kinetics_builder.crowd.clips.decisions import keep_weighed
from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.open_tasks import CLIP_TASKS
from kinetics_builder.crowd.clips.parts import is_asked_by_parts
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    ClipPlace,
    Label,
    Standing,
    Task,
    TaskSlot,
)
from kinetics_builder.errors import StageOrderError
from kinetics_builder.ways import Way
from pipelines.publishing.curating.parting import ask_parts
from pipelines.verifying.gold_slots import gold_questions, mix_gold_in
from pipelines.verifying.people import KindReport, assign_people, has_people
from pipelines.verifying.reserves import has_better_hope


@dataclass(frozen=True)
class AssignReport:
    """What `assign` did."""

    num_tasks: int
    """New ones."""
    num_questions: int
    """Ordinary questions of the new tasks."""
    num_gold_slots: int
    num_gold_missing: int
    """Gold slots of the new tasks that hold ordinary questions for want of gold."""
    num_gold_mixed_in: int
    """Gold questions put into tasks of earlier runs that are not finished."""
    num_gold_known: int
    """Gold questions that may be asked."""
    num_asked_before: int
    """Clips that tasks of earlier runs ask about."""
    people: tuple[KindReport, ...] = ()
    """The same for each kind of question about persons; none where there are no boxes."""


def assign(session: Session, config: Config) -> AssignReport:
    """Put every clip, and every person, that people should see next into a task.

    Of clips as `assign_clips` does, of persons as `pipelines.verifying.people`.

    Raises:
        StageOrderError: No clip was cut, or `deduplicate` has not seen them.

    """
    people = tuple(assign_people(session, config.assign)) if has_people(session) else ()
    if people and not has_clips(session):
        return AssignReport(0, 0, 0, 0, 0, 0, 0, people)
    return replace(assign_clips(session, config), people=people)


def assign_clips(
    session: Session, config: Config, *, whatever_was_asked: bool = True
) -> AssignReport:
    """Put every clip that people should see next into a task.

    Asked about are cut clips that are kept and in no task yet, and a reserve once every
    better clip of its video and label is rejected; of a class that was split, the questions which
    part clips are (`pipelines.publishing.curating.parting`). An open clip needs no second task: the
    page hands one task to several workers. Tasks of earlier runs that are not finished get
    the gold that they lack. Reads `clip`, `clip_file`, `clip_place`, `decision` and `gold`;
    writes `task` and `task_slot`, and lets the posterior policy look at everything, which needs
    to know what it may ask about. A second run adds nothing. No kind of question is behind it,
    so it does not matter `whatever_was_asked`.

    Raises:
        StageOrderError: No clip was cut, or `deduplicate` has not seen them.

    """
    _check_order(session)
    ask_parts(session, config)
    asked_before = session.scalar(
        select(func.count(TaskSlot.clip_id.distinct())).where(
            TaskSlot.gold_id.is_(None), TaskSlot.tree_id.is_(None)
        )
    )
    num_mixed_in = mix_gold_in(session, config)
    gold = gold_questions(session, config.assign.seed)
    usual = Way(config.verify.way)
    new = [(question, way or usual) for question, way in _new_questions(session)]
    tasks = deal_by_way(new, gold, config)
    _write(session, tasks)
    if config.verify.policy == "posterior":
        from kinetics_builder.crowd.clips.weighing import weigh

        keep_weighed(session, weigh(session, config.verify), config.verify)
    num_gold_slots = sum(q.gold_id is not None for task in tasks for q in task.questions)
    return AssignReport(
        num_tasks=len(tasks),
        num_questions=sum(len(task.questions) for task in tasks) - num_gold_slots,
        num_gold_slots=num_gold_slots,
        num_gold_missing=sum(task.num_gold_wanted for task in tasks) - num_gold_slots,
        num_gold_mixed_in=num_mixed_in,
        num_gold_known=len(gold),
        num_asked_before=asked_before or 0,
    )


def count_new_questions(session: Session) -> int:
    """Return how many questions about clips `assign` would put into new tasks now.

    Those about parts of classes are among them as far as they are written.
    """
    reserves = about_new(select(Clip.id).join(ClipFile, ClipFile.clip_id == Clip.id)).where(
        ClipPlace.standing == Standing.RESERVE
    )
    num_reserves = session.scalar(select(func.count()).select_from(reserves.subquery())) or 0
    parts = select(func.count()).select_from(_about_parts(select(Clip.id)).subquery())
    return num_reserves + _count_new_kept(session) + (session.scalar(parts) or 0)


def _count_new_kept(session: Session) -> int:
    """Count the clips that are kept, less those of them that are not asked about next.

    Of many clips few are left out before people are asked: to look these up is faster than to look
    at each.
    """
    is_kept = ClipPlace.standing == Standing.KEPT
    left_out: Any = union_all(
        select(Clip.id).where(Clip.is_withdrawn),
        select(Clip.id).where(Clip.label_id.in_(_unasked_labels())),
        select(Clip.part_of_id).where(Clip.part_of_id.is_not(None), ~Clip.is_withdrawn),
        select(TaskSlot.clip_id).where(TaskSlot.gold_id.is_(None), TaskSlot.clip_id.is_not(None)),
        select(ClipPlace.clip_id).where(
            is_kept, ClipPlace.clip_id.not_in(select(ClipFile.clip_id))
        ),
    )
    num_kept, num_left_out = session.execute(
        select(
            select(func.count()).where(is_kept).scalar_subquery(),
            select(func.count()).where(is_kept, ClipPlace.clip_id.in_(left_out)).scalar_subquery(),
        )
    ).one()
    return int(num_kept - num_left_out)


def has_clips(session: Session) -> bool:
    """Tell whether any clip was cut."""
    return session.scalar(select(ClipFile.clip_id).limit(1)) is not None


def _check_order(session: Session) -> None:
    if not has_clips(session):
        raise StageOrderError("assign", needs="cut", what="cut clips")
    if session.scalar(select(ClipPlace.clip_id).limit(1)) is None:
        raise StageOrderError("assign", needs="deduplicate", what="clips compared with each other")


def _new_questions(session: Session) -> list[tuple[Question, Way | None]]:
    about = questions_about(Clip.label_id).add_columns(Label.way)
    about = about.join(Label, Label.id == Clip.label_id)
    rows = [
        row for query in (about_new(about), _about_parts(about)) for row in session.execute(query)
    ]
    return [(question_of(row), row[-1]) for row in rows]


def about_new(clips: Any, *, by_trees: bool = False) -> Any:
    """Return a selection of clips with those alone that are asked about next.

    By the question about their class; or `by_trees`, of classes that lie in one.
    """
    is_next = or_(
        ClipPlace.standing == Standing.KEPT,
        and_(ClipPlace.standing == Standing.RESERVE, ~has_better_hope()),
    )
    return clips.join(ClipPlace, ClipPlace.clip_id == Clip.id).where(
        _may_be_asked(by_trees=by_trees),
        is_next,
        ~is_asked_by_parts(Clip.id),
    )


def _about_parts(clips: Any) -> Any:
    """Return a selection of clips with those alone that ask which part another is, and are new."""
    return clips.where(Clip.part_of_id.is_not(None), _may_be_asked())


def _may_be_asked(*, by_trees: bool = False) -> ColumnElement[bool]:
    is_asked = exists().where(TaskSlot.clip_id == Clip.id, TaskSlot.gold_id.is_(None))
    if by_trees:
        is_asked = is_asked.where(TaskSlot.tree_id.is_not(None))
    unasked = _unasked_labels(by_trees=by_trees)
    return and_(~Clip.is_withdrawn, ~is_asked, Clip.label_id.not_in(unasked))


def _unasked_labels(*, by_trees: bool = False) -> Any:
    """Select the classes of which no more clips are asked about."""
    is_elsewhere = Label.tree_id.is_(None) if by_trees else Label.tree_id.is_not(None)
    return select(Label.id).where(or_(Label.is_retired, is_closed(Label.id), is_elsewhere))


def _write(session: Session, tasks: Sequence[Dealt]) -> None:
    if not tasks:
        return
    number = session.scalar(select(func.coalesce(func.max(Task.round) + 1, 0)))
    ids = session.scalars(
        insert(Task).returning(Task.id, sort_by_parameter_order=True),
        [{"round": number, "way": task.way} for task in tasks],
    ).all()
    session.execute(
        insert(TaskSlot),
        [
            {
                "task_id": task_id,
                "position": position,
                "clip_id": question.clip_id,
                "label_id": question.label_id,
                "gold_id": question.gold_id,
            }
            for task_id, task in zip(ids, tasks, strict=True)
            for position, question in enumerate(task.questions)
        ],
    )
    asked = {q.clip_id for task in tasks for q in task.questions if q.gold_id is None}
    CLIP_TASKS.note(session.connection(), asked)
