"""What people say about boxes of persons at key frames, and what is known of them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    UniqueConstraint,
    exists,
    func,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kinetics_builder.database.tables.ava import IS_BOX
from kinetics_builder.database.tables.base import Base


class Answered:
    """What answers of every kind have. Rows are only ever added.

    A worker who thinks better of it answers again: that is a row more, with the next `revision`.
    """

    SUBJECT: ClassVar[tuple[str, ...]]
    """The columns that name what the question was about."""

    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("task_slot.id"))
    seconds: Mapped[float | None] = mapped_column(default=None)
    """From the question's first showing to the answer, as the browser says."""
    answered_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds at which the server heard it."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """0 for the worker's first answer to this question, 1 for the one that replaced it, ..."""

    @classmethod
    def stands(cls) -> ColumnElement[bool]:
        """Return the condition that the worker has not answered again: whoever counts asks it."""
        mine: Any = cls
        later: Any = aliased(mine)
        same = [getattr(later, name) == getattr(mine, name) for name in cls.SUBJECT]
        newer = later.revision > mine.revision
        is_later = exists(later.id).where(later.worker_id == mine.worker_id, *same, newer)
        return ~is_later.correlate(mine)


class BoxAnswer(Answered, Base):
    """One worker's answer about the persons of a key frame. Written by the page.

    Its boxes are `drawn_box` rows; none of them says that nobody is there.
    """

    __tablename__ = "box_answer"
    __table_args__ = (
        UniqueConstraint("worker_id", "key_frame_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
    )
    SUBJECT = ("key_frame_id",)

    key_frame_id: Mapped[int] = mapped_column(ForeignKey("key_frame.id"), index=True)


class DrawnBox(Base):
    """One box of an answer, as the worker left it. Written with the answer."""

    __tablename__ = "drawn_box"
    __table_args__ = (CheckConstraint(IS_BOX, name="is_box"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("box_answer.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]
    began_as_id: Mapped[int | None] = mapped_column(
        ForeignKey("person_box.id"), index=True, default=None
    )
    """The box that was there before; None for one that the worker drew."""


class GoldBox(Base):
    """A true box of a key frame that is gold. Written by `gold`; only ever added."""

    __tablename__ = "gold_box"
    __table_args__ = (CheckConstraint(IS_BOX, name="is_box"),)

    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]


class BoxDecision(Base):
    """How many answers about a key frame count. Kept by the page with every answer.

    Where there are enough, `person_box` says what follows from them.
    """

    __tablename__ = "box_decision"

    key_frame_id: Mapped[int] = mapped_column(ForeignKey("key_frame.id"), primary_key=True)
    num_answers: Mapped[int]
    num_set_aside: Mapped[int]
    is_decided: Mapped[bool]
