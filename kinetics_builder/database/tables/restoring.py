"""From a released file of others to its clips."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.clips import CutFile


class ReleasedFile(Base):
    """A released file whose videos are wanted. Written by `restore`."""

    __tablename__ = "released_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    """Absolute."""
    version: Mapped[str] = mapped_column(String(16))
    """Changes with the file's bytes, and with what was said of how to read it."""
    counts: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """Its rows by what had become of them when `restore` ended last: `rows`, `by_class`;
    and `parts`, what is to be said of bytes that did not have to come."""


class ReleasedStretch(Base):
    """A stretch of a video that a released file names. Written by `restore`.

    Both times None: all of the video. Rows of the file that name the same one share it.
    """

    __tablename__ = "released_stretch"
    __table_args__ = (
        CheckConstraint("start_seconds >= 0 AND end_seconds > start_seconds", name="is_forward"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("released_file.id"), index=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), index=True)
    start_seconds: Mapped[float | None]
    end_seconds: Mapped[float | None]


class RestoredClip(CutFile, Base):
    """A released stretch as a file. Written by `restore cut`."""

    __tablename__ = "restored_clip"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    start_seconds: Mapped[float] = mapped_column(primary_key=True)
    end_seconds: Mapped[float] = mapped_column(primary_key=True)
    """As released: the file ends before, where the video does."""
