"""Answers about stretches -> `link_decision`, and `link_edit`: what `ava link` makes hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.finishing import Finishing, verdict_column
from kinetics_builder.crowd.links.boxes import (
    Told,
    lies_in,
    read_golds,
    read_tracks,
    read_truth,
    stands_beside,
)
from kinetics_builder.crowd.links.tracks import agree, edits_of
from kinetics_builder.database.bulk import insert_plain
from kinetics_builder.database.tables import (
    Gold,
    GoneBox,
    KeyFrame,
    LinkAnswer,
    LinkDecision,
    LinkEdit,
    LinkStretch,
    PersonBox,
    TalliedSlot,
    TaskSlot,
    Verdict,
    WorkerStanding,
)

LINKS = "links"
"""The kind of task that the answers are of."""

_AT_ONCE = 200


def decide_stretches(session: Session, stretch_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these stretches from the answers that count.

    With `links_to_decide` of them or more, what most say of each pair of boxes becomes `link_edit`
    rows, which every linking of the film makes hold. Of gold the truth does, whoever answers.
    With fewer, nothing is said of the stretch, and its links are the machine's.
    """
    session.flush()
    connection = session.connection()
    ordered = sorted(stretch_ids)
    for start in range(0, len(ordered), _AT_ONCE):
        _decide(connection, ordered[start : start + _AT_ONCE], config)
    LINK_TASKS.note(connection, ordered)
    session.expire_all()


def remake_stretches(session: Session, config: VerifyConfig) -> None:
    """Decide all stretches anew of which anything is known."""
    said = select(LinkAnswer.stretch_id).union(
        select(LinkDecision.stretch_id), select(Gold.stretch_id).where(Gold.stretch_id.is_not(None))
    )
    decide_stretches(session, set(session.scalars(said)), config)
    LINK_TASKS.note_all(session.connection())


def stretches_of(connection: Connection, frame_id: int) -> Sequence[int]:
    """Return the stretches that a key frame lies in, or somebody stands beside who is at it."""
    return connection.scalars(_OF_FRAME, {"frame": frame_id}).all()


def can_be_linked() -> ColumnElement[bool]:
    """Return the condition that there is anything to link along `LinkStretch`.

    Boxes stand at two of its key frames, or at one, and beside it somebody who was seen before.
    """
    length = (
        select(func.max(KeyFrame.timestamp_seconds) - func.min(KeyFrame.timestamp_seconds))
        .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
        .where(lies_in(LinkStretch, KeyFrame), KeyFrame.is_withdrawn.is_(False), PersonBox.stands())
        .correlate(LinkStretch)
        .scalar_subquery()
    )
    return or_(
        func.coalesce(length, 0) > 0, and_(length.is_not(None), exists(stands_beside(LinkStretch)))
    )


def are_links_open() -> ColumnElement[bool]:
    """Return the condition that people are still asked whose boxes are at `KeyFrame`."""
    return exists(
        select(TaskSlot.id)
        .join(LinkStretch, LinkStretch.id == TaskSlot.stretch_id)
        .outerjoin(LinkDecision, LinkDecision.stretch_id == LinkStretch.id)
        .where(
            lies_in(LinkStretch, KeyFrame),
            TaskSlot.gold_id.is_(None),
            or_(LinkDecision.is_decided.is_(None), ~LinkDecision.is_decided),
            can_be_linked(),
        )
        .correlate(KeyFrame)
    )


def _decide(connection: Connection, stretch_ids: Sequence[int], config: VerifyConfig) -> None:
    counted, set_aside = _read_answers(connection, stretch_ids)
    told = read_tracks(connection, [number for ids in counted.values() for number in ids])
    golds = read_golds(connection, stretch_ids)
    truth = read_truth(connection, golds.values())
    decisions, edits = [], []
    for stretch_id in stretch_ids:
        num_answers = len(counted[stretch_id])
        is_gold = stretch_id in golds
        is_decided = is_gold or num_answers >= config.links_to_decide
        if is_decided:
            answers = [told[number] for number in counted[stretch_id] if number in told]
            edits += _edits(stretch_id, [truth[golds[stretch_id]]] if is_gold else answers)
        if is_decided or num_answers or set_aside[stretch_id]:
            counts = {"num_answers": num_answers, "num_set_aside": set_aside[stretch_id]}
            decisions.append({"stretch_id": stretch_id, **counts, "is_decided": is_decided})
    _replace(connection, stretch_ids, decisions, edits)


