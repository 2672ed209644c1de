from pathlib import Path

import pytest
import yaml

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.records import Box, Label

ACTIONS = LabelMap((Label(12, "stand"), Label(17, "carry: a bag"), Label(6, "wörk")))
RATE = {"frames_per_second": 30.0}
DATA = "names:\n  0: person\n  1: dog\n"
STANDS = Box("film", 1.0, 0.1, 0.1, 0.3, 0.6)


def saved(folder: Path, files: dict[str, str], data: str | None = DATA) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if data is not None:
        (folder / "data.yaml").write_text(data)
    return folder


# What Ultralytics 8.4 writes of two boxes: found or followed, without scores and with them.
PERSON, DOG = "0 0.2 0.35 0.2 0.5", "1 0.05 0.05 0.1 0.1"


@pytest.mark.parametrize(
    ("endings", "told_by"),
    [
        (("", ""), [(None, None), (None, None)]),
        ((" 0.5", " 1"), [(0.5, None), (1.0, None)]),
        ((" 3", " 1"), [(None, 3), (None, 1)]),
        ((" 1", " 3"), [(None, 1), (None, 3)]),
        ((" 0.5 3", " 1 1"), [(0.5, 3), (1.0, 1)]),
    ],
)
def test_what_ultralytics_writes_is_read(
    endings: tuple[str, str], told_by: list[tuple], tmp_path: Path, tried
) -> None:
    text = f"{PERSON}{endings[0]}\n{DOG}{endings[1]}\n"
    records, told = tried("yolo").read(saved(tmp_path, {"labels/film_31.txt": text}), **RATE)
    assert told == []
    assert [(box.score, box.person_id) for box in records] == told_by
    assert [box[:6] for box in records] == [STANDS[:6], ("film", 1.0, 0.0, 0.0, 0.1, 0.1)]
    assert [box.label for box in records] == [None, "dog"]


def test_all_files_of_a_folder_decide_what_a_sixth_cell_is(tmp_path: Path, tried) -> None:
    files = {"labels/a_1.txt": f"{PERSON} 1", "labels/a_2.txt": f"{DOG} 1\n{DOG} 7\n"}
    records, told = tried("yolo").read(saved(tmp_path, files), **RATE)
    assert ([box.person_id for box in records], told) == ([1, 1, 7], [])
    (tmp_path / "labels/a_2.txt").write_text(f"{DOG} 1\n")
    records, told = tried("yolo").read(tmp_path, **RATE)
    assert [box.score for box in records] == [1.0, 1.0]
    assert len(told) == 1
    assert "the sixth cell of all rows is 0 or 1: read as a score" in told[0]


def test_splits_folders_of_videos_and_empty_files(tmp_path: Path, tried) -> None:
    files = {
        "labels/val/film/film_000031.txt": PERSON,
        "labels/train/other/000061.txt": "",
        "labels/train/other/000031.txt": "\n",
        "labels/classes.txt": "person\ndog\n",
        "train.txt": "images/train/x.jpg\n",
    }
    folder = saved(tmp_path, files, data=None)
    records, told = tried("yolo").read(folder, **RATE)
    assert (records, told) == ([STANDS, Box("other", 1.0), Box("other", 2.0)], [])
    records, told = tried("yolo").read(folder, split="validate", **RATE)
    assert (records, told) == ([STANDS], [])


def test_classes_stand_in_the_yaml_or_are_the_label_maps(tmp_path: Path, tried) -> None:
    folder = saved(tmp_path, {"labels/film_31.txt": PERSON.replace("0", "1", 1)}, data=None)
    with pytest.raises(FormatError, match=r"expected data\.yaml \(or classes\.txt\) with the name"):
        tried("yolo").read(folder, **RATE)
    expected = STANDS._replace(action_id=17, label="carry: a bag")
    assert tried("yolo").read(folder, labels=ACTIONS, **RATE) == ([expected], [])
    (folder / "coco8.yml").write_text('path: x\nnames: [stand, "carry: a bag"]\n')
    assert tried("yolo").read(folder, labels=ACTIONS, **RATE) == ([expected], [])
    assert tried("yolo").read(folder / "coco8.yml", labels=ACTIONS, **RATE) == ([expected], [])


