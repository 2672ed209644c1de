import gzip
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Box, Label
from kinetics_builder.formats.registry import find_format

SIZE = (1919, 803)
ALL = {
    "cvat-video": "folder",
    "cvat-images": "annotations.xml",
    "via2": "via.json",
    "via3": "via.json",
    "fiftyone-detections": "folder",
    "datumaro-boxes": "folder",
    "coco": "coco.json",
    "pyslowfast-ava": "folder",
    "mmaction2-ava": "folder",
}
TOOLS = [name for name in ALL if not name.endswith("-ava")]
SCORED = ["fiftyone-detections", "datumaro-boxes", "coco"]
ACTIONS = LabelMap((Label(12, "stand"), Label(17, 'carry "it" & <run>'), Label(6, "wörk, a lot")))


def written(name: str, folder: Path, records: list[Box], **options: Any) -> tuple[Path, list[str]]:
    path = folder / ALL[name]
    return path, told(find_format(name).write, path, records, **options)


def told(function: Any, path: Path, records: list[Box], **options: Any) -> list[str]:
    found: list[Problem] = []
    problems = Problems(path, on_error=found.append, on_warning=found.append)
    function(path, records, settled(options), problems)
    return [str(problem) for problem in found]


def read(name: str, path: Path, **options: Any) -> list[Box]:
    function = find_format(name).read
    assert function is not None
    return list(function(path, settled(options), Problems(path)))


def settled(options: dict[str, Any]) -> Options:
    return Options(**{"frame_size": SIZE, "frames_per_second": 30.0, "labels": ACTIONS, **options})


@pytest.fixture(scope="module")
def ava(shared: Path) -> tuple[Path, LabelMap]:
    text = (shared / "ava" / "ava_action_list_v2.1.pbtxt").read_text()
    found = re.findall(r'name: "(.*)"\s+label_id: (\d+)', text)
    labels = LabelMap(tuple(Label(int(number), name) for name, number in found))
    return shared / "ava" / "ava_val_v2.1_head27163.csv.gz", labels


@pytest.mark.long
def test_all_of_ava_comes_back_from_cvat_byte_for_byte(
    ava: tuple[Path, LabelMap], tmp_path: Path
) -> None:
    source, labels = ava
    options = Options(labels=labels, frame_size=SIZE, frames_per_second=24000 / 1001)
    problems = Problems(source)
    for a_format, path in (("ava", source), ("cvat-video", tmp_path / "cvat")):
        records = find_format(a_format).read(path, options, problems)  # type: ignore[misc]
        target = {"ava": "cvat-video", "cvat-video": "ava"}[a_format]
        out = tmp_path / {"cvat-video": "cvat", "ava": "ava.csv"}[target]
        find_format(target).write(out, records, options, problems)  # type: ignore[misc]
    assert (tmp_path / "ava.csv").read_bytes() == gzip.decompress(source.read_bytes())
    assert len(list((tmp_path / "cvat").glob("*.xml"))) == 8


@pytest.mark.parametrize("name", [name for name in ALL if name != "cvat-video"])
def test_a_video_of_ava_comes_back_in_its_order(
    name: str, ava: tuple[Path, LabelMap], tmp_path: Path
) -> None:
    source, labels = ava
    options = {"labels": labels, "split": "validate", "frames_per_second": 29.97}
    rows = read("ava", source, **options)[:2500]
    path, problems = written(name, tmp_path, rows, **options)
    assert read(name, path, **options) == rows
    assert problems == []


shares = st.integers(0, 99_999).map(lambda number: number / 100_000)
spans = st.tuples(shares, st.integers(1, 1000)).map(
    lambda two: (two[0], round(min(1.0, two[0] + two[1] / 1000), 5))
)
boxes = st.builds(
    lambda video, second, x, y, action, person: Box(
        video,
        float(second),
        x[0],
        y[0],
        x[1],
        y[1],
        action_id=action,
        person_id=person,
        label=None if action is None else ACTIONS.names[action],
    ),
    video=st.sampled_from(["--ab12", "b_000001", "zß 9", "a.b&<c>", "a/b%2F"]),
    second=st.integers(902, 905),
    x=spans,
    y=spans,
    action=st.sampled_from([12, 17, 6, None]),
    person=st.one_of(st.none(), st.integers(0, 3)),
)
lists_of_boxes = st.lists(boxes, min_size=1, max_size=12, unique_by=lambda box: box[:-1])


