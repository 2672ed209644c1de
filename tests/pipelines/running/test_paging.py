"""Pages: every name is on one of them, also one that comes meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Label
from kinetics_builder.workspace import Workspace
from pipelines.running.paging import EVERYTHING, KeySet, Page, Paging


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", "")


def add(workspace: Workspace, *names: str) -> None:
    with writing(workspace.engine) as session:
        session.add_all(Label(name=name) for name in names)


def names_by_page(workspace: Workspace, num_names: int) -> list[list[str]]:
    found = []
    with reading(workspace.engine) as session:
        for page in Paging(Label.name, reads=(Label,), num_names=num_names).pages(session):
            query = select(Label.name).where(page.holds(Label.name)).order_by(Label.name)
            found.append(list(session.scalars(query)))
    return found


@pytest.mark.parametrize("num_labels", [0, 1, 2, 3, 4, 9])
def test_each_name_is_on_one_page_in_order(workspace: Workspace, num_labels: int) -> None:
    names = [f"label {n}" for n in range(num_labels)]
    add(workspace, *reversed(names))
    pages = names_by_page(workspace, 3)
    assert [name for page in pages for name in page] == names
    assert [len(page) for page in pages[:-1]] == [3] * (len(pages) - 1)


def test_a_name_that_comes_while_pages_are_turned_is_on_one_of_them(workspace: Workspace) -> None:
    add(workspace, "a", "c", "e")
    with reading(workspace.engine) as session:
        pages = Paging(Label.name, reads=(Label,), num_names=2).pages(session)
        first = next(pages)
    add(workspace, "0", "d", "z")
    with reading(workspace.engine) as session:
        rest = list(Paging(Label.name, reads=(Label,), num_names=2).pages(session))[1:]
        assert first == Page(None, "e")
        everything = session.scalars(select(Label.name).where(EVERYTHING.holds(Label.name))).all()
        on_first = session.scalars(select(Label.name).where(first.holds(Label.name))).all()
        after = session.scalars(select(Label.name).where(Page("e").holds(Label.name))).all()
    assert set(everything) == {"0", "a", "c", "d", "e", "z"}
    assert set(on_first) == {"0", "a", "c", "d"} and set(after) == {"e", "z"}
    assert rest[-1].end is None


def test_a_set_of_keys_knows_its_keys_and_no_others() -> None:
    keys = KeySet()
    keys.add([f"key {n}" for n in range(0, 1000, 2)])
    assert "key 10" in keys and "key 11" not in keys
    keys.add(["key 11"])
    assert "key 11" in keys and "key 998" in keys and "key 1001" not in keys
    assert len(keys) == 501
