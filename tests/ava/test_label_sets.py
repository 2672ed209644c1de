"""One pose, three actions with objects and three with people: more, and no pose, is told of."""

import gzip
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.ava.label_sets import OddBoxes, Oddity, oddities, types_of
from kinetics_builder.ava.vocabulary import ava_vocabulary
from pipelines.cli import group

TYPES = types_of(ava_vocabulary())
STAND, SIT = 12, 11
OBJECTS, PEOPLE = range(15, 64), range(64, 81)


@pytest.mark.parametrize(
    ("actions", "odd"),
    [
        pytest.param([STAND], [], id="a pose"),
        pytest.param([STAND, *OBJECTS[:3], *PEOPLE[:3]], [], id="as many as there may be"),
        pytest.param([STAND, *OBJECTS[:4]], [Oddity.OBJECTS], id="four with objects"),
        pytest.param([STAND, *PEOPLE[:4]], [Oddity.PERSONS], id="four with people"),
        pytest.param([STAND, SIT], [Oddity.POSES], id="two poses"),
        pytest.param([PEOPLE[0]], [Oddity.NO_POSE], id="no pose"),
        pytest.param([*OBJECTS[:4]], [Oddity.NO_POSE, Oddity.OBJECTS], id="both"),
        pytest.param([STAND, STAND, *[OBJECTS[0]] * 4], [], id="one label several times"),
        pytest.param([], [], id="nothing is said"),
        pytest.param([99, 100], [], id="actions of which nothing is known"),
    ],
)
def test_what_is_odd_about_the_actions_of_a_box(actions: list[int], odd: list[Oddity]) -> None:
    assert list(oddities(actions, TYPES)) == odd


def test_odd_boxes_are_counted_and_the_first_of_each_sort_is_kept() -> None:
    boxes = OddBoxes()
    assert boxes.add([STAND, SIT], TYPES, "here") == [Oddity.POSES]
    assert boxes.add([STAND, SIT], TYPES, "there") == []
    boxes.add([PEOPLE[0]], TYPES, "elsewhere")
    assert list(boxes.lines()) == [
        "1 box has actions and no pose, the first: elsewhere",
        "2 boxes have several poses, the first: here",
    ]


def rows(film: str, second: int, person: int, actions: list[int]) -> list[str]:
    box = f"0.1{person},0.2,0.5,0.9"
    return [f"{film},{second:04d},{box},{action},{person}" for action in actions]


def validate(path: Path, *options: str) -> Result:
    return CliRunner().invoke(group, ["validate", "--format", "ava", str(path), *options])


def test_validate_tells_of_odd_boxes_with_their_number_and_the_first_row(tmp_path: Path) -> None:
    path = tmp_path / "ava_train_v2.2.csv"
    lines = [
        *rows("a", 902, 0, [STAND, *OBJECTS[:4]]),
        *rows("a", 902, 1, [PEOPLE[0]]),
        *rows("a", 903, 0, [STAND, *PEOPLE[:4]]),
        *rows("a", 903, 1, [STAND, *OBJECTS[:4]]),
        *rows("b", 902, 0, [STAND, SIT]),
        *rows("b", 903, 0, [STAND, *OBJECTS[:3], *PEOPLE[:3]]),
    ]
    path.write_text("\n".join(lines))
    result = validate(path)
    assert result.exit_code == 0
    told = [line for line in result.output.splitlines() if line.startswith("Warning")]
    assert told == [
        f"Warning: {path}:6: a at 902 s: 1 box has actions and no pose",
        f"Warning: {path}:17: b at 902 s: 1 box has several poses",
        f"Warning: {path}:1: a at 902 s: 2 boxes have more than 3 actions with objects; this is "
        "the first",
        f"Warning: {path}:7: a at 903 s: 1 box has more than 3 actions with people",
    ]
    assert validate(path, "--strict").exit_code == 1


def test_equal_numbers_of_persons_in_two_films_and_a_label_said_twice_are_no_oddity(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ava_train_v2.2.csv"
    lines = [*rows("a", 902, 0, [STAND]), *rows("b", 902, 0, [STAND, *[PEOPLE[0]] * 4])]
    path.write_text("\n".join(lines))
    output = validate(path).output
    assert "the same as line 3" in output and "box has" not in output and "boxes have" not in output


def test_the_types_are_those_of_the_list_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ava_train_v2.2.csv"
    path.write_text("\n".join(rows("a", 902, 0, [1, 2, 3, 4, 5])))
    assert "1 box has several poses" in validate(path).output  # by AVA's own list
    kinds = ["PERSON_MOVEMENT", *["OBJECT_MANIPULATION"] * 4]
    own = "".join(
        f'label {{\n  name: "do {n}"\n  label_id: {n}\n  label_type: {kind}\n}}\n'
        for n, kind in enumerate(kinds, 1)
    )
    (tmp_path / "ava_action_list_v2.2.pbtxt").write_text(own)
    output = validate(path).output
    assert "several poses" not in output
    assert "1 box has more than 3 actions with objects" in output
    folder = CliRunner().invoke(group, ["validate", "--format", "ava-folder", str(tmp_path)])
    assert "1 box has more than 3 actions with objects" in folder.output


def test_detections_say_every_action_of_every_box_and_are_not_odd(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    path.write_text("\n".join(f"a,0902,0.1,0.2,0.5,0.9,{n},0.{n:02d}" for n in range(1, 81)))
    result = CliRunner().invoke(group, ["validate", "--format", "ava-detections", str(path)])
    assert result.output == f"{path}: 80 boxes, no errors\n"


def test_the_official_rows_hold_a_hundred_boxes_without_a_pose_and_two_with_too_much(
    shared: Path,
) -> None:
    path = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    output = validate(path).output
    done: dict[tuple[str, ...], set[int]] = defaultdict(set)
    with gzip.open(path, "rt") as file:
        for line in file:
            cells = line.rstrip().split(",")
            done[tuple(cells[:6])].add(int(cells[6]))
    counts: Counter[str] = Counter()
    for actions in done.values():
        counts["no pose"] += not any(number <= 14 for number in actions)
        counts["poses"] += sum(number <= 14 for number in actions) > 1
        counts["objects"] += sum(15 <= number <= 63 for number in actions) > 3
        counts["people"] += sum(number >= 64 for number in actions) > 3
    assert counts == {"no pose": 100, "poses": 1, "objects": 0, "people": 1}
    assert "100 boxes have actions and no pose; this is the first" in output
    assert "1 box has several poses" in output
    assert "1 box has more than 3 actions with people" in output
    assert "with objects" not in output