def test_a_file_that_is_no_yaml_stands_for_no_folder(tmp_path: Path, tried) -> None:
    folder = saved(tmp_path, {"labels/film_31.txt": PERSON})
    with pytest.raises(FormatError, match=r"film_31\.txt: expected a folder with labels/, or its"):
        tried("yolo").read(folder / "labels" / "film_31.txt", **RATE)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0 0.2 0.35 0.2", "expected 5 to 7 cells, found 4, in '0 0.2 0.35 0.2'"),
        ("0 0.1 0.1 0.3 0.1 0.3 0.6 0.1 0.6", "found 9; a polygon's or key points' rows are no"),
        ("2 0.2 0.35 0.2 0.5", "expected a class from 0 to 1, found 2"),
        ("-1 0.2 0.35 0.2 0.5", "expected the number of a frame, 0 or more"),
        ("0.5 0.2 0.35 0.2 0.5", "found '0.5'"),
        ("0 0.2 x 0.2 0.5", "expected a number, found 'x'"),
        ("0 0.2 nan 0.2 0.5", "expected a number, found 'nan'"),
        ("0 20 35 20 50", "is the size of the frame right?"),
        ("0 0.2 0.35 -0.2 0.5", "expected x1 <= x2"),
        ("0 0.2 0.35 0.2 0.5 high", "expected a number, found 'high'"),
        ("0 0.2 0.35 0.2 0.5 0.5 0.5", "person_id"),
    ],
)
def test_bad_rows_are_told_of_by_file_and_line(
    row: str, message: str, tmp_path: Path, tried
) -> None:
    folder = saved(tmp_path, {"labels/film_31.txt": f"{row}\n\n{PERSON}\n"})
    records, told = tried("yolo").read(folder, **RATE)
    assert [box[:6] for box in records] == [STANDS[:6]]
    assert told[0].startswith("error 1: ")
    assert message in told[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("names: {0: a, 2: b}\n", "expected names by the numbers 0 to 1"),
        ("names: [[a]]\n", "expected names of classes, found a list"),
        ("names: [a\n", r"data\.yaml: expected YAML"),
    ],
)
def test_classes_that_are_none_are_refused(data: str, message: str, tmp_path: Path, tried) -> None:
    with pytest.raises(FormatError, match=message):
        tried("yolo").read(saved(tmp_path, {"labels/film_31.txt": PERSON}, data), **RATE)


def test_other_folders_are_refused_and_other_files_told_of(tmp_path: Path, tried) -> None:
    with pytest.raises(FormatError, match=r"expected text files called VIDEO_000001\.txt"):
        tried("yolo").read(saved(tmp_path, {}), **RATE)
    saved(tmp_path, {"labels/film_31.txt": PERSON, "labels/notes.txt": "x", "labels/0001.txt": ""})
    records, told = tried("yolo").read(tmp_path, **RATE)
    assert records == [STANDS]
    assert len(told) == 2
    assert all("expected a frame's name like VIDEO_000001.jpg" in text for text in told)
    with pytest.raises(ConfigError, match="yolo counts frames and needs their rate"):
        tried("yolo").read(tmp_path)


def test_a_folder_is_written_as_ultralytics_wants_it(tmp_path: Path, tried) -> None:
    records = [
        Box("a/b", 902.0),
        Box("film", 1.0, 0.1, 0.1, 0.3, 0.6, 17, 3, label="carry: a bag"),
        Box("film", 1.0, 0.1, 0.1, 0.3, 0.6, None, 4),
    ]
    folder = tmp_path / "yolo"
    told = tried("yolo").write(folder, records, labels=ACTIONS, split="validate", **RATE)
    assert (folder / "labels/val/a%2Fb/a%2Fb_027061.txt").read_text() == ""
    text = (folder / "labels/val/film/film_000031.txt").read_text()
    assert text == "1 0.2 0.35 0.2 0.5\n3 0.2 0.35 0.2 0.5\n"
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert data["names"] == {0: "stand", 1: "carry: a bag", 2: "wörk", 3: "person"}
    assert (data["train"], data["val"]) == ("images/train", "images/val")
    assert len(told) == 1
    assert "does not say the person (rows with more than five columns do not train)" in told[0]
    read, _ = tried("yolo").read(folder, labels=ACTIONS, **RATE)
    assert read == [box._replace(person_id=None) for box in records]


def test_scores_and_persons_come_back(tmp_path: Path, tried) -> None:
    records = [
        Box("film", 1.0, 0.123456789, 0.1, 0.3, 0.6, 12, 3, 0.123456789, "stand"),
        Box("film", 1.0, 0.1, 0.1, 1 / 3, 0.6, 12, None, 1e-7, "stand"),
    ]
    folder = tmp_path / "yolo"
    assert tried("yolo").write(folder, records, labels=ACTIONS, **RATE) == []
    read, told = tried("yolo").read(folder, labels=ACTIONS, **RATE)
    assert told == []
    assert read == [records[0], records[1]._replace(x2=round(1 / 3, 12))]