def in_order(records: list[Box]) -> list[Box]:
    return sorted(records, key=lambda box: str(box[:-1]))


def without_doubts(records: list[Box]) -> list[Box]:
    """Leave out boxes without an action that also stand with one: tools see one box."""
    busy = {(*box[:6], box.person_id) for box in records if box.action_id is not None}
    return [
        box for box in records if box.action_id is not None or (*box[:6], box.person_id) not in busy
    ]


@pytest.mark.parametrize("name", TOOLS)
@settings(max_examples=15, deadline=None)
@given(records=lists_of_boxes)
def test_any_boxes_come_back(
    name: str, records: list[Box], tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = without_doubts(records)
    path, problems = written(name, tmp_path_factory.mktemp("boxes"), expected)
    assert problems == []
    found = read(name, path)
    assert in_order(found) == in_order(expected)
    again, _ = written(name, tmp_path_factory.mktemp("again"), found)
    assert read(name, again) == found


@pytest.mark.parametrize("name", ALL)
def test_equal_boxes_give_equal_bytes(name: str, tmp_path: Path) -> None:
    records = [
        Box("b", 903.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand"),
        Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 17, 0, label=ACTIONS.names[17]),
    ]
    first, _ = written(name, tmp_path / "first", records)
    second, _ = written(name, tmp_path / "second", records)
    files = [path for path in (first, *first.rglob("*")) if path.is_file()]
    assert files
    for file in files:
        other = second / file.relative_to(first) if file != first else second
        assert file.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", SCORED)
def test_scores_come_back_where_a_tool_has_them(name: str, tmp_path: Path) -> None:
    record = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 12, None, 0.123456789, "stand")
    path, problems = written(name, tmp_path, [record])
    assert (read(name, path), problems) == ([record], [])


@pytest.mark.parametrize("name", sorted(set(TOOLS) - set(SCORED)))
def test_scores_are_told_of_where_a_tool_has_none(name: str, tmp_path: Path) -> None:
    record = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 12, None, 0.5, "stand")
    _, problems = written(name, tmp_path, [record, record._replace(timestamp_seconds=903.0)])
    assert len(problems) == 1
    assert "a at 902 s: " in problems[0]
    assert "does not say the score of this and 1 more" in problems[0]


