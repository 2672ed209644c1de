"""Groups of classes: several a class, trees of them, and the slips that a file of them may hold."""

from pathlib import Path

import pytest

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.text.class_list.entries import Group

GYMNASTICS = """
groups:
  gymnastics: {question: "Does somebody do gymnastics?"}
  floor exercise:
    parent: gymnastics
    description: On the mat.
classes:
  - name: salto backward
    id: salto-b
    groups: [floor exercise, gymnastics]
  - yawning
"""


def written(folder: Path, text: str, name: str = "classes.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_may_say_more_of_groups_than_their_names(tmp_path: Path) -> None:
    found = read_class_list(written(tmp_path, GYMNASTICS))
    assert found.groups == (
        Group(name="gymnastics", question="Does somebody do gymnastics?", line=3),
        Group(name="floor exercise", parent="gymnastics", description="On the mat.", line=4),
    )
    salto, yawning = found.classes
    assert (salto.key, salto.groups) == ("salto-b", ("floor exercise", "gymnastics"))
    assert (yawning.key, yawning.groups) == (None, ())


def test_groups_that_classes_name_are_there(tmp_path: Path) -> None:
    found = read_class_list(written(tmp_path, "a | | x; y\nb | | y\n", "classes.txt"))
    assert [entry.groups for entry in found.classes] == [("x", "y"), ("y",)]
    assert [group.name for group in found.groups] == ["x", "y"]


def test_a_file_may_list_classes_by_group(tmp_path: Path) -> None:
    found = read_class_list(written(tmp_path, '{"x": ["a", "b"], "y": ["b"]}', "classes.json"))
    assert {entry.name: entry.groups for entry in found.classes} == {"a": ("x",), "b": ("x", "y")}


def test_the_parents_of_kinetics_400(shared: Path) -> None:
    found = read_class_list(shared / "kinetics" / "kinetics400_categories.json")
    assert len(found.classes) == 400
    assert sum(len(entry.groups) for entry in found.classes) == 456


def test_a_class_called_classes_is_one(tmp_path: Path) -> None:
    found = read_class_list(written(tmp_path, "- classes\n- groups\n"))
    assert [entry.name for entry in found.classes] == ["classes", "groups"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "groups: {a: {parent: b}, b: {parent: c}, c: {parent: a}}\nclasses: [x]",
            r":1: the group 'a' is in itself: a in b in c in a",
            id="circle",
        ),
        pytest.param(
            "groups:\n  a:\n  b: {parent: b}\nclasses: [x]", r":3: .* b in b", id="in itself"
        ),
        pytest.param(
            "groups:\n  food: {parent: fod}\n  foods:\nclasses: [x]",
            r":2: there is no group 'fod'; there are 'food'",
            id="parent that is not there",
        ),
        pytest.param(
            "groups: [food]\nclasses:\n- name: x\n  group: fod",
            r":3: there is no group 'fod'; there are 'food'",
            id="slip",
        ),
        pytest.param(
            "groups:\n- food\n- food\nclasses: [x]",
            r":3: the group 'food' stands in line 2 already",
            id="twice",
        ),
        pytest.param(
            "groups: {a: {parents: b}}\nclasses: [x]",
            r":1: unknown key 'parents' in group 'a'. Known here: name, parent",
            id="key",
        ),
        pytest.param(
            "groups: {a: {question: ' '}}\nclasses: [x]", r":1: the question is empty", id="empty"
        ),
        pytest.param("groups: 3\nclasses: [x]", r":1: groups is a text", id="no groups"),
        pytest.param("groups: [a]\nclasses:", r": no classes\. Write", id="no classes"),
        pytest.param(
            "- {name: x, group: a, groups: [b]}", r":1: `group` stands there too", id="both"
        ),
        pytest.param("- {name: x, id: a b}", r":1: the id 'a b' is none", id="odd id"),
        pytest.param(
            "- {name: x, id: a}\n- {name: y, id: a}",
            r":2: the id 'a' stands in line 1 already",
            id="id twice",
        ),
    ],
)
def test_slips_are_told_with_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ClassesError, match=told):
        read_class_list(written(tmp_path, text))
