"""A film with key frames, boxes of a detector, a task about them, and workers."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.boxes.policy import Drawn
from kinetics_builder.crowd.kinds.boxes import add_boxes
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    BoxAnswer,
    DetectedBox,
    Gold,
    GoldBox,
    KeyFrame,
    PersonBox,
    Task,
    TaskSlot,
    Video,
    Worker,
)

FOUND = (Drawn(0.1, 0.1, 0.3, 0.9), Drawn(0.5, 0.1, 0.7, 0.9))
"""What the detector found in every frame: the rows 1 and 2 in frame 1, 3 and 4 in frame 2, ..."""


@dataclass
class Set:
    """A film's frames with what people say of them."""

    engine: Engine
    config: VerifyConfig

    def say(self, worker: int, frame: int, boxes: Sequence[Drawn], revision: int = 0) -> None:
        """Answer as the page does."""
        with writing(self.engine) as session:
            answer = BoxAnswer(worker_id=worker, key_frame_id=frame, slot_id=frame)
            answer.revision, answer.answered_at = revision, 1e6 * (frame + 1) + worker
            session.add(answer)
            session.flush()
            add_boxes(session.connection(), answer.id, boxes)
            keep(session, self.config)

    def standing(self, frame: int) -> list[Drawn]:
        """Return the boxes that stand; `began_as` is the box that each replaces."""
        query = (
            select(PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2, PersonBox.replaces_id)
            .where(PersonBox.key_frame_id == frame, PersonBox.stands())
            .order_by(PersonBox.x1, PersonBox.id)
        )
        with reading(self.engine) as session:
            return [Drawn(*row) for row in session.execute(query)]

    def rows(self) -> list[object]:
        """Return all rows about boxes that stand or stood."""
        with reading(self.engine) as session:
            return list(session.execute(select(*PersonBox.__table__.columns)))

    def is_finished(self) -> bool:
        with reading(self.engine) as session:
            return bool(session.scalar(select(Task.is_finished)))


def found_in(frame: int) -> list[Drawn]:
    """Return the detector's boxes of a frame, each with its row."""
    return [box._replace(began_as=2 * frame - 1 + place) for place, box in enumerate(FOUND)]


@pytest.fixture(params=["sqlite", "postgresql"])
def make_set(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Set]]:
    """Make two frames to ask about, a third that is gold (nobody but the first is there)."""
    engines = []

    def make(**settings: float) -> Set:
        address = "kbuild.sqlite"
        if request.param == "postgresql":
            address = request.getfixturevalue("postgresql")(f"boxes{uuid.uuid4().hex}")
        engine = open_database(address, tmp_path)
        engines.append(engine)
        with writing(engine) as session:
            _fill(session)
        return Set(engine, VerifyConfig(haste_seconds=0.0, **settings))

    yield make
    for engine in engines:
        engine.dispose()


def _fill(session) -> None:
    told = {"source": "test", "url": "", "title": ""}
    session.execute(insert(Video), [{"id": 1, "video_id": "film", **told}])
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 64, "height": 48, "bytes": 1}
    still |= {"file": "stills/one.jpg", "sha256": "0" * 64, "is_withdrawn": False}
    frames = [{"id": n, "video_id": 1, "timestamp_seconds": n, **still} for n in (1, 2, 3)]
    session.execute(insert(KeyFrame), frames)
    boxes = [
        {"id": number, "key_frame_id": frame["id"], "x1": x1, "y1": y1, "x2": x2, "y2": y2}
        for frame in frames
        for x1, y1, x2, y2, number in found_in(frame["id"])
    ]
    session.execute(
        insert(DetectedBox),
        [{**b, "score": 0.9, "origin": "test", "is_withdrawn": False} for b in boxes],
    )
    for box in boxes:
        number = box.pop("id")
        box |= {"detected_box_id": number, "is_dropped": False, "is_withdrawn": False}
    session.execute(insert(PersonBox), boxes)
    workers = [{"id": n, "code_hash": str(n), "name": f"worker {n}"} for n in range(1, 6)]
    session.execute(insert(Worker), workers)
    session.add(Gold(id=1, key_frame_id=3))
    session.flush()
    x1, y1, x2, y2, _ = FOUND[0]
    session.add(GoldBox(gold_id=1, number=0, x1=x1, y1=y1, x2=x2, y2=y2))
    session.add(Task(id=1, kind="boxes", round=0))
    session.flush()
    for frame in (1, 2, 3):
        gold = 1 if frame == 3 else None
        slot = TaskSlot(id=frame, task_id=1, position=frame, key_frame_id=frame, gold_id=gold)
        session.add(slot)
