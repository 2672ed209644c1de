"""Who answers, what they are asked, what they say, and what follows from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.classes import Label
from kinetics_builder.database.tables.clips import Clip
from kinetics_builder.database.tables.values import Answer, Verdict
from kinetics_builder.ways import Way

_OF_ONE_KIND = " + ".join(
    f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END"
    for name in ("clip_id", "key_frame_id", "stretch_id", "timeline_id")
)
_OF_ONE_KIND = f"{_OF_ONE_KIND} = 1"


def _unique(name: str, columns: list[str], where: str) -> Index:
    """Return an index of the rows for which a condition holds; no two of them are equal."""
    is_meant = text(where)
    return Index(name, *columns, unique=True, sqlite_where=is_meant, postgresql_where=is_meant)


class Gold(Base):
    """A question whose answer is known. Written by `gold`; only ever added.

    It is about a clip, maybe by a tree of questions, about a key frame whose `gold_box` rows are
    the answer, about a stretch of a film whose `gold_track` rows are, or about a timeline whose
    `gold_stretch` rows are.

    `label_id` may differ from the clip's own: a clip of "carving ice" asked about as
    "waving hand" is a question whose answer is no.
    """

    __tablename__ = "gold"
    __table_args__ = (
        UniqueConstraint("clip_id", "label_id"),
        _unique("ix_gold_key_frame_id", ["key_frame_id"], "person_box_id IS NULL"),
        _unique(
            "ix_gold_person_box_id",
            ["person_box_id"],
            "person_box_id IS NOT NULL AND action_id IS NULL",
        ),
        _unique("ix_gold_action_id", ["person_box_id", "action_id"], "action_id IS NOT NULL"),
        _unique("ix_gold_stretch_id", ["stretch_id"], "stretch_id IS NOT NULL"),
        _unique("ix_gold_tree_id", ["tree_id", "clip_id"], "tree_id IS NOT NULL"),
        _unique("ix_gold_timeline_id", ["timeline_id"], "timeline_id IS NOT NULL"),
        CheckConstraint(_OF_ONE_KIND, name="is_of_one_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), index=True, default=None)
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    expected: Mapped[Answer | None] = mapped_column(default=None)
    key_frame_id: Mapped[int | None] = mapped_column(ForeignKey("key_frame.id"), default=None)
    person_box_id: Mapped[int | None] = mapped_column(ForeignKey("person_box.id"), default=None)
    """The box at the key frame whose `gold_action` rows are the answer, or whose `action_id` is
    asked about; `expected` is bad for a box that is no person's."""
    action_id: Mapped[int | None] = mapped_column(default=None)
    stretch_id: Mapped[int | None] = mapped_column(ForeignKey("link_stretch.id"), default=None)
    """The stretch whose boxes are asked about; `expected` is no where an error is shown."""
    tree_id: Mapped[int | None] = mapped_column(ForeignKey("decision_tree.id"), default=None)
    """The tree that is walked about the clip; `expected` is no where it leads to no class."""
    element_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    """The class that the tree leads to, if it is walked rightly."""
    timeline_id: Mapped[int | None] = mapped_column(ForeignKey("timeline.id"), default=None)

    clip: Mapped[Clip] = relationship()
    label: Mapped[Label] = relationship(foreign_keys=[label_id])


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
    """When instructions were first read."""
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the code lets nobody in."""
    excluded_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the owner has set the votes aside."""
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), default=None)
    """The worker who is the same person, and has these votes too."""


class Briefing(Base):
    """Instructions of a kind that a worker has read and accepted. Written by the page."""

    __tablename__ = "briefing"

    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Login(Base):
    """An open session of the page. Written by the page; ended by being deleted."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the random token in the cookie."""
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True, default=None)
    """None for the owner, and for a reviewer."""
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"), default=None)
    expires_at: Mapped[float]
    """Unix time in seconds."""


