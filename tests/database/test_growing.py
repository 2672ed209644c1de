"""What PostgreSQL keeps for a server's connections, and knows of tables that grow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text

from kinetics_builder.database.engine import open_database, reading, repeating, writing
from kinetics_builder.database.growing import FIRST, Growing
from kinetics_builder.database.tables import Label, Setting

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%label%'")


@pytest.fixture(scope="module")
def server(postgresql: Callable[[str], str], tmp_path_factory) -> Iterator[Engine]:
    engine = open_database(postgresql("growing"), tmp_path_factory.mktemp("growing"))
    yield engine
    engine.dispose()


def test_a_statement_that_was_prepared_stays_so_when_a_reader_is_done(server: Engine) -> None:
    for _ in range(3):
        with reading(server) as session:
            session.scalars(select(Label.name)).all()
    with reading(server) as session:
        assert session.scalar(PREPARED) == 1


def test_a_reader_leaves_nothing(server: Engine) -> None:
    with reading(server) as session:
        session.add(Label(name="waving"))
        session.flush()
    with reading(server) as session:
        assert session.scalar(select(func.count(Label.id))) == 0


def test_who_repeats_statements_gets_plans_that_are_kept_for_that_transaction(
    server: Engine,
) -> None:
    shown = text("SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')")
    with writing(repeating(server)) as session:
        assert session.execute(shown).one() == ("force_generic_plan", "off")
    with writing(server) as session:
        assert session.execute(shown).one() == ("auto", "on")


def test_tables_are_looked_at_that_have_grown_twofold_since(server: Engine) -> None:
    growing = Growing([Label, Setting])
    looked: dict[int, list[str]] = {}
    for number in range(1, 5 * FIRST):
        with writing(server) as session:
            if number == 1:
                session.add(Setting(key="one", value=""))
            names = (f"{number} {one} {'x' * 90}" for one in range(2 * number))
            session.execute(insert(Label), [{"name": name} for name in names])
        if names := growing.note(server):
            looked[number] = names
    assert looked == {FIRST: ["label", "setting"], 2 * FIRST: ["label"], 4 * FIRST: ["label"]}
    assert Growing([Label, Setting]).note(server) == []


def test_others_write_while_tables_are_looked_at(server: Engine) -> None:
    growing = Growing([Label])
    with writing(server) as session:
        session.add(Label(name="holds the write lock"))
        session.flush()
        assert {tuple(growing.note(server)) for _ in range(FIRST)} <= {(), ("label",)}


def test_nothing_is_looked_at_in_a_file(tmp_path: Path) -> None:
    engine, growing = open_database("kbuild.sqlite", tmp_path), Growing([Label])
    assert not any(growing.note(engine) for _ in range(3 * FIRST))
    engine.dispose()


def test_a_database_that_does_not_answer_takes_nothing_from_who_has_saved() -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    growing = Growing([Label])
    assert [growing.note(nowhere) for _ in range(FIRST)] == [[]] * FIRST
