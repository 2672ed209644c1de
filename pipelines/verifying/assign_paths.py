"""Verb `assign --kind questionnaire`: clips whose class lies in a tree of questions -> tasks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.crowd.clips.asking import questions_about
from kinetics_builder.crowd.tasks import deal, spread
from kinetics_builder.crowd.trees.walked import QUESTIONNAIRE, TREE_TASKS
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    DecisionTree,
    Gold,
    Label,
    Task,
    TaskSlot,
)
from pipelines.verifying.assign import about_new
from pipelines.verifying.gold_slots import is_for_all, mix_in_tasks
from pipelines.verifying.new_tasks import write_tasks


@dataclass(frozen=True)
class PathsReport:
    """What `assign` did about trees of questions."""

    num_tasks: int
    """New ones."""
    num_questions: int
    """Clips of the new tasks that are not gold."""
    num_gold_slots: int
    num_gold_missing: int
    """Gold slots of the new tasks that hold ordinary questions for want of gold."""
    num_gold_mixed_in: int
    """Gold questions put into tasks of earlier runs that are not finished."""
    num_asked_before: int
    """Clips that tasks of earlier runs ask about."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Where a tree leads about a clip, named without ids."""

    clip_id: int
    tree_id: int
    label: str
    """The class that the clip was proposed for."""
    content: str
    gold_id: int | None = None
    is_yes: bool = False
    """Of gold: whether it leads to a class."""

    @property
    def thing(self) -> int:
        return self.clip_id

    @property
    def slot(self) -> dict[str, int | None]:
        return {"clip_id": self.clip_id, "tree_id": self.tree_id}


def has_trees(session: Session) -> bool:
    """Tell whether any class lies in a tree of questions."""
    there = select(Label.id).where(Label.tree_id.is_not(None), ~Label.is_retired)
    return session.scalar(there.limit(1)) is not None


def assign_paths(
    session: Session, config: Config, *, whatever_was_asked: bool = True
) -> PathsReport:
    """Put every clip into a task whose class lies in a tree, and that people should see next.

    Which clips those are is as with `assign_clips`; a task asks about one tree. Reads `clip`,
    `clip_file`, `clip_place`, `label`, `decision_tree`, `decision` and `gold`; writes `task` and
    `task_slot`. A second run adds nothing. No kind of question is behind it, so it does not matter
    `whatever_was_asked`.
    """
    asked_before = session.scalar(
        select(func.count(TaskSlot.clip_id.distinct())).where(
            TaskSlot.gold_id.is_(None), TaskSlot.tree_id.is_not(None)
        )
    )
    num_mixed_in = mix_paths_gold_in(session, config)
    gold = _gold(session, config.assign.seed)
    tasks = [
        task
        for tree_id, asked in _new(session).items()
        for task in deal(asked, gold.get(tree_id, []), config.assign)
    ]
    _write(session, tasks)
    num_gold = sum(question.gold_id is not None for task in tasks for question in task)
    return PathsReport(
        num_tasks=len(tasks),
        num_questions=sum(map(len, tasks)) - num_gold,
        num_gold_slots=num_gold,
        num_gold_missing=len(tasks) * config.assign.gold_per_task - num_gold,
        num_gold_mixed_in=num_mixed_in,
        num_asked_before=asked_before or 0,
    )


def mix_paths_gold_in(session: Session, config: Config) -> int:
    """Put gold into unfinished tasks, of their tree alone; return how many questions."""
    gold = _gold(session, config.assign.seed)
    return sum(
        mix_in_tasks(session, gold.get(tree_id, []), tasks, config.assign)
        for tree_id, tasks in _unfinished(session).items()
    )


def _new(session: Session) -> Mapping[int, list[_Question]]:
    """Return what is asked next by tree, trees by their names."""
    about = questions_about(Clip.label_id).add_columns(DecisionTree.id)
    about = about.join(Label, Label.id == Clip.label_id)
    about = about.join(DecisionTree, DecisionTree.id == Label.tree_id)
    rows = session.execute(about_new(about, by_trees=True).order_by(DecisionTree.name))
    return _by_tree((row[-1], _question(row, row[-1])) for row in rows)


def _question(
    row: Sequence[Any], tree_id: int, gold_id: int | None = None, *, is_yes: bool = False
) -> _Question:
    clip_id, _, label, video, start, end, *_ = row
    content = f"{video} {start:.3f} {end:.3f} {label}"
    return _Question(clip_id, tree_id, label, content, gold_id, is_yes)


def _gold(session: Session, seed: int) -> Mapping[int, list[_Question]]:
    """Return the gold questions by tree, those used least first."""
    used = (
        select(func.count(TaskSlot.id))
        .where(TaskSlot.gold_id == Gold.id)
        .correlate(Gold)
        .scalar_subquery()
    )
    query = (
        questions_about(Clip.label_id)
        .add_columns(Gold.tree_id, Gold.id, Gold.expected, used)
        .join(Gold, Gold.clip_id == Clip.id)
        .join(Label, Label.id == Clip.label_id)
        .where(Gold.tree_id.is_not(None))
    )
    uses: dict[_Question, int] = {}
    for row in session.execute(query):
        *_, tree_id, gold_id, expected, num = row
        uses[_question(row, tree_id, gold_id, is_yes=expected is Answer.YES)] = num
    ordered = sorted(spread(uses, seed), key=lambda question: uses[question])
    return _by_tree((question.tree_id, question) for question in ordered)


def _unfinished(session: Session) -> Mapping[int, dict[int, list[tuple[int, _Question]]]]:
    """Return (slot id, question) in the order of the task, by task, by tree."""
    query = (
        questions_about(Clip.label_id)
        .add_columns(TaskSlot.tree_id, TaskSlot.id, TaskSlot.task_id, TaskSlot.gold_id)
        .join(TaskSlot, TaskSlot.clip_id == Clip.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Task.kind == QUESTIONNAIRE, ~Task.is_finished, is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[int, dict[int, list[tuple[int, _Question]]]] = defaultdict(dict)
    for row in session.execute(query):
        *_, tree_id, slot_id, task_id, gold_id = row
        asked = slot_id, _question(row, tree_id, gold_id)
        found[tree_id].setdefault(task_id, []).append(asked)
    return found


def _by_tree(asked: Iterable[tuple[int, _Question]]) -> Mapping[int, list[_Question]]:
    found: dict[int, list[_Question]] = defaultdict(list)
    for tree_id, question in asked:
        found[tree_id].append(question)
    return found


def _write(session: Session, tasks: Sequence[Sequence[_Question]]) -> None:
    if not tasks:
        return
    write_tasks(session, QUESTIONNAIRE, tasks)
    asked = {one.clip_id for task in tasks for one in task if one.gold_id is None}
    TREE_TASKS.note(session.connection(), asked)
