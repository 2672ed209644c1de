"""What people say of a person's actions, what is known of them, and what follows."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.answered import Answered
from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Answer, BoxFlag, Verdict


class ActionAnswer(Answered, Base):
    """What one worker says that the person of a box does. Written by the page.

    The actions are `proposed_action` rows; there are none where the box is flagged.
    """

    __tablename__ = "action_answer"
    __table_args__ = (
        UniqueConstraint("worker_id", "person_box_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
    )
    SUBJECT = ("person_box_id",)

    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), index=True)
    flag: Mapped[BoxFlag | None] = mapped_column(default=None)
    """Why no action can be named; None where some are."""
    other: Mapped[str | None] = mapped_column(String(100), default=None)
    """An action that the vocabulary lacks, in the worker's words."""


class ProposedAction(Base):
    """One action of an answer. Written with the answer."""

    __tablename__ = "proposed_action"

    answer_id: Mapped[int] = mapped_column(ForeignKey("action_answer.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True)
    """Its number in the vocabulary."""


class BoxProposal(Base):
    """How many have named the actions of a box. Kept by the page with every answer.

    Remade by `aggregate`. Where it is accepted, `action_candidate` says what they named.
    """

    __tablename__ = "box_proposal"

    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    verdict: Mapped[Verdict]
    """Rejected: the box cannot be judged, or is no person's."""
    num_named: Mapped[int]
    num_blocked: Mapped[int]
    num_wrong_box: Mapped[int]
    num_set_aside: Mapped[int]


class ActionCandidate(Base):
    """An action that somebody proposed for a box. Kept with `box_proposal`."""

    __tablename__ = "action_candidate"

    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True)
    num_proposed: Mapped[int]
    """Workers who named it."""


class ActionVote(Answered, Base):
    """What one worker says of one action of a box. Written by the page."""

    __tablename__ = "action_vote"
    __table_args__ = (
        UniqueConstraint("worker_id", "person_box_id", "action_id", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
        CheckConstraint("answer <> 'bad'", name="is_no_bad_clip"),
    )
    SUBJECT = ("person_box_id", "action_id")

    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), index=True)
    action_id: Mapped[int]
    answer: Mapped[Answer]


class PersonAction(Base):
    """Whether a person does an action. Kept by the page with every answer.

    Remade by `aggregate`.
    """

    __tablename__ = "person_action"

    person_box_id: Mapped[int] = mapped_column(ForeignKey("person_box.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict]
    num_yes: Mapped[int]
    num_no: Mapped[int]
    num_unsure: Mapped[int]
    num_set_aside: Mapped[int]


class GoldAction(Base):
    """A true action of a box that is gold. Written by `gold`; only ever added."""

    __tablename__ = "gold_action"

    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"), primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True)
