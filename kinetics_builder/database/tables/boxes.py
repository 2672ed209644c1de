"""What people say about boxes of persons at key frames, and what is known of them."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.answered import Answered
from kinetics_builder.database.tables.ava import IS_BOX
from kinetics_builder.database.tables.base import Base


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
