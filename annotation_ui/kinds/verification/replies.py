"""What a worker says about one action of a person: read from a form, stored as a vote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.frames.seen import Seen, with_person
from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import NUM_EARLIER, BadAnswer
from annotation_ui.languages.words import lazy_gettext
from kinetics_builder.database.tables import ActionVote, Answer

CHOICES = {
    "yes": lazy_gettext("Yes"),
    "no": lazy_gettext("No"),
    "unsure": lazy_gettext("Unsure"),
}
"""What the buttons of the page send as `answer`, and what they say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker says about one action."""

    kind: ClassVar[str] = "verification"

    answer: Answer
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same."""
        return self.answer is other.answer


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    slot_id: int
    box_id: int
    action_id: int
    answer: Answer
    revision: int
    seen: Seen

    @property
    def subject(self) -> tuple[int, ...]:
        """Return what the question is about."""
        return self.box_id, self.action_id


def read_reply(form: Mapping[str, str]) -> Reply:
    """Return the answer that a form holds.

    Raises:
        BadAnswer: `answer` or `revision` is none of the values there are.

    """
    found = form.get("answer", "")
    if found not in CHOICES:
        raise BadAnswer(f"answer={found!r} is not one of {', '.join(CHOICES)}.")
    return Reply(Answer(found), read_seconds(form), read_revision(form))


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    box_id, action_id = subject
    about = {"worker_id": worker_id, "box_id": box_id, "action_id": action_id}
    return [Reply(*row) for row in session.execute(_GIVEN, about)]


def insert_vote(session: Session, worker_id: int, slot: Mapping[str, int], reply: Reply) -> None:
    """Add an answer, given in a slot about a subject."""
    row = {
        "worker_id": worker_id,
        **slot,
        "answer": reply.answer,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    session.connection().execute(_INSERT, row)


def read_earlier(session: Session, worker_id: int) -> list[Earlier]:
    """Return the worker's last `NUM_EARLIER` answers, the newest last."""
    rows: Sequence[Any] = session.execute(_EARLIER, {"worker_id": worker_id}).all()
    return [
        Earlier(slot_id, box_id, action_id, answer, revision, Seen._make(seen))
        for slot_id, box_id, action_id, answer, revision, *seen in reversed(rows)
    ]


_VOTE: Any = ActionVote.__table__
_INSERT = insert(_VOTE)
_GIVEN = (
    select(ActionVote.answer, ActionVote.seconds, ActionVote.revision)
    .where(
        ActionVote.worker_id == bindparam("worker_id"),
        ActionVote.person_box_id == bindparam("box_id"),
        ActionVote.action_id == bindparam("action_id"),
    )
    .order_by(ActionVote.revision)
)
_EARLIER = (
    with_person(
        select(
            ActionVote.slot_id,
            ActionVote.person_box_id,
            ActionVote.action_id,
            ActionVote.answer,
            ActionVote.revision,
        ),
        ActionVote.person_box_id,
    )
    .where(ActionVote.worker_id == bindparam("worker_id"), ActionVote.stands())
    .order_by(ActionVote.id.desc())
    .limit(NUM_EARLIER)
)
