"""Classes of whose clips too few show the action."""

from datetime import datetime

from sqlalchemy import ForeignKey, false, func
from sqlalchemy.orm import Mapped, mapped_column

from kinetics_builder.database.tables.base import Base


class ClassGate(Base):
    """How many of a class's first decided clips show it. Written once by what decides clips.

    `is_closed` follows from the other columns and the settings: see
    `kinetics_builder.crowd.clips.gating`.
    """

    __tablename__ = "class_gate"

    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True)
    num_decided: Mapped[int]
    """Clips that were looked at: as many as `verify.gate_clips` said."""
    num_yes: Mapped[int]
    """Of those, the accepted ones."""
    is_closed: Mapped[bool]
    """Whether no more of its clips are asked about."""
    is_opened: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the owner said that the class goes on all the same."""
    measured_at: Mapped[datetime] = mapped_column(server_default=func.now())
