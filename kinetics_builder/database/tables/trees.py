"""Decision trees of questions, the paths that people take through them, and where those lead."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.answered import Answered
from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Verdict


class DecisionTree(Base):
    """The questions of a group of classes. Written by `collect`; retired, never deleted."""

    __tablename__ = "decision_tree"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """Of the group."""
    told: Mapped[str]
    """Its questions as JSON, see `kinetics_builder.crowd.trees.written`."""
    is_retired: Mapped[bool] = mapped_column(default=False, server_default=false())


class TreeAnswer(Answered, Base):
    """One worker's path through a tree, about a clip. Written by the page."""

    __tablename__ = "tree_answer"
    __table_args__ = (
        UniqueConstraint("worker_id", "clip_id", "tree_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
    )
    SUBJECT = ("clip_id", "tree_id")

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    tree_id: Mapped[int] = mapped_column(ForeignKey("decision_tree.id"))
    path: Mapped[list[list[str]]]
    """The key of each question that was answered, and the answer, in the order of asking."""
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    """The class that it led to when it was given; None where it led to none."""


class TreeDecision(Base):
    """Where the decided answers about a clip lead. Kept by the page with every answer.

    Remade by `aggregate`.
    """

    __tablename__ = "tree_decision"
    __table_args__ = (Index("ix_tree_decision_label_id", "label_id"),)

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    tree_id: Mapped[int] = mapped_column(ForeignKey("decision_tree.id"))
    verdict: Mapped[Verdict]
    """Accepted: it is `label_id`. Rejected: it is none, or nobody else is asked about it."""
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    question: Mapped[str | None] = mapped_column(String(100), default=None)
    """The key of the question that is not decided; None where none is left."""
    group_name: Mapped[str | None] = mapped_column(String(100), default=None)
    """The group whose question that is: the deepest inner node that stands."""
    path: Mapped[list[list[str]]]
    """The decided questions and their answers, in the order of asking."""
    num_yes: Mapped[int]
    """Answers that lead to `label_id`."""
    num_no: Mapped[int]
    """Answers that lead elsewhere."""
    num_unsure: Mapped[int]
    num_bad: Mapped[int]
    num_set_aside: Mapped[int]
