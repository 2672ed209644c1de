"""What a worker says about a key frame: read from a form, stored as boxes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.boxes.questions import Question
from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import BadAnswer
from annotation_ui.languages.words import gettext, ngettext
from kinetics_builder.crowd.boxes.decisions import KIND, read_drawn
from kinetics_builder.crowd.boxes.policy import Drawn, Graded
from kinetics_builder.crowd.kinds.boxes import add_boxes
from kinetics_builder.database.tables import BoxAnswer

MAX_BOXES = 100
_DIGITS = 6
_NUM_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """Who is to be seen at one key frame; no boxes: nobody."""

    kind: ClassVar[str] = KIND

    boxes: tuple[Drawn, ...]
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same about the key frame."""
        return sorted(map(_corners, self.boxes)) == sorted(map(_corners, other.boxes))


def read_reply(form: Mapping[str, str]) -> Reply:
    """Return the answer that a form holds: `boxes`, a JSON list of [x1, y1, x2, y2, number].

    Corners are shares of the frame's width and height; `number` is that of the box it began as,
    or null for one that was drawn.

    Raises:
        BadAnswer: `boxes` is no such list, or `revision` no number.

    """
    text = form.get("boxes", "")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadAnswer(f"boxes={text[:60]!r} is not JSON.") from None
    if not isinstance(found, list) or len(found) > MAX_BOXES:
        raise BadAnswer(f"boxes={text[:60]!r} is not a list of {MAX_BOXES} boxes or fewer.")
    boxes = tuple(_read_box(place, box) for place, box in enumerate(found))
    return Reply(boxes, read_seconds(form), read_revision(form))


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    (key_frame_id,) = subject
    rows = session.execute(_GIVEN, {"worker_id": worker_id, "key_frame_id": key_frame_id}).all()
    drawn = read_drawn(session.connection(), [row.id for row in rows])
    return [Reply(tuple(drawn.get(row.id, ())), row.seconds, row.revision) for row in rows]


def insert_boxes(session: Session, worker_id: int, question: Question, reply: Reply) -> None:
    """Add an answer. A box that began as none of the question's was drawn."""
    row = {
        "worker_id": worker_id,
        "key_frame_id": question.key_frame_id,
        "slot_id": question.slot_id,
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    known = {box.began_as for box in question.boxes}
    answer_id = session.scalars(insert(BoxAnswer).returning(BoxAnswer.id), [row]).one()
    boxes = [box if box.began_as in known else box._replace(began_as=None) for box in reply.boxes]
    add_boxes(session.connection(), answer_id, boxes)


def words_for(boxes: Sequence[Any]) -> str:
    """Return how many persons there are, in words."""
    if not boxes:
        return gettext("nobody")
    return ngettext("%(num)s person", "%(num)s people", len(boxes))


def words_for_graded(graded: Graded) -> str:
    """Return who was met and missed, and how many boxes are around nobody."""
    num_extra = len(graded.too_many)
    if not graded.pairs:
        if num_extra:
            return gettext("Nobody is there.")
        return gettext("Nobody is there, as you said.")
    persons = words_for(graded.pairs)
    met = gettext("You met %(number)s of %(persons)s", number=graded.num_met, persons=persons)
    if not num_extra:
        return f"{met}."
    extra = ngettext(
        "%(num)s of your boxes is around nobody",
        "%(num)s of your boxes are around nobody",
        num_extra,
    )
    return f"{met}; {extra}."


def _read_box(place: int, box: Any) -> Drawn:
    if not isinstance(box, list) or len(box) != _NUM_FIELDS:
        raise BadAnswer(f"Box {place} is not [x1, y1, x2, y2, number or null].")
    *corners, began_as = box
    if not all(_is_share(value) for value in corners):
        raise BadAnswer(f"Box {place}: {corners} are not shares from 0 to 1.")
    x1, y1, x2, y2 = (round(float(value), _DIGITS) for value in corners)
    if not (x1 < x2 and y1 < y2):
        raise BadAnswer(f"Box {place}: {corners} is no box: x1 < x2 and y1 < y2 must hold.")
    if began_as is not None and (not isinstance(began_as, int) or isinstance(began_as, bool)):
        raise BadAnswer(f"Box {place}: {began_as!r} is no number of a box.")
    return Drawn(x1, y1, x2, y2, began_as)


def _is_share(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1


def _corners(box: Drawn) -> tuple[float, ...]:
    return tuple(box[:4])


_GIVEN = (
    select(BoxAnswer.id, BoxAnswer.seconds, BoxAnswer.revision)
    .where(
        BoxAnswer.worker_id == bindparam("worker_id"),
        BoxAnswer.key_frame_id == bindparam("key_frame_id"),
    )
    .order_by(BoxAnswer.revision)
)
