"""What answers of every kind have."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, ForeignKey, exists, func
from sqlalchemy.orm import Mapped, aliased, mapped_column


class Answered:
    """What answers of every kind have. Rows are only ever added.

    A worker who thinks better of it answers again: that is a row more, with the next `revision`.
    """

    SUBJECT: ClassVar[tuple[str, ...]]
    """The columns that name what the question was about."""

    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("task_slot.id"))
    seconds: Mapped[float | None] = mapped_column(default=None)
    """From the question's first showing to the answer, as the browser says."""
    answered_at: Mapped[float | None] = mapped_column(default=None)
    """Unix time in seconds at which the server heard it."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """0 for the worker's first answer to this question, 1 for the one that replaced it, ..."""

    @classmethod
    def stands(cls) -> ColumnElement[bool]:
        """Return the condition that the worker has not answered again: whoever counts asks it."""
        mine: Any = cls
        later: Any = aliased(mine)
        same = [getattr(later, name) == getattr(mine, name) for name in cls.SUBJECT]
        newer = later.revision > mine.revision
        is_later = exists(later.id).where(later.worker_id == mine.worker_id, *same, newer)
        return ~is_later.correlate(mine)
