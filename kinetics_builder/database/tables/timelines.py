"""When people say that an action happens in a video, and what is known of it."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.answered import Answered
from kinetics_builder.database.tables.base import Base

_IS_FORWARD = "start_seconds >= 0 AND end_seconds > start_seconds"


class Timeline(Base):
    """A whole video, and a class of which people mark when it happens. Written by `assign`."""

    __tablename__ = "timeline"
    __table_args__ = (UniqueConstraint("video_id", "label_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"))
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))


class TimelineAnswer(Answered, Base):
    """One worker's answer about when a class happens in a video. Written by the page.

    Its marks are `marked_stretch` rows; none says that it never happens, unless the worker is
    unsure.
    """

    __tablename__ = "timeline_answer"
    __table_args__ = (
        UniqueConstraint("worker_id", "timeline_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
    )
    SUBJECT = ("timeline_id",)

    timeline_id: Mapped[int] = mapped_column(ForeignKey("timeline.id"), index=True)
    is_unsure: Mapped[bool]
    """Whether the worker cannot tell, or the video does not play: then nothing is marked."""


class Stretch:
    """A stretch of a video."""

    number: Mapped[int] = mapped_column(primary_key=True)
    """From 0, in the order of starts."""
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]


class MarkedStretch(Stretch, Base):
    """One mark of an answer. Written with the answer."""

    __tablename__ = "marked_stretch"
    __table_args__ = (CheckConstraint(_IS_FORWARD, name="is_forward"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("timeline_answer.id"), primary_key=True)


class GoldStretch(Stretch, Base):
    """A true stretch of a timeline that is gold. Written by `gold`; only ever added."""

    __tablename__ = "gold_stretch"
    __table_args__ = (CheckConstraint(_IS_FORWARD, name="is_forward"),)

    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"), primary_key=True)


class TimelineDecision(Base):
    """How many answers about a timeline count. Kept by the page with every answer."""

    __tablename__ = "timeline_decision"

    timeline_id: Mapped[int] = mapped_column(ForeignKey("timeline.id"), primary_key=True)
    num_answers: Mapped[int]
    num_set_aside: Mapped[int]
    is_decided: Mapped[bool]
