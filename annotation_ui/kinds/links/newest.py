"""The newest answers about stretches, for the owner."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Recent
from annotation_ui.kinds.links.describing import clock
from annotation_ui.kinds.links.replies import read_said, words_for
from kinetics_builder.database.tables import LinkAnswer, LinkStretch, TaskSlot, Video, Worker


def read_newest(session: Session, number: int) -> list[Recent]:
    """Return so many of the newest answers."""
    rows: Any = session.execute(_NEWEST, {"number": number}).all()
    said = read_said(session.connection(), [row.id for row in rows])
    return [
        Recent(
            row.created_at,
            row.name or "",
            "links",
            f"{words_for(said.get(row.id, ()))}{', as shown' if row.is_as_shown else ''}",
            f"{row.title} at {clock(row.start_seconds)}",
            row.is_gold,
        )
        for row in rows
    ]


_NEWEST = (
    select(
        LinkAnswer.id,
        LinkAnswer.created_at,
        LinkAnswer.is_as_shown,
        Worker.name,
        Video.title,
        LinkStretch.start_seconds,
        TaskSlot.gold_id.is_not(None).label("is_gold"),
    )
    .join(Worker, Worker.id == LinkAnswer.worker_id)
    .join(TaskSlot, TaskSlot.id == LinkAnswer.slot_id)
    .join(LinkStretch, LinkStretch.id == LinkAnswer.stretch_id)
    .join(Video, Video.id == LinkStretch.video_id)
    .where(LinkAnswer.stands())
    .order_by(LinkAnswer.id.desc())
    .limit(bindparam("number"))
)
