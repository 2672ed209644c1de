"""Taking back key frames and boxes that are no longer asked for.

What people have said something of is kept, and marked; the rest is deleted.
"""

from collections.abc import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import BoxLink, DetectedBox, KeyFrame, LinkEdit, PersonBox


def take_back_frame(session: Session, frame: KeyFrame) -> None:
    """Withdraw a key frame that people have said something of, delete any other."""
    session.flush()
    boxes = session.scalars(select(PersonBox).where(PersonBox.key_frame_id == frame.id)).all()
    for box in boxes:
        take_back_box(session, box)
    for detected in session.scalars(
        select(DetectedBox).where(DetectedBox.key_frame_id == frame.id)
    ).all():
        forget_detected(session, detected)
    if session.scalar(select(PersonBox.id).where(PersonBox.key_frame_id == frame.id).limit(1)):
        frame.is_withdrawn = True
    else:
        session.delete(frame)
    session.flush()


def take_back_box(session: Session, box: PersonBox) -> None:
    """Drop a box that people have said something of, delete any other."""
    unlink(session, [box.id])
    box.person = None
    if is_of_people(session, box):
        box.is_dropped = True
    else:
        session.delete(box)
    session.flush()


def forget_detected(session: Session, detected: DetectedBox) -> None:
    """Delete what a detector said, and what stands of it."""
    shown = session.scalar(select(PersonBox).where(PersonBox.detected_box_id == detected.id))
    if shown is not None:
        take_back_box(session, shown)
        if not shown.is_dropped:
            session.delete(detected)
            return
        shown.detected_box_id = None
        session.flush()
    session.delete(detected)


def is_of_people(session: Session, box: PersonBox) -> bool:
    """Say whether a person drew a box, replaced it, or said something of its links."""
    if box.detected_box_id is None or box.replaces_id is not None:
        return True
    told = or_(LinkEdit.box_id == box.id, LinkEdit.other_id == box.id)
    if session.scalar(select(LinkEdit.id).where(told).limit(1)) is not None:
        return True
    replaced = select(PersonBox.id).where(PersonBox.replaces_id == box.id).limit(1)
    return session.scalar(replaced) is not None


def unlink(session: Session, box_ids: Iterable[int]) -> None:
    """Delete the links from and to boxes."""
    for box_id in box_ids:
        session.execute(
            delete(BoxLink).where(or_(BoxLink.box_id == box_id, BoxLink.next_id == box_id))
        )
