"""The films that are annotated, and which stretch of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.ava.key_frames import SLACK
from kinetics_builder.database.tables import Film, Media, Video
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval


@dataclass(frozen=True, slots=True)
class AnnotatedFilm:
    """A film and the stretch of it that is annotated."""

    row_id: int
    video_id: str
    file: str
    """Path relative to the workspace."""
    mark: FileMark
    stretch: Interval
    duration_seconds: float
    """Of the whole film."""

    @property
    def key(self) -> str:
        """Return a key that changes with the file and with the stretch."""
        text = f"{self.mark.sha256} {self.stretch.start:.3f} {self.stretch.end:.3f}"
        return f"{self.video_id} {hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it is annotated, to a millisecond."""
        slack = float(SLACK)
        return self.stretch.start <= slack and self.stretch.end >= self.duration_seconds - slack


def annotated_films(session: Session) -> Sequence[AnnotatedFilm]:
    """Return the films that were selected and are there, by their names."""
    rows: Any = session.execute(
        select(
            Video.id,
            Video.video_id,
            Media.file,
            Media.bytes,
            Media.sha256,
            Media.modified_ns,
            Film.start_seconds,
            Film.end_seconds,
            Media.duration_seconds,
        )
        .join(Film, Film.video_id == Video.id)
        .join(Media, Media.video_id == Video.id)
        .order_by(Video.video_id)
    )
    return [
        AnnotatedFilm(row_id, name, file, FileMark(*mark), Interval(start, end), seconds)
        for row_id, name, file, *mark, start, end, seconds in rows
    ]
