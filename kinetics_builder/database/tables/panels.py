"""Who comes from paid panels, in which sessions, and what the panels were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.crowd import Worker
from kinetics_builder.database.tables.values import Decided, Outcome


class PanelPerson(Base):
    """A participant of a platform, who is one worker in all its studies. Written by the page.

    The platform's id stands here alone: all else calls the worker by a name that says nothing.
    """

    __tablename__ = "panel_person"
    __table_args__ = (UniqueConstraint("realm", "participant"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    realm: Mapped[str] = mapped_column(String(300))
    """Within what the id is one person: the platform."""
    participant: Mapped[str] = mapped_column(String(255))
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)

    worker: Mapped[Worker] = relationship()


class PanelVisit(Base):
    """A session (submission, assignment) of a participant. Written by the page.

    What ends it is written once.
    """

    __tablename__ = "panel_visit"
    __table_args__ = (UniqueConstraint("panel", "session"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel: Mapped[str] = mapped_column(String(40))
    """The name in the settings."""
    study: Mapped[str] = mapped_column(String(255))
    session: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("panel_person.id"), index=True)
    submit_to: Mapped[str] = mapped_column(default="", server_default="")
    """Where the finished form is posted, of platforms that want one."""
    began_at: Mapped[float]
    """Unix time in seconds at which the participant agreed to take part."""
    expires_at: Mapped[float]
    """Unix time in seconds after which the place is free, unless the session has ended."""
    answers_before: Mapped[int]
    """Answers that the worker had given before; likewise the next two."""
    gold_before: Mapped[int]
    gold_right_before: Mapped[int]
    ended_at: Mapped[float | None] = mapped_column(default=None)
    outcome: Mapped[Outcome | None] = mapped_column(default=None)
    num_answers: Mapped[int | None] = mapped_column(default=None)
    """Given in the session; likewise the next two. None until it ends."""
    num_gold: Mapped[int | None] = mapped_column(default=None)
    num_gold_right: Mapped[int | None] = mapped_column(default=None)

    person: Mapped[PanelPerson] = relationship()


class PanelPayment(Base):
    """What a panel was told about a session. Written by `crowd pay`; only ever added."""

    __tablename__ = "panel_payment"

    visit_id: Mapped[int] = mapped_column(ForeignKey("panel_visit.id"), primary_key=True)
    run: Mapped[int]
    """Counts the runs of `crowd pay` for this panel, from 1."""
    decided: Mapped[Decided]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    bonus_cents: Mapped[int]
    """Hundredths of the study's currency."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())

    visit: Mapped[PanelVisit] = relationship()
