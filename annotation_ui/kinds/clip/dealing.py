"""Tasks of one worker alone: the clips about which that worker's answer is worth most.

A clip lies before one worker at a time, until it is answered or the task's time is over. Nobody
is dealt a clip that they have seen. Who tells too little is dealt something only while nobody
who tells more is about.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import BindParameter, and_, bindparam, exists, false, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from annotation_ui.own_gold import place_of
from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.clips.asking import question_of, questions_about
from kinetics_builder.crowd.clips.believing import read_seen
from kinetics_builder.crowd.clips.dealing import fits, sized
from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.parts import is_asked_by_parts
from kinetics_builder.crowd.clips.question import Question
from kinetics_builder.crowd.clips.rules import Rules, policy_of, read_rules
from kinetics_builder.crowd.tasks import deal
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    ClipBelief,
    Gold,
    Label,
    PassedSlot,
    Task,
    TaskSlot,
    Vote,
    WorkerBelief,
    WorkerStanding,
)
from kinetics_builder.ways import Way

_LOOKED_AT = 8
"""So many times as many clips as a task holds are looked at for whom they suit best."""


def deal_by_worth(session: Session, worker_id: int, config: Config, now: float) -> int | None:
    """Write a task for the worker, and return it; None where nothing is worth their answer.

    The clip that is worth most says how the task is shown, and in a grid of which class it is.
    Of clips of a video the best comes first. A task that few clips are left for holds less gold.
    Call it inside a write transaction.
    """
    who: dict[str, Any] = {"worker_id": worker_id, "now": now}
    rules, best = read_rules(session), session.execute(_CANDIDATES.limit(1), who).first()
    if rules is None or best is None or not _is_to_be_asked(session, who):
        return None
    way, size = Way(best.way), sized(best.way, config)
    like_it = _CANDIDATES.where(Task.way == way)
    if way is Way.GRID:
        like_it = like_it.where(Clip.label_id == best.label_id)
    rows = session.execute(like_it.limit(_LOOKED_AT * size.slots_per_task), who).all()
    ordered = _of_different_videos(_by_worth(session, rows, rules, worker_id, config))
    known = [gold for gold in _gold(session, who, config) if fits(way, gold.label, best.name)]
    task = _composed(ordered, known, size)
    return _write(session, worker_id, task, {"way": way, "round": best.round})


def _by_worth(
    session: Session, rows: Sequence[Any], rules: Rules, worker_id: int, config: Config
) -> list[Any]:
    """Return the clips, first those about which an answer of this worker is worth most."""
    clips = [(row.id, row.prior) for row in rows]
    seen = read_seen(session.connection(), clips, rules)
    known = session.scalar(_YES, {"worker_id": worker_id})
    yes_L = np.array(known or rules.kept.new_L)
    policy = policy_of(config.verify)
    worth_N = policy.worth(seen.truth_looks(rules.kept), yes_L, seen.num_answers_N)
    return [rows[place] for place in np.argsort(-worth_N, kind="stable").tolist()]


def _of_different_videos(rows: Sequence[Any]) -> list[Question]:
    """Return the questions, those of videos that came before at the end."""
    seen: set[str] = set()
    first, later = list[Question](), list[Question]()
    for row in rows:
        (later if row.video_id in seen else first).append(question_of(row))
        seen.add(row.video_id)
    return first + later


def _composed(
    asked: Sequence[Question], known: Sequence[Question], size: AssignConfig
) -> Sequence[Question]:
    """Return the questions of the task, the first of `asked` and gold mixed."""
    num_gold = min(size.gold_per_task, len(known))
    room = size.slots_per_task - num_gold
    if len(asked) < room:
        num_gold = round(num_gold * len(asked) / room)
    chosen = asked[:room]
    whole = replace(size, slots_per_task=len(chosen) + num_gold, gold_per_task=num_gold)
    (task,) = deal(chosen, known, whole)
    return task


def _gold(session: Session, who: dict[str, Any], config: Config) -> list[Question]:
    """Return the gold that the worker has not met, in an order of their own."""
    found = [
        question_of(row, row.gold_id, is_yes=row.expected is Answer.YES)
        for row in session.execute(_GOLD, who)
    ]
    seed, worker_id = config.assign.seed, who["worker_id"]
    return sorted(found, key=lambda one: place_of(seed, worker_id, one.gold_id or 0))


def _write(session: Session, worker_id: int, task: Sequence[Question], how: dict[str, Any]) -> int:
    row = {"kind": "clip", "is_finished": True, **how}
    task_id = session.scalars(insert(Task).returning(Task.id), [row]).one()
    slots = [
        {
            "task_id": task_id,
            "position": position,
            "worker_id": worker_id,
            "gold_id": question.gold_id,
            **question.slot,
        }
        for position, question in enumerate(task)
    ]
    session.execute(insert(TaskSlot), slots)
    return task_id


def _is_to_be_asked(session: Session, who: dict[str, Any]) -> bool:
    """Tell whether the worker tells enough, or nobody is about who does."""
    is_asked = session.scalar(_IS_ASKED, who)
    return is_asked is not False or session.scalar(_IS_OTHER_ABOUT, who) is None


_ME: BindParameter[int] = bindparam("worker_id")
_NOW: BindParameter[float] = bindparam("now")
_YES = select(WorkerBelief.yes_by_looks).where(WorkerBelief.worker_id == _ME)
_IS_ASKED = select(WorkerBelief.is_asked).where(WorkerBelief.worker_id == _ME)
_IS_OTHER_ABOUT = (
    select(Assignment.id)
    .join(Task, Task.id == Assignment.task_id)
    .join(WorkerBelief, WorkerBelief.worker_id == Assignment.worker_id)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Assignment.worker_id))
    .where(
        Assignment.worker_id != _ME,
        Assignment.expires_at > _NOW,
        Task.kind == "clip",
        WorkerBelief.is_asked,
        ~func.coalesce(WorkerStanding.is_warned, false()),
    )
    .limit(1)
)
_HELD, _POOL, _THEIRS = aliased(TaskSlot), aliased(TaskSlot), aliased(Vote)
_IS_HELD = exists(
    select(_HELD.id)
    .join(Assignment, Assignment.task_id == _HELD.task_id)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Assignment.worker_id))
    .where(
        _HELD.clip_id == Clip.id,
        _HELD.gold_id.is_(None),
        or_(_HELD.worker_id.is_(None), _HELD.worker_id == Assignment.worker_id),
        Assignment.submitted_at.is_(None),
        Assignment.expires_at > _NOW,
        or_(
            Assignment.worker_id == _ME,
            ~func.coalesce(WorkerStanding.is_warned, false()),
        ),
        ~exists(_THEIRS.id).where(
            _THEIRS.clip_id == _HELD.clip_id, _THEIRS.worker_id == Assignment.worker_id
        ),
        ~exists(PassedSlot.slot_id).where(
            PassedSlot.slot_id == _HELD.id, PassedSlot.worker_id == Assignment.worker_id
        ),
    )
    .correlate(Clip)
)
_IS_SEEN = exists(Vote.id).where(Vote.clip_id == Clip.id, Vote.worker_id == _ME).correlate(Clip)
_LOST = aliased(TaskSlot)
_IS_LOST = exists(
    select(_LOST.id)
    .join(PassedSlot, PassedSlot.slot_id == _LOST.id)
    .where(_LOST.clip_id == Clip.id, PassedSlot.worker_id == _ME)
    .correlate(Clip)
)
"""Whether the worker's browser could not play it."""
_CANDIDATES: Any = (
    questions_about(Clip.label_id)
    .add_columns(ClipBelief.prior, Task.way, Task.round)
    .join(Label, Label.id == Clip.label_id)
    .join(ClipBelief, ClipBelief.clip_id == Clip.id)
    .join(_POOL, _POOL.clip_id == Clip.id)
    .join(Task, Task.id == _POOL.task_id)
    .where(
        ClipBelief.worth > 0,
        _POOL.gold_id.is_(None),
        _POOL.tree_id.is_(None),
        _POOL.worker_id.is_(None),
        ~Clip.is_withdrawn,
        ~is_closed(Clip.label_id),
        ~Label.is_full,
        ~is_asked_by_parts(Clip.id),
        ~_IS_SEEN,
        ~_IS_LOST,
        ~_IS_HELD,
    )
    .order_by(ClipBelief.worth.desc(), Clip.id)
)
_IS_MET = (
    exists(Vote.id)
    .where(Vote.worker_id == _ME, Vote.clip_id == Gold.clip_id, Vote.label_id == Gold.label_id)
    .correlate(Gold)
)
_MINE = aliased(TaskSlot)
_IS_MINE = exists(
    select(_MINE.id)
    .join(Assignment, Assignment.task_id == _MINE.task_id)
    .where(
        _MINE.gold_id == Gold.id,
        or_(_MINE.worker_id.is_(None), _MINE.worker_id == _ME),
        and_(Assignment.worker_id == _ME, Assignment.submitted_at.is_(None)),
    )
    .correlate(Gold)
)
_GOLD: Any = (
    questions_about(Gold.label_id)
    .add_columns(Gold.id.label("gold_id"), Gold.expected)
    .join(Gold, Gold.clip_id == Clip.id)
    .join(Label, Label.id == Gold.label_id)
    .where(~Label.is_retired, ~_IS_MET, ~_IS_MINE)
)