@pytest.mark.parametrize(
    "name", ["cvat-images", "via2", "fiftyone-detections", "datumaro-boxes", "coco"]
)
def test_key_frames_without_a_box_come_back(name: str, tmp_path: Path) -> None:
    records = [Box("a", 902.0), Box("a", 903.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")]
    path, problems = written(name, tmp_path, records)
    assert (read(name, path), problems) == (records, [])


@pytest.mark.parametrize("name", ["cvat-video", "via3", "pyslowfast-ava", "mmaction2-ava"])
def test_key_frames_without_a_box_are_told_of(name: str, tmp_path: Path) -> None:
    records = [Box("a", 902.0), Box("a", 903.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")]
    path, problems = written(name, tmp_path, records, split="train")
    assert read(name, path, split="train") == records[1:]
    assert len(problems) == 1
    assert "a at 902 s: a key frame without a box has no place there" in problems[0]


@pytest.mark.parametrize("name", TOOLS)
def test_an_action_without_a_name_is_an_error_of_its_row(name: str, tmp_path: Path) -> None:
    good = Box("a", 903.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")
    bad = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 99, 1)
    path, problems = written(name, tmp_path / "map", [bad, good])
    assert read(name, path) == [good]
    assert len(problems) == 1
    assert problems[0].endswith("a at 902 s: the class number 99 is not in the label map")
    with pytest.raises(ConfigError, match=f"{name} has actions by name, and the records have num"):
        written(name, tmp_path / "none", [good, bad], labels=None)
    assert not (tmp_path / "none" / ALL[name]).exists()


@pytest.mark.parametrize("name", TOOLS)
def test_without_a_label_map_names_come_back_without_numbers(name: str, tmp_path: Path) -> None:
    record = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, None, 1, label="anything")
    path, problems = written(name, tmp_path, [record], labels=None)
    assert (read(name, path, labels=None), problems) == ([record], [])


@pytest.mark.parametrize(
    "name", ["cvat-video", "cvat-images", "via2", "fiftyone-detections", "coco"]
)
@pytest.mark.parametrize("rate", [30.0, 24000 / 1001, 29.97, 12.5])
def test_whole_seconds_survive_any_frame_rate(name: str, rate: float, tmp_path: Path) -> None:
    record = Box("a", 1798.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")
    path, problems = written(name, tmp_path, [record], frames_per_second=rate)
    assert (read(name, path, frames_per_second=rate), problems) == ([record], [])


@pytest.mark.parametrize(
    "name", ["cvat-video", "cvat-images", "via2", "fiftyone-detections", "coco"]
)
def test_a_time_between_two_frames_is_moved_and_told_of(name: str, tmp_path: Path) -> None:
    record = Box("a", 902.04, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")
    path, problems = written(name, tmp_path, [record])
    # 902.04 s is frame 27061.2 at 30 frames a second; frame 27061 is at 902.033333 s.
    assert [box.timestamp_seconds for box in read(name, path)] == [902.033333]
    assert len(problems) == 1
    assert "a at 902.04 s: " in problems[0]


@pytest.mark.parametrize("name", TOOLS)
def test_a_row_that_stands_twice_is_told_of(name: str, tmp_path: Path) -> None:
    record = Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand")
    path, problems = written(name, tmp_path, [record, record])
    if name in SCORED:
        assert (read(name, path), problems) == ([record, record], [])
    else:
        assert read(name, path) == [record]
        assert problems[0].endswith("the action 'stand' stands twice at a box, and is written once")


@pytest.mark.parametrize("name", TOOLS)
def test_damaged_files_are_told_of_and_never_a_crash(name: str, tmp_path: Path) -> None:
    random = Random(7)
    records = [
        Box("a", 902.0 + second, 0.1, 0.2, 0.3, 0.4, 12, 1, label="stand") for second in range(3)
    ]
    path, _ = written(name, tmp_path, records)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    outcomes = set()
    for _ in range(60):
        file = random.choice([file for file in files if file.name != "labels.json"])
        sound = file.read_bytes()
        place = random.randrange(len(sound))
        junk = random.choice([b"", b"9" * 40, b"{", b"<", b'"', b"null", b"-", b"\xff", b"e400"])
        file.write_bytes(sound[:place] + junk + sound[place + random.randint(0, 30) :])
        found: list[Problem] = []
        problems = Problems(path, on_error=found.append, on_warning=found.append)
        try:
            list(find_format(name).read(path, settled({}), problems))  # type: ignore[misc]
            outcomes.add("told" if found else "read")
        except FormatError:
            outcomes.add("refused")
        file.write_bytes(sound)
    assert "refused" in outcomes
    assert len(outcomes) > 1


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Box("a", 902.0, 0.1, 0.2, 1.5, 0.4, 12, 1), "in [0, 1], found 0.1, 0.2, 1.5, 0.4"),
        (Box("a", 902.0, -3.0, 0.2, 0.3, 0.4, 12, 1), "in [0, 1], found -3, 0.2, 0.3, 0.4"),
        (Box("a", 902.0, 0.3, 0.2, 0.1, 0.4, 12, 1), "expected x1 <= x2 and y1 <= y2"),
        (Box("", 902.0, 0.1, 0.2, 0.3, 0.4, 12, 1), "the name of a video, found an empty one"),
        (Box("a", 902.0, 0.1, 0.2, 0.3, 0.4, 12, 1, label="person_id"), "so no action can be"),
        (Box("é/" * 63, 902.0, 0.1, 0.2, 0.3, 0.4, 12, 1), "of a file's length, found 'é/é"),
    ],
)
def test_a_box_that_would_not_come_back_is_not_written(
    name: str, bad: Box, message: str, tmp_path: Path
) -> None:
    good = Box("a", 903.0, -0.01, 0.2, 0.3, 1.02, 12, 1, label="stand")
    path, problems = written(name, tmp_path, [bad, good])
    assert read(name, path) == [good]
    assert len(problems) == 1
    assert message in problems[0]


def test_predicted_boxes_outside_the_frame_come_back_as_detections_do(tmp_path: Path) -> None:
    records = [Box("a", 902.0, -1.0, 0.2, 1.5, 0.4, 12, score=0.5, label="stand")]
    path, problems = written("pyslowfast-ava", tmp_path, records, split="validate")
    assert problems == []
    assert read("pyslowfast-ava", path, split="validate") == records
