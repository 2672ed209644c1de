"""The accepted clips that a release lacks because they were taken down."""

import csv
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Clip,
    Decision,
    Label,
    Takedown,
    TakenVideo,
    Verdict,
    Video,
)
from kinetics_builder.formats.names import whole_seconds
from kinetics_builder.intervals import Interval

TAKEN_DOWN = "taken_down.csv"
COLUMNS = ("label", "youtube_id", "time_start", "time_end", "date", "reason")


def write_taken_down(session: Session, folder: Path) -> int:
    """Write a row for each accepted clip that was taken down, with when and why, if there is any.

    Returns how many there are; without one there is no file.
    """
    query = (
        select(
            Label.name,
            Video.video_id,
            Clip.start_seconds,
            Clip.end_seconds,
            Takedown.on_date,
            Takedown.reason,
        )
        .join(Label, Label.id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Decision, Decision.clip_id == Clip.id)
        .join(TakenVideo, TakenVideo.video_id == Video.id)
        .join(Takedown, Takedown.id == TakenVideo.takedown_id)
        .where(Clip.is_withdrawn, Decision.verdict == Verdict.ACCEPTED)
    )
    rows = sorted(
        (label, video, *whole_seconds(Interval(start, end)), on_date, reason)
        for label, video, start, end, on_date, reason in session.execute(query)
    )
    write_gone(folder, COLUMNS, rows)
    return len(rows)


def write_gone(folder: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write `TAKEN_DOWN` into a release; no file where there are no rows."""
    if not rows:
        return
    with (folder / TAKEN_DOWN).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def told_of_gone(number: int, what: str) -> list[str]:
    """Return what a README says of what was taken down; nothing where there is none of it."""
    return [f"{number} accepted {what} were taken down: `{TAKEN_DOWN}`."] if number else []
