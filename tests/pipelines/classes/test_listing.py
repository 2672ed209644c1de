"""Looking at a list of classes: by name, by words, as a tree."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.database.engine import writing
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.cli import group
from pipelines.publishing.curating.edits import record_edits

LEAPS = """
groups:
  - name: leaps
    questions:
      turn: {question: "Does she turn?", yes: half, no: split}
      half: {question: "Half a turn?", yes: switch half, no: split}
      split: {question: "Legs split?", example: in a line, yes: split leap, no: none of these}
classes:
  - {name: split leap, group: leaps}
  - {name: switch half, group: leaps}
"""
LEAPS_DRAWN = """\
leaps  (2)
├─ turn: Does she turn?
│  ├─ yes -> half: Half a turn?
│  │  ├─ yes -> switch half
│  │  └─ no -> split: Legs split?  (for example: in a line)
│  │     ├─ yes -> split leap
│  │     └─ no -> none of these
│  └─ no -> the question split
├─ split leap
└─ switch half

2 classes in 1 group, 3 questions
"""
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


def test_the_tree_after_edits(file: str, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    edits = tmp_path / "edits.txt"
    edits.write_text(
        "merge round-off + salto -> turning over\ndrop yawning\n"
        "move making crêpes -> vault\nmove vault -> food\n"
    )
    with writing(workspace.engine) as session:
        found = read_class_list(Path(file))
        import_classes(session, found.classes, found.groups)
        record_edits(session, edits)
    shown = CliRunner().invoke(group, ["-C", str(workspace.root), "classes", "tree", "--edited"])
    assert shown.output.splitlines() == [
        "gymnastics  (1)  Does somebody do gymnastics?",
        "└─ floor  (1)",
        "   └─ turning over",
        "food  (2)",
        "└─ vault  (2)",
        "   ├─ making crêpes",
        "   └─ turning over",
        "",
        "2 classes in 4 groups",
    ]


def test_the_tree_draws_questions_and_where_answers_lead(tmp_path: Path) -> None:
    path = tmp_path / "leaps.yaml"
    path.write_text(LEAPS)
    assert run("tree", "--classes", str(path)).output == LEAPS_DRAWN


def test_the_questions_lead_to_what_classes_are_called_after_edits(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    path, edits = tmp_path / "leaps.yaml", tmp_path / "edits.txt"
    path.write_text(LEAPS)
    before = read_class_list(path)
    first, *others = (one.name for one in before.classes)
    edits.write_text(f"rename {first} -> flying\ndrop {others[0]}\n")
    with writing(workspace.engine) as session:
        import_classes(session, before.classes, before.groups)
        record_edits(session, edits)
    shown = CliRunner().invoke(group, ["-C", str(workspace.root), "classes", "tree", "--edited"])
    assert "-> flying" in shown.output and f"-> {first}" not in shown.output
    assert f"-> {others[0]}" not in shown.output and "-> none of these" in shown.output
