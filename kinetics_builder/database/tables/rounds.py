"""Rounds of gold that the owner asks of a worker who is set aside."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import RoundState


class GoldRound(Base):
    """Known questions asked of one worker alone, who counts again on passing.

    Written by the owner's page and `crowd requalify`; how it ended, with its last answer.
    """

    __tablename__ = "gold_round"
    __table_args__ = (
        Index(
            "ix_gold_round_open",
            "worker_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    """The task that holds its questions, of this worker alone."""
    state: Mapped[RoundState]
    num_asked: Mapped[int]
    least_right: Mapped[int]
    """Right answers that pass, if nothing else speaks against the worker in this round."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_vote_id: Mapped[int | None] = mapped_column(default=None)
    """The answer that ended it: from there on the worker is judged by the round, if passed."""
    num_yes: Mapped[int] = mapped_column(default=0)
    """Answers to gold of the first sort, as `WorkerStanding` counts them."""
    num_yes_right: Mapped[int] = mapped_column(default=0)
    num_other: Mapped[int] = mapped_column(default=0)
    num_other_right: Mapped[int] = mapped_column(default=0)
    num_hasty: Mapped[int] = mapped_column(default=0)
