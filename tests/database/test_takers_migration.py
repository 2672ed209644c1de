"""A database of before knows how many took each of its tasks."""

from alembic import command
from sqlalchemy import insert, inspect, select

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Assignment, Task, Worker
from tests.database.test_kinds import move


def test_takers_are_counted_from_what_was_taken(tmp_path) -> None:
    engine = open_database("kbuild.sqlite", tmp_path)
    with writing(engine) as session:
        session.execute(insert(Worker), [{"id": n, "code_hash": str(n)} for n in (1, 2)])
        session.execute(insert(Task), [{"id": n, "round": 0} for n in (1, 2, 3)])
        pairs = [(1, 1), (1, 2), (3, 2)]
        taken = [{"task_id": t, "worker_id": w, "expires_at": 0.0} for t, w in pairs]
        session.execute(insert(Assignment), taken)
    move(engine, command.downgrade, "0060")
    assert "num_takers" not in {column["name"] for column in inspect(engine).get_columns("task")}
    move(engine, command.upgrade, "head")
    with reading(engine) as session:
        assert session.execute(select(Task.id, Task.num_takers)).all() == [(1, 2), (2, 0), (3, 1)]
    engine.dispose()
