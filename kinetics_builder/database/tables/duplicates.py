"""Which clips show the same recording, and what people say of it."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base, Blob


class Alike:
    """How alike two clips are, as a comparison of their fingerprints says."""

    similarity: Mapped[float] = mapped_column(Double)
    """In [0, 1]."""
    shift_seconds: Mapped[float] = mapped_column(Double)
    """By how much later the other shows what both show."""
    is_mirrored: Mapped[bool]


class AlikeClips(Alike, Base):
    """Two clips of different videos that may show the same. Written by `deduplicate`."""

    __tablename__ = "alike_clips"

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True
    )
    """The later of the two."""
    other_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ClipSound(Base):
    """What a clip sounds like. Written by `deduplicate listen`."""

    __tablename__ = "clip_sound"

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True
    )
    landmarks: Mapped[Blob]
    """See `kinetics_builder.video.likeness.sounds`; empty where nothing is heard."""


class AlikeSounds(Base):
    """Two clips of different videos that sound the same. Written by `deduplicate sounds`."""

    __tablename__ = "alike_sounds"

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True
    )
    """The later of the two."""
    other_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    shift_seconds: Mapped[float] = mapped_column(Double)
    """By how much later the other has what both have."""
    num_agreeing: Mapped[int]
    """Landmarks."""
    share: Mapped[float] = mapped_column(Double)
    """Of the landmarks of what both have, in (0, 1]."""


class OlderClip(Base):
    """A clip of another dataset, which must not come again. Written by `deduplicate --against`."""

    __tablename__ = "older_clip"
    __table_args__ = (UniqueConstraint("dataset", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(String(200))
    """What the dataset was called: the name of its folder or file."""
    name: Mapped[str] = mapped_column(String(500))
    """Of its file, or of its row."""
    video_id: Mapped[str] = mapped_column(String(255), index=True)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of its file; empty where only its video's id is known."""
    file: Mapped[str] = mapped_column(default="")
    """Absolute path of the file that the fingerprint is made of."""
    fingerprint: Mapped[Blob | None] = mapped_column(default=None)


class AlikeOlder(Alike, Base):
    """A clip that may show the same as one of another dataset. Written by `deduplicate`."""

    __tablename__ = "alike_older"

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True
    )
    older_id: Mapped[int] = mapped_column(
        ForeignKey("older_clip.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PairWord(Base):
    """What a person says of two clips. Written by `deduplicate --pairs`; only ever added.

    Clips are named by their files, so that a word outlives a clip that is proposed anew. The
    last word about two counts.
    """

    __tablename__ = "pair_word"
    __table_args__ = (Index("ix_pair_word_one_other", "one", "other"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    one: Mapped[str] = mapped_column(String(300))
    """Of the two, the first in the order of names."""
    other: Mapped[str] = mapped_column(String(300))
    is_same: Mapped[bool]
    said_at: Mapped[datetime] = mapped_column(server_default=func.now())
