"""Gold questions into tasks that were dealt before the gold was known."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.clips.asking import question_of, questions_about
from kinetics_builder.crowd.clips.dealing import fits, sized
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.crowd.tasks import Asked, GoldPool, Q, mix_in, spread
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Gold,
    Label,
    Task,
    TaskSlot,
)
from kinetics_builder.ways import Way


def mix_gold_in(session: Session, config: Config) -> int:
    """Put gold into unfinished tasks about clips, see `mix_in_tasks`; return how many questions.

    A grid gets gold of its class alone.
    """
    gold = gold_questions(session, config.assign.seed)
    num_added = 0
    for (way, label), tasks in _unfinished(session).items():
        known = [one for one in gold if fits(way, one.label, label)]
        num_added += mix_in_tasks(session, known, tasks, sized(way, config))
    return num_added


def mix_in_tasks(
    session: Session,
    gold: Sequence[Q],
    unfinished: Mapping[int, Sequence[tuple[int, Q]]],
    config: AssignConfig,
) -> int:
    """Put gold into tasks that hold less than they should; return how many questions.

    What was asked stays in its order; gold comes to random places between, also where somebody
    is at work on the task. Writes `task_slot`. A second run adds nothing.

    Args:
        session: A writing one.
        gold: All of the tasks' kind, those used least first.
        unfinished: (slot id, question) in the order of the task, by task.
        config: How much gold a task should hold.

    """
    pool = GoldPool(gold)
    num_added = 0
    for task_id, asked in unfinished.items():
        num_wanted = config.gold_per_task - sum(q.gold_id is not None for _, q in asked)
        known = pool.take(num_wanted, {question.thing for _, question in asked})
        if known:
            mixed = mix_in([question for _, question in asked], known, config.seed)
            _write(session, task_id, [slot_id for slot_id, _ in asked], mixed)
            num_added += len(known)
    return num_added


def _unfinished(
    session: Session,
) -> dict[tuple[Way, str], dict[int, list[tuple[int, Question]]]]:
    """Return (slot id, question) in order, by task; tasks by way, and those of grids by class."""
    query = (
        questions_about(TaskSlot.label_id)
        .add_columns(Task.way, TaskSlot.id, TaskSlot.task_id, TaskSlot.gold_id)
        .join(TaskSlot, TaskSlot.clip_id == Clip.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .join(Label, Label.id == TaskSlot.label_id)
        .where(TaskSlot.task_id.in_(select(Task.id).where(~Task.is_finished)), is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[tuple[Way, str], dict[int, list[tuple[int, Question]]]] = {}
    for row in session.execute(query):
        *_, way, slot_id, task_id, gold_id = row
        question = question_of(row, gold_id)
        tasks = found.setdefault((way, question.label if way is Way.GRID else ""), {})
        tasks.setdefault(task_id, []).append((slot_id, question))
    return found


def _write(
    session: Session, task_id: int, slot_ids: Sequence[int], mixed: Sequence[Asked | None]
) -> None:
    """Move the slots of a task apart and put the new ones between."""
    free = (session.scalar(select(func.max(TaskSlot.position)).where(_of(task_id))) or 0) + 1
    session.execute(
        update(TaskSlot)
        .where(_of(task_id))
        .values(position=TaskSlot.position + free + len(mixed))
        .execution_options(synchronize_session=False)
    )
    waiting = iter(slot_ids)
    new = []
    for position, question in enumerate(mixed):
        if question is None:
            moved = update(TaskSlot).where(TaskSlot.id == next(waiting)).values(position=position)
            session.execute(moved.execution_options(synchronize_session=False))
        else:
            row = {"task_id": task_id, "position": position, "gold_id": question.gold_id}
            new.append({**row, **question.slot})
    session.execute(insert(TaskSlot), new)


def is_for_all() -> ColumnElement[bool]:
    """Return the condition that everybody is asked who takes the task, and not one worker alone."""
    return TaskSlot.worker_id.is_(None)


def _of(task_id: int) -> ColumnElement[bool]:
    return and_(TaskSlot.task_id == task_id, is_for_all())


def gold_questions(session: Session, seed: int) -> list[Question]:
    """Return the gold questions, those used least first."""
    used = (
        select(TaskSlot.gold_id, func.count().label("num"))
        .where(TaskSlot.gold_id.is_not(None))
        .group_by(TaskSlot.gold_id)
        .subquery()
    )
    query = (
        questions_about(Gold.label_id)
        .add_columns(Gold.id, Gold.expected, func.coalesce(used.c.num, 0))
        .join(Gold, Gold.clip_id == Clip.id)
        .join(Label, Label.id == Gold.label_id)
        .where(~Label.is_retired)
        .outerjoin(used, used.c.gold_id == Gold.id)
    )
    uses: dict[Question, int] = {}
    for row in session.execute(query):
        uses[question_of(row, gold_id=row[-3], is_yes=row[-2] is Answer.YES)] = row[-1]
    return sorted(spread(uses, seed), key=lambda question: uses[question])
