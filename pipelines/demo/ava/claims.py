"""What the stages of AVA let pass, read from the workspace for comparison with the truth."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import Corners
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    KeyFrame,
    PersonBox,
    Shot,
    Video,
)
from pipelines.demo.ava.tally import SeenBox


def key_frames(session: Session) -> list[tuple[str, float]]:
    """Return the films and seconds that people are asked about."""
    rows = session.execute(
        select(Video.video_id, KeyFrame.timestamp_seconds)
        .join(KeyFrame, KeyFrame.video_id == Video.id)
        .where(KeyFrame.is_withdrawn.is_(False))
    )
    return [(film, seconds) for film, seconds in rows]


def shots(session: Session) -> list[tuple[str, float]]:
    """Return the films and seconds at which shots begin."""
    rows = session.execute(
        select(Video.video_id, Shot.start_seconds).join(Shot, Shot.video_id == Video.id)
    )
    return [(film, seconds) for film, seconds in rows]


def detected(session: Session) -> list[SeenBox]:
    """Return all boxes that the detector kept, however unsure."""
    return _boxes(session, DetectedBox)


def shown(session: Session) -> list[SeenBox]:
    """Return the boxes that people are shown."""
    return _boxes(session, PersonBox)


def links(session: Session) -> list[tuple[int, int]]:
    """Return the links between the boxes that people are shown."""
    return [(one, other) for one, other in session.execute(select(BoxLink.box_id, BoxLink.next_id))]


def _boxes(session: Session, table: type[DetectedBox] | type[PersonBox]) -> list[SeenBox]:
    query = (
        select(Video.video_id, KeyFrame.timestamp_seconds, table)
        .join(KeyFrame, KeyFrame.video_id == Video.id)
        .join(table, table.key_frame_id == KeyFrame.id)
        .where(KeyFrame.is_withdrawn.is_(False))
    )
    return [
        SeenBox(box.id, film, seconds, Corners(box.x1, box.y1, box.x2, box.y2))
        for film, seconds, box in session.execute(query)
        if not (isinstance(box, PersonBox) and box.is_dropped)
    ]
