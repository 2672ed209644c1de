"""The list of classes as rows: labels that stay what they were, and groups."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import ClassEdit, Label, LabelGroup
from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Group
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.classes.kept import class_list_of

GROUPS = (Group(name="sport"), Group(name="team", parent="sport", question="Is it a team?"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "work")


def taken(
    workspace: Workspace, entries: Sequence[ClassEntry], groups: Sequence[Group] = ()
) -> ClassList:
    with writing(workspace.engine) as session:
        import_classes(session, entries, groups)
    with reading(workspace.engine) as session:
        return class_list_of(session)


def number_of(session: Session, name: str) -> int:
    return session.scalars(select(Label.id).where(Label.name == name)).one()


def test_what_was_taken_in_is_there(workspace: Workspace) -> None:
    entries = [
        ClassEntry(name="polo", key="p1", groups=("team", "sport"), description="On horses."),
        ClassEntry(name="yoga"),
    ]
    assert taken(workspace, entries, GROUPS) == ClassList(tuple(entries), GROUPS)


def test_taking_it_in_again_changes_no_row(workspace: Workspace) -> None:
    entries = [ClassEntry(name="polo", groups=("team", "sport"))]
    taken(workspace, entries, GROUPS)
    with writing(workspace.engine) as session:
        import_classes(session, entries, GROUPS)
        assert not session.dirty and not session.new and not session.deleted


def test_groups_and_places_in_them_follow_the_file(workspace: Workspace) -> None:
    taken(workspace, [ClassEntry(name="polo", groups=("team", "sport"))], GROUPS)
    turned = (Group(name="team"), Group(name="sport", parent="team"), Group(name="art"))
    entries = (ClassEntry(name="polo", groups=("sport", "art")),)
    assert taken(workspace, entries, turned) == ClassList(entries, turned)
    entries = (ClassEntry(name="polo"),)
    assert taken(workspace, entries) == ClassList(entries)
    with reading(workspace.engine) as session:
        assert session.scalars(select(LabelGroup.label_id)).all() == []


def test_a_class_with_an_id_keeps_its_label_under_another_name(workspace: Workspace) -> None:
    taken(workspace, [ClassEntry(name="polo", key="p1")])
    with reading(workspace.engine) as session:
        number = number_of(session, "polo")
    taken(workspace, [ClassEntry(name="horse polo", key="p1")])
    with reading(workspace.engine) as session:
        assert number_of(session, "horse polo") == number
        assert session.scalars(select(Label.name)).all() == ["horse polo"]


def test_a_class_may_be_given_an_id_later(workspace: Workspace) -> None:
    taken(workspace, [ClassEntry(name="polo")])
    taken(workspace, [ClassEntry(name="polo", key="p1")])
    found = taken(workspace, [ClassEntry(name="horse polo", key="p1")])
    assert [(entry.key, entry.name) for entry in found.classes] == [("p1", "horse polo")]


def test_a_name_of_another_class_is_refused(workspace: Workspace) -> None:
    taken(workspace, [ClassEntry(name="polo", key="p1"), ClassEntry(name="yoga")])
    with pytest.raises(ClassesError, match=r"line 4: the id 'p1' is that of 'polo', and there is"):
        taken(workspace, [ClassEntry(name="yoga", key="p1", line=4)])
    with reading(workspace.engine) as session:
        assert not session.scalars(select(Label.name).where(Label.is_retired)).all()


@pytest.mark.parametrize("edit", ["drop polo", "merge polo + yoga -> polo", "split a -> polo | b"])
def test_a_class_that_edits_name_is_renamed_by_an_edit(workspace: Workspace, edit: str) -> None:
    taken(workspace, [ClassEntry(name="polo", key="p1")])
    with writing(workspace.engine) as session:
        session.add(ClassEdit(text=edit))
    with pytest.raises(ClassesError, match=re.escape(f"the edit `{edit}` names it")):
        taken(workspace, [ClassEntry(name="horse polo", key="p1")])


def test_an_edit_that_names_a_longer_name_is_no_obstacle(workspace: Workspace) -> None:
    taken(workspace, [ClassEntry(name="polo", key="p1"), ClassEntry(name="water polo")])
    with writing(workspace.engine) as session:
        session.add(ClassEdit(text="drop water polo"))
    found = taken(workspace, [ClassEntry(name="horse polo", key="p1")])
    assert [entry.name for entry in found.classes] == ["horse polo"]
