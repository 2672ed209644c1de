"""What a worker says about a whole video: read from a form, stored as stretches."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import BadAnswer
from annotation_ui.kinds.segments.questions import Question
from annotation_ui.languages.words import gettext, ngettext
from kinetics_builder.crowd.kinds.segments import add_stretches
from kinetics_builder.crowd.segments.deciding import KIND, read_marked
from kinetics_builder.crowd.segments.grading import Graded
from kinetics_builder.database.tables import TimelineAnswer
from kinetics_builder.formats.checks import LONGEST_SECONDS
from kinetics_builder.intervals import Interval

MAX_MARKS = 200
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """When a class happens in one video; no marks: never, or the worker cannot tell."""

    kind: ClassVar[str] = KIND

    marks: tuple[Interval, ...]
    is_unsure: bool = False
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same about the video."""
        return (self.marks, self.is_unsure) == (other.marks, other.is_unsure)


def read_reply(form: Mapping[str, str]) -> Reply:
    """Return the answer that a form holds: `marks`, a JSON list of [start, end] in seconds.

    With `unsure` there are none.

    Raises:
        BadAnswer: `marks` is no such list, or `revision` no number.

    """
    if form.get("unsure"):
        return Reply((), True, read_seconds(form), read_revision(form))
    text = form.get("marks", "")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadAnswer(f"marks={text[:60]!r} is not JSON.") from None
    if not isinstance(found, list) or len(found) > MAX_MARKS:
        raise BadAnswer(f"marks={text[:60]!r} is not a list of {MAX_MARKS} stretches or fewer.")
    marks = {_read_mark(place, mark) for place, mark in enumerate(found)}
    return Reply(tuple(sorted(marks)), False, read_seconds(form), read_revision(form))


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    (timeline_id,) = subject
    rows = session.execute(_GIVEN, {"worker_id": worker_id, "timeline_id": timeline_id}).all()
    said = read_marked(session.connection(), [row.id for row in rows])
    return [
        Reply(tuple(said.get(row.id, ())), row.is_unsure, row.seconds, row.revision) for row in rows
    ]


def insert_marks(session: Session, worker_id: int, question: Question, reply: Reply) -> None:
    """Add an answer; what lies behind the video's end is cut off."""
    row = {
        "worker_id": worker_id,
        "timeline_id": question.timeline_id,
        "slot_id": question.slot_id,
        "is_unsure": reply.is_unsure,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    answer_id = session.scalars(insert(TimelineAnswer).returning(TimelineAnswer.id), [row]).one()
    last = question.duration_seconds
    inside = [Interval(start, min(end, last)) for start, end in reply.marks if start < last]
    add_stretches(session.connection(), answer_id, inside)


def words_for(marks: Sequence[Interval], *, is_unsure: bool = False) -> str:
    """Return how often it happens, in words."""
    if is_unsure:
        return gettext("unsure")
    if not marks:
        return gettext("never")
    return ngettext("%(num)s time", "%(num)s times", len(marks))


def words_for_graded(graded: Graded) -> str:
    """Return what was met and missed, and how many marks are too many."""
    if not graded.num_true:
        if graded.num_extra:
            return gettext("It never happens in this video.")
        return gettext("It never happens, as you said.")
    met = gettext(
        "You marked %(number)s of the %(total)s times that it happens",
        number=graded.num_met,
        total=graded.num_true,
    )
    if not graded.num_extra:
        return f"{met}."
    extra = ngettext(
        "%(num)s of your marks lies elsewhere",
        "%(num)s of your marks lie elsewhere",
        graded.num_extra,
    )
    return f"{met}; {extra}."


def _read_mark(place: int, mark: Any) -> Interval:
    if not isinstance(mark, list) or len(mark) != 2 or not all(map(_is_moment, mark)):
        raise BadAnswer(f"Mark {place} is not [start, end] in seconds.")
    start, end = (round(float(value), _DIGITS) for value in mark)
    if not start < end:
        raise BadAnswer(f"Mark {place}: {mark} ends before it starts.")
    return Interval(start, end)


def _is_moment(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= LONGEST_SECONDS


_GIVEN = (
    select(
        TimelineAnswer.id,
        TimelineAnswer.is_unsure,
        TimelineAnswer.seconds,
        TimelineAnswer.revision,
    )
    .where(
        TimelineAnswer.worker_id == bindparam("worker_id"),
        TimelineAnswer.timeline_id == bindparam("timeline_id"),
    )
    .order_by(TimelineAnswer.revision)
)
