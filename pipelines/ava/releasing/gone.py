"""The accepted labels of persons that a release lacks because their film was taken down."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    KeyFrame,
    PersonAction,
    PersonBox,
    Takedown,
    TakenVideo,
    Verdict,
    Video,
)
from kinetics_builder.formats.boxes.ava.row_texts import timestamp_text
from pipelines.ava.releasing.films import clip_of
from pipelines.ava.releasing.layouts import Layout
from pipelines.ava.releasing.survey import begin_of
from pipelines.publishing.clips.gone import write_gone

COLUMNS = ("video_id", "timestamp", "person_id", "action_id", "date", "reason")
"""Where in the picture the person was is not said: it may be who asked."""


def write_taken_down(session: Session, layout: Layout, folder: Path) -> int:
    """Write a row for each accepted label of a film that was taken down, if there is any.

    Returns how many there are; without one there is no file.
    """
    query = (
        select(
            Video.video_id,
            Video.source,
            Video.url,
            KeyFrame.timestamp_seconds,
            PersonBox.person,
            PersonAction.action_id,
            Takedown.on_date,
            Takedown.reason,
        )
        .join(KeyFrame, KeyFrame.video_id == Video.id)
        .join(PersonBox, PersonBox.key_frame_id == KeyFrame.id)
        .join(PersonAction, PersonAction.person_box_id == PersonBox.id)
        .join(TakenVideo, TakenVideo.video_id == Video.id)
        .join(Takedown, Takedown.id == TakenVideo.takedown_id)
        .where(~PersonBox.is_dropped, PersonAction.verdict == Verdict.ACCEPTED)
        .order_by(
            Video.video_id, KeyFrame.timestamp_seconds, PersonBox.person, PersonAction.action_id
        )
    )
    rows = []
    for video_id, source, url, seconds, *what in session.execute(query):
        name, start = begin_of(layout, video_id, clip_of(source, url))
        rows.append([name, timestamp_text(round(start + seconds, 6)), *what])
    write_gone(folder, COLUMNS, rows)
    return len(rows)
