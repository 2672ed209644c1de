"""Classes are closed of whose first decided clips too few show the action (arXiv:1705.06950).

A class is measured once, when `verify.gate_clips` of its clips are decided, and closed if fewer
than `verify.gate_yes_share` of these were accepted: its open clips are handed out no more. What
was decided stays decided, and its gold is asked all the same. The owner may open it again, and
then it stays open. Of a class in a tree of questions those clips count that are led to it, and
those that were proposed for it and led to no class: one that shows another class of the tree speaks
for that class, and not against this one. A part of a class that was split is never closed: of the
class few clips may be of it. Other settings judge what was measured anew, by `aggregate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import (
    ClassGate,
    Label,
    TalliedSlot,
    TaskSlot,
    TreeAnswer,
    Verdict,
    Vote,
    WorkTally,
)

_ONE_QUESTION, _BY_TREE = "clip", "questionnaire"
"""The kinds of task by which people say whether clips show a class."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A class that was measured."""

    label_id: int
    label: str
    num_decided: int
    num_yes: int
    is_closed: bool
    is_opened: bool
    """Whether the owner opened it."""

    @property
    def words(self) -> str:
        """What every page and command says about it."""
        so = "closed: " if self.is_closed else "opened by the owner: " if self.is_opened else ""
        return f"{so}{self.num_yes} of the first {self.num_decided} decided clips show the action"


def is_closed(label_id: Any) -> ColumnElement[bool]:
    """Return the condition that the class of a column is closed."""
    found = exists(ClassGate.label_id).where(ClassGate.label_id == label_id, ClassGate.is_closed)
    return found.correlate_except(ClassGate)


def measure_classes(connection: Connection, config: VerifyConfig) -> list[int]:
    """Measure the classes of which enough clips are decided now; return those that close by it.

    Of more clips than enough, as after other settings, the first are meant: by the newest of the
    answers about each. Clips that the owner decided are among them. Writes `class_gate`.
    """
    if not config.gate_clips:
        return []
    closed = []
    due: Sequence[Any] = connection.execute(_DUE, {"enough": config.gate_clips}).all()
    for label_id, kind in due:
        first = _FIRST[kind].where(TalliedSlot.about_id == label_id).limit(config.gate_clips)
        verdicts = connection.scalars(first).all()
        row = {"num_decided": len(verdicts), "num_yes": verdicts.count(Verdict.ACCEPTED)}
        is_too_few = row["num_yes"] < config.gate_yes_share * row["num_decided"]
        connection.execute(
            insert(ClassGate), {"label_id": label_id, "is_closed": is_too_few, **row}
        )
        closed += [label_id] if is_too_few else []
    return closed


def judge_again(connection: Connection, config: VerifyConfig) -> None:
    """Close and open the classes that were measured as these settings say."""
    is_too_few: ColumnElement[bool] = false()
    if config.gate_clips:
        is_too_few = ClassGate.num_yes < config.gate_yes_share * ClassGate.num_decided
    connection.execute(update(ClassGate).values(is_closed=and_(~ClassGate.is_opened, is_too_few)))


def read_gates(session: Session) -> Sequence[Gate]:
    """Return the classes that are closed or were opened by the owner, by name."""
    return [Gate(*row) for row in session.execute(_GATES)]


def clips_of(connection: Connection, label_ids: Sequence[int]) -> Sequence[int]:
    """Return the clips that count for these classes and that tasks ask about."""
    of_them = TalliedSlot.about_id.in_(label_ids)
    return [clip_id for clip_id in connection.scalars(_ASKED.where(of_them)) if clip_id]


def tallied_as(label: Any = Label) -> ColumnElement[str]:
    """Return the kind of task by which it is said whether clips show a class, as sums have it."""
    return case((label.tree_id.is_(None), _ONE_QUESTION), else_=_BY_TREE)


_ASKED = (
    select(TaskSlot.clip_id)
    .distinct()
    .join(TalliedSlot, TaskSlot.id == TalliedSlot.slot_id)
    .where(TalliedSlot.kind.in_((_ONE_QUESTION, _BY_TREE)))
)
_DUE = (
    select(WorkTally.about_id, WorkTally.kind)
    .join(Label, Label.id == WorkTally.about_id)
    .outerjoin(ClassGate, ClassGate.label_id == WorkTally.about_id)
    .where(
        Label.part_of_id.is_(None),
        WorkTally.kind == tallied_as(),
        WorkTally.num_accepted + WorkTally.num_rejected >= bindparam("enough"),
        ClassGate.label_id.is_(None),
    )
    .order_by(WorkTally.about_id)
)
_NEWEST = {
    _ONE_QUESTION: select(func.max(Vote.id))
    .where(Vote.clip_id == TaskSlot.clip_id, Vote.label_id == TalliedSlot.about_id)
    .where(Vote.occasion == 1),
    _BY_TREE: select(func.max(TreeAnswer.id)).where(
        TreeAnswer.clip_id == TaskSlot.clip_id, TreeAnswer.tree_id == TaskSlot.tree_id
    ),
}
_FIRST = {
    kind: select(TalliedSlot.verdict)
    .join(TaskSlot, TaskSlot.id == TalliedSlot.slot_id)
    .where(TalliedSlot.kind == kind, TalliedSlot.verdict != Verdict.OPEN)
    .order_by(newest.correlate(TaskSlot, TalliedSlot).scalar_subquery(), TaskSlot.clip_id)
    for kind, newest in _NEWEST.items()
}
_GATES = (
    select(
        Label.id,
        Label.name,
        ClassGate.num_decided,
        ClassGate.num_yes,
        ClassGate.is_closed,
        ClassGate.is_opened,
    )
    .join(ClassGate, ClassGate.label_id == Label.id)
    .where(ClassGate.is_closed | ClassGate.is_opened)
    .order_by(Label.name)
)
