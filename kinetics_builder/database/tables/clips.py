"""From downloaded videos to clips that people can be asked about."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base, Blob, NumBytes
from kinetics_builder.database.tables.classes import Label
from kinetics_builder.database.tables.collecting import Candidate, Video
from kinetics_builder.database.tables.values import Method, Standing, Survival

if TYPE_CHECKING:
    from kinetics_builder.database.tables.crowd import Decision, Vote


def _few(name: str, column: str, where: str, sqlite: str | None = None) -> Index:
    """Return an index of the few rows that are counted by themselves."""
    return Index(name, column, sqlite_where=text(sqlite or where), postgresql_where=text(where))


class FrameScores(Base):
    """How much each sampled frame of a candidate looks like its label. Written by `score`."""

    __tablename__ = "frame_scores"

    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    method: Mapped[Method]
    times_seconds: Mapped[list[float]]
    scores: Mapped[list[float]]
    """Probabilities of the label (classifier) or motion energies (motion), one a time."""
    other_scores: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """The same of the second scorer; None where one alone knows the label."""

    candidate: Mapped[Candidate] = relationship()


class VideoLook(Base):
    """What a video showed that was scored. Written by `score`.

    Videos scored before there was this table have none: nothing is known of their cuts.
    """

    __tablename__ = "video_look"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    looked: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """Starts and ends, in turn, of what was looked at closely, seconds; None for all of it."""
    cuts: Mapped[list[float]]
    """When its shots begin but for the first, as far as it was looked at closely, seconds."""
    traits: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """What it is like, each a score in [0, 1], by the names of `[filters]`: `propose` filters by
    them. What could not be told is left out."""
    moments: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """What judges of pictures said, and when: `kinetics_builder.video.finding.moments`; None
    without judges."""


class Clip(Base):
    """A stretch of a video proposed for a label. Written by `propose`.

    One that asks which part of a split class another is has its stretch and its file: written by
    `curate` and `assign`, compared with nothing, placed nowhere.
    `is_withdrawn` marks a clip that changed settings no longer propose, but about which
    people have said something; clips nobody has judged are deleted instead.
    """

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("video_id", "label_id", "start_seconds", "end_seconds"),
        CheckConstraint("start_seconds >= 0 AND end_seconds > start_seconds", name="is_forward"),
        _few("ix_clip_withdrawn", "id", "is_withdrawn", sqlite="is_withdrawn = 1"),
        _few("ix_clip_moved", "id", "was_moved", sqlite="was_moved = 1"),
        _few("ix_clip_across", "id", "num_cuts > 0"),
        _few("ix_clip_noted", "id", "noted IS NOT NULL"),
        _few("ix_clip_part_of_id", "part_of_id", "part_of_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), index=True)
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]
    method: Mapped[Method]
    score: Mapped[float]
    """What it was chosen by: the mean frame score inside the window, or as `sampling` says."""
    rank: Mapped[int]
    """0 for the best window of the video."""
    sampling: Mapped[str] = mapped_column(String(20), default="best", server_default="best")
    """How it was chosen among the windows: see `kinetics_builder.video.finding.sampling`."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    cuts: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """When shots begin inside it, in the video's time, seconds; None if that is not known."""
    num_cuts: Mapped[int | None] = mapped_column(default=None)
    """How many those are."""
    was_moved: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it scored best where it would have lain across a cut."""
    noted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """Scores above the thresholds of filters that only note; None where none is."""
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), default=None)
    """The clip of a split class of which it asks whether it is the part that `label_id` names."""

    video: Mapped[Video] = relationship()
    label: Mapped[Label] = relationship()
    file: Mapped["ClipFile | None"] = relationship(back_populates="clip")
    place: Mapped["ClipPlace | None"] = relationship(
        back_populates="clip", foreign_keys="ClipPlace.clip_id"
    )
    votes: Mapped[list["Vote"]] = relationship(back_populates="clip", order_by="Vote.id")
    decision: Mapped["Decision | None"] = relationship(back_populates="clip")


class CutFile:
    """What a row says of a file that was cut, whatever it was cut for."""

    file: Mapped[str]
    """Path relative to the workspace."""
    bytes: Mapped[int] = mapped_column(NumBytes)
    sha256: Mapped[str] = mapped_column(String(64))
    modified_ns: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """Time of the file's last change, Unix time in nanoseconds; see `kinetics_builder.files`."""
    duration_seconds: Mapped[float]
    width: Mapped[int]
    height: Mapped[int]
    frames_per_second: Mapped[float]
    num_frames: Mapped[int]
    num_damaged_frames: Mapped[int] = mapped_column(default=0, server_default="0")
    """Frames of the source that could not be decoded, or only with damage."""


class ClipFile(CutFile, Base):
    """A clip as a file of its own. Written by `cut`."""

    __tablename__ = "clip_file"
    __table_args__ = (
        _few("ix_clip_file_blurred", "clip_id", "num_blurred_frames > 0"),
        _few("ix_clip_file_damaged", "clip_id", "num_damaged_frames > 0"),
    )

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    fingerprint: Mapped[Blob | None] = mapped_column(default=None)
    """What `deduplicate` compares: see `kinetics_builder.video.likeness.fingerprint`."""

    faces_by: Mapped[str | None] = mapped_column(default=None)
    """What found the faces that were blurred in it; None where none was looked for."""
    num_blurred_frames: Mapped[int | None] = mapped_column(default=None)
    """In how many of its frames something was blurred."""

    clip: Mapped[Clip] = relationship(back_populates="file")


class ClipPlace(Base):
    """Whether a clip is one of several showing the same thing. Written by `deduplicate`."""

    __tablename__ = "clip_place"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(index=True)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), default=None)
    similarity: Mapped[float | None] = mapped_column(default=None)
    """To the clip it is a duplicate of, in [0, 1]."""
    because: Mapped[Survival | None] = mapped_column(default=None)
    """Why it is that one which is kept; None where nothing is a duplicate."""
    older_id: Mapped[int | None] = mapped_column(default=None)
    """The row of `older_clip` that it is a duplicate of, if it is none of ours."""

    clip: Mapped[Clip] = relationship(back_populates="place", foreign_keys=[clip_id])
