"""What the stages of AVA let pass, read from the workspace for comparison with the truth."""

from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxLink,
    DetectedBox,
    KeyFrame,
    PersonAction,
    PersonBox,
    Shot,
    Verdict,
    Video,
)
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.splits import SHORT
from pipelines.ava.releasing.layouts import V2_2
from pipelines.demo.ava.tally import SeenBox


def key_frames(session: Session) -> list[tuple[str, float]]:
    """Return the films and seconds that people are asked about."""
    rows = session.execute(
        select(Video.video_id, KeyFrame.timestamp_seconds)
        .join(KeyFrame, KeyFrame.video_id == Video.id)
        .where(KeyFrame.is_withdrawn.is_(False))
    )
    return [(film, seconds) for film, seconds in rows]


def shots(session: Session) -> list[tuple[str, float]]:
    """Return the films and seconds at which shots begin."""
    rows = session.execute(
        select(Video.video_id, Shot.start_seconds).join(Shot, Shot.video_id == Video.id)
    )
    return [(film, seconds) for film, seconds in rows]


def detected(session: Session) -> list[SeenBox]:
    """Return all boxes that the detector kept, however unsure."""
    return _boxes(session, DetectedBox, true())


def standing(session: Session) -> list[SeenBox]:
    """Return the boxes that stand: before people have answered, those that they are shown."""
    return _boxes(session, PersonBox, PersonBox.stands())


def links(session: Session) -> list[tuple[int, int]]:
    """Return the links between the boxes that stand."""
    return _pairs(session, select(BoxLink.box_id, BoxLink.next_id))


def proposed(session: Session) -> list[tuple[int, int]]:
    """Return the actions that people named of the boxes that stand."""
    query = select(ActionCandidate.person_box_id, ActionCandidate.action_id)
    return _pairs(session, _of_standing(query, ActionCandidate.person_box_id))


def accepted(session: Session) -> list[tuple[int, int]]:
    """Return the actions that people confirmed of the boxes that stand."""
    query = select(PersonAction.person_box_id, PersonAction.action_id)
    is_accepted = PersonAction.verdict == Verdict.ACCEPTED
    return _pairs(session, _of_standing(query, PersonAction.person_box_id).where(is_accepted))


def released(folder: Path) -> tuple[list[SeenBox], list[tuple[int, int]]]:
    """Return the boxes of a release's rows, and the actions that they are said to do."""
    read = find_format("ava", Kind.BOXES).read
    assert read is not None
    boxes: dict[tuple[str, float, Corners], SeenBox] = {}
    labels = []
    paths = [folder / V2_2.truth.format(word) for word in SHORT.values()]
    for path in [path for path in paths if path.exists()]:
        for row in read(path, Options(), Problems(path)):
            if row.x1 is None or row.action_id is None:
                continue
            corners = Corners(*(float(c or 0.0) for c in (row.x1, row.y1, row.x2, row.y2)))
            key = row.video_id, row.timestamp_seconds, corners
            box = boxes.setdefault(key, SeenBox(len(boxes), *key))
            labels.append((box.id, row.action_id))
    return list(boxes.values()), labels


def _pairs(session: Session, query: Select[int, int]) -> list[tuple[int, int]]:
    return [(one, other) for one, other in session.execute(query)]


def _of_standing(query: Select[int, int], box_id: Any) -> Select[int, int]:
    return (
        query.join(PersonBox, PersonBox.id == box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .where(PersonBox.stands(), KeyFrame.is_withdrawn.is_(False))
    )


def _boxes(
    session: Session, table: type[DetectedBox] | type[PersonBox], condition: ColumnElement[bool]
) -> list[SeenBox]:
    corners = table.x1, table.y1, table.x2, table.y2
    rows = session.execute(
        select(table.id, Video.video_id, KeyFrame.timestamp_seconds, *corners)
        .join(KeyFrame, KeyFrame.id == table.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
        .where(KeyFrame.is_withdrawn.is_(False), condition)
    )
    return [SeenBox(row[0], row[1], row[2], Corners(*row[3:])) for row in rows]