def _read_answers(
    connection: Connection, stretch_ids: Sequence[int]
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return by stretch the answers that count, and how many are set aside."""
    counted: dict[int, list[int]] = defaultdict(list)
    set_aside: dict[int, int] = defaultdict(int)
    rows: Iterable[Any] = connection.execute(_ANSWERS, {"stretches": list(stretch_ids)})
    for stretch_id, answer_id, is_set_aside in rows:
        if is_set_aside:
            set_aside[stretch_id] += 1
        else:
            counted[stretch_id].append(answer_id)
    return counted, set_aside


def _replace(
    connection: Connection,
    stretch_ids: Sequence[int],
    decisions: Sequence[dict[str, Any]],
    edits: Sequence[tuple[int, int, int, bool]],
) -> None:
    stretches = {"stretches": list(stretch_ids)}
    # Where nothing was decided before, nothing was said of boxes.
    if connection.execute(_FORGET_DECISIONS, stretches).rowcount:
        connection.execute(_FORGET_EDITS, stretches)
    if decisions:
        connection.execute(insert(LinkDecision), decisions)
    insert_plain(connection, LinkEdit, ("stretch_id", "box_id", "other_id", "is_same"), edits)


def _edits(stretch_id: int, answers: Sequence[Told]) -> list[tuple[int, int, int, bool]]:
    moments = {box: at for one in answers for box, at in one.moments.items()}
    tracks = agree([one.tracks for one in answers], moments)
    return [(stretch_id, e.one, e.other, e.is_same) for e in edits_of(tracks, moments)]


_STRETCHES: Any = bindparam("stretches", expanding=True)
_ANSWERS = (
    select(LinkAnswer.stretch_id, LinkAnswer.id, func.coalesce(WorkerStanding.is_warned, false()))
    .outerjoin(WorkerStanding, WorkerStanding.of(LINKS, LinkAnswer.worker_id))
    .where(LinkAnswer.stretch_id.in_(_STRETCHES), LinkAnswer.stands())
    .order_by(LinkAnswer.id)
)
_DECISION: Any = LinkDecision.__table__
_EDIT: Any = LinkEdit.__table__
_FORGET_DECISIONS = delete(_DECISION).where(_DECISION.c.stretch_id.in_(_STRETCHES))
_FORGET_EDITS = delete(_EDIT).where(_EDIT.c.stretch_id.in_(_STRETCHES))
_OF_FRAME = (
    select(LinkStretch.id)
    .join(KeyFrame, lies_in(LinkStretch, KeyFrame))
    .where(KeyFrame.id == bindparam("frame"))
    .union(
        select(GoneBox.stretch_id)
        .join(PersonBox, PersonBox.id == GoneBox.person_box_id)
        .where(PersonBox.key_frame_id == bindparam("frame"))
    )
)
_VERDICT = type_coerce(
    case(
        (LinkDecision.is_decided, Verdict.ACCEPTED.value),
        (LinkDecision.stretch_id.is_not(None), Verdict.OPEN.value),
    ),
    TalliedSlot.verdict.type,
)
LINK_TASKS = Finishing(
    kind=LINKS,
    thing="stretch_id",
    asked=select(
        TaskSlot.id,
        literal(0),
        verdict_column(_VERDICT),
        func.coalesce(LinkDecision.num_answers + LinkDecision.num_set_aside, 0),
        literal(0),
    )
    .join(LinkStretch, LinkStretch.id == TaskSlot.stretch_id)
    .outerjoin(LinkDecision, LinkDecision.stretch_id == TaskSlot.stretch_id)
    .where(TaskSlot.gold_id.is_(None), can_be_linked()),
    verdict=_VERDICT,
)
"""Which tasks about links are finished. A stretch without boxes to link keeps none open."""
