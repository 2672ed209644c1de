"""What people say of whose boxes are whose along a stretch of a film, and what is known of it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.answered import Answered
from kinetics_builder.database.tables.base import Base


class LinkStretch(Base):
    """Key frames of a film that are asked about together. Written by `assign` and `gold`.

    Those of `video_id` from one time to another, both included. Neighbours share a key frame.
    Beside them are shown the boxes of its `gone_box` rows.
    """

    __tablename__ = "link_stretch"
    __table_args__ = (
        UniqueConstraint("video_id", "start_seconds", "end_seconds", "round"),
        CheckConstraint("end_seconds > start_seconds", name="is_forward"),
        CheckConstraint("round >= 0", name="round_counts_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"))
    start_seconds: Mapped[float]
    """Of the first key frame."""
    end_seconds: Mapped[float]
    """Of the last."""
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often any of its key frames was asked about before, for what nobody had seen since."""


class GoneBox(Base):
    """The last box of somebody who is not seen when a stretch begins, and was before.

    Shown beside the stretch, so that people can say who comes back. Written by `assign` and
    `gold`.
    """

    __tablename__ = "gone_box"
    __table_args__ = (Index("ix_gone_box_person_box_id", "person_box_id"),)

    stretch_id: Mapped[int] = mapped_column(ForeignKey("link_stretch.id"), primary_key=True)
    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    """The box that others were made of: the one that stands in its place is shown."""


class LinkAnswer(Answered, Base):
    """One worker's answer about the persons of a stretch. Written by the page.

    Its tracks are `tracked_box` rows.
    """

    __tablename__ = "link_answer"
    __table_args__ = (
        UniqueConstraint("worker_id", "stretch_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
    )
    SUBJECT = ("stretch_id",)

    stretch_id: Mapped[int] = mapped_column(ForeignKey("link_stretch.id"), index=True)
    is_as_shown: Mapped[bool]
    """Whether the tracks were left as they were shown."""


class TrackedBox(Base):
    """Whose a box is by an answer. Written with the answer."""

    __tablename__ = "tracked_box"
    __table_args__ = (Index("ix_tracked_box_person_box_id", "person_box_id"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("link_answer.id"), primary_key=True)
    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    track: Mapped[int]
    """From 0; equal on all boxes of one person, as far as this answer goes."""


class LinkDecision(Base):
    """How many answers about a stretch count. Kept by the page with every answer.

    Where there are enough, `link_edit` says what follows from them.
    """

    __tablename__ = "link_decision"

    stretch_id: Mapped[int] = mapped_column(ForeignKey("link_stretch.id"), primary_key=True)
    num_answers: Mapped[int]
    num_set_aside: Mapped[int]
    is_decided: Mapped[bool]


class GoldTrack(Base):
    """Whose a box of a stretch that is gold is. Written by `gold`; only ever added."""

    __tablename__ = "gold_track"
    __table_args__ = (Index("ix_gold_track_person_box_id", "person_box_id"),)

    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"), primary_key=True)
    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    person: Mapped[int]
    """As the file of the truth says."""
    shown: Mapped[int]
    """The track in which it is shown: another one where an error is planted."""
