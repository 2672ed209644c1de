"""How far the work is, in sums that are kept as it goes on: what the owner's page shows."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Verdict


class WorkTally(Base):
    """Questions of one kind about one class, summed up: `tallied_slot` over all its rows.

    Kept by `kinetics_builder.crowd.finishing` with all that changes a question; remade by
    `aggregate`.
    """

    __tablename__ = "work_tally"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    about_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The class: of clips their label, of verified actions the action, else 0."""
    num_asked: Mapped[int]
    num_accepted: Mapped[int]
    num_rejected: Mapped[int]
    num_answers: Mapped[int]
    """Those set aside included."""
    num_overruled: Mapped[int]
    """Answers that the decision contradicts: how hard the class is."""


class TalliedSlot(Base):
    """How an ordinary question is counted in `work_tally`. Kept with it, by the same writer.

    There is none for a question that is asked no more, such as one about a withdrawn clip.
    """

    __tablename__ = "tallied_slot"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("task_slot.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20), index=True)
    about_id: Mapped[int]
    verdict: Mapped[Verdict]
    num_answers: Mapped[int]
    num_overruled: Mapped[int]


class HourTally(Base):
    """Answers of an hour. Kept by the page with every answer, remade by `aggregate`."""

    __tablename__ = "hour_tally"

    hour: Mapped[str] = mapped_column(String(13), primary_key=True)
    """In UTC, as `YYYY-MM-DD HH`."""
    num_votes: Mapped[int]
    """Questions of any kind first answered in it."""
