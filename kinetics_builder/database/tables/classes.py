"""The list of classes, as the classes file has it."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Term
from kinetics_builder.ways import Way


class Label(Base):
    """A class of the classes file. Written by `collect`; retired, never deleted."""

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
