"""What a worker says about a stretch: read from a form, stored as tracks."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.fields import read_revision, read_seconds
from annotation_ui.kinds.kind import BadAnswer
from annotation_ui.kinds.links.questions import Question, Tracks
from annotation_ui.languages.words import gettext, ngettext
from kinetics_builder.crowd.kinds.links import add_tracks
from kinetics_builder.crowd.links.deciding import LINKS
from kinetics_builder.database.tables import LinkAnswer, PersonBox, TrackedBox

MAX_BOXES = 5000
"""No stretch has as many: two key frames of a crowd, or `assign.stretch_boxes`."""
FIELD = "person-"
"""Of a form without a script: `person-BOX` says of a box whose it is, in a word of one's own."""
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Reply:
    """Whose the boxes of a stretch are."""

    kind: ClassVar[str] = LINKS

    tracks: Tracks
    seconds: float | None = None
    revision: int = 0
    """How many answers of this worker to this question it replaces."""
    answered_at: float | None = None
    """Unix time in seconds at which the server heard it."""

    def agrees_with(self, other: "Reply") -> bool:
        """Tell whether both say the same about the stretch."""
        return are_same(self.tracks, other.tracks)


def are_same(one: Tracks, other: Tracks) -> bool:
    """Tell whether two answers follow the same people."""
    return set(map(frozenset, one)) == set(map(frozenset, other))


def read_reply(form: Mapping[str, str], rows: Connection) -> Reply:
    """Return the answer that a form holds.

    `tracks` is a JSON list with a list of the numbers of boxes for each person; without it,
    boxes whose fields `person-BOX` are equal are of one person, and each empty one is of nobody
    else.

    Raises:
        BadAnswer: There is no such list, it names a box twice, a box that there is not, or two
            boxes of one key frame as one person's; or `revision` is no number.

    """
    tracks = _read_json(form["tracks"]) if "tracks" in form else _read_fields(form)
    _check(tracks, _frames_of(rows, {box for track in tracks for box in track}))
    return Reply(tracks, read_seconds(form), read_revision(form))


def given(session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
    """Return all answers of the worker to the question, in the order of their revisions."""
    (stretch_id,) = subject
    rows = session.execute(_GIVEN, {"worker_id": worker_id, "stretch_id": stretch_id}).all()
    tracks = read_said(session.connection(), [row.id for row in rows])
    return [Reply(tracks.get(row.id, ()), row.seconds, row.revision) for row in rows]


def read_said(connection: Connection, answer_ids: Collection[int]) -> dict[int, Tracks]:
    """Return the tracks of answers, as they were given."""
    found: dict[int, dict[int, list[int]]] = {}
    rows: Iterable[Any] = connection.execute(_SAID, {"answers": sorted(answer_ids)}).all()
    for answer_id, track, box_id in rows:
        found.setdefault(answer_id, {}).setdefault(track, []).append(box_id)
    return {number: tuple(map(tuple, own.values())) for number, own in found.items()}


def insert_tracks(session: Session, worker_id: int, question: Question, reply: Reply) -> None:
    """Add an answer.

    A box that was moved meanwhile is the one that stands in its place; those that are none of
    the question's are left out.
    """
    standing = {box.origin_id: box.box_id for box in question.boxes}
    standing |= {box.box_id: box.box_id for box in question.boxes}
    kept = (tuple(standing[box] for box in track if box in standing) for track in reply.tracks)
    tracks = tuple(track for track in kept if track)
    row = {
        "worker_id": worker_id,
        "stretch_id": question.stretch_id,
        "slot_id": question.slot_id,
        "is_as_shown": are_same(tracks, question.tracks),
        "seconds": reply.seconds,
        "revision": reply.revision,
        "answered_at": reply.answered_at,
    }
    connection = session.connection()
    answer_id = connection.execute(_INSERT, row).scalar_one()
    add_tracks(connection, answer_id, tracks)


def words_for(tracks: Tracks) -> str:
    """Return how many people there are, in words."""
    return ngettext("%(num)s person", "%(num)s people", len(tracks))


def _read_json(text: str) -> Tracks:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadAnswer(f"tracks={text[:60]!r} is not JSON.") from None
    if not isinstance(found, list) or not found:
        raise BadAnswer(f"tracks={text[:60]!r} is not a list of lists of numbers of boxes.")
    for place, track in enumerate(found):
        if not isinstance(track, list) or not track or not all(map(_is_id, track)):
            raise BadAnswer(f"Track {place} is not a list of numbers of boxes.")
    return tuple(map(tuple, found))


def _is_id(value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and 0 <= value <= _LARGEST_ID


def _read_fields(form: Mapping[str, str]) -> Tracks:
    tracks: dict[str, list[int]] = {}
    for name, value in form.items():
        number = name.removeprefix(FIELD)
        if number == name:
            continue
        if not (
            number.isascii()
            and number.isdigit()
            and len(number) <= 20
            and int(number) <= _LARGEST_ID
        ):
            raise BadAnswer(f"{name[:60]!r} names no box.")
        whose = value.strip().casefold()
        tracks.setdefault(f"said {whose}" if whose else f"alone {number}", []).append(int(number))
    if not tracks:
        raise BadAnswer("tracks is missing: a JSON list of lists of numbers of boxes.")
    return tuple(map(tuple, tracks.values()))


def _check(tracks: Tracks, frames: Mapping[int, int]) -> None:
    seen: set[int] = set()
    for track in tracks:
        met: dict[int, int] = {}
        for box in track:
            if box not in frames:
                raise BadAnswer(f"There is no box {box}.")
            if box in seen:
                raise BadAnswer(f"Box {box} stands in the tracks twice.")
            seen.add(box)
            other = met.setdefault(frames[box], box)
            if other != box:
                both = {"one": other, "other": box}
                raise BadAnswer(
                    gettext(
                        "Boxes %(one)s and %(other)s are of one picture: "
                        "they cannot be one person.",
                        **both,
                    )
                )


def _frames_of(rows: Connection, boxes: Collection[int]) -> dict[int, int]:
    if len(boxes) > MAX_BOXES:
        raise BadAnswer(f"{len(boxes)} boxes are more than the {MAX_BOXES} of any stretch.")
    found: Iterable[Any] = rows.execute(_FRAMES, {"boxes": sorted(boxes)}).all()
    return {box_id: frame_id for box_id, frame_id in found}


_INSERT = insert(LinkAnswer).returning(LinkAnswer.id)
_FRAMES = select(PersonBox.id, PersonBox.key_frame_id).where(
    PersonBox.id.in_(bindparam("boxes", expanding=True))
)
_SAID = (
    select(TrackedBox.answer_id, TrackedBox.track, TrackedBox.person_box_id)
    .where(TrackedBox.answer_id.in_(bindparam("answers", expanding=True)))
    .order_by(TrackedBox.answer_id, TrackedBox.track, TrackedBox.person_box_id)
)
_GIVEN = (
    select(LinkAnswer.id, LinkAnswer.seconds, LinkAnswer.revision)
    .where(
        LinkAnswer.worker_id == bindparam("worker_id"),
        LinkAnswer.stretch_id == bindparam("stretch_id"),
    )
    .order_by(LinkAnswer.revision)
)
