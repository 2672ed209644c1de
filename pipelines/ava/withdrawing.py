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
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    DrawnBox,
    FrameLoop,
    Gold,
    GoldTrack,
    GoneBox,
    KeyFrame,
    LinkEdit,
    PersonBox,
    TaskSlot,
    TrackedBox,
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
    asked = session.scalar(select(TaskSlot.id).where(TaskSlot.key_frame_id == frame.id).limit(1))
    if left or asked is not None:
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

    One drew it, replaced or dropped it, said whose it is, or is asked what the person in it
    does.
    """
    if box.detected_box_id is None or box.replaces_id is not None or box.is_dropped:
        return True
    drawn = select(DrawnBox.answer_id).where(DrawnBox.began_as_id == box.id).limit(1)
    if session.scalar(drawn) is not None:
        return True
    asked = select(TaskSlot.id).where(TaskSlot.person_box_id == box.id).limit(1)
    known = select(Gold.id).where(Gold.person_box_id == box.id).limit(1)
    if session.scalar(asked) is not None or session.scalar(known) is not None:
        return True
    tracked = select(TrackedBox.track).where(TrackedBox.person_box_id == box.id).limit(1)
    true = select(GoldTrack.person).where(GoldTrack.person_box_id == box.id).limit(1)
    if session.scalar(tracked) is not None or session.scalar(true) is not None:
        return True
    told = or_(LinkEdit.box_id == box.id, LinkEdit.other_id == box.id)
    if session.scalar(select(LinkEdit.id).where(told).limit(1)) is not None:
        return True
    replaced = select(PersonBox.id).where(PersonBox.replaces_id == box.id).limit(1)
    return session.scalar(replaced) is not None


def unlink(session: Session, box_ids: Iterable[int]) -> None:
    """Delete the links from and to boxes."""
    for some in chunks(list(box_ids)):
        session.execute(
            delete(BoxLink).where(or_(BoxLink.box_id.in_(some), BoxLink.next_id.in_(some)))
        )
