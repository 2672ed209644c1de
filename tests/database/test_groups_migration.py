"""Groups of classes: the one of each class becomes a row, and the first of several goes back."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.text.class_list.entries import ClassEntry, Group
from pipelines.classes.importing import import_classes
from pipelines.classes.kept import class_list_of
from tests.database.test_kinds import move

pytestmark = pytest.mark.few("sqlite")

BEFORE = "0047"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"groups{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        entries = [
            ClassEntry(name="polo", key="p1", groups=("team", "sport")),
            ClassEntry(name="rugby", groups=("team",)),
            ClassEntry(name="yoga"),
        ]
        groups = [Group(name="sport"), Group(name="team", parent="sport")]
        import_classes(session, entries, groups)
    yield engine
    engine.dispose()


def test_groups_go_there_and_back(engine: Engine) -> None:
    move(engine, command.downgrade, BEFORE)
    with engine.connect() as connection:
        rows = connection.execute(text('SELECT name, "group" FROM label ORDER BY name')).all()
        assert rows == [("polo", "team"), ("rugby", "team"), ("yoga", None)]
    move(engine, command.upgrade, "head")
    with reading(engine) as session:
        found = class_list_of(session)
    assert [entry.groups for entry in found.classes] == [("team",), ("team",), ()]
    assert found.groups == (Group(name="team"),)
    with writing(engine) as session:
        import_classes(session, [ClassEntry(name="polo", groups=("art",))])
        assert [group.name for group in class_list_of(session).groups] == ["art"]
