"""Votes there were are of the first occasion; a second one goes with the revision that made it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Answer, TaskSlot, Vote
from tests.database.test_kinds import move
from tests.database.test_votes import answer, ask

pytestmark = pytest.mark.few("sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"again{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    yield engine
    engine.dispose()


def again(**more: object) -> Vote:
    return answer(Answer.NO, occasion=2, slot_id=2, **more)


def fill(engine: Engine) -> None:
    ask(engine)
    with writing(engine) as session:
        own = {"worker_id": 1, "behind_id": 1, "clip_id": 1, "label_id": 1}
        session.add(TaskSlot(id=2, task_id=1, position=-1, **own))
        session.flush()
        session.add_all([answer(Answer.YES), answer(Answer.UNSURE, revision=1), again()])


def test_first_answers_stay_there_and_back(engine: Engine) -> None:
    fill(engine)
    for how, revision, slots in ((command.downgrade, "0062", [1]), (command.upgrade, "head", [1])):
        move(engine, how, revision)
        with engine.connect() as connection:
            said = text("SELECT answer, revision FROM vote ORDER BY id")
            assert connection.execute(said).all() == [("yes", 0), ("unsure", 1)]
            found = connection.scalars(text("SELECT id FROM task_slot ORDER BY id")).all()
            assert found == slots
            if engine.dialect.name == "sqlite":
                assert not connection.execute(text("PRAGMA foreign_key_check")).all()
    with reading(engine) as session:
        assert session.scalars(select(Vote.occasion)).all() == [1, 1]
        assert session.scalars(select(Vote.answer).where(Vote.stands())).all() == [Answer.UNSURE]


@pytest.mark.parametrize("more", [{}, {"occasion": 3, "revision": 1}, {"occasion": 0}])
def test_a_question_is_answered_on_two_occasions_at_most(engine: Engine, more) -> None:
    fill(engine)
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(answer(Answer.NO, **{"occasion": 2, "slot_id": 2, **more}))


def test_nobody_is_asked_a_third_time(engine: Engine) -> None:
    fill(engine)
    with pytest.raises(IntegrityError), writing(engine) as session:
        own = {"worker_id": 1, "behind_id": 1, "clip_id": 1, "label_id": 1}
        session.add(TaskSlot(id=3, task_id=1, position=-2, **own))
