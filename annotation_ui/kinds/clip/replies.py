"""What a worker says about a clip: read from a form, stored as a vote."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import BadAnswer, Given
from annotation_ui.languages.words import lazy_gettext
from kinetics_builder.database.tables import Answer, PassedSlot, Vote
from kinetics_builder.text.foreign import one_line

CHOICES = {
    "yes-all": lazy_gettext("Yes, all the time"),
    "yes-partly": lazy_gettext("Yes, a part of it"),
    "no": lazy_gettext("No"),
    "unsure": lazy_gettext("Unsure"),
    "bad": lazy_gettext("Bad clip"),
    "yes-seen": lazy_gettext("Yes"),
    "unplayable": lazy_gettext("Does not play here"),
}
"""What the page sends as `answer`, and what it is called. In a grid nobody is asked how long an
action lasts: a clip that was seen and not struck out is `yes-seen`. What a browser cannot play
is `unplayable`: no vote, the question is left to others."""

MAX_BETTER_NAME = 100
MAX_BROWSER = 300

_YES_NO = {"yes": True, "no": False}
_LASTS = {"yes-all": True, "yes-partly": False}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker says about one clip."""

    kind: ClassVar[str] = "clip"

    answer: Answer
    lasts_whole_clip: bool | None = None
    better_name: str | None = None
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""
    unplayed_by: str = ""
    """The browser that could not play the clip, and why: then nothing is said of the clip."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same about the clip."""
        return self._said == other._said

    @property
    def _said(self) -> tuple[Answer, bool | None, str | None, bool]:
        return self.answer, self.lasts_whole_clip, self.better_name, bool(self.unplayed_by)


def read_reply(form: Mapping[str, str]) -> Reply:
    """Return the answer that a form holds.

    `answer` is one of `CHOICES`, or a plain `yes`: then `lasts_whole_clip` must say yes or no
    to how long. It is ignored otherwise, and so is `better_name` with a yes. Seconds that are
    no number of a day are dropped, not refused; but `yes-seen` needs some.

    Raises:
        BadAnswer: `answer`, `lasts_whole_clip` or `revision` is none of the values there are, or
            the clip of a `yes-seen` was not seen.

    """
    found = form.get("answer", "")
    if found == "yes-seen":
        return Reply(Answer.YES, None, None, _seen(form), read_revision(form))
    if found == "unplayable":
        browser = (one_line(form.get("browser")) or "no browser named")[:MAX_BROWSER]
        return Reply(Answer.BAD, revision=read_revision(form), unplayed_by=browser)
    if found in _LASTS:
        return Reply(Answer.YES, _LASTS[found], None, read_seconds(form), read_revision(form))
    if found not in list(Answer):
        raise BadAnswer(f"answer={found!r} is not one of {', '.join(Answer)}.")
    answer = Answer(found)
    if answer is Answer.YES:
        return Reply(answer, _lasts(form), None, read_seconds(form), read_revision(form))
    return Reply(answer, None, _better_name(form), read_seconds(form), read_revision(form))


def choice_of(answer: Answer, lasts_whole_clip: bool | None, unplayed_by: str = "") -> str:
    """Return which of `CHOICES` an answer is."""
    if unplayed_by:
        return "unplayable"
    if answer is not Answer.YES:
        return answer.value
    if lasts_whole_clip is None:
        return "yes-seen"
    return "yes-all" if lasts_whole_clip else "yes-partly"


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    clip_id, label_id, *again = subject
    about = {"worker_id": worker_id, "clip_id": clip_id, "label_id": label_id}
    about["occasion"] = again[0] if again else 1
    return [Reply(*row) for row in session.execute(_GIVEN, about)]


def insert_votes(session: Session, given: Iterable[Given]) -> None:
    """Add answers, in their order; of those whose clip did not play that it did not."""
    rows = []
    for worker_id, question, reply in given:
        if reply.unplayed_by:
            _pass(session, worker_id, question.slot_id, reply)
        else:
            rows.append(_row(worker_id, question, reply))
    if rows:
        session.connection().execute(_INSERT, rows)


def _row(worker_id: int, question: Any, reply: Reply) -> dict[str, Any]:
    return {
        "worker_id": worker_id,
        "clip_id": question.clip_id,
        "label_id": question.label_id,
        "slot_id": question.slot_id,
        "answer": reply.answer,
        "lasts_whole_clip": reply.lasts_whole_clip,
        "better_name": reply.better_name,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "occasion": question.occasion,
        "answered_at": reply.answered_at,
    }


def _pass(session: Session, worker_id: int, slot_id: int, reply: Reply) -> None:
    """Note, once, that the clip did not play."""
    if session.get(PassedSlot, (slot_id, worker_id)) is None:
        row = {"slot_id": slot_id, "worker_id": worker_id, "browser": reply.unplayed_by}
        session.execute(insert(PassedSlot), {**row, "passed_at": reply.answered_at or 0.0})


def _seen(form: Mapping[str, str]) -> float:
    seconds = read_seconds(form)
    if not seconds:
        raise BadAnswer(
            f"seconds={form.get('seconds', '')!r} is not how long the clip was seen to play: "
            "answer='yes-seen' needs more than 0."
        )
    return seconds


def _lasts(form: Mapping[str, str]) -> bool:
    found = form.get("lasts_whole_clip", "")
    if found not in _YES_NO:
        raise BadAnswer(f"lasts_whole_clip={found!r} is not yes or no; a yes needs it.")
    return _YES_NO[found]


def _better_name(form: Mapping[str, str]) -> str | None:
    name = one_line(form.get("better_name")) or ""
    return name[:MAX_BETTER_NAME].strip() or None


_VOTE = Vote.__table__
assert isinstance(_VOTE, Table)
_INSERT = insert(_VOTE)
_GIVEN = (
    select(Vote.answer, Vote.lasts_whole_clip, Vote.better_name, Vote.seconds, Vote.revision)
    .where(
        Vote.worker_id == bindparam("worker_id"),
        Vote.clip_id == bindparam("clip_id"),
        Vote.label_id == bindparam("label_id"),
        Vote.occasion == bindparam("occasion"),
    )
    .order_by(Vote.revision)
)
