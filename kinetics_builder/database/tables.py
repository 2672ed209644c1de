"""The database of a workspace: one table for each stage's output, one row for each decision.

What people say (`vote`, `class_edit`) is only ever added. Every other column is derived,
and has one writer, named in its table's docstring. Released files never depend on an `id`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    exists,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship

from kinetics_builder.errors import Reason

Blob = bytes


class State(StrEnum):
    """How far an item of a stage has come."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Term(StrEnum):
    """What a phrase says about a label."""

    QUERY = "query"
    SYNONYM = "synonym"
    NEGATIVE = "negative"


class Method(StrEnum):
    """How a clip's place in its video was found."""

    CLASSIFIER = "classifier"
    MOTION = "motion"


class Standing(StrEnum):
    """What `deduplicate` made of a clip."""

    KEPT = "kept"
    RESERVE = "reserve"
    """Asked about only when a better clip of the same video was rejected."""
    DUPLICATE = "duplicate"


class Answer(StrEnum):
    """What a worker may say about a clip."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    BAD = "bad"
    """Does not play, shows no human, is a still, a cartoon or a game."""


class Verdict(StrEnum):
    """What the votes say about a clip."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


class Split(StrEnum):
    """Which file of a release a clip goes to, as Kinetics spells it."""

    TRAIN = "train"
    VALIDATE = "validate"
    TEST = "test"


def _by_value(kind: type[StrEnum]) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Metadata shared by all tables. Enums are stored by value, as the CSVs spell them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **{
            kind: _by_value(kind)
            for kind in (State, Term, Method, Standing, Answer, Verdict, Split, Reason)
        },
        list[float]: JSON,
        dict[str, Any]: JSON,
    }


class Item(Base):
    """How one item of one stage stands under one set of settings. Written by the runner."""

    __tablename__ = "item"
    __table_args__ = (Index("ix_item_stage_state", "stage", "state"),)

    stage: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    settings_hash: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Reason | None] = mapped_column(default=None)
    retryable: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str | None] = mapped_column(default=None)
    lease_owner: Mapped[str | None] = mapped_column(String(200), default=None)
    lease_until: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds after which another runner may take the item."""
    seconds: Mapped[float | None] = mapped_column(default=None)
    """How long the last attempt worked."""
    finished_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds."""


class Setting(Base):
    """What the last `collect` was told, so that single stages need no repetition.

    Written by `collect` (keys `source`, `classes_file`, `results_per_query`).
    """

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]


class Label(Base):
    """A class of the classes file. Written by `collect`; retired, never deleted."""

    __tablename__ = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    group: Mapped[str | None] = mapped_column(String(100), default=None)
    description: Mapped[str | None] = mapped_column(default=None)
    example: Mapped[str | None] = mapped_column(default=None)
    is_retired: Mapped[bool] = mapped_column(default=False)

    terms: Mapped[list["LabelTerm"]] = relationship(
        back_populates="label", order_by="LabelTerm.id", cascade="all, delete-orphan"
    )


class LabelTerm(Base):
    """A query, synonym or negative word of a label. Written by `collect`."""

    __tablename__ = "label_term"
    __table_args__ = (UniqueConstraint("label_id", "kind", "language", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), index=True)
    kind: Mapped[Term]
    language: Mapped[str] = mapped_column(String(20), default="en")
    text: Mapped[str] = mapped_column(String(200))

    label: Mapped[Label] = relationship(back_populates="terms")


class Video(Base):
    """A video that a source listed. Written by `search`."""

    __tablename__ = "video"

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[str] = mapped_column(String(100), unique=True)
    """The id in released files (`youtube_id`): letters, digits, `-` and `_` alone."""
    source: Mapped[str] = mapped_column(String(200))
    """The `--source` that listed it."""
    url: Mapped[str]
    """Where `download` takes it from; a path for a folder source."""
    title: Mapped[str]
    listed_duration_seconds: Mapped[float | None] = mapped_column(default=None)

    media: Mapped["Media | None"] = relationship(back_populates="video")


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


class Media(Base):
    """A downloaded and probed video file. Written by `download`."""

    __tablename__ = "media"

    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), primary_key=True)
    file: Mapped[str]
    """Path relative to the workspace."""
    bytes: Mapped[int]
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

    video: Mapped[Video] = relationship(back_populates="media")


class FrameScores(Base):
    """How much each sampled frame of a candidate looks like its label. Written by `score`."""

    __tablename__ = "frame_scores"

    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    method: Mapped[Method]
    times_seconds: Mapped[list[float]]
    scores: Mapped[list[float]]
    """Probabilities of the label (classifier) or motion energies (motion), one a time."""

    candidate: Mapped[Candidate] = relationship()


