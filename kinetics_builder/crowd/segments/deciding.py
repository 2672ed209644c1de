"""Answers about timelines -> `timeline_decision`: whether enough people have marked a video."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.finishing import Finishing, verdict_column
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    GoldStretch,
    Label,
    MarkedStretch,
    Media,
    TalliedSlot,
    TaskSlot,
    Timeline,
    TimelineAnswer,
    TimelineDecision,
    Verdict,
    WorkerStanding,
)
from kinetics_builder.intervals import Interval

KIND = "segments"


def decide_timelines(session: Session, timeline_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these timelines: with `segment_answers` that count nobody is asked any more.

    Who is unsure has answered, too. What the marks come to is said by `agree`.
    """
    session.flush()
    connection = session.connection()
    ordered = sorted(timeline_ids)
    for some in chunks(ordered):
        connection.execute(_FORGET, {"timelines": list(some)})
        rows = [
            {
                "timeline_id": number,
                "num_answers": num_answers,
                "num_set_aside": num_set_aside,
                "is_decided": num_answers >= config.segment_answers,
            }
            for number, num_answers, num_set_aside in connection.execute(
                _COUNTED, {"timelines": list(some)}
            )
        ]
        if rows:
            connection.execute(insert(TimelineDecision), rows)
    TIMELINE_TASKS.note(connection, ordered)
    session.expire_all()


def remake_timelines(session: Session, config: VerifyConfig) -> None:
    """Decide all timelines anew about which anybody has said something."""
    said = select(TimelineAnswer.timeline_id).union(select(TimelineDecision.timeline_id))
    decide_timelines(session, set(session.scalars(said)), config)
    TIMELINE_TASKS.note_all(session.connection())


def read_marked(connection: Connection, answer_ids: Collection[int]) -> dict[int, list[Interval]]:
    """Return the stretches of these answers, in order; those without any are left out."""
    return _stretches(connection, MarkedStretch, MarkedStretch.answer_id, answer_ids)


def read_truth(connection: Connection, gold_ids: Collection[int]) -> dict[int, list[Interval]]:
    """Return the true stretches of gold, in order; gold without any is left out."""
    return _stretches(connection, GoldStretch, GoldStretch.gold_id, gold_ids)


def _stretches(
    connection: Connection, table: Any, owner: Any, ids: Collection[int]
) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = defaultdict(list)
    for some in chunks(sorted(ids)):
        query = select(owner, table.start_seconds, table.end_seconds).where(owner.in_(some))
        rows: Iterable[Any] = connection.execute(query.order_by(owner, table.number))
        for number, start, end in rows:
            found[number].append(Interval(start, end))
    return dict(found)


_IS_SET_ASIDE = func.coalesce(WorkerStanding.is_warned, false())
_COUNTED = (
    select(
        TimelineAnswer.timeline_id,
        func.sum(case((_IS_SET_ASIDE, 0), else_=1)),
        func.sum(case((_IS_SET_ASIDE, 1), else_=0)),
    )
    .outerjoin(WorkerStanding, WorkerStanding.of(KIND, TimelineAnswer.worker_id))
    .where(
        TimelineAnswer.timeline_id.in_(bindparam("timelines", expanding=True)),
        TimelineAnswer.stands(),
    )
    .group_by(TimelineAnswer.timeline_id)
)
_DECISION: Any = TimelineDecision.__table__
_FORGET = delete(_DECISION).where(
    _DECISION.c.timeline_id.in_(bindparam("timelines", expanding=True))
)
_VERDICT = type_coerce(
    case(
        (TimelineDecision.is_decided, Verdict.ACCEPTED.value),
        (TimelineDecision.timeline_id.is_not(None), Verdict.OPEN.value),
    ),
    TalliedSlot.verdict.type,
)
TIMELINE_TASKS = Finishing(
    kind=KIND,
    thing="timeline_id",
    asked=select(
        TaskSlot.id,
        Timeline.label_id,
        verdict_column(_VERDICT),
        func.coalesce(TimelineDecision.num_answers + TimelineDecision.num_set_aside, 0),
        literal(0),
    )
    .join(Timeline, Timeline.id == TaskSlot.timeline_id)
    .join(Media, Media.video_id == Timeline.video_id)
    .join(Label, Label.id == Timeline.label_id)
    .outerjoin(TimelineDecision, TimelineDecision.timeline_id == TaskSlot.timeline_id)
    .where(TaskSlot.gold_id.is_(None), ~Label.is_retired),
    verdict=_VERDICT,
)
"""Which tasks about timelines are finished. A video that is gone keeps none open."""
