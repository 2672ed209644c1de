import re
from collections import Counter
from pathlib import Path

import pytest

from kinetics_builder.ava.actions import Action, ActionType
from kinetics_builder.ava.vocabulary import ava_vocabulary, read_vocabulary
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.labels.reading import read_label_map

ENTRY = 'label {{\n  name: "{}"\n  label_id: {}\n  label_type: {}\n}}\n'
THREE = [
    Action(1, "stand", ActionType.POSE, "Upright, on the feet."),
    Action(2, "hold (a cup, a mug)", ActionType.OBJECT),
    Action(3, "talk to", ActionType.PERSON),
]
CSV = (
    "id,name,type,definition\n"
    '3,talk to,person,\n1,stand,pose,"Upright, on the feet."\n2,"hold (a cup, a mug)",object,\n'
)
TOML = """
[[action]]
id = 1
name = "stand"
type = "pose"
definition = "Upright,  on the feet."

[[action]]
id = 2
name = "hold (a cup, a mug)"
type = "object"

[[action]]
id = 3
name = "talk to"
type = "PERSON_INTERACTION"
"""


def of(tmp_path: Path, text: str, name: str = "actions.csv") -> list[Action]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return list(read_vocabulary(path))


def test_the_80_actions_are_those_of_the_official_list(shared: Path) -> None:
    text = (shared / "ava" / "ava_action_list_v2.1.pbtxt").read_text()
    official = re.findall(r'name: "(.*)"\n  label_id: (\d+)\n  label_type: (\w+)', text)
    assert [(a.name, str(a.id), a.type.value) for a in ava_vocabulary()] == official
    counts = Counter(action.type.word for action in ava_vocabulary())
    assert counts == {"pose": 14, "object": 49, "person": 17}
    assert all(action.definition for action in ava_vocabulary())
    assert len({action.definition for action in ava_vocabulary()}) == 80


def test_the_official_list_reads_as_a_vocabulary(shared: Path) -> None:
    path = shared / "ava" / "ava_action_list_v2.1.pbtxt"
    assert [action[:3] for action in read_vocabulary(path)] == [a[:3] for a in ava_vocabulary()]
    assert ava_vocabulary().label_map() == read_label_map(path)


