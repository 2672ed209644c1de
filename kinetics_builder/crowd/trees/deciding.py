"""Paths through trees -> `tree_decision`, one row for each clip with a path through its tree."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, false, func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.decisions import close_classes, decide_clips
from kinetics_builder.crowd.clips.full import note_full
from kinetics_builder.crowd.trees.paths import end_of
from kinetics_builder.crowd.trees.settling import settle_weighed
from kinetics_builder.crowd.trees.walked import QUESTIONNAIRE, TREE_TASKS
from kinetics_builder.crowd.trees.weighing import Heard, trust_of
from kinetics_builder.crowd.trees.written import read
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    DecisionTree,
    Label,
    TreeAnswer,
    TreeDecision,
    WorkerStanding,
)
from kinetics_builder.text.class_list.trees import Tree

_CLIPS_AT_ONCE = 200


def decide_paths(session: Session, clip_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these clips from the paths that count, and what is released of them.

    Each by the tree that its class lies in now: see `settle_weighed`. Of several paths of one
    worker the last counts; those of workers who are set aside are counted apart and decide nothing.
    """
    session.flush()
    connection = session.connection()
    ordered = sorted(clip_ids)
    for start in range(0, len(ordered), _CLIPS_AT_ONCE):
        _decide(connection, ordered[start : start + _CLIPS_AT_ONCE], config)
    session.expire_all()
    decide_clips(session, clip_ids, config)
    TREE_TASKS.note(session.connection(), clip_ids)


def remake_paths(session: Session, config: VerifyConfig) -> None:
    """Decide all clips anew that trees were walked about."""
    said = select(TreeAnswer.clip_id).union(select(TreeDecision.clip_id))
    decide_paths(session, set(session.scalars(said)), config)
    connection = session.connection()
    TREE_TASKS.note_all(connection)
    close_classes(connection, config)
    note_full(session)


def _decide(connection: Connection, clip_ids: Sequence[int], config: VerifyConfig) -> None:
    some = {"clips": listed(clip_ids)}
    paths: dict[tuple[int, int], list[Heard]] = defaultdict(list)
    set_aside: dict[int, int] = defaultdict(int)
    trees: dict[int, str] = {}
    found: Iterable[Any] = connection.execute(_PATHS, some)
    for clip_id, tree_id, told, path, is_set_aside, *gold in found:
        trees[tree_id] = told
        if is_set_aside:
            set_aside[clip_id] += 1
        paths[clip_id, tree_id] += [] if is_set_aside else [Heard(path, trust_of(*gold))]
    labels = _labels(connection)
    rows = [
        {
            "clip_id": clip_id,
            "tree_id": tree_id,
            **_settled(read(trees[tree_id]), given, labels, config),
            "num_set_aside": set_aside[clip_id],
        }
        for (clip_id, tree_id), given in paths.items()
    ]
    connection.execute(_FORGET, some)
    if rows:
        connection.execute(insert(TreeDecision), rows)


def _settled(
    tree: Tree, paths: Sequence[Heard], labels: dict[str, int], config: VerifyConfig
) -> dict[str, Any]:
    """Return what paths say, as columns of `tree_decision`."""
    settled = settle_weighed(tree, paths, config)
    ends = [end_of(tree, one.path) for one in paths]
    num_yes = sum(element is not None and element == settled.element for element, _ in ends)
    num_unsure = sum(last is Answer.UNSURE for _, last in ends)
    num_bad = sum(last is Answer.BAD for _, last in ends)
    question = settled.question
    return {
        "verdict": settled.verdict,
        "label_id": labels[settled.element] if settled.element else None,
        "question": question,
        "group_name": tree.nodes[question].group if question else None,
        "path": [[key, answer.value] for key, answer in settled.way],
        "num_yes": num_yes,
        "num_no": len(paths) - num_yes - num_unsure - num_bad,
        "num_unsure": num_unsure,
        "num_bad": num_bad,
    }


def _labels(connection: Connection) -> dict[str, int]:
    rows: Iterable[Any] = connection.execute(select(Label.name, Label.id))
    return {name: number for name, number in rows}


_CLIPS: Any = bindparam("clips", expanding=True)
_DECISION: Any = TreeDecision.__table__
_FORGET = delete(_DECISION).where(_DECISION.c.clip_id.in_(_CLIPS))
_PATHS = (
    select(
        TreeAnswer.clip_id,
        DecisionTree.id,
        DecisionTree.told,
        TreeAnswer.path,
        func.coalesce(WorkerStanding.is_warned, false()),
        func.coalesce(WorkerStanding.num_gold, 0),
        func.coalesce(WorkerStanding.num_gold_right, 0),
    )
    .join(Clip, Clip.id == TreeAnswer.clip_id)
    .join(Label, Label.id == Clip.label_id)
    .join(DecisionTree, DecisionTree.id == Label.tree_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(QUESTIONNAIRE, TreeAnswer.worker_id))
    .where(
        TreeAnswer.clip_id.in_(_CLIPS),
        TreeAnswer.tree_id == DecisionTree.id,
        ~DecisionTree.is_retired,
        TreeAnswer.stands(),
    )
    .order_by(TreeAnswer.id)
)
