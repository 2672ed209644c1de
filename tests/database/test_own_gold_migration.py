"""Gold of one worker alone goes back among a task's other questions, and its answers stay."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Gold,
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


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A task with three questions of all, and one of each of two workers in place of the last."""
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"own{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        label = Label(id=1, name="waving")
        for number in range(1, 6):
            video = Video(id=number, video_id=f"v{number}", source="test", url="", title="")
            clip = Clip(id=number, video=video, label=label, start_seconds=0.0, end_seconds=10.0)
            clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
            session.add(clip)
        session.add_all(Worker(id=number, code_hash=str(number)) for number in (1, 2))
        session.add(Task(id=1, round=0))
        session.flush()
        golds = {n: Gold(id=n, clip_id=n, label_id=1, expected=Answer.YES) for n in (3, 4, 5)}
        session.add_all(golds.values())
        session.flush()
        for number in (1, 2, 3):
            gold_id = number if number in golds else None
            session.add(_slot(number, number - 1, gold_id=gold_id))
        session.flush()
        for number in (4, 5):
            own = {"worker_id": number - 3, "instead_of_id": 3, "gold_id": number}
            session.add(_slot(number, 3 - number, **own))
        session.flush()
        about = {"clip_id": 4, "label_id": 1, "slot_id": 4, "answer": Answer.NO}
        session.add(Vote(worker_id=1, **about))
    yield engine
    engine.dispose()


def _slot(number: int, position: int, **more: int | None) -> TaskSlot:
    return TaskSlot(id=number, task_id=1, position=position, clip_id=number, label_id=1, **more)


def test_slots_and_answers_stay_there_and_back(engine: Engine) -> None:
    for how, revision in ((command.downgrade, "0020"), (command.upgrade, "head")):
        move(engine, how, revision)
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT id, position, gold_id FROM task_slot ORDER BY id")
            )
            assert rows.all() == [(1, 0, None), (2, 1, None), (3, 2, 3), (4, 3, 4), (5, 4, 5)]
            if engine.dialect.name == "sqlite":
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
    answers = select(Vote.answer, TaskSlot.gold_id).join(TaskSlot, TaskSlot.id == Vote.slot_id)
    with reading(engine) as session:
        assert session.execute(answers).all() == [(Answer.NO, 4)]
        assert not session.scalars(select(TaskSlot.worker_id).where(TaskSlot.worker_id > 0)).all()


def test_a_worker_has_one_in_the_place_of_another(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(_slot(6, -3, worker_id=1, instead_of_id=3, gold_id=5))
