"""Rows that are named by their ids are found, however many, by a statement that stays the same."""

import pytest
from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from kinetics_builder.database.among import among
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Label
from kinetics_builder.workspace import Workspace


@pytest.mark.on_both
def test_ids_name_rows_whatever_they_are_part_of(tmp_path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    named = select(Label.id).where(among(Label.id, "ids")).order_by(Label.id)
    is_there = exists().where(among(Label.id, "ids"))
    with writing(workspace.engine) as session:
        session.add_all(Label(id=number, name=f"{number}") for number in range(1, 101))
        session.flush()
        for ids in ([], [7], [3, 3, 99, 500], range(20, 90)):
            there = sorted({number for number in ids if number <= 100})
            assert session.scalars(named, {"ids": list(ids)}).all() == there
            assert session.scalar(select(is_there), {"ids": list(ids)}) is bool(there)
        session.execute(delete(Label).where(among(Label.id, "ids")), {"ids": [1, 2]})
        session.expire_all()
        assert session.scalars(named, {"ids": [1, 2, 3]}).all() == [3]


def test_postgresql_is_sent_one_value_for_all() -> None:
    query = select(Label.id).where(among(Label.id, "ids"), among(Label.tree_id, "trees"))
    text = str(query.compile(dialect=postgresql.psycopg.dialect()))
    assert text.count("%(") == 2 and " IN " not in text
    text = str(query.compile(dialect=sqlite.dialect()))
    assert "WHERE label.id IN (" in text and " = 1" not in text, "else no index would be used"
