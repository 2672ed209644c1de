"""The list of classes, as the classes file has it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Term
from kinetics_builder.ways import Way


class Label(Base):
    """A class of the classes file. Written by `collect`; retired, never deleted.

    A part of a class that an edit split is one, too, as long as the edit stands: written by
    `curate`, and searched for by nobody.
    """

    __tablename__ = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(100), unique=True, index=True, default=None)
    """What it stays known by when its name changes (`id` in the file); None: by its name alone."""
    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[str | None] = mapped_column(default=None)
    example: Mapped[str | None] = mapped_column(default=None)
    way: Mapped[Way | None] = mapped_column(default=None)
    """How its clips are shown to people; None for `verify.way`."""
    is_retired: Mapped[bool] = mapped_column(default=False)
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"), default=None)
    """The class that it is a part of; None of one that the classes file has."""
    target: Mapped[int | None] = mapped_column(default=None)
    """Accepted clips after which nobody is asked about more; written as the next by what writes
    versions."""
    num_examples: Mapped[int] = mapped_column(default=0, server_default="0")
    """Clips that are shown beside the class."""
    is_full: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the target is reached: kept by the page with every decision."""
    tree_id: Mapped[int | None] = mapped_column(ForeignKey("decision_tree.id"), default=None)
    """The tree of questions by which its clips are asked about; None where one question does."""

    terms: Mapped[list["LabelTerm"]] = relationship(
        back_populates="label", order_by="LabelTerm.id", cascade="all, delete-orphan"
    )


class ClassVersion(Base):
    """What was said of a class from some time on, and how it was asked about; only ever added.

    Written by the owner's page, and by `collect` where the classes file has changed. A class of
    which the page has never written has none.
    """

    __tablename__ = "class_version"
    __table_args__ = (UniqueConstraint("label_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), index=True)
    number: Mapped[int]
    """From 1: what the classes file said before."""
    description: Mapped[str]
    example: Mapped[str]
    accepted: Mapped[list[int]]
    """Clips that show the class."""
    refused: Mapped[list[int]]
    """Clips that don't."""
    way: Mapped[Way | None] = mapped_column(default=None)
    target: Mapped[int | None] = mapped_column(default=None)
    written_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())


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


class ClassGroup(Base):
    """A group of classes. Written by `collect`; it is there as long as the classes file has it."""

    __tablename__ = "class_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("class_group.id"), default=None)
    place: Mapped[int]
    """In the file, from 0."""
    question: Mapped[str | None] = mapped_column(default=None)
    """To be answered by yes or no: is what is shown in this group?"""
    description: Mapped[str | None] = mapped_column(default=None)


class LabelGroup(Base):
    """That a class is in a group. Written by `collect`."""

    __tablename__ = "label_group"

    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("class_group.id"), primary_key=True, index=True
    )
    place: Mapped[int] = mapped_column(default=0)
    """Among the groups of its class, from 0."""
