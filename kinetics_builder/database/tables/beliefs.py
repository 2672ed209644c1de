"""What the posterior policy keeps between two looks at all answers."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base


class ClipBelief(Base):
    """What is thought of a clip. Kept by the page with every answer.

    Remade by `assign`, `aggregate`, and the page from time to time. Without rows under another
    policy.
    """

    __tablename__ = "clip_belief"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    prior: Mapped[float]
    """P(yes) before anybody has answered: by its score, or by the owner's word."""
    probability: Mapped[float]
    """P(yes) by now."""
    worth: Mapped[float] = mapped_column(index=True)
    """Right decisions that one more answer is expected to gain; 0 where none is asked for."""


class WorkerBelief(Base):
    """What a worker's answers are taken to tell. Made by whoever looks at all answers."""

    __tablename__ = "worker_belief"

    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    yes_by_looks: Mapped[list[float]]
    """P(yes) about a clip that looks like no, then like yes, at each difficulty."""
    is_asked: Mapped[bool]
    """Whether it pays to ask: who tells too little is asked where nobody else is there."""
