"""Statistics of AVA's rows, held against a few lines that count them another way."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from itertools import permutations
from math import log
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.ava.vocabulary import ava_vocabulary
from pipelines.ava.statistics.summary import Rules, summarise
from pipelines.cli import group
from pipelines.measuring.result import Manner

Rows = list[list[str]]


def kbuild(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["ava", "statistics", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    result = kbuild(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def official(shared: Path) -> tuple[Path, Rows, dict[str, Any]]:
    path = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    with gzip.open(path, "rt", newline="") as file:
        return path, list(csv.reader(file)), told(path)


def test_official_rows_are_counted_as_a_few_other_lines_count_them(official) -> None:
    _, rows, found = official
    assert found["rows"] == len(rows) == 27163
    assert found["videos"] == len({row[0] for row in rows})
    assert found["key_frames"] == len({tuple(row[:2]) for row in rows})
    assert found["boxes"] == len({tuple(row[:6]) for row in rows})
    assert found["persons"] == len({(row[0], row[7]) for row in rows})
    assert found["labels"] == dict(Counter(row[6] for row in rows))
    assert (found["key_frames_without_box"], found["rows_without_person"]) == (0, 0)
    order = [(-row["rows"], row["id"]) for row in found["classes"]]
    assert order == sorted(order)
    assert len(order) == 80
    assert sum(row["share"] for row in found["classes"]) == pytest.approx(1)


def test_labels_of_official_boxes(official) -> None:
    _, rows, found = official
    labels = defaultdict(set)
    for row in rows:
        labels[tuple(row[:6])].add(row[6])
    counts = Counter(str(len(one)) for one in labels.values())
    assert found["labels_a_box"]["counts"] == counts
    poses = {str(action.id) for action in ava_vocabulary() if action.type.word == "pose"}
    counts = Counter(str(len(one & poses)) for one in labels.values())
    assert found["labels_a_box_by_type"]["pose"]["counts"] == counts
    assert counts["0"] == 100  # boxes without a pose, in the official file
    crowds = Counter(box[:2] for box in labels)
    expected = Counter(str(number) for number in crowds.values())
    assert found["boxes_a_key_frame"]["counts"] == expected
    widths = sorted(float(box[4]) - float(box[2]) for box in labels)
    assert found["box_sizes"]["width"]["mean"] == pytest.approx(sum(widths) / len(widths))
    median = found["box_sizes"]["width"]["quantiles"]["50 %"]
    assert median == pytest.approx(widths[len(widths) // 2])


def npmi(count: int, first: int, second: int, units: int) -> float:
    return log(count * units / first / second) / -log(count / units) if count else -1.0


def assert_pairs(found: dict[str, Any], units: list[tuple[set, set]], is_once: bool) -> None:
    """Hold what was told against pairs of label sets."""
    assert found["units"] == len(units)
    firsts = Counter(x for one, _ in units for x in one)
    seconds = Counter(y for _, other in units for y in other)
    both = Counter((x, y) for one, other in units for x in one for y in other)
    expected = {
        (int(x), int(y)): (both[x, y], npmi(both[x, y], firsts[x], seconds[y], len(units)))
        for x in firsts
        for y in seconds
        if (both[x, y] >= 10 or firsts[x] * seconds[y] >= 10 * len(units))
        and (not is_once or int(x) <= int(y))
    }
    pairs = {(pair["first"], pair["second"]): pair for pair in found["pairs"]}
    assert pairs.keys() == expected.keys()
    for key, (count, value) in expected.items():
        assert pairs[key]["count"] == count
        assert pairs[key]["npmi"] == pytest.approx(value)


def test_what_follows_in_the_official_rows(official) -> None:
    _, rows, found = official
    moments = defaultdict(set)
    for row in rows:
        moments[row[0], row[7], int(row[1])].add(row[6])
    units = [
        (labels, moments[video, person, second + 1])
        for (video, person, second), labels in list(moments.items())
        if (video, person, second + 1) in moments
    ]
    assert_pairs(found["transitions"], units, is_once=False)


def test_what_two_persons_of_the_official_rows_do(official) -> None:
    _, rows, found = official
    frames = defaultdict(lambda: defaultdict(set))
    for row in rows:
        frames[tuple(row[:2])][tuple(row[2:6])].add(row[6])
    units = [pair for boxes in frames.values() for pair in permutations(boxes.values(), 2)]
    assert_pairs(found["among_persons"], units, is_once=True)
    assert found["among_persons"]["units"] == 20358


texts = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["2", "0003", "3.0", "4", "5.5"]),
        st.sampled_from(
            ["", "0.1,0.1,0.5,0.5", "0.10,0.1,0.5,0.5", "0.2,0.1,0.5,0.5", "0.3,0.1,0.5,0.5"]
        ),
        st.sampled_from(["12", "80", "17", "300"]),
        st.sampled_from(["0", "1", "7"]),
    ),
    min_size=1,
    max_size=25,
)


@given(texts, st.booleans())
def test_whatever_rows_are_counted_as_sets_of_them_are(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple], has_persons: bool
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    lines = [
        f"{v},{t},{box},{action}" + f",{who}" * has_persons if box else f"{v},{t}"
        for v, t, box, action, who in rows
    ]
    path.write_text("\n".join(lines))
    rules, manner = Rules(least_count=1), Manner()
    found, _ = summarise(path, rules, manner)
    full = [
        (v, float(t), tuple(map(float, box.split(","))), action, who)
        for v, t, box, action, who in rows
        if box
    ]
    boxes, moments, frames = (defaultdict(set) for _ in range(3))
    for v, t, box, action, who in full:
        boxes[v, t, box].add(action)
        moments[v, who, t].add(action)
        frames[v, t].add(box)
    assert found.key_frames == len({(v, float(t)) for v, t, *_ in rows})
    assert found.key_frames_without_box == found.key_frames - len(frames)
    assert (found.rows, found.boxes) == (len(rows), len(boxes))
    assert found.labels == dict(Counter(action for *_, action, _ in full))
    assert found.persons == (len({(v, who) for v, _, _, _, who in full}) if has_persons else 0)
    assert found.labels_a_box.counts == Counter(str(len(one)) for one in boxes.values())
    nexts = [key for key in moments if (*key[:2], key[2] + 1) in moments]
    assert found.transitions.units == (len(nexts) if has_persons else 0)
    both = Counter(
        (int(x), int(y))
        for v, who, t in nexts
        for x in moments[v, who, t]
        for y in moments[v, who, t + 1]
    )
    met = {(p.first, p.second): p.count for p in found.transitions.pairs if p.count}
    assert met.items() <= both.items()
    if has_persons:
        # What all units have tells nothing, and is left out.
        assert met == {pair: count for pair, count in both.items() if count < len(nexts)}
    units = [pair for one in frames.values() for pair in permutations(one, 2)]
    assert found.among_persons.units == len(units)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Two persons over two key frames, a third key frame without a box, a row that stands twice."""
    path = tmp_path / "made.csv"
    path.write_text(
        "a,0902,0.1,0.1,0.5,0.5,12,0\na,0902,0.1,0.1,0.5,0.5,79,0\n"
        "a,0902,0.5,0.1,0.9,0.5,11,1\na,0902,0.5,0.1,0.9,0.5,11,1\n"
        "a,0903,0.1,0.1,0.5,0.5,14,0\na,904\na,903.5,0.1,0.1,0.2,0.2,12,0\n"
        "b,0902,0.1,0.1,0.5,0.5,90,0\n"
    )
    return path


