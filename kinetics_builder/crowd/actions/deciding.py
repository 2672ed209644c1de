"""Answers about persons' actions -> which are to be verified, and which of those are true."""

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
    select,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.proposing import verdict_of_box
from kinetics_builder.crowd.finishing import Finishing, overruled_column, verdict_column
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionCandidate,
    ActionVote,
    Answer,
    BoxFlag,
    BoxProposal,
    KeyFrame,
    PersonAction,
    PersonBox,
    ProposedAction,
    TaskSlot,
    Verdict,
    WorkerStanding,
)

ACTIONS, VERIFICATION = "actions", "verification"
"""The kinds of task that the answers are of."""

_BOXES_AT_ONCE = 200


def decide_proposals(session: Session, box_ids: Collection[int], config: VerifyConfig) -> None:
    """Note of these boxes how many have named their actions, and which.

    All that any of those named whose answers count is a candidate, once there are enough of
    them (`verdict_of_box`). Answers of workers who are set aside are counted apart.
    """
    for chunk in _chunks(session, box_ids):
        connection = session.connection()
        _propose(connection, chunk, config)
        note_boxes(connection, chunk["boxes"])
    session.expire_all()


def decide_actions(session: Session, box_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide the actions of these boxes from the votes that count."""
    for chunk in _chunks(session, box_ids):
        connection = session.connection()
        rows = _decided(connection.execute(_VOTES, chunk), config)
        connection.execute(_FORGET_ACTIONS, chunk)
        if rows:
            connection.execute(insert(PersonAction), rows)
        VERIFICATION_TASKS.note(connection, chunk["boxes"])
    session.expire_all()


def remake_proposals(session: Session, config: VerifyConfig) -> None:
    """Note anew of all boxes how many have named their actions, and which."""
    said = select(ActionAnswer.person_box_id).union(select(BoxProposal.person_box_id))
    decide_proposals(session, set(session.scalars(said)), config)
    ACTION_TASKS.note_all(session.connection())


def remake_actions(session: Session, config: VerifyConfig) -> None:
    """Decide all actions of all boxes anew."""
    said = select(ActionVote.person_box_id).union(select(PersonAction.person_box_id))
    decide_actions(session, set(session.scalars(said)), config)
    VERIFICATION_TASKS.note_all(session.connection())


def note_boxes(connection: Connection, box_ids: Collection[int]) -> None:
    """Bring the tasks that ask about these boxes up to date: they stand no more, or again."""
    ACTION_TASKS.note(connection, box_ids)
    VERIFICATION_TASKS.note(connection, box_ids)


def _chunks(session: Session, box_ids: Collection[int]) -> Iterable[dict[str, Sequence[int]]]:
    session.flush()
    ordered = sorted(box_ids)
    for start in range(0, len(ordered), _BOXES_AT_ONCE):
        yield {"boxes": ordered[start : start + _BOXES_AT_ONCE]}


def _propose(connection: Connection, chunk: dict[str, Sequence[int]], config: VerifyConfig) -> None:
    found: Sequence[Any] = connection.execute(_PROPOSALS, chunk).all()
    rows = [
        {
            "person_box_id": box_id,
            "verdict": verdict_of_box(named, blocked + wrong, config.proposers),
            "num_named": named,
            "num_blocked": blocked,
            "num_wrong_box": wrong,
            "num_set_aside": set_aside,
        }
        for box_id, named, blocked, wrong, set_aside in found
    ]
    connection.execute(_FORGET_CANDIDATES, chunk)
    connection.execute(_FORGET_PROPOSALS, chunk)
    if rows:
        connection.execute(insert(BoxProposal), rows)
        connection.execute(_ADD_CANDIDATES, chunk)


def _decided(rows: Iterable[Any], config: VerifyConfig) -> list[dict[str, Any]]:
    return [
        {
            "person_box_id": box_id,
            "action_id": action_id,
            "verdict": verdict_of(yes, yes + no + unsure, config.of_actions),
            "num_yes": yes,
            "num_no": no,
            "num_unsure": unsure,
            "num_set_aside": set_aside,
        }
        for box_id, action_id, yes, no, unsure, set_aside in rows
    ]


def _count(condition: Any) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_BOXES: Any = bindparam("boxes", expanding=True)
_IS_SET_ASIDE = func.coalesce(WorkerStanding.is_warned, false())
_COUNTS = ~_IS_SET_ASIDE
_PROPOSALS = (
    select(
        ActionAnswer.person_box_id,
        _count(and_(_COUNTS, ActionAnswer.flag.is_(None))),
        *(_count(and_(_COUNTS, ActionAnswer.flag == flag)) for flag in BoxFlag),
        _count(_IS_SET_ASIDE),
    )
    .outerjoin(WorkerStanding, WorkerStanding.of(ACTIONS, ActionAnswer.worker_id))
    .where(ActionAnswer.person_box_id.in_(_BOXES), ActionAnswer.stands())
    .group_by(ActionAnswer.person_box_id)
)
_ADD_CANDIDATES = insert(ActionCandidate).from_select(
    ["person_box_id", "action_id", "num_proposed"],
    select(ActionAnswer.person_box_id, ProposedAction.action_id, func.count())
    .join(ProposedAction, ProposedAction.answer_id == ActionAnswer.id)
    .join(BoxProposal, BoxProposal.person_box_id == ActionAnswer.person_box_id)
    .outerjoin(WorkerStanding, WorkerStanding.of(ACTIONS, ActionAnswer.worker_id))
    .where(
        ActionAnswer.person_box_id.in_(_BOXES),
        BoxProposal.verdict == Verdict.ACCEPTED,
        ActionAnswer.stands(),
        _COUNTS,
    )
    .group_by(ActionAnswer.person_box_id, ProposedAction.action_id),
)
_VOTES = (
    select(
        ActionVote.person_box_id,
        ActionVote.action_id,
        *(
            _count(and_(_COUNTS, ActionVote.answer == answer))
            for answer in (Answer.YES, Answer.NO, Answer.UNSURE)
        ),
        _count(_IS_SET_ASIDE),
    )
    .outerjoin(WorkerStanding, WorkerStanding.of(VERIFICATION, ActionVote.worker_id))
    .where(ActionVote.person_box_id.in_(_BOXES), ActionVote.stands())
    .group_by(ActionVote.person_box_id, ActionVote.action_id)
)
_FORGET_PROPOSALS = delete(BoxProposal).where(BoxProposal.person_box_id.in_(_BOXES))
_FORGET_CANDIDATES = delete(ActionCandidate).where(ActionCandidate.person_box_id.in_(_BOXES))
_FORGET_ACTIONS = delete(PersonAction).where(PersonAction.person_box_id.in_(_BOXES))


def can_be_asked() -> ColumnElement[bool]:
    """Return the condition that a slot's box stands, at a key frame that is still wanted."""
    is_wanted = exists(KeyFrame.id).where(
        KeyFrame.id == PersonBox.key_frame_id, KeyFrame.is_withdrawn.is_(False)
    )
    box = exists(PersonBox.id).where(
        PersonBox.id == TaskSlot.person_box_id, PersonBox.stands(), is_wanted.correlate(PersonBox)
    )
    return box.correlate(TaskSlot)


def is_candidate() -> ColumnElement[bool]:
    """Return the condition that a slot's action was proposed for its box."""
    return (
        exists(ActionCandidate.action_id)
        .where(
            ActionCandidate.person_box_id == TaskSlot.person_box_id,
            ActionCandidate.action_id == TaskSlot.action_id,
        )
        .correlate(TaskSlot)
    )


_FLAGGED = BoxProposal.num_blocked + BoxProposal.num_wrong_box
ACTION_TASKS = Finishing(
    kind=ACTIONS,
    thing="person_box_id",
    asked=select(
        TaskSlot.id,
        literal(0),
        verdict_column(BoxProposal.verdict),
        func.coalesce(BoxProposal.num_named + _FLAGGED + BoxProposal.num_set_aside, 0),
        overruled_column(BoxProposal.verdict, by_yes=_FLAGGED, by_no=BoxProposal.num_named),
    )
    .outerjoin(BoxProposal, BoxProposal.person_box_id == TaskSlot.person_box_id)
    .where(TaskSlot.gold_id.is_(None), can_be_asked()),
    verdict=BoxProposal.verdict,
)
"""Which tasks of proposing are finished. A box that stands no more keeps none open."""
_AGAINST = PersonAction.num_no + PersonAction.num_unsure
VERIFICATION_TASKS = Finishing(
    kind=VERIFICATION,
    thing="person_box_id",
    asked=select(
        TaskSlot.id,
        TaskSlot.action_id,
        verdict_column(PersonAction.verdict),
        func.coalesce(PersonAction.num_yes + _AGAINST + PersonAction.num_set_aside, 0),
        overruled_column(PersonAction.verdict, by_yes=_AGAINST, by_no=PersonAction.num_yes),
    )
    .outerjoin(
        PersonAction,
        and_(
            PersonAction.person_box_id == TaskSlot.person_box_id,
            PersonAction.action_id == TaskSlot.action_id,
        ),
    )
    .where(TaskSlot.gold_id.is_(None), can_be_asked(), is_candidate()),
    verdict=PersonAction.verdict,
)
"""Which tasks of verifying are finished. What is proposed no more keeps none open."""
