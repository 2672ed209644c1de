"""AVA's files as training reads them, whatever is odd about them."""

import gzip
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import FormatError, ModelError
from models.detection.files import find_files, has_files
from models.detection.films import film_at, find_films
from models.detection.folder import folder_sha256, read_folder

LABELS = "".join(
    f'item {{\n  name: "{name}"\n  id: {number}\n}}\n'
    for name, number in (("stand", 12), ("walk", 14), ("talk", 79))
)
ROWS = """\
b,0903,0.1,0.2,0.5,0.9,12,1
b,0903,0.1,0.2,0.5,0.9,79,1
b,0903,0.1,0.2,0.5,0.9,14,2
b,0902,0.6,0.2,0.9,0.9,17,3
a,0904
a,0905,0,0,1,1,14,1
a,0906,0,0,1,1,14,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "ava_train_v2.1.csv").write_text("a,0001,0,0,1,1,12,1\n")
    (tmp_path / "annotations" / "ava_train_v2.2.csv").write_text(ROWS)
    (tmp_path / "ava_action_list_v2.2.pbtxt").write_text(LABELS)
    (tmp_path / "videos").mkdir()
    for name in ("a.mkv", "b.mp4"):
        (tmp_path / "videos" / name).touch()
    return tmp_path


def test_rows_become_key_frames_with_a_box_for_each_person(folder: Path) -> None:
    data = read_folder(folder)
    found = {(one.video_id, one.seconds): one for one in data.split("train")}
    assert list(found) == [("b", 902.0), ("b", 903.0), ("a", 904.0), ("a", 905.0), ("a", 906.0)]
    assert data.names == ("stand", "walk", "talk")
    both = found["b", 903.0]
    assert both.boxes_N4.tolist() == [[0.1, 0.2, 0.5, 0.9]] * 2
    assert both.actions_NK.tolist() == [[True, False, True], [False, True, False]]
    assert both.name == "b at 903 s"


def test_an_action_that_the_list_lacks_is_nobodys_and_its_box_stays(folder: Path) -> None:
    (first, *_) = read_folder(folder).split("train")
    assert len(first.boxes_N4) == 1 and not first.actions_NK.any()


def test_a_key_frame_without_a_box_is_one(folder: Path) -> None:
    empty = read_folder(folder).split("train")[2]
    assert empty.boxes_N4.shape == (0, 4) and empty.actions_NK.shape == (0, 3)


def test_excluded_key_frames_and_those_that_are_not_included_are_left_out(folder: Path) -> None:
    (folder / "ava_train_excluded_timestamps_v2.2.csv").write_text("a,0905\n")
    assert [one.name for one in read_folder(folder).split("train")] == [
        "b at 902 s",
        "b at 903 s",
        "a at 904 s",
        "a at 906 s",
    ]
    (folder / "ava_included_timestamps_v2.2.txt").write_text("0903\n0904\n0905\n")
    assert [one.name for one in read_folder(folder).split("train")] == ["b at 903 s", "a at 904 s"]


def test_the_newest_version_counts_and_the_challenges_list_is_what_is_measured(folder) -> None:
    (folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt").write_text(LABELS)
    files = find_files(folder)
    assert files.split("train").truth.name == "ava_train_v2.2.csv"
    assert files.labels.name == "ava_action_list_v2.2.pbtxt"
    assert files.measured_labels.name == "ava_action_list_v2.2_for_activitynet_2019.pbtxt"
    with pytest.raises(ModelError, match="no rows of the split 'validate', as ava_val"):
        files.split("validate")


def test_proposals_of_either_kind_are_taken_from_their_least_score_on(folder: Path) -> None:
    csv = folder / "ava_train_predicted_boxes.csv"
    csv.write_text("b,0903,0.1,0.2,0.5,0.9,,0.95\nb,0903,0.1,0.2,0.5,0.8,,0.5\n")
    data = read_folder(folder)
    moment = ("b", 903_000_000)
    assert data.proposals("train", 0.8)[moment].tolist() == [[0.1, 0.2, 0.5, 0.9]]
    assert len(data.proposals("train", 0.0)[moment]) == 2
    csv.unlink()
    with pytest.raises(ModelError, match="has no proposals of the split 'train'"):
        read_folder(folder).proposals("train", 0.8)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ava_action_list_v2.2.pbtxt", "has no list of actions: expected ava_action_list"),
        ("annotations", "holds no annotations of AVA's kind: expected ava_train_v2.2.csv"),
        ("videos", r"holds no films: expected videos.csv .*, or videos/ID.mp4"),
    ],
)
def test_what_is_missing_is_named_with_what_would_do(folder: Path, name, message) -> None:
    (folder / name).rename(folder / "elsewhere")
    with pytest.raises(ModelError, match=message):
        _ = read_folder(folder).films


def test_rows_of_clips_are_read_alone_and_not_beside_those_of_films(folder: Path) -> None:
    rows = folder / "annotations" / "ava_train_v2.2.csv"
    (folder / "kinetics_train_v1.0.csv").write_text("b,25.371,0.1,0.2,0.5,0.9,12\nb,30.5\n")
    with pytest.raises(ModelError, match=r"holds both ava_train_v2\.2\.csv and kinetics_train_v1"):
        read_folder(folder)
    for path in (rows, rows.with_name("ava_train_v2.1.csv")):
        path.unlink()
    key_frames = read_folder(folder).split("train")
    assert [(one.microseconds, len(one.boxes_N4)) for one in key_frames] == [
        (25_371_000, 1),
        (30_500_000, 0),
    ]


def test_a_bad_row_names_its_file_and_line(folder: Path) -> None:
    (folder / "annotations" / "ava_train_v2.2.csv").write_text(f"{ROWS}b,0907,0.1,x,1,1,12,1\n")
    with pytest.raises(FormatError, match=r"ava_train_v2.2.csv:8"):
        read_folder(folder).split("train")


def test_the_hash_changes_with_rows_and_films_and_with_nothing_else(folder: Path) -> None:
    before = folder_sha256(folder)
    (folder / "README").write_text("nothing")
    assert folder_sha256(folder) == before
    (folder / "videos" / "a.mkv").write_bytes(b"longer")
    other = folder_sha256(folder)
    (folder / "annotations" / "ava_train_v2.2.csv").write_text(ROWS.replace("0906", "0907"))
    assert len({before, other, folder_sha256(folder)}) == 3


def test_a_list_of_films_says_where_each_begins(folder: Path) -> None:
    (folder / "videos.csv").write_text(
        "video_id,start_seconds,file,note\nk,95.5,clips/late.mp4,\nk,20,clips/early.mp4,x\n"
    )
    films = find_films(folder)
    assert film_at(films, "k", 19.9) is None and film_at(films, "z", 1.0) is None
    assert [film_at(films, "k", t).file for t in (20.0, 95.4, 95.5, 500.0)] == [
        "clips/early.mp4",
        "clips/early.mp4",
        "clips/late.mp4",
        "clips/late.mp4",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("k,../../secret.mp4,0", "expected a file inside of the folder"),
        ("k,/etc/passwd,0", "expected a file inside of the folder"),
        ("k,a.mp4,soon", "could not convert"),
        ("k,a.mp4,nan", "expected a number as start_seconds, found 'nan'"),
        (",a.mp4,0", "found an empty cell"),
    ],
)
def test_a_film_that_cannot_be_names_its_line(folder: Path, row, message) -> None:
    (folder / "videos.csv").write_text(f"video_id,file,start_seconds\n{row}\n")
    with pytest.raises(FormatError, match=message) as error:
        find_films(folder)
    assert f"{folder / 'videos.csv'}:2" in str(error.value)


def test_folders_of_pictures_begin_at_second_900_as_others_have_them(folder: Path) -> None:
    (folder / "frames" / "c").mkdir(parents=True)
    (film,) = find_films(folder)["c"]
    assert (film.start_seconds, film.frames_per_second) == (900.0, 30.0)
    assert not has_files(folder / "frames") and has_files(folder)


def test_the_official_rows_are_what_a_few_lines_count(folder: Path, shared: Path) -> None:
    text = gzip.decompress((shared / "ava" / "ava_val_v2.1_head27163.csv.gz").read_bytes())
    (folder / "ava_val_v2.1.csv").write_bytes(text)
    actions = (shared / "ava" / "ava_action_list_v2.1.pbtxt").read_bytes()
    (folder / "ava_action_list_v2.2.pbtxt").write_bytes(actions)
    people: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for line in text.decode().splitlines():
        video, moment, x1, y1, x2, y2, action, person = line.split(",")
        people[video, moment, x1, y1, x2, y2, person].add(int(action))
    key_frames = read_folder(folder).split("validate")
    assert len(key_frames) == len({key[:2] for key in people})
    assert sum(len(one.boxes_N4) for one in key_frames) == len(people)
    counted = Counter(action for actions in people.values() for action in actions)
    found = np.sum([one.actions_NK.sum(axis=0) for one in key_frames], axis=0)
    assert found.tolist() == [counted[number] for number in range(1, 81)]
