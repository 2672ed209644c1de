"""Questions about clips and their answers stay where they are when questions get other subjects."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Gold,
    KeyFrame,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)
from tests.database.test_kinds import move

pytestmark = pytest.mark.few("sqlite")

BEFORE = "0010"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"boxes{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        video = Video(id=1, video_id="v", source="test", url="", title="")
        clip = Clip(id=1, video=video, label=Label(id=1, name="waving"), start_seconds=0.0)
        clip.end_seconds, clip.method, clip.score, clip.rank = 10.0, Method.MOTION, 0.5, 0
        gold = Gold(id=1, clip=clip, label=clip.label, expected=Answer.YES)
        slot = TaskSlot(id=1, task=Task(id=1, round=0), position=0, clip=clip, label=clip.label)
        slot.gold = gold
        session.add_all([slot, Worker(id=1, code_hash="x")])
        session.flush()
        session.add(Vote(worker_id=1, clip_id=1, label_id=1, slot_id=1, answer=Answer.NO))
    yield engine
    engine.dispose()


def add_frame(engine: Engine) -> None:
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 64, "height": 48, "bytes": 1}
    still |= {"file": "stills/one.jpg", "sha256": "0" * 64, "is_withdrawn": False}
    with writing(engine) as session:
        session.execute(insert(KeyFrame), {"id": 1, "video_id": 1, "timestamp_seconds": 1, **still})
        session.add(TaskSlot(id=2, task_id=1, position=1, key_frame_id=1))


def test_slots_and_votes_stay_there_and_back(engine: Engine) -> None:
    add_frame(engine)
    for how, revision, num_slots in (
        (command.downgrade, BEFORE, 1),
        (command.upgrade, "head", 1),
    ):
        move(engine, how, revision)
        with engine.connect() as connection:
            for table, number in (("vote", 1), ("gold", 1), ("task_slot", num_slots)):
                assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == number
            columns = {c["name"]: c["nullable"] for c in inspect(connection).get_columns("gold")}
            assert columns["clip_id"] == columns["expected"] == (revision == "head")
            assert ("key_frame_id" in columns) == (revision == "head")
            if engine.dialect.name == "sqlite":
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
    answers = select(Vote.answer).join(TaskSlot, TaskSlot.id == Vote.slot_id)
    with reading(engine) as session:
        assert session.scalars(answers).all() == [Answer.NO]


@pytest.mark.parametrize(
    "subject", [{}, {"clip_id": 1, "label_id": 1, "key_frame_id": 1}, {"key_frame_id": 7}]
)
def test_a_question_is_about_one_thing_that_there_is(engine: Engine, subject) -> None:
    add_frame(engine)
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(TaskSlot(id=3, task_id=1, position=2, **subject))
