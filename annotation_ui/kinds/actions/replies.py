"""What a worker says that a person does: read from a form, stored with its actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.frames.seen import Seen, with_person
from annotation_ui.kinds.actions.fields import read_actions
from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import NUM_EARLIER, BadAnswer
from annotation_ui.languages.words import gettext, lazy_gettext
from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.crowd.kinds import actions as crowd
from kinetics_builder.database.tables import ActionAnswer, BoxFlag
from kinetics_builder.text.foreign import one_line

FLAGS = {
    "blocked": lazy_gettext("Hidden or blocked"),
    "wrong_box": lazy_gettext("Wrong box"),
}
"""What the buttons of the page send as `flag`, and what they say."""

MAX_OTHER = 100


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker says about one person."""

    kind: ClassVar[str] = "actions"

    actions: tuple[int, ...] = ()
    """Their numbers, in order; empty where the box is flagged."""
    flag: BoxFlag | None = None
    other: str | None = None
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same."""
        return (self.actions, self.flag, self.other) == (other.actions, other.flag, other.other)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    slot_id: int
    box_id: int
    seen: Seen
    actions: tuple[int, ...]
    flag: BoxFlag | None
    other: str | None
    revision: int

    @property
    def subject(self) -> tuple[int, ...]:
        """Return what the question is about."""
        return (self.box_id,)


def read_reply(form: Mapping[str, str], actions: Vocabulary) -> Reply:
    """Return the answer that a form holds: the names of actions, or a `flag`.

    Raises:
        BadAnswer: A field or `revision` is none of the values there are, the actions are not
            what a person may do at one moment, or there are actions beside a flag.

    """
    named = read_actions(form, actions)
    other = (one_line(form.get("other")) or "")[:MAX_OTHER].strip() or None
    flag = _read_flag(form)
    if flag is not None and (named or other):
        raise BadAnswer(f"flag={flag.value!r} says that nothing can be named; leave the fields.")
    if flag is None and not named:
        raise BadAnswer(gettext("Found no pose: a person always has one, such as stand or sit."))
    return Reply(named, flag, other, read_seconds(form), read_revision(form))


def _read_flag(form: Mapping[str, str]) -> BoxFlag | None:
    found = form.get("flag", "")
    if found and found not in FLAGS:
        raise BadAnswer(f"flag={found!r} is not one of {', '.join(FLAGS)}.")
    return BoxFlag(found) if found else None


def given(session: Session, worker_id: int, box_id: int) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    rows = session.execute(_GIVEN, {"worker_id": worker_id, "box_id": box_id}).all()
    named = crowd.read_actions(session.connection(), [row.id for row in rows])
    return [
        Reply(tuple(named.get(row.id, ())), row.flag, row.other, row.seconds, row.revision)
        for row in rows
    ]


def insert_answer(session: Session, worker_id: int, slot: Mapping[str, int], reply: Reply) -> None:
    """Add an answer, given in a slot about a subject, with its actions."""
    row = {
        "worker_id": worker_id,
        **slot,
        "flag": reply.flag,
        "other": reply.other,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    found = session.connection().execute(_INSERT, row).inserted_primary_key
    assert found is not None
    crowd.add_actions(session.connection(), found[0], reply.actions)


def read_earlier(session: Session, worker_id: int) -> list[Earlier]:
    """Return the worker's last `NUM_EARLIER` answers, the newest last."""
    rows: Sequence[Any] = session.execute(_EARLIER, {"worker_id": worker_id}).all()
    named = crowd.read_actions(session.connection(), [row[0] for row in rows])
    return [
        Earlier(
            slot_id, box_id, Seen._make(seen), tuple(named.get(answer_id, ())), flag, other, number
        )
        for answer_id, slot_id, box_id, flag, other, number, *seen in reversed(rows)
    ]


_ANSWER: Any = ActionAnswer.__table__
_INSERT = insert(_ANSWER)
_GIVEN = (
    select(
        ActionAnswer.id,
        ActionAnswer.flag,
        ActionAnswer.other,
        ActionAnswer.seconds,
        ActionAnswer.revision,
    )
    .where(
        ActionAnswer.worker_id == bindparam("worker_id"),
        ActionAnswer.person_box_id == bindparam("box_id"),
    )
    .order_by(ActionAnswer.revision)
)
_EARLIER = (
    with_person(
        select(
            ActionAnswer.id,
            ActionAnswer.slot_id,
            ActionAnswer.person_box_id,
            ActionAnswer.flag,
            ActionAnswer.other,
            ActionAnswer.revision,
        ),
        ActionAnswer.person_box_id,
    )
    .where(ActionAnswer.worker_id == bindparam("worker_id"), ActionAnswer.stands())
    .order_by(ActionAnswer.id.desc())
    .limit(NUM_EARLIER)
)