class Task(Base):
    """A set of questions handed out together (a HIT). Written by `assign`.

    Where the policy deals by worth, what `assign` writes says which clips may be asked about; the
    page deals each worker tasks of their own, which are finished for all others from the start.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "ix_task_left_of_kind",
            "kind",
            "num_takers",
            "id",
            sqlite_where=text("is_finished = 0"),
            postgresql_where=text("NOT is_finished"),
        ),
        Index(
            "ix_task_left",
            "id",
            sqlite_where=text("is_finished = 0"),
            postgresql_where=text("NOT is_finished"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="clip", server_default="clip")
    """What its questions ask: see `kinetics_builder.crowd.kinds`."""
    round: Mapped[int]
    """0 for the first run of `assign`; later runs add tasks for what opened since."""
    is_finished: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether all that it asks about is decided: kept by `kinetics_builder.crowd.finishing`
    with every decision."""
    way: Mapped[Way] = mapped_column(default=Way.CLIP, server_default=Way.CLIP.value)
    """How its questions are shown: of all kinds but clips one after another."""
    num_takers: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many workers have taken it: its `assignment` rows."""

    slots: Mapped[list["TaskSlot"]] = relationship(
        back_populates="task", order_by="TaskSlot.position"
    )


class TaskSlot(Base):
    """One question of a task, about what its kind asks about. Written by `assign`, and `gold`.

    Does this clip show this label? Where does this tree lead that is walked about it? Who is to be
    seen at this key frame? What does this person do there? Does the person do this action? Whose
    are the boxes of this stretch? When in the video does this happen?

    A slot of one `worker_id` is gold that the page asks that worker in place of gold that the
    worker has met in another task, or asks about a clip once more (`behind_id`), or lies in a task
    that the page dealt to that worker alone; all other slots are asked of everybody who takes the
    task.
    """

    __tablename__ = "task_slot"
    __table_args__ = (
        UniqueConstraint("task_id", "position"),
        # Of gold alone: through an index of all, SQLite would look for ordinary questions.
        Index(
            "ix_task_slot_gold_id",
            "gold_id",
            sqlite_where=text("gold_id IS NOT NULL"),
            postgresql_where=text("gold_id IS NOT NULL"),
        ),
        Index("ix_task_slot_key_frame_id", "key_frame_id"),
        Index("ix_task_slot_person_box_id", "person_box_id"),
        Index("ix_task_slot_stretch_id", "stretch_id"),
        Index("ix_task_slot_timeline_id", "timeline_id"),
        _unique("ix_task_slot_own", ["worker_id", "instead_of_id"], "worker_id IS NOT NULL"),
        _unique(
            "ix_task_slot_repeat", ["worker_id", "clip_id", "label_id"], "behind_id IS NOT NULL"
        ),
        CheckConstraint(_OF_ONE_KIND, name="is_of_one_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    position: Mapped[int]
    """From 0; below 0 where the slot stands where `instead_of_id` does, or after `behind_id`."""
    clip_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), index=True, default=None)
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    gold_id: Mapped[int | None] = mapped_column(ForeignKey("gold.id"), default=None)
    key_frame_id: Mapped[int | None] = mapped_column(ForeignKey("key_frame.id"), default=None)
    person_box_id: Mapped[int | None] = mapped_column(ForeignKey("person_box.id"), default=None)
    """The person at the key frame who is meant."""
    action_id: Mapped[int | None] = mapped_column(default=None)
    """The action of the person that is meant."""
    stretch_id: Mapped[int | None] = mapped_column(ForeignKey("link_stretch.id"), default=None)
    tree_id: Mapped[int | None] = mapped_column(ForeignKey("decision_tree.id"), default=None)
    """The tree that is walked about the clip."""
    timeline_id: Mapped[int | None] = mapped_column(ForeignKey("timeline.id"), default=None)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), default=None)
    """Who alone is asked; None for everybody."""
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("task_slot.id"), default=None)
    """The slot for which it stands before that worker."""
    behind_id: Mapped[int | None] = mapped_column(ForeignKey("task_slot.id"), default=None)
    """The slot after which that worker is asked once more about a clip answered before."""

    task: Mapped[Task] = relationship(back_populates="slots")
    clip: Mapped[Clip] = relationship()
    label: Mapped[Label] = relationship()
    gold: Mapped[Gold | None] = relationship()


class Assignment(Base):
    """A task in the hands of a worker. Written by the page."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("task_id", "worker_id"),
        Index(
            "ix_assignment_held",
            "worker_id",
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
    )

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

    A worker who is asked once more on purpose (`verify.repeats`) answers on another `occasion`,
    which says something of the worker alone: no reader of votes may count it.
    """

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("worker_id", "clip_id", "label_id", "occasion", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
        CheckConstraint("occasion IN (1, 2)", name="is_first_or_second"),
        Index(
            "ix_vote_repeat",
            "worker_id",
            sqlite_where=text("occasion = 2"),
            postgresql_where=text("occasion = 2"),
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
    occasion: Mapped[int] = mapped_column(default=1, server_default="1")
    """1 where the question was asked as of everybody, 2 where it was asked once more."""

    worker: Mapped[Worker] = relationship()
    clip: Mapped[Clip] = relationship(back_populates="votes")

    @staticmethod
    def stands() -> ColumnElement[bool]:
        """Return the condition that the worker has not answered again: whoever counts asks it.

        What was answered on a second occasion never stands.
        """
        return and_(Vote.occasion == 1, Vote.is_last())

    @staticmethod
    def is_repeat(vote: Any = None) -> ColumnElement[bool]:
        """Return the condition that a vote was asked for once more; so an index finds them."""
        condition: ColumnElement[bool] = (vote or Vote).occasion == literal_column("2")
        return condition

    @staticmethod
    def is_last() -> ColumnElement[bool]:
        """Return the condition that the worker has not answered again on the same occasion."""
        later = aliased(Vote)
        return ~(
            exists(later.id)
            .where(
                later.worker_id == Vote.worker_id,
                later.clip_id == Vote.clip_id,
                later.label_id == Vote.label_id,
                later.occasion == Vote.occasion,
                later.revision > Vote.revision,
            )
            .correlate(Vote)
        )


class PassedSlot(Base):
    """A question whose clip a worker's browser could not play. Written by the page.

    The worker is not asked it again, and keeps no seat from others who may be.
    """

    __tablename__ = "passed_slot"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("task_slot.id", ondelete="CASCADE"), primary_key=True
    )
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True, index=True)
    passed_at: Mapped[float]
    """Unix time in seconds at which the server heard it."""
    browser: Mapped[str] = mapped_column(String(300))
    """What the browser says of itself, and why it does not play."""


class WorkerStanding(Base):
    """A worker's answers of one kind, counted. Kept by the page with every answer.

    Remade by `aggregate`.
    """

    __tablename__ = "worker_standing"

    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(
        String(20), primary_key=True, default="clip", server_default="clip"
    )
    num_gold: Mapped[int]
    num_gold_right: Mapped[int]
    is_warned: Mapped[bool]
    """Whether the answers are set aside: see `kinetics_builder.crowd.standing`."""
    last_vote_id: Mapped[int] = mapped_column(default=0)
    """The newest answer that is counted."""
    num_votes: Mapped[int] = mapped_column(default=0)
    num_gold_yes: Mapped[int] = mapped_column(default=0)
    """Answers to gold of the first sort: of clips, where yes is right."""
    num_gold_yes_right: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None] = mapped_column(String(20), default=None)
    num_same: Mapped[int] = mapped_column(default=0)
    """How often the last answer was given in a row."""
    last_answered_at: Mapped[float | None] = mapped_column(default=None)
    recent_seconds: Mapped[list[float]] = mapped_column(default=list)
    """What each of the last answers took, by the server's clock."""
    num_hasty: Mapped[int] = mapped_column(default=0)
    """Answers given in haste."""

    worker: Mapped[Worker] = relationship()

    @classmethod
    def of(cls, kind: str, worker_id: Any) -> ColumnElement[bool]:
        """Return the condition that this is how the worker of a column stands in a kind."""
        return and_(cls.worker_id == worker_id, cls.kind == kind)


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
    is_ruled: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the owner decided it, whatever the votes say: see `ruling`."""

    clip: Mapped[Clip] = relationship(back_populates="decision")