def test_made_rows_by_hand(made: Path) -> None:
    result = kbuild(made, "--json", "--least", 1)
    found = json.loads(result.stdout)
    counted = ("rows", "videos", "key_frames", "key_frames_without_box", "boxes", "persons")
    assert [found[name] for name in counted] == [8, 2, 5, 1, 5, 3]
    assert found["labels"] == {"11": 2, "12": 2, "14": 1, "79": 1, "90": 1}
    assert found["labels_by_type"] == {"pose": 5, "object": 0, "person": 1, "unknown": 1}
    assert found["labels_a_box"] == {"mean": 1.2, "counts": {"1": 4, "2": 1}}
    assert found["boxes_a_key_frame"]["counts"] == {"0": 1, "1": 3, "2": 1}
    # One person is at 902 and 903 s; half a second is no step.
    assert found["transitions"]["units"] == 1
    assert "1 rows have actions that the vocabulary does not have: 90; give" in result.stderr
    assert "made.csv:4: the same row stands here twice" in result.stderr


def test_the_step_is_a_setting(made: Path) -> None:
    assert told(made, "--step", 0.5)["transitions"]["units"] == 1
    assert told(made, "--step", 0.25)["transitions"]["units"] == 0


def test_thirds_of_seconds_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "thirds.csv"
    times = ["1", "1.333333", "1.666667", "2"]
    path.write_text("".join(f"a,{time},0.1,0.1,0.5,0.5,12,0\n" for time in times))
    assert told(path, "--step", 1 / 3)["transitions"]["units"] == 3


def test_rows_without_persons_are_counted_as_such(tmp_path: Path) -> None:
    path = tmp_path / "kinetics.csv"
    path.write_text("a,12.0401,0.1,0.1,0.5,0.5,12\na,12.0401,0.1,0.1,0.5,0.5,80\nb,3.5\n")
    found = told(path)
    assert [found[name] for name in ("rows", "key_frames", "boxes", "persons")] == [3, 2, 1, 0]
    assert (found["rows_without_person"], found["transitions"]["units"]) == (2, 0)
    assert found["key_frames_a_person"]["mean"] is None


