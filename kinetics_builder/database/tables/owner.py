"""What the owner says about clips."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, exists, func
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.values import Verdict


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
