"""Taking back key frames and boxes that are no longer asked for.

What people have said something of is kept, and marked; the rest is deleted.
"""

from collections.abc import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.actions.deciding import note_boxes
from kinetics_builder.crowd.boxes.decisions import FRAME_TASKS
from kinetics_builder.crowd.links.deciding import LINK_TASKS, stretches_of
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.naming import is_named
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    FrameLoop,
    GoneBox,
    KeyFrame,
    PersonBox,
)


def take_back_frame(session: Session, frame: KeyFrame) -> None:
    """Withdraw a key frame that people have said something of, delete any other."""
    session.flush()
    for detected in session.scalars(
        select(DetectedBox).where(DetectedBox.key_frame_id == frame.id)
    ).all():
        forget_detected(session, detected)
    left = session.scalars(select(PersonBox.id).where(PersonBox.key_frame_id == frame.id)).all()
    unlink(session, left)
    if left or is_named(session, KeyFrame, frame.id, but=(FrameLoop,)):
        frame.is_withdrawn = True
        session.flush()
        connection = session.connection()
        FRAME_TASKS.note(connection, [frame.id])
        note_boxes(connection, left)
        LINK_TASKS.note(connection, stretches_of(connection, frame.id))
    else:
        session.execute(delete(FrameLoop).where(FrameLoop.key_frame_id == frame.id))
        session.delete(frame)
    session.flush()


def forget_detected(session: Session, detected: DetectedBox) -> None:
    """Withdraw a detected box, and what is shown of it, or delete both."""
    shown = session.scalar(select(PersonBox).where(PersonBox.detected_box_id == detected.id))
    if shown is not None and take_back_box(session, shown):
        detected.is_withdrawn = True
    else:
        session.delete(detected)
    session.flush()


def take_back_box(session: Session, box: PersonBox) -> bool:
    """Withdraw a box that people have said something of, delete any other; say which."""
    unlink(session, [box.id])
    session.flush()
    stretches = stretches_of(session.connection(), box.key_frame_id)
    box.is_withdrawn = is_of_people(session, box)
    if not box.is_withdrawn:
        session.execute(delete(GoneBox).where(GoneBox.person_box_id == box.id))
        session.delete(box)
    session.flush()
    connection = session.connection()
    note_boxes(connection, [box.id])
    LINK_TASKS.note(connection, stretches)
    return box.is_withdrawn


def is_of_people(session: Session, box: PersonBox) -> bool:
    """Say whether people have to do with a box.

    One drew it, replaced or dropped it, said whose it is or what the person in it does, or is
    asked that: whatever names it but links and what is shown beside a stretch.
    """
    if box.detected_box_id is None or box.replaces_id is not None or box.is_dropped:
        return True
    return is_named(session, PersonBox, box.id, but=(BoxLink, GoneBox))


def unlink(session: Session, box_ids: Iterable[int]) -> None:
    """Delete the links from and to boxes."""
    for some in chunks(list(box_ids)):
        session.execute(
            delete(BoxLink).where(or_(BoxLink.box_id.in_(some), BoxLink.next_id.in_(some)))
        )
