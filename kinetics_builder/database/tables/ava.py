"""From films to boxes whose persons are linked."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    false,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base, Blob, NumBytes

IS_BOX = "x1 >= 0 AND y1 >= 0 AND x2 <= 1 AND y2 <= 1 AND x1 < x2 AND y1 < y2"


class FilmHit(Base):
    """A video that a source listed as a film. Written by `ava search` and `restore`."""

    __tablename__ = "film_hit"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    query: Mapped[str] = mapped_column(String(200), primary_key=True)
    rank: Mapped[int]
    """0 for the first of the answer."""


class Film(Base):
    """A video that is annotated, and which stretch of it. Written by `ava select`."""

    __tablename__ = "film"
    __table_args__ = (
        CheckConstraint("start_seconds >= 0 AND end_seconds > start_seconds", name="is_forward"),
    )

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]


class FilmCut(Base):
    """The annotated stretch of a film as a file of its own. Written by `ava cut`."""

    __tablename__ = "film_cut"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    start_seconds: Mapped[float]
    """Where it begins in the film."""
    duration_seconds: Mapped[float]
    file: Mapped[str]
    """A path relative to the workspace."""
    bytes: Mapped[int] = mapped_column(NumBytes)
    sha256: Mapped[str] = mapped_column(String(64))
    modified_ns: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """Time of the file's last change, Unix time in nanoseconds; see `kinetics_builder.files`."""


class Shot(Base):
    """A stretch of a film without a cut. Written by `ava keyframes`."""

    __tablename__ = "shot"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """0 for the first of the annotated stretch."""
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]


class KeyFrame(Base):
    """A moment of a film that people are asked about, and its still. Written by `ava keyframes`.

    `is_withdrawn` marks one that changed settings no longer ask for, but about which people
    have said something; others are deleted instead.
    """

    __tablename__ = "key_frame"
    __table_args__ = (UniqueConstraint("video_id", "timestamp_seconds"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), index=True)
    timestamp_seconds: Mapped[float]
    """From the film's first picture; what released rows say."""
    shown_seconds: Mapped[float]
    """Since when the picture was shown that is shown then."""
    shot_number: Mapped[int]
    width: Mapped[int]
    """Of the still, in pixels, upright."""
    height: Mapped[int]
    file: Mapped[str]
    """The still: a path relative to the workspace."""
    bytes: Mapped[int] = mapped_column(NumBytes)
    sha256: Mapped[str] = mapped_column(String(64))
    modified_ns: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """Time of the file's last change, Unix time in nanoseconds; see `kinetics_builder.files`."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False)


class FrameLoop(Base):
    """What a film shows around a key frame, as a small film. Written by `ava keyframes`.

    Its second 0 is half of `keyframes.context_seconds` before the key frame.
    """

    __tablename__ = "frame_loop"

    key_frame_id: Mapped[int] = mapped_column(ForeignKey("key_frame.id"), primary_key=True)
    file: Mapped[str]
    """A path relative to the workspace."""
    bytes: Mapped[int] = mapped_column(NumBytes)
    sha256: Mapped[str] = mapped_column(String(64))
    modified_ns: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """As that of a key frame."""


class GivenBox(Base):
    """A box of a file that a person gave in the place of a detector.

    Written by `ava collect --boxes` and `ava detect --boxes`, all of a file at once.
    """

    __tablename__ = "given_box"
    __table_args__ = (CheckConstraint(IS_BOX, name="is_box"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    film: Mapped[str] = mapped_column(String(200), index=True)
    """As the file calls it: the film's id, or its file's name."""
    timestamp_seconds: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]
    score: Mapped[float]
    """In [0, 1]; 1 in a file without scores."""
    person: Mapped[int | None] = mapped_column(default=None)
    """Number of the person, or of the track."""
    actions: Mapped[list[int]] = mapped_column(default=list, server_default="[]")
    """What the person does, by numbers of the vocabulary, in order."""
    place: Mapped[str] = mapped_column(String(200))
    """Where it stands in the file."""


class GivenSize(Base):
    """The size of a film's frames on which a file's boxes were drawn, as it is stated there.

    Written with `given_box`; nothing of formats that state none.
    """

    __tablename__ = "given_size"

    film: Mapped[str] = mapped_column(String(200), primary_key=True)
    """As the file calls it."""
    width: Mapped[int] = mapped_column(primary_key=True)
    height: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str]
    """Where it is stated: the file, and the row."""


class DetectedBox(Base):
    """A person as a detector, or a file, says. Written by `ava detect`.

    Corners are shares of the frame's width and height, (x1, y1) top left.
    """

    __tablename__ = "detected_box"
    __table_args__ = (CheckConstraint(IS_BOX, name="is_box"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_frame_id: Mapped[int] = mapped_column(ForeignKey("key_frame.id"), index=True)
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]
    score: Mapped[float]
    """In [0, 1]; 1 in a file without scores."""
    origin: Mapped[str] = mapped_column(String(100))
    """The detector's name, or "file"."""
    given_person: Mapped[int | None] = mapped_column(default=None)
    """The person's number in the file."""
    given_actions: Mapped[list[int]] = mapped_column(default=list, server_default="[]")
    """What the person does as the file says, by numbers of the vocabulary, in order."""
    look: Mapped[Blob | None] = mapped_column(default=None)
    """How the person looks: see `kinetics_builder.ava.looks`."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is no longer found; people have said something of it."""


