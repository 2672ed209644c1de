"""What a kind of task is to the simulated annotators."""

from typing import Any, Protocol

from sqlalchemy.orm import Session

from pipelines.demo.crew.annotators import Annotator

Slot = dict[str, Any]
"""A question as the page sends it: slot, label, ..."""


class Work(Protocol):
    """A kind of task: how its questions come into tasks, and what somebody answers."""

    @property
    def kind(self) -> str:
        """Return its name, as `task.kind` has it."""

    @property
    def is_answered_together(self) -> bool:
        """Tell whether answers are sent a few at a time, as by who is quicker than the line."""

    def assign(self, session: Session) -> int:
        """Put what is to be asked next into tasks; return how many tasks are new."""

    def answer(self, annotator: Annotator, slot: Slot) -> dict[str, str]:
        """Return the form that the annotator sends, who looks at what the question shows."""
