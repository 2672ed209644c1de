"""A dataset of before: after the migration its votes are counted, and each of them once."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.records import keep, remake
from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Decision,
    Gold,
    HourTally,
    Label,
    Method,
    TalliedSlot,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
    WorkerStanding,
    WorkTally,
)

MIGRATIONS = Path(schema.__file__).parent / "migrations"


def move(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(kbuild_write=True).connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision < schema.HEAD else command.upgrade)(config, revision)


def answer(engine: Engine, worker: int, clip: int, said: Answer) -> None:
    ids = {"worker_id": worker, "clip_id": clip, "label_id": 1, "slot_id": clip}
    with writing(engine) as session:
        session.add(Vote(**ids, answer=said))
        session.flush()
        keep(session, VerifyConfig())


def kept(engine: Engine) -> list[object]:
    tables = (WorkerStanding, Decision, WorkTally, TalliedSlot, HourTally, Task)
    with reading(engine) as session:
        return [
            sorted(map(str, session.execute(select(*table.__table__.columns)))) for table in tables
        ]


def ask(engine: Engine) -> None:
    """Write three questions, the last of them gold, and three workers."""
    with writing(engine) as session:
        label = Label(id=1, name="waving")
        for number in (1, 2, 3):
            video = Video(id=number, video_id=f"v{number}", source="", url="", title="")
            clip = Clip(id=number, video=video, label=label, start_seconds=0.0, end_seconds=10.0)
            clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
            slot = TaskSlot(id=number, task=Task(round=0), position=0, clip=clip, label=label)
            session.add_all([slot, Worker(id=number, code_hash=str(number))])
        session.flush()
        session.add(Gold(id=1, clip_id=3, label_id=1, expected=Answer.YES))
        session.flush()
        session.get_one(TaskSlot, 3).gold_id = 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_votes_of_before_are_counted_once_after_the_migration(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    address = "kbuild.sqlite"
    if kind == "postgresql":
        address = request.getfixturevalue("postgresql")("tallies")
    engine = open_database(address, tmp_path)
    ask(engine)
    for worker in (1, 2, 3):
        answer(engine, worker, 1, Answer.YES)
        answer(engine, worker, 3, Answer.NO)
    move(engine, "0003")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM vote")) == 6
    move(engine, "head")
    with reading(engine) as session:
        assert session.get_one(Decision, 1).num_yes == 3, "decisions of before stay"
    answer(engine, 1, 2, Answer.NO)
    after = kept(engine)
    with reading(engine) as session:
        rows = session.execute(select(WorkerStanding.num_votes, WorkerStanding.num_gold)).all()
        assert sorted(map(tuple, rows)) == [(2, 1), (2, 1), (3, 1)]
        assert session.scalar(select(HourTally.num_votes)) == 7
        (tallied,) = session.scalars(select(WorkTally)).all()
        assert (tallied.num_asked, tallied.num_accepted, tallied.num_rejected) == (2, 1, 0)
        assert tallied.num_answers == 4, "gold is asked about no clip of its own"
    with writing(engine) as session:
        remake(session, VerifyConfig())
    assert kept(engine) == after
    engine.dispose()