class PersonBox(Base):
    """A box that people see, and whose it is.

    Written by `ava detect`, which shows what a detector is sure enough of, and by the page,
    where people add, move and drop boxes; `person` by `ava link`.
    """

    __tablename__ = "person_box"
    __table_args__ = (CheckConstraint(IS_BOX, name="is_box"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_frame_id: Mapped[int] = mapped_column(ForeignKey("key_frame.id"), index=True)
    x1: Mapped[float]
    y1: Mapped[float]
    x2: Mapped[float]
    y2: Mapped[float]
    detected_box_id: Mapped[int | None] = mapped_column(
        ForeignKey("detected_box.id"), unique=True, default=None
    )
    """None for a box that a person drew."""
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("person_box.id"), index=True, default=None
    )
    """The box that a person moved or resized to this one: it is of the same person."""
    is_dropped: Mapped[bool] = mapped_column(default=False)
    """Whether a person took it away, or put another in its place."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether changed settings no longer show it; people have said something of it."""
    person: Mapped[int | None] = mapped_column(default=None)
    """Number of the person in the film, from 0; equal on all boxes of one person."""

    @staticmethod
    def stands() -> ColumnElement[bool]:
        """Return the condition that a box counts: whoever reads boxes asks it."""
        return and_(PersonBox.is_dropped.is_(False), PersonBox.is_withdrawn.is_(False))


class BoxLink(Base):
    """Two boxes of one person, one after the other. Written by `ava link`."""

    __tablename__ = "box_link"

    box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    next_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), unique=True)
    overlap: Mapped[float]
    """Intersection over union, in [0, 1]."""
    similarity: Mapped[float | None] = mapped_column(default=None)
    """Of their looks, in [0, 1]; None where one of them was not measured."""
    origin: Mapped[str] = mapped_column(String(20))
    """"matched", "file", or "people"."""


class LinkEdit(Base):
    """That two boxes of a film are one person, or are not: what `ava link` makes hold.

    Follows from the answers about a stretch (`link_answer`), or from its gold. Kept by the page
    with every answer, remade by `aggregate`.
    """

    __tablename__ = "link_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    stretch_id: Mapped[int | None] = mapped_column(
        ForeignKey("link_stretch.id"), index=True, default=None
    )
    """None for what was said of no stretch: it is made to hold first."""
    box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), index=True)
    is_same: Mapped[bool]
    """Whether the two are one person: True joins tracks, False breaks one."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
