"""Decision trees of a list of classes: what they say, and what would leave somebody stuck."""

from pathlib import Path

import pytest

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.text.class_list.trees import NOWHERE, Goal, Leads, classes_of, trees_of

LEAPS = """
groups:
  - name: floor
    questions:
      - {id: leap, question: "Both feet off the floor?", yes: leaps, no: none of these}
  - name: leaps
    parent: floor
    questions:
      turn:
        question: "Does she turn?"
        examples: [a half turn, a whole one]
        yes: half
        no: split
      half: {question: "Half a turn?", yes: switch half, no: split}
      split: {question: "Legs split?", example: in a line, yes: split leap, no: none of these}
classes:
  - {name: split leap, group: leaps}
  - {name: switch half, group: leaps}
  - yawning
"""


def read(folder: Path, text: str):
    path = folder / "classes.yaml"
    path.write_text(text)
    return read_class_list(path)


def test_answers_lead_over_groups_to_elements(tmp_path: Path) -> None:
    found = read(tmp_path, LEAPS)
    (tree,) = trees_of(found)
    assert (tree.name, tree.first, list(tree.nodes)) == (
        "floor",
        "leap",
        ["leap", "turn", "half", "split"],
    )
    assert tree.nodes["leap"].goals == (Goal(Leads.QUESTION, "turn"), NOWHERE)
    assert tree.nodes["half"].goals == (
        Goal(Leads.CLASS, "switch half"),
        Goal(Leads.QUESTION, "split"),
    )
    assert tree.nodes["turn"].examples == ("a half turn", "a whole one")
    assert tree.nodes["split"].examples == ("in a line",)
    assert tree.elements("split") == {"split leap"}
    assert tree.elements("turn") == {"split leap", "switch half"}
    assert classes_of(found, tree) == ["split leap", "switch half"]


def test_the_same_in_json(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text(
        '{"classes": [{"name": "a", "group": "g"}], "groups": [{"name": "g", "questions": '
        '[{"id": "q", "question": "A?", "yes": "a", "no": "none of these"}]}]}'
    )
    (tree,) = trees_of(read_class_list(tmp_path / "classes.json"))
    assert tree.nodes["q"].yes == Goal(Leads.CLASS, "a")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "yes: split leap, no: none of these",
            "yes: split leap, no: turn",
            r":9: the question 'turn' leads back to itself: turn -> half -> split -> turn\. Lead",
            id="a circle",
        ),
        pytest.param(
            "no: split}",
            "no: half}",
            r":14: the question 'half' leads back to itself: half -> half",
            id="a question that leads to itself",
        ),
        pytest.param(
            "yes: split leap, no: none of these",
            "yes: split leap",
            r":15: the question 'split' is a dead end: it says nothing of `no`\. Lead it to",
            id="a dead end",
        ),
        pytest.param(
            "yes: switch half",
            "yes: switch halves",
            r":14: yes to 'half' leads to 'switch halves', .*there are 'switch half'.*Mend",
            id="an answer that leads nowhere",
        ),
        pytest.param(
            "yes: switch half",
            "yes: yawning",
            r":14: yes to 'half' leads to 'yawning', which is no question of the group 'leaps'",
            id="an answer that leads out of the group",
        ),
        pytest.param(
            "yes: switch half",
            "yes: split leap",
            r":18: no path leads to the class 'switch half', .*Lead an answer to it, or take",
            id="an element that no path leads to",
        ),
        pytest.param(
            "        yes: half\n",
            "        yes: switch half\n",
            r":14: nobody is asked the question 'half': .*'leap', which is asked first\. Lead one",
            id="a question that nobody is asked",
        ),
        pytest.param(
            "yes: leaps,",
            "yes: none of these,",
            r"nobody is asked the question 'turn'",
            id="a group that nobody comes to",
        ),
        pytest.param(
            "half: {question",
            "leap: {question",
            r"'leap' is that of the question in line 5",
            id="ids",
        ),
        pytest.param(
            "{id: leap,", "{id: yawning,", r":5: the id 'yawning' is the name of a class", id="both"
        ),
        pytest.param("{id: leap, ", "{", r":5: a question has no `id`", id="no id"),
        pytest.param("{id: leap,", "{id: a leap,", r":5: the id 'a leap' is none", id="odd id"),
        pytest.param(
            'question: "Legs split?", ', "", r":15: the question 'split' asks nothing", id="text"
        ),
        pytest.param(
            "examples: [a half turn, a whole one]",
            "examples: [a half turn]\n        example: another",
            r":11: `example` stands there too|:12: `example` stands there too",
            id="example and examples",
        ),
        pytest.param("no: split}", "maybe: split}", r"unknown key 'maybe' in a question", id="key"),
        pytest.param(
            "  - yawning",
            "  - {name: yawning, groups: [leaps, b]}",
            r"there is no group 'b'",
            id="an unknown group",
        ),
    ],
)
def test_what_leaves_somebody_stuck_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert LEAPS.count(old) == 1
    with pytest.raises(ClassesError, match=message) as refused:
        read(tmp_path, LEAPS.replace(old, new))
    assert "\n" not in str(refused.value)


def test_a_class_in_two_trees_is_refused(tmp_path: Path) -> None:
    two = LEAPS.replace(
        "classes:",
        '  - {name: b, questions: [{id: q, question: "B?", yes: split leap, no: none of these}]}\n'
        "classes:",
    ).replace("{name: split leap, group: leaps}", "{name: split leap, groups: [leaps, b]}")
    with pytest.raises(ClassesError, match="'split leap' is in two groups with questions, 'floor'"):
        read(tmp_path, two)


def test_a_wide_tree_is_read_at_once(tmp_path: Path) -> None:
    number = 400
    questions = "\n".join(
        f'      - {{id: q{n}, question: "Is it {n}?", yes: c{n}, no: '
        f"{f'q{n + 1}' if n + 1 < number else 'none of these'}}}"
        for n in range(number)
    )
    classes = "\n".join(f"  - {{name: c{n}, group: g}}" for n in range(number))
    found = read(
        tmp_path, f"groups:\n  - name: g\n    questions:\n{questions}\nclasses:\n{classes}"
    )
    (tree,) = trees_of(found)
    assert len(tree.elements("q0")) == number
