"""From class names to downloaded videos."""

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base, NumBytes
from kinetics_builder.database.tables.classes import Label


class Video(Base):
    """A video that a source listed. Written by `search`, and by `restore` what it names."""

    __tablename__ = "video"

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[str] = mapped_column(String(100), unique=True)
    """The id in released files (`youtube_id`): letters, digits, `-` and `_` alone."""
    source: Mapped[str] = mapped_column(String(200))
    """The `--source` that listed it."""
    url: Mapped[str]
    """Where `download` takes it from; a path for a folder source."""
    site: Mapped[str | None] = mapped_column(String(200), default=None)
    """Whom `download` asks, as `SiteRest.site`; empty for files that lie here, None where nobody
    has judged yet."""
    title: Mapped[str]
    listed_duration_seconds: Mapped[float | None] = mapped_column(default=None)
    listed_licence: Mapped[str | None] = mapped_column(default=None)
    """As a list says; what the site says of it is `Media.licence`."""
    listed_tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    listed_description: Mapped[str | None] = mapped_column(default=None)
    """Within the bounds of `kinetics_builder.text.listed_words`, as the tags; None where the
    source tells none, or was asked before they were kept."""
    thumbnail: Mapped[str | None] = mapped_column(String(2000), default=None)
    """The address of the picture that its site shows for it; None as with the description."""

    media: Mapped["Media | None"] = relationship(back_populates="video")


class Listing(Base):
    """How far a long list, as a channel's, was looked at. Written by `search`, `ava search`."""

    __tablename__ = "listing"

    source: Mapped[str] = mapped_column(String(400), primary_key=True)
    """The `--source`; shortened, and without secrets."""
    num_listed: Mapped[int]
    """Places of the list, those of videos without an address included."""
    has_ended: Mapped[bool]


class SearchHit(Base):
    """A video found by a query. Written by `search`."""

    __tablename__ = "search_hit"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True)
    query: Mapped[str] = mapped_column(String(200), primary_key=True)
    rank: Mapped[int]
    """0 for the first of the answer."""


class Candidate(Base):
    """A video whose title names an action. Written by `match`."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("video_id", "label_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), index=True)
    score: Mapped[float]
    """In (0, 1]: 1 for the very name of the class."""
    matched: Mapped[str]
    """The words of the title that matched, as they stand there."""
    variant: Mapped[str]
    """The form of the class name that they matched."""

    video: Mapped[Video] = relationship()
    label: Mapped[Label] = relationship()


class VideoFile:
    """What a row says of a video file that was downloaded and probed."""

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    file: Mapped[str]
    """Path relative to the workspace."""
    bytes: Mapped[int] = mapped_column(NumBytes)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    modified_ns: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """Time of the file's last change, Unix time in nanoseconds; see `kinetics_builder.files`."""
    duration_seconds: Mapped[float]
    width: Mapped[int]
    """After rotation, as a person sees it."""
    height: Mapped[int]
    frames_per_second: Mapped[float]
    has_audio: Mapped[bool]
    codec: Mapped[str] = mapped_column(String(40))
    uploader: Mapped[str | None] = mapped_column(default=None)
    licence: Mapped[str | None] = mapped_column(default=None)
    upload_date: Mapped[str | None] = mapped_column(String(10), default=None)
    """YYYY-MM-DD."""
    language: Mapped[str | None] = mapped_column(String(20), default=None)
    """As the site names it."""
    country: Mapped[str | None] = mapped_column(String(60), default=None)
    """The uploader's, as the site names it: few do."""


class Media(VideoFile, Base):
    """A video's file, whole. Written by `download`."""

    __tablename__ = "media"

    whole_because: Mapped[str | None] = mapped_column(default=None)
    """Why it is, where stretches of it were wanted alone."""

    video: Mapped[Video] = relationship(back_populates="media")


class PartialMedia(VideoFile, Base):
    """A video's file of which stretches are here, and holes for the rest. Written by `download`.

    Of a video that only released files name, by its stretches; no row of `media` stands beside it.
    """

    __tablename__ = "partial_media"

    num_fetched_bytes: Mapped[int] = mapped_column(BigInteger)
    """That came, of `bytes`."""


class PartialStretch(Base):
    """A stretch that a file of `partial_media` holds. Written by `download`."""

    __tablename__ = "partial_stretch"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    start_seconds: Mapped[float] = mapped_column(primary_key=True)
    end_seconds: Mapped[float] = mapped_column(primary_key=True)
