"""Rows as the driver has them: those that the ORM gives, however many come at once."""

import gc
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kinetics_builder.database.bulk import select_plain, with_room
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Label
from kinetics_builder.garbage import many_rows
from kinetics_builder.workspace import Workspace

NAMES = ['tie "bow", 100%', "it's 5 %s", "dançar \\ forró", "c"]


@pytest.mark.on_both
@pytest.mark.parametrize("size", [1, 3, 100])
def test_rows_come_whatever_stands_in_the_parameters(tmp_path: Path, size: int) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    with writing(workspace.engine) as session:
        session.add_all(Label(name=name) for name in NAMES)
    query = select(Label.name, Label.is_retired).where(Label.name.in_(NAMES[:3]))
    with reading(workspace.engine) as session:
        parts = list(select_plain(session, query.order_by(Label.id), size))
    assert [tuple(row) for part in parts for row in part] == [(name, False) for name in NAMES[:3]]
    assert max(map(len, parts)) <= size


def test_garbage_is_looked_for_again_after_many_rows() -> None:
    with pytest.raises(ValueError, match="x"), many_rows():
        assert not gc.isenabled()
        raise ValueError("x")
    assert gc.isenabled()


def test_room_is_given_back(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    asked = text("PRAGMA cache_size")
    with reading(workspace.engine) as session:
        before = session.scalar(asked)
        with pytest.raises(ValueError, match="x"), with_room(session):
            assert session.scalar(asked) == -(512 << 10)
            raise ValueError("x")
        assert session.scalar(asked) == before
