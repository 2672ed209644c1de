"""Answers that were taken and are not written yet: many are written in one statement."""

from typing import Any

from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Given, Kind


class Unwritten:
    """Answers of one kind, for one transaction. Write them before you read any."""

    def __init__(self, kind: Kind, session: Session) -> None:
        self.kind = kind
        self.session = session
        self._answers: list[Given] = []

    def add(self, worker_id: int, question: Any, reply: Any) -> None:
        """Take an answer."""
        self._answers.append((worker_id, question, reply))

    def write(self) -> None:
        """Write what was taken, in its order."""
        if self._answers:
            self.kind.insert_all(self.session, self._answers)
        self._answers = []
