"""What the owner says about clips and does, and who may say so beside."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, exists, func
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Act, Verdict


class Ruling(Base):
    """The owner's word about a clip, which goes before all votes. Written by the owner's page.

    Only ever added: the last row about a clip counts, and one that says open takes the word back.
    """

    __tablename__ = "ruling"

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    verdict: Mapped[Verdict]
    reason: Mapped[str] = mapped_column(String(300))
    ruled_by: Mapped[str] = mapped_column(String(80))
    """Who says so."""
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    """The class that the clip shows, or does not, where a tree of questions leads to one; None for
    the class that it was proposed for."""
    ruled_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @staticmethod
    def stands() -> ColumnElement[bool]:
        """Return the condition that no later row is about the clip."""
        later = aliased(Ruling)
        return ~(
            exists(later.id)
            .where(later.clip_id == Ruling.clip_id, later.id > Ruling.id)
            .correlate(Ruling)
        )


class AuditedClip(Base):
    """An accepted clip that was drawn by chance, for the owner to say what it is.

    Written by `crowd audit --draw`, only ever added. What the owner says is a `ruling`.
    """

    __tablename__ = "audited_clip"
    __table_args__ = (UniqueConstraint("audit", "clip_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit: Mapped[int]
    """Which draw it belongs to, from 1."""
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    claimed_purity: Mapped[float | None]
    """What was claimed of all accepted clips then; None where nothing was."""
    drawn_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OwnerAct(Base):
    """One thing that the owner, or a reviewer, did. Written with what was done; only ever added."""

    __tablename__ = "owner_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[Act]
    acted_by: Mapped[str] = mapped_column(String(80))
    """A reviewer's name, the owner at the page, or the owner by a command."""
    about: Mapped[str] = mapped_column(String(300))
    """On whom or on what, in words."""
    why: Mapped[str] = mapped_column(String(300), default="", server_default="")
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True, default=None)
    """The worker, where it was one."""
    clip_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), default=None)
    """The clip, where it was one."""
    acted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reviewer(Base):
    """Somebody who may look and decide what people dispute. Written by `crowd reviewer`."""

    __tablename__ = "reviewer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the code, as a worker's."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the code lets nobody in."""


class WorkerMessage(Base):
    """What the owner wrote to a worker. Written by the owner's page and `crowd message`.

    `read_at` by the page, once.
    """

    __tablename__ = "worker_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    text: Mapped[str]
    written_by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the worker said that it was read."""
