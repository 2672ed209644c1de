"""What was edited, chosen and given away."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.clips import Clip
from kinetics_builder.database.tables.values import Split


class ClassEdit(Base):
    """One line of an edits file, as recorded. Written by `curate`; only ever added.

    An edit is undone by a later line that reverts it.
    """

    __tablename__ = "class_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("class_edit.id"), default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    author: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Who wanted it, as the file says; empty where it says nobody, as are the other two."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    evidence: Mapped[str] = mapped_column(default="", server_default="")
    """What shows that it is so: the address of a page, the name of a file."""


class CuratedClip(Base):
    """A clip that will be released, with the label after all edits. Written by `curate`."""

    __tablename__ = "curated_clip"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(100), index=True)
    split: Mapped[Split]

    clip: Mapped[Clip] = relationship()

    @classmethod
    def is_public(cls) -> ColumnElement[bool]:
        """Return the condition that a clip goes into files, and is not held out."""
        return cls.split != Split.HELD_OUT


class VideoSplit(Base):
    """The split of a video, which it keeps. Written by `curate`; `release` fixes it.

    What was released stays where it is. What was only curated stays as long as the settings of
    `[curate]` are the same.
    """

    __tablename__ = "video_split"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    split: Mapped[Split]
    dealt_by: Mapped[str] = mapped_column(String(64))
    """The hash of the settings that it was dealt by."""
    is_released: Mapped[bool] = mapped_column(default=False)


class SplitNote(Base):
    """What could not be as it should when clips were dealt out. Written by `curate`."""

    __tablename__ = "split_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(String(10))
    """`torn`: videos that belong together were in several splits; `missed`: a quota."""
    subject: Mapped[str] = mapped_column(String(200))
    """The video or the class that it is about."""
    reason: Mapped[str]


class FilmSplit(Base):
    """The split of a film, which it keeps in all releases. Written by `ava release`."""

    __tablename__ = "film_split"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    split: Mapped[Split]
    seed: Mapped[int]
    """`release.seed` when it was dealt; another one deals it anew."""


class Release(Base):
    """A set of files given to the world. Written by `release` and `ava release`."""

    __tablename__ = "release"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    folder: Mapped[str]
    """Path relative to the workspace."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the release's checksum file."""
