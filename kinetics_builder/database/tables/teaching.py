"""What trained networks say of items of the web."""

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base, Blob
from kinetics_builder.database.tables.values import WebKind


class Teacher(Base):
    """A network that is asked about items of one kind. Written by `omni score --teacher`."""

    __tablename__ = "teacher"
    __table_args__ = (UniqueConstraint("kind", "settings_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[WebKind]
    settings_hash: Mapped[str] = mapped_column(String(64))
    """Of the weights, of how the network looks at things, and of the windows."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the weights."""
    network: Mapped[str] = mapped_column(String(100))
    labels: Mapped[list[str]] = mapped_column(JSON)
    """What the columns of its scores are called."""
    checkpoint: Mapped[str]
    """Absolute path of the run's folder or the weights."""
    window_seconds: Mapped[float]
    """The length of the windows of whole videos; 0 where items are looked at as a whole."""
    is_current: Mapped[bool] = mapped_column(default=True)
    """Whether it is the one that items of this kind are kept by."""


class TeacherScore(Base):
    """What a teacher says of one item. Written by `omni images`, `omni clips`, `omni videos`."""

    __tablename__ = "teacher_score"

    teacher_id: Mapped[int] = mapped_column(
        ForeignKey("teacher.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(String(500), primary_key=True)
    """The path of its file, relative to the workspace."""
    file_sha256: Mapped[str] = mapped_column(String(64))
    """Of the file that was looked at; of a picture, that of the bytes it was made of."""
    video_id: Mapped[int | None] = mapped_column(
        ForeignKey("video.id", ondelete="CASCADE"), index=True, default=None
    )
    """Of a clip, or of a whole video; None for a picture."""
    times: Mapped[list[float]]
    """Starts and ends, in turn, of the windows of a video, seconds; of other items none."""
    scores: Mapped[Blob]
    """Probabilities, float32, little-endian: of each window, or of the item, those of all classes
    in the order of the teacher's labels."""

    teacher: Mapped[Teacher] = relationship()
