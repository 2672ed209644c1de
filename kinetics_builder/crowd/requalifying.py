"""Asking a worker who is set aside a round of gold, none of which they have met."""

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.people import Access, access_of
from kinetics_builder.crowd.records import keep, read_standing
from kinetics_builder.crowd.rounds import open_task
from kinetics_builder.database.tables import (
    Act,
    Assignment,
    Gold,
    GoldRound,
    RoundState,
    Task,
    TaskSlot,
    Worker,
)
from kinetics_builder.errors import CrowdError

_ABOUT = (
    *("clip_id", "label_id", "key_frame_id", "person_box_id", "action_id"),
    *("stretch_id", "timeline_id", "tree_id"),
)


def requalify(
    session: Session,
    worker: Worker,
    config: VerifyConfig,
    *,
    by: str = BY_COMMAND,
    why: str = "",
    kind: Kind = KINDS[0],
) -> GoldRound:
    """Ask a worker `verify.round_gold` known questions before anything else; return the round.

    They are of both sorts alike, as far as there are any, and none was met. Writes `task`,
    `task_slot`, `assignment` and `gold_round`.

    Raises:
        CrowdError: The worker counts, cannot come in, is asked already, or has met too much gold.

    """
    keep(session, config)
    title = worker.name or f"#{worker.id}"
    faults = read_standing(session, worker.id, config, kind).faults
    if access_of(worker) is not Access.ADMITTED or not faults:
        is_out = access_of(worker) is not Access.ADMITTED
        so = f"is {access_of(worker)}, and cannot answer" if is_out else "counts: nothing is asked"
        raise CrowdError(f"{title} {so}. `kbuild crowd workers` says who is set aside.")
    if open_task(session.connection(), kind.name, worker.id) is not None:
        raise CrowdError(f"{title} is asked a round of known questions already.")
    chosen = _chosen(session, worker.id, config.round_gold, kind)
    if len(chosen) < config.round_gold:
        raise CrowdError(
            f"{title} has met all but {len(chosen)} known questions, and a round has "
            f"{config.round_gold} (verify.round_gold). {kind.how_to_get_gold}."
        )
    found = _write(session, worker.id, chosen, config, kind)
    note_act(session, Act.ASKED_AGAIN, worker, by=by, why=why)
    return found


def read_rounds(session: Session, worker_id: int) -> Sequence[GoldRound]:
    """Return the rounds that a worker was asked, the newest first."""
    query = select(GoldRound).where(GoldRound.worker_id == worker_id)
    return session.scalars(query.order_by(GoldRound.id.desc())).all()


def _chosen(session: Session, worker_id: int, number: int, kind: Kind) -> list[Any]:
    """Return gold that the worker has not met, its two sorts in turn, each thing once."""
    rows = session.execute(_unmet(kind, worker_id)).all()
    things: set[tuple[int, ...]] = set()
    sorts: tuple[list[Any], list[Any]] = ([], [])
    for row in rows:
        thing = tuple(getattr(row, name) for name in kind.thing)
        if thing not in things:
            sorts[not row.is_first_sort].append(row)
            things.add(thing)
    few = min(len(one) for one in sorts)
    in_turn = [row for pair in zip(*sorts, strict=False) for row in pair]
    return [*in_turn, *sorts[0][few:], *sorts[1][few:]][:number]


def _write(
    session: Session, worker_id: int, chosen: list[Any], config: VerifyConfig, kind: Kind
) -> GoldRound:
    task = Task(kind=kind.name, round=0, is_finished=True)
    session.add(task)
    session.flush()
    slots = [
        {
            "task_id": task.id,
            "position": place,
            "worker_id": worker_id,
            "gold_id": gold.id,
            **{name: getattr(gold, name) for name in _ABOUT},
        }
        for place, gold in enumerate(chosen)
    ]
    session.execute(insert(TaskSlot), slots)
    found = GoldRound(
        worker_id=worker_id,
        kind=kind.name,
        task_id=task.id,
        state=RoundState.OPEN,
        num_asked=len(chosen),
        least_right=math.ceil(config.round_right * len(chosen)),
    )
    # Its time begins when the first question is shown, and never ends.
    session.add_all([found, Assignment(task_id=task.id, worker_id=worker_id, expires_at=0.0)])
    task.num_takers = 1
    session.flush()
    return found


def _unmet(kind: Kind, worker_id: int) -> Select[Any]:
    answers = kind.answers
    is_met = exists(answers.id).where(
        answers.worker_id == worker_id,
        *(getattr(answers, name) == getattr(Gold, name) for name in kind.subject),
    )
    return (
        select(
            Gold.id,
            kind.is_first_sort().label("is_first_sort"),
            *(getattr(Gold, name) for name in _ABOUT),
        )
        .where(kind.is_gold(), kind.can_be_asked(), ~is_met)
        .order_by(Gold.id)
    )
