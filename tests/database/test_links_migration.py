"""Questions about stretches come beside the others, and go without touching those."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Gold,
    GoneBox,
    KeyFrame,
    LinkAnswer,
    LinkEdit,
    LinkStretch,
    PersonBox,
    Task,
    TaskSlot,
    TrackedBox,
    Video,
    Worker,
)
from tests.database.test_kinds import move

pytestmark = pytest.mark.few("sqlite")

BEFORE = "0016"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"stretches{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        session.add(Video(id=1, video_id="v", source="test", url="", title=""))
        session.flush()
        frame = KeyFrame(id=1, video_id=1, timestamp_seconds=1.0, shown_seconds=1.0, shot_number=0)
        frame.width, frame.height, frame.file, frame.bytes = 64, 48, "stills/one.jpg", 1
        frame.sha256, frame.is_withdrawn = "0" * 64, False
        session.add(frame)
        session.flush()
        corners = {"x1": 0.1, "y1": 0.1, "x2": 0.4, "y2": 0.9}
        session.add_all(PersonBox(id=n, key_frame_id=1, **corners) for n in (1, 2))
        session.add(LinkStretch(id=1, video_id=1, start_seconds=1.0, end_seconds=2.0))
        session.add(Task(id=1, kind="boxes", round=0))
        session.flush()
        session.add(LinkEdit(box_id=1, other_id=2, is_same=False))
        session.add(LinkEdit(box_id=1, other_id=2, is_same=True, stretch_id=1))
        session.add(Gold(id=1, stretch_id=1))
        session.flush()
        session.add(TaskSlot(id=1, task_id=1, position=0, key_frame_id=1))
        session.add(TaskSlot(id=2, task_id=1, position=1, stretch_id=1, gold_id=1))
    yield engine
    engine.dispose()


def test_what_is_about_stretches_goes_and_the_rest_stays_there_and_back(engine: Engine) -> None:
    for how, revision in ((command.downgrade, BEFORE), (command.upgrade, "head")):
        move(engine, how, revision)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM gold")) == 0
            assert connection.scalars(text("SELECT id FROM task_slot")).all() == [1]
            rows = connection.execute(text("SELECT box_id, other_id, is_same FROM link_edit"))
            assert [(one, other, bool(same)) for one, other, same in rows] == [(1, 2, False)]
            if engine.dialect.name == "sqlite":
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
    with reading(engine) as session:
        assert session.scalars(select(LinkEdit.stretch_id)).all() == [None]


@pytest.mark.parametrize("revision", ["head", BEFORE])
def test_a_question_is_about_one_thing_that_there_is(engine: Engine, revision: str) -> None:
    if revision == BEFORE:
        move(engine, command.downgrade, BEFORE)
        move(engine, command.upgrade, "head")
    wrong: list[dict[str, int]] = [{}, {"stretch_id": 1, "key_frame_id": 1}, {"stretch_id": 7}]
    for columns in wrong:
        with pytest.raises(IntegrityError), writing(engine) as session:
            session.add(TaskSlot(id=3, task_id=1, position=2, **columns))


def test_who_asks_again_goes_and_what_was_asked_first_stays_there_and_back(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(LinkStretch(id=2, video_id=1, start_seconds=1.0, end_seconds=2.0, round=1))
        session.add(Worker(id=1, code_hash="one"))
        session.flush()
        session.add(TaskSlot(id=3, task_id=1, position=2, stretch_id=2))
        session.add(GoneBox(stretch_id=1, person_box_id=1))
        session.flush()
        session.add_all(
            LinkAnswer(id=n, worker_id=1, stretch_id=n, slot_id=n + 1, is_as_shown=True)
            for n in (1, 2)
        )
        session.flush()
        session.add_all(TrackedBox(answer_id=n, person_box_id=1, track=0) for n in (1, 2))
    for how, revision in ((command.downgrade, "0019"), (command.upgrade, "head")):
        move(engine, how, revision)
        with engine.connect() as connection:
            for table in ("link_stretch", "link_answer"):
                assert connection.scalars(text(f"SELECT id FROM {table}")).all() == [1], revision
            assert connection.scalars(text("SELECT answer_id FROM tracked_box")).all() == [1]
            assert connection.scalars(text("SELECT id FROM task_slot ORDER BY id")).all() == [1, 2]
            if engine.dialect.name == "sqlite":
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
    with reading(engine) as session:
        assert session.scalars(select(LinkStretch.round)).all() == [0]
        assert session.scalar(select(GoneBox.person_box_id)) is None
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(LinkStretch(video_id=1, start_seconds=1.0, end_seconds=2.0))
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(TaskSlot(id=4, task_id=1, position=3, stretch_id=2))