def test_scores_are_no_persons(tmp_path: Path) -> None:
    path = tmp_path / "detections.csv"
    path.write_text("a,0902,0.1,0.1,0.5,0.5,12,0.25\na,0903,0.1,0.1,0.5,0.5,12,0.5\n")
    assert told(path, "--detections")["persons"] == 0
    result = kbuild(path)
    assert result.exit_code == 1
    assert "detections.csv:1: expected a whole number as person_id, found '0.25'" in result.output
    assert "where a score stands last, the rows are detections" in result.output


def test_only_key_frames_without_a_box(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("a,0902\na,0903\n")
    found = told(path, "--html", tmp_path / "page.html")
    assert [found[name] for name in ("rows", "key_frames", "boxes")] == [2, 2, 0]
    assert (found["labels"], found["labels_a_box"]["mean"]) == ({}, None)
    assert "None." in (tmp_path / "page.html").read_text()
    assert "2 key frames (2 without a box)" in kbuild(path).output


def test_a_vocabulary_of_ones_own_names_the_actions(made: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "# gaps = true\nid,name,type\n11,sits down,pose\n12,waits,pose\n90,eats,object\n"
    )
    result = kbuild(made, "--vocabulary", own)
    assert result.exit_code == 0, result.output
    assert re.search(r"^ +11  sits down +pose +2 ", result.output, re.MULTILINE)
    assert "2 rows have actions that the vocabulary does not have: 14, 79" in result.output
    own.write_text("id,name\n11,sits down\n")
    result = kbuild(made, "--vocabulary", own)
    assert result.exit_code == 1
    assert "own.csv:1: expected a header with id, name and type" in result.output


def test_a_bad_row_is_one_line_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,0902,0.1,0.1,0.5,0.5,12,0\na,0902,0.1,0.1,0.5,0.5,x,0\n")
    result = kbuild(path, "--html", tmp_path / "page.html")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "bad.csv:2: expected a whole number as action_id" in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_the_page_is_one_file_with_pictures(official, tmp_path: Path) -> None:
    path, _, found = official
    out = tmp_path / "page.html"
    result = kbuild(path, "--html", out)
    assert result.exit_code == 0, result.output
    page = out.read_text(encoding="utf-8")
    assert len(re.findall(r'src="data:image/png;base64,', page)) == 6
    assert not re.search(r'(src|href)="(?!data:|#)', page), "something is not inside the file"
    assert f"<b>{found['boxes']:,}</b>boxes" in page
    assert "sing to (e.g., self, a person, a group) → dance" in page
    assert "never: swim, brush teeth, chop" in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_is_one_line(made: Path, tmp_path: Path) -> None:
    assert kbuild(made, "--html", tmp_path / "new" / "page.html").exit_code == 0
    assert (tmp_path / "new" / "page.html").exists()
    result = kbuild(made, "--html", made / "page.html")
    assert result.exit_code == 1
    assert "made.csv/page.html cannot be written: expected the name of a file in a" in result.output


def test_a_header_is_told_of_as_such(tmp_path: Path) -> None:
    path = tmp_path / "header.csv"
    path.write_text("video_id,timestamp,x1,y1,x2,y2,action_id,person_id\n")
    result = kbuild(path)
    assert result.exit_code == 1
    assert "header.csv:1: expected a number of seconds, found 'timestamp'" in result.output
    assert "AVA's files have no header" in result.output


def test_names_of_strangers_are_no_markup(made: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    hostile = "<img src=x onerror=alert(1)> $x_{$"
    own.write_text(f"# gaps = true\nid,name,type\n11,{hostile},pose\n12,$,pose\n")
    result = kbuild(made, "--vocabulary", own, "--least", 1, "--html", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "page.html").read_text()
    assert hostile not in page
    assert "&lt;img src=x" in page


def test_a_folder_is_told_which_of_its_files_to_name(tmp_path: Path) -> None:
    result = kbuild(tmp_path)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {tmp_path}: is a folder. Name a CSV of AVA's rows; there is none in it.\n"
    )
    (tmp_path / "annotations").mkdir()
    file = tmp_path / "annotations" / "ava_val_v2.1.csv"
    file.write_text("film,0902,0.1,0.1,0.5,0.9,12,1\n")
    assert kbuild(tmp_path).output.endswith(f"is a folder. Name one of its files: {file}.\n")


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("picture.png", b"\x89PNG\r\n\x1a\n\0", "picture.png:1: bytes that are not utf-8"),
        ("empty.csv", b"", "empty.csv: the file is empty"),
        ("k.csv", b"label,youtube_id,time_start\n", "k.csv:1: expected a number of seconds"),
        ("rows.json", b'{"a": 1}', "rows.json:1: expected 2, 7 or 8 cells, found 1 cell"),
    ],
)
def test_what_is_no_file_of_rows_is_one_line(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    result = kbuild(tmp_path / name)
    assert result.exit_code == 1 and told in result.output and result.output.count("\n") == 1