class Clip(Base):
    """A stretch of a video proposed for a label. Written by `propose`.

    `is_withdrawn` marks a clip that changed settings no longer propose, but about which
    people have said something; clips nobody has judged are deleted instead.
    """

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("video_id", "label_id", "start_seconds", "end_seconds"),
        CheckConstraint("start_seconds >= 0 AND end_seconds > start_seconds", name="is_forward"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), index=True)
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]
    method: Mapped[Method]
    score: Mapped[float]
    """Mean frame score inside the window."""
    rank: Mapped[int]
    """0 for the best window of the video."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False)

    video: Mapped[Video] = relationship()
    label: Mapped[Label] = relationship()
    file: Mapped["ClipFile | None"] = relationship(back_populates="clip")
    place: Mapped["ClipPlace | None"] = relationship(
        back_populates="clip", foreign_keys="ClipPlace.clip_id"
    )
    votes: Mapped[list["Vote"]] = relationship(back_populates="clip", order_by="Vote.id")
    decision: Mapped["Decision | None"] = relationship(back_populates="clip")


class ClipFile(Base):
    """A clip as a file of its own. Written by `cut`."""

    __tablename__ = "clip_file"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    file: Mapped[str]
    """Path relative to the workspace."""
    bytes: Mapped[int]
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
    fingerprint: Mapped[Blob | None] = mapped_column(default=None)
    """What `deduplicate` compares: see `kinetics_builder.video.fingerprint`."""

    clip: Mapped[Clip] = relationship(back_populates="file")


class ClipPlace(Base):
    """Whether a clip is one of several showing the same thing. Written by `deduplicate`."""

    __tablename__ = "clip_place"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(index=True)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), default=None)
    similarity: Mapped[float | None] = mapped_column(default=None)
    """To the clip it is a duplicate of, in [0, 1]."""

    clip: Mapped[Clip] = relationship(back_populates="place", foreign_keys=[clip_id])


class Gold(Base):
    """A question whose answer is known. Written by `gold`; only ever added.

    `label_id` may differ from the clip's own: a clip of "carving ice" asked about as
    "waving hand" is a question whose answer is no.
    """

    __tablename__ = "gold"
    __table_args__ = (UniqueConstraint("clip_id", "label_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    expected: Mapped[Answer]

    clip: Mapped[Clip] = relationship()
    label: Mapped[Label] = relationship()


class Worker(Base):
    """A person who answers. Written by `annotate --invite` (the code) and the page (the name).

    What the owner does about a worker is written by `crowd` and the owner's page.
    """

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(80), unique=True, default=None)
    """Chosen at the first login with the code."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the invitation code, whose 80 random bits need no slow hash."""
    invited_at: Mapped[datetime] = mapped_column(server_default=func.now())
    joined_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the instructions were read."""
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the code lets nobody in."""
    excluded_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the owner has set the votes aside."""
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), default=None)
    """The worker who is the same person, and has these votes too."""


class Login(Base):
    """An open session of the page. Written by the page; ended by being deleted."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the random token in the cookie."""
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True, default=None)
    """None for the owner."""
    expires_at: Mapped[float]
    """Unix time in seconds."""


class Task(Base):
    """A set of questions handed out together (a HIT). Written by `assign`."""

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[int]
    """0 for the first run of `assign`; later runs add tasks for what opened since."""

    slots: Mapped[list["TaskSlot"]] = relationship(
        back_populates="task", order_by="TaskSlot.position"
    )


