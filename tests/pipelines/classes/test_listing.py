"""Looking at a list of classes: by name, by words, as a tree."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import group

CLASSES = """
groups:
  gymnastics: {question: "Does somebody do gymnastics?"}
  vault: {parent: gymnastics}
  floor: {parent: gymnastics}
  food:
classes:
  - {name: round-off, id: ro, groups: [vault, floor], synonyms: [arabesque leap]}
  - {name: salto, groups: [floor]}
  - {name: making crêpes, groups: [food], queries: {fr: [faire des crêpes]}}
  - {name: yawning, description: Somebody is tired}
"""
TREE = """gymnastics  (2)  Does somebody do gymnastics?
├─ vault  (1)
│  └─ round-off
└─ floor  (2)
   ├─ round-off
   └─ salto
food  (1)
└─ making crêpes
in no group  (1)
└─ yawning

4 classes in 4 groups
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "classes.yaml"
    path.write_text(CLASSES)
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(group, ["classes", *words])


def test_the_tree(file: str) -> None:
    assert run("tree", "--classes", file).output == TREE


def test_a_branch_of_it(file: str) -> None:
    found = run("tree", "--classes", file, "--group", "vault").output
    assert found == "vault  (1)\n└─ round-off\n\n1 class in 1 group\n"


def test_the_list_names_ids_and_groups(file: str) -> None:
    found = run("list", "--classes", file, "--group", "gymnastics").output.splitlines()
    assert found == ["round-off  [ro]  vault; floor", "salto      floor", "2 classes"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["salto"], ["salto"]),
        (["RO"], ["round-off"]),
        (["crepes"], ["making crêpes"]),
        (["mak", "cre"], ["making crêpes"]),
        (["faire"], ["making crêpes"]),
        (["floor"], ["round-off", "salto"]),
        (["arabesqe"], ["round-off"]),
        (["tired"], ["yawning"]),
        (["swimming"], []),
        (["salto", "tired"], []),
    ],
)
def test_a_search_finds_words_wherever_they_stand(
    file: str, words: list[str], names: list[str]
) -> None:
    found = json.loads(run("search", *words, "--classes", file, "--json").output)
    assert [entry["name"] for entry in found] == names


def test_a_group_that_is_not_there_is_one_line(file: str) -> None:
    found = run("list", "--classes", file, "--group", "flor")
    assert found.exit_code == 1
    assert found.output == "Error: there is no group 'flor'. There are 'floor'.\n"


def test_a_workspace_shows_what_it_collected(tmp_path: Path, file: str) -> None:
    work = str(tmp_path / "work")
    runner = CliRunner()
    assert runner.invoke(group, ["init", work]).exit_code == 0
    empty = runner.invoke(group, ["-C", work, "classes", "tree"])
    assert empty.exit_code == 1 and "no classes are here yet" in empty.output
    (tmp_path / "films").mkdir()
    source = ["--source", f"folder:{tmp_path / 'films'}"]
    runner.invoke(group, ["-C", work, "collect", "--classes", file, *source])
    assert runner.invoke(group, ["-C", work, "classes", "tree"]).output == TREE
