"""What somebody asked to be taken down."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base


class Takedown(Base):
    """An entry of the takedown list. Written by `takedown`; only ever added.

    An entry that was lifted may be followed by a later one of the same name.
    """

    __tablename__ = "takedown"
    __table_args__ = (UniqueConstraint("kind", "name", "on_date", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`video`, `address` or `uploader`."""
    name: Mapped[str]
    """The video's id, the address, or the uploader's name."""
    video_id: Mapped[str | None] = mapped_column(String(100), default=None)
    """The id of the video that an address leads to, where it holds one."""
    on_date: Mapped[str] = mapped_column(String(10))
    """YYYY-MM-DD: when it was asked for."""
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LiftedTakedown(Base):
    """An entry of the takedown list that stands no more. Written by `takedown`; only ever added."""

    __tablename__ = "lifted_takedown"

    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"), primary_key=True)
    reason: Mapped[str]
    """Empty where none was given."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TakenVideo(Base):
    """A video that is on the takedown list.

    Written by `takedown`, by what lists videos, and by `download` once it knows the uploader.
    """

    __tablename__ = "taken_video"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"))

    @staticmethod
    def spares(video_id: Any) -> ColumnElement[bool]:
        """Return the condition that a column of ids of `video` names none that is on the list."""
        found: ColumnElement[bool] = video_id.not_in(select(TakenVideo.video_id))
        return found