def test_the_list_that_the_challenges_evaluate_has_no_types_and_says_so(shared: Path) -> None:
    path = shared / "ava" / "ava_action_list_v2.1_for_activitynet_2018.pbtxt"
    with pytest.raises(FormatError) as caught:
        read_vocabulary(path, may_have_gaps=True)
    assert str(caught.value) == (
        f"{path}:1: expected a type for 'bend/bow (at the waist)': pose (PERSON_MOVEMENT), object "
        "(OBJECT_MANIPULATION) or person (PERSON_INTERACTION); found none."
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("actions.csv", CSV),
        ("actions.csv", "\ufeff" + CSV.replace("\n", "\r\n").replace("type", "label_type", 1)),
        ("actions.toml", TOML),
        (
            "actions.pbtxt",
            'label { name: "talk to" label_id: 3 label_type: PERSON_INTERACTION }\n'
            'label { name: "stand" label_id: 1 label_type: PERSON_MOVEMENT '
            'definition: "Upright, on the feet." }\n'
            "label { name: 'hold (a cup, a mug)' label_id: 2 label_type: OBJECT_MANIPULATION }",
        ),
    ],
)
def test_three_dialects_say_the_same(name: str, text: str, tmp_path: Path) -> None:
    assert of(tmp_path, text, name) == THREE


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "id,name\n1,stand\n", "a.csv:1: expected a header with id, name and type"),
        ("a.csv", "stand\nwalk\n", "a.csv:1: expected a header with id, name and type"),
        ("a.csv", "id,name,type,colour\n1,stand,pose,red\n", "a.csv:1: expected a header with id"),
        ("a.csv", "id,name,type\n1,stand,posture\n", "a.csv:2: .*found the type 'posture'"),
        ("a.csv", "id,name,type\n1,stand,\n", "a.csv:2: expected a type for 'stand': .*found none"),
        ("a.csv", "id,name,type\n0,stand,pose\n", "a.csv:2: expected a whole number from 1 on"),
        ("a.csv", "id,name,type\n1.5,stand,pose\n", "a.csv:2: expected a whole number from 1 on"),
        ("a.csv", "id,name,type\n1,,pose\n", "a.csv:2: expected a name for action 1"),
        ("a.csv", "id,name,type\n1,hold, a cup,object\n", "a.csv:2: expected 3 cells .*found 4"),
        (
            "a.csv",
            "id,name,type\n\n# poses\n1,stand,pose\n1,walk,pose\n",
            "a.csv:5: the number 1 stands twice, first at .*a.csv:4",
        ),
        (
            "a.csv",
            "id,name,type\n1,stand,pose\n2,Stand ,pose\n",
            "a.csv:3: the name 'Stand' stands twice, first at .*a.csv:2",
        ),
        ("a.csv", "id,name,type\n1,stand,pose\n4,sit,pose\n", "found no 2 to 3: number the ac"),
        ("a.csv", "id,name,type\n2,stand,pose\n", "expected the numbers 1 to 1, found no 1: num"),
        ("a.csv", "id,name,type\n1,hold,object\n", "each person has exactly one; found 1 actions,"),
        ("a.csv", "", "expected a vocabulary, found an empty file"),
        ("a.toml", "[[action]]\nid = 1\nname = 'x'\n", "a.toml:1: expected a type for 'x'"),
        (
            "a.toml",
            "[[action]]\nid = 1\nname = 'x'\ntype = 'pose'\n\n[[action]]\nid = -2\n",
            "a.toml:6: expected a whole number from 1 on as id, found '-2'",
        ),
        ("a.toml", "[[actions]]\nid = 1\n", "tables and `gaps = true` alone, found 'actions'"),
        ("a.toml", "[[action]]\nid = 1\nkind = 'pose'\n", "a.toml:1: expected id, name, type, def"),
        ("a.toml", "[action]\nid = 1\n", r"expected \[\[action\]\] with two brackets"),
        ("a.toml", "[[action]\n", "a.toml: expected TOML: "),
        ("a.pbtxt", ENTRY.format("x", 1, "POSE_OF_ALL"), "a.pbtxt:1: .*the type 'POSE_OF_ALL'"),
        (
            "a.pbtxt",
            ENTRY.format("x", 1, "PERSON_MOVEMENT") * 2,
            "a.pbtxt:6: the number 1 stands twice, first at .*a.pbtxt:1",
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_file_row_and_remedy(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        of(tmp_path, text, name)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "# gaps = true\nid,name,type\n3,stand,pose\n7,sit,pose\n"),
        ("a.pbtxt", "# gaps = true\n" + ENTRY.format("stand", 3, "PERSON_MOVEMENT")),
        ("a.toml", "gaps = true\n[[action]]\nid = 3\nname = 'stand'\ntype = 'pose'\n"),
    ],
)
def test_gaps_that_are_stated_are_taken(name: str, text: str, tmp_path: Path) -> None:
    assert of(tmp_path, text, name)[0] == Action(3, "stand", ActionType.POSE)
    with pytest.raises(FormatError, match="number the actions without a gap"):
        of(tmp_path, text.replace("true", "false"), name)


def test_a_line_with_a_sign_before_it_is_a_row_where_it_has_all_cells(tmp_path: Path) -> None:
    text = "# all, of ours\nname,id,type\n# poses\n#selfie,1,pose\n# two, more\nsit,2,pose\n"
    assert [action.name for action in of(tmp_path, text)] == ["#selfie", "sit"]


def test_a_vocabulary_is_a_label_map_too_or_says_that_it_is_none(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("# gaps = true\nid,name,type\n3,stand,pose\n# of things\n7,hold,object\n")
    labels = read_label_map(own, first_id=1)
    assert labels.names == {label.id: label.name for label in read_vocabulary(own).label_map()}
    assert labels.names == {3: "stand", 7: "hold"}
    own.write_text("name,id\n#selfie,1\n# comment\nsit,2\n")
    assert read_label_map(own).names == {1: "#selfie", 2: "sit"}
    for text in (TOML, f"# ours\ngaps = true\n{TOML}"):
        own.write_text(text)
        with pytest.raises(FormatError, match="a vocabulary in TOML, which is no label map: write"):
            read_label_map(own)


def test_an_action_is_found_by_its_name_in_any_case() -> None:
    assert ava_vocabulary().of_name(" Carry/Hold (an  object)").id == 17
    with pytest.raises(ValueError, match="'hold' is not in the vocabulary"):
        ava_vocabulary().of_name("hold")
    with pytest.raises(ValueError, match="the action 81 is not in the vocabulary"):
        ava_vocabulary().of_id(81)
    assert 80 in ava_vocabulary()
    assert 81 not in ava_vocabulary()