class TaskSlot(Base):
    """One question of a task: does this clip show this label? Written by `assign`."""

    __tablename__ = "task_slot"
    __table_args__ = (UniqueConstraint("task_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    position: Mapped[int]
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    gold_id: Mapped[int | None] = mapped_column(ForeignKey("gold.id"), index=True, default=None)

    task: Mapped[Task] = relationship(back_populates="slots")
    clip: Mapped[Clip] = relationship()
    label: Mapped[Label] = relationship()
    gold: Mapped[Gold | None] = relationship()


class Assignment(Base):
    """A task in the hands of a worker. Written by the page."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("task_id", "worker_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    expires_at: Mapped[float]
    """Unix time in seconds after which its open questions go to somebody else."""
    taken_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds at which it was first handed to the worker."""
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)

    task: Mapped[Task] = relationship()
    worker: Mapped[Worker] = relationship()


class Vote(Base):
    """One worker's answer about one clip and label. Written by the page, never changed.

    A worker who thinks better of it answers again: that is a row more, with the next
    `revision`. The earlier rows stay and count no more, see `stands`.
    """

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("worker_id", "clip_id", "label_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
        Index(
            "ix_vote_changed",
            "id",
            sqlite_where=text("revision > 0"),
            postgresql_where=text("revision > 0"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("task_slot.id"))
    answer: Mapped[Answer]
    lasts_whole_clip: Mapped[bool | None] = mapped_column(default=None)
    """The follow-up to a yes."""
    better_name: Mapped[str | None] = mapped_column(String(100), default=None)
    """What the worker would call it instead."""
    seconds: Mapped[float | None] = mapped_column(default=None)
    """From the clip's first showing to the answer, as the browser says."""
    answered_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds at which the server heard it."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """0 for the worker's first answer to this question, 1 for the one that replaced it, ..."""

    worker: Mapped[Worker] = relationship()
    clip: Mapped[Clip] = relationship(back_populates="votes")

    @staticmethod
    def stands() -> ColumnElement[bool]:
        """Return the condition that the worker has not answered again: whoever counts asks it."""
        later = aliased(Vote)
        return ~(
            exists(later.id)
            .where(
                later.worker_id == Vote.worker_id,
                later.clip_id == Vote.clip_id,
                later.label_id == Vote.label_id,
                later.revision > Vote.revision,
            )
            .correlate(Vote)
        )


class WorkerStanding(Base):
    """A worker's answers, counted. Kept by the page with every answer, remade by `aggregate`."""

    __tablename__ = "worker_standing"

    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    num_gold: Mapped[int]
    num_gold_right: Mapped[int]
    is_warned: Mapped[bool]
    """Whether the votes are set aside: see `kinetics_builder.crowd.standing`."""
    last_vote_id: Mapped[int] = mapped_column(default=0)
    """The newest vote that is counted."""
    num_votes: Mapped[int] = mapped_column(default=0)
    num_gold_yes: Mapped[int] = mapped_column(default=0)
    """Gold answers where yes is right."""
    num_gold_yes_right: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[Answer | None] = mapped_column(default=None)
    num_same: Mapped[int] = mapped_column(default=0)
    """How often the last answer was given in a row."""
    last_answered_at: Mapped[float | None] = mapped_column(default=None)
    recent_seconds: Mapped[list[float]] = mapped_column(default=list)
    """What each of the last answers took, by the server's clock."""
    num_hasty: Mapped[int] = mapped_column(default=0)
    """Answers given in haste."""

    worker: Mapped[Worker] = relationship()


class Decision(Base):
    """What the votes say about a clip. Kept by the page with every answer, as is a standing."""

    __tablename__ = "decision"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(index=True)
    num_yes: Mapped[int]
    num_no: Mapped[int]
    num_unsure: Mapped[int]
    num_bad: Mapped[int]
    num_set_aside: Mapped[int]
    lasts_whole_clip: Mapped[bool]
    """Whether most of the yes-answers said so."""

    clip: Mapped[Clip] = relationship(back_populates="decision")


class ClassTally(Base):
    """Clips of a class by verdict, and votes about them. Kept with every decision."""

    __tablename__ = "class_tally"

    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True)
    num_accepted: Mapped[int] = mapped_column(default=0)
    num_rejected: Mapped[int] = mapped_column(default=0)
    num_open: Mapped[int] = mapped_column(default=0)
    """Undecided clips that somebody has answered about."""
    num_votes: Mapped[int] = mapped_column(default=0)
    """Those set aside included."""


class HourTally(Base):
    """Answers of an hour. Kept by the page with every answer, remade by `aggregate`."""

    __tablename__ = "hour_tally"

    hour: Mapped[str] = mapped_column(String(13), primary_key=True)
    """In UTC, as `YYYY-MM-DD HH`."""
    num_votes: Mapped[int]
    """Questions first answered in it."""


class ClassEdit(Base):
    """One line of an edits file, as recorded. Written by `curate`; only ever added.

    An edit is undone by a later line that reverts it.
    """

    __tablename__ = "class_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("class_edit.id"), default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CuratedClip(Base):
    """A clip that will be released, with the label after all edits. Written by `curate`."""

    __tablename__ = "curated_clip"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(100), index=True)
    split: Mapped[Split]

    clip: Mapped[Clip] = relationship()


class Release(Base):
    """A set of files given to the world. Written by `release`."""

    __tablename__ = "release"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    folder: Mapped[str]
    """Path relative to the workspace."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the release's checksum file."""
