"""A dataset of before tasks had kinds: all in it is about clips, and goes on as it was."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, insert, select, text

from kinetics_builder.database import schema
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Briefing, Task, Worker, WorkerStanding

pytestmark = pytest.mark.few("sqlite")

MIGRATIONS = Path(schema.__file__).parent / "migrations"
BEFORE = "0009"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"kinds{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    yield engine
    engine.dispose()


def move(engine: Engine, how: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(kbuild_write=True).connect() as connection:
        config.attributes["connection"] = connection
        how(config, revision)


def test_what_was_there_is_about_clips_after_the_migration(engine: Engine) -> None:
    move(engine, command.downgrade, BEFORE)
    with engine.begin() as connection:
        for number, joined in ((1, "'2026-01-02 03:04:05'"), (2, "NULL")):
            connection.execute(
                text(
                    "INSERT INTO worker (id, code_hash, joined_at) "
                    f"VALUES ({number}, '{number}', {joined})"
                )
            )
        connection.execute(text("INSERT INTO task (id, round) VALUES (1, 0)"))
        connection.execute(
            text(
                "INSERT INTO worker_standing (worker_id, num_gold, num_gold_right, is_warned, "
                "last_vote_id, num_votes, num_gold_yes, num_gold_yes_right, num_same, "
                "recent_seconds, num_hasty, last_answer) "
                "VALUES (1, 4, 3, '1', 9, 9, 2, 1, 2, '[1.5]', 0, 'no')"
            )
        )
    move(engine, command.upgrade, "head")
    with reading(engine) as session:
        assert session.scalars(select(Task.kind)).all() == ["clip"]
        assert session.execute(select(Briefing.worker_id, Briefing.kind)).all() == [(1, "clip")]
        row = session.get_one(WorkerStanding, (1, "clip"))
        assert (row.num_gold, row.num_gold_right, row.is_warned) == (4, 3, True)
        assert (row.last_vote_id, row.last_answer, row.recent_seconds) == (9, "no", [1.5])


def test_a_worker_stands_in_each_kind_alone_and_loses_the_others_on_the_way_back(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        session.add(Worker(id=1, code_hash="1"))
        session.flush()
        standing = {"worker_id": 1, "num_gold": 0, "num_gold_right": 0}
        rows = [
            {**standing, "kind": kind, "is_warned": kind == "boxes"} for kind in ("clip", "boxes")
        ]
        session.execute(insert(WorkerStanding), rows)
    move(engine, command.downgrade, BEFORE)
    move(engine, command.upgrade, "head")
    with reading(engine) as session:
        kept = session.execute(select(WorkerStanding.kind, WorkerStanding.is_warned)).all()
        assert kept == [("clip", False)]
