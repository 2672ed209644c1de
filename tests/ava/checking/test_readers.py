"""What other tools make of folders, against what their own code made of the same folders.

cases.json holds, for each folder, what running PySlowFast 287ec007 and MMAction2 1.2.0 gave
(`real`: the key frames, boxes and labels that could be loaded, the error that ended it, the mAP of
perfect predictions on the key frames that are not excluded; what is not named is as in the first
case), and what is told of it. benchmarks/ava_readers.py asks their code again; no test does.
"""

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kinetics_builder.ava.checking.report import Fate, Report
from kinetics_builder.ava.checking.settings import Settings
from kinetics_builder.errors import FormatError, ModelError
from models.detection.lessons import AvaCourse
from models.recipes.registry import default_recipe
from pipelines.ava.checking import check

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())
PLAIN = CASES[0]
TOOLS = ("pyslowfast", "mmaction2")
MadeFolder = Callable[..., Path]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


def checked(root: Path, reader: str, **settings: Any) -> Report:
    return check(reader, root, None, Settings(**settings))


def told(report: Report) -> list[str]:
    places = [f"{f.file}:{f.line}" if f.line else f.file for f in report.findings]
    return [f"{f.fate.value} {place}" for f, place in zip(report.findings, places, strict=True)]


def said(report: Report) -> str:
    return "\n".join(f"{found.what} -> {found.remedy}" for found in report.findings)


@each_case
def test_what_is_used_and_told_is_what_the_tools_own_code_did(
    ava_folder: MadeFolder, case: dict[str, Any]
) -> None:
    root = ava_folder(**case["folder"])
    for reader in TOOLS:
        report = checked(root, reader)
        for part in report.parts:
            name = f"{reader} {part.name}"
            real = {**PLAIN["real"], **case["real"]}[name]
            assert part.stops == ("stops" in real), name
            if "No such file or directory: 'annotations/" in real.get("stops", ""):
                continue  # what is there is counted all the same
            found = (part.used.key_frames, part.used.boxes, part.used.labels)
            assert found == tuple(real.get(n, 0) for n in ("key_frames", "boxes", "labels")), name
        assert told(report) == case["told"][reader]
        assert report.passes == (reader not in case["fails"])
        assert all(found.what and found.remedy for found in report.findings)


def test_every_folder_fails_that_even_perfect_predictions_lose_on() -> None:
    for case in CASES:
        for name, real in case["real"].items():
            if real.get("mAP", 1.0) != 1.0:
                assert name.split()[0] in case["fails"], case["name"]


def test_second_902_is_image_61_for_one_tool_and_62_for_the_other(ava_folder: MadeFolder) -> None:
    root = ava_folder(images={"a": 180})
    for folder, gone in (("frames", "b_000061.jpg"), ("rawframes", "img_00062.jpg")):
        (root / folder / "b").mkdir()
        for number in range(1, 181):
            for name in (f"b_{number:06d}.jpg", f"img_{number:05d}.jpg"):
                if name != gone:
                    (root / folder / "b" / name).touch()
    report = checked(root, "pyslowfast")
    assert "images around second 902 (image 61 of its video) are listed but not" in said(report)
    assert [part.used.key_frames for part in report.parts] == [2, 1, 1, 1, 2]
    report = checked(root, "mmaction2")
    assert "second 902 wants images 30 to 92, and b/img_00062.jpg is not" in said(report)
    assert [part.used.key_frames for part in report.parts] == [2, 1, 2]


@pytest.mark.parametrize("reader", TOOLS)
def test_a_file_that_is_not_there_is_named_with_what_asks_for_it(
    ava_folder: MadeFolder, reader: str
) -> None:
    root = ava_folder(val=None, proposals_train=None)
    report = checked(root, reader)
    name = {"pyslowfast": "ava_val_v2.2.csv", "mmaction2": "ava_val_v2.1.csv"}[reader]
    assert f"stops annotations/{name}" in told(report)
    assert f"kbuild convert --to {reader}-ava --split validate" in said(report)
    assert not report.passes


def test_files_of_another_version_are_read_and_the_setting_told(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    for path in root.glob("annotations/*v2.2*"):
        path.unlink()
    report = checked(root, "pyslowfast")
    assert report.passes
    assert "set AVA.GROUNDTRUTH_FILE to this file's name" in said(report)
    assert "notes annotations/ava_train_v2.1.csv" in told(report)


def test_annotations_may_lie_beside_everything_else(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    for path in (root / "annotations").iterdir():
        path.rename(root / path.name)
    (root / "annotations").rmdir()
    assert checked(root, "pyslowfast").passes
    assert checked(root, "mmaction2").passes


def test_settings_of_the_tools_are_heeded(ava_folder: MadeFolder) -> None:
    root = ava_folder(predicted="b,0902,0.1,0.1,0.5,0.9,,0.85\nb,0904,0.1,0.1,0.5,0.9,,0.85\n")
    assert not checked(root, "pyslowfast").passes
    assert checked(root, "pyslowfast", min_score=0.8).passes
    # 64 images, two apart, around image 121: the last is the 183rd, of 180.
    longer = checked(root, "pyslowfast", min_score=0.8, num_frames=64)
    assert longer.passes
    assert "the clip around second 904 reaches past the last of 180 images" in said(longer)
    assert not checked(root, "mmaction2", num_frames=64).passes


def test_images_that_nobody_knows_of_are_not_looked_for(ava_folder: MadeFolder) -> None:
    root = ava_folder(images={})
    for reader, folder in (("pyslowfast", "frames"), ("mmaction2", "rawframes")):
        report = checked(root, reader)
        assert report.passes
        assert f"notes {folder}" in told(report)


def test_predictions_of_other_videos_than_the_truths_give_0(ava_folder: MadeFolder) -> None:
    report = checked(
        ava_folder(
            predicted="b.mp4,0902,0.1,0.1,0.5,0.9,,0.95\nb.mp4,0904,0.1,0.1,0.5,0.9,,0.95\n",
            lists={"val": {"b.mp4": {}}},
        ),
        "pyslowfast",
    )
    assert "no key frame of the truth has a box in annotations/ava_val_predicted" in said(report)
    assert not report.passes


def test_predictions_where_nobody_was_asked_are_told_of(ava_folder: MadeFolder) -> None:
    """The tool gave 0.75 for them, and 1.0 for the same predictions without that key frame."""
    rows = "b,0902,0.1,0.1,0.5,0.9,,0.95\nb,0904,0.1,0.1,0.5,0.9,,0.95\n"
    report = checked(ava_folder(predicted=f"{rows}b,0903,0.1,0.1,0.5,0.9,,0.95\n"), "pyslowfast")
    assert "notes annotations/ava_val_predicted_boxes.csv:3" in told(report)
    assert "whatever is predicted there is wrong" in said(report)
    assert report.passes


def test_many_rows_of_one_sort_are_one_finding(ava_folder: MadeFolder) -> None:
    rows = "".join(f"a,{second},0.1,0.1,0.5,0.9,12,0\n" for second in range(300))
    (found,) = (
        one
        for one in checked(ava_folder(train=rows), "pyslowfast").findings
        if "outside of 902" in one.what
    )
    assert (found.fate, found.line, found.count) == (Fate.STOPS, 1, 300)
    assert found.lines == list(range(1, 101))


def used(report: Report) -> dict[str, tuple[int, int, int]]:
    of = {part.name: part.used for part in report.parts}
    return {name: (one.key_frames, one.boxes, one.labels) for name, one in of.items()}


def test_this_projects_own_rules(ava_folder: MadeFolder) -> None:
    train = "a,0905,0.1,0.1,0.5,0.9,12,0\na,907.25,0.1,0.1,0.5,0.9,11\na,0908\n"
    listed = "a,0909,0.1,0.1,0.5,0.9,2,0\n"
    root = ava_folder(train=train + listed, excluded_val="b,0904\n")
    report = checked(root, "kbuild")
    # Nobody knows an action 2 there, but the person counts.
    assert used(report) == {"train": (4, 3, 2), "val": (1, 1, 1)}
    assert "notes annotations/ava_val_v2.2.csv:2" in told(report)
    assert "the class 2 is not in annotations/ava_action_list_v2.2_for_activitynet" in said(report)
    assert report.passes
    (root / "annotations" / "ava_included_timestamps_v2.2.txt").write_text("0905\n0902\n")
    assert used(checked(root, "kbuild")) == {"train": (1, 1, 1), "val": (1, 1, 1)}


def test_training_of_this_project_ends_at_a_bad_row(ava_folder: MadeFolder) -> None:
    bad = "a,0909,0.1,0.1,0.5,0.9,0,0\na,0910,0.5,0.1,0.1,0.9,12,0\n"
    report = checked(ava_folder(train="a,0905,0.1,0.1,0.5,0.9,12,0\n" + bad), "kbuild")
    assert [one for one in told(report) if one.startswith("stops")] == [
        "stops annotations/ava_train_v2.2.csv:2",
        "stops annotations/ava_train_v2.2.csv:3",
    ]
    assert used(report)["train"] == (0, 0, 0)
    assert not report.passes


def test_key_frames_that_no_film_shows_are_lost_to_this_project(ava_folder: MadeFolder) -> None:
    root = ava_folder(images={"a": 180}, train="a,0899,0.1,0.1,0.5,0.9,12,0\na,0904,0,0,1,1,12,0\n")
    report = checked(root, "kbuild")
    # Pictures in frames/ begin at second 900, and there are none of the video b.
    assert used(report) == {"train": (1, 1, 1), "val": (0, 0, 0)}
    assert "loses annotations/ava_train_v2.2.csv:1" in told(report)
    assert "no film here shows a at 899 s" in said(report)
    assert not report.passes


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("ava_action_list_v2.*.pbtxt", "there is no list of actions"),
        ("frames", "there are no films"),
    ],
)
def test_what_training_ends_without_is_said_to_stop_it(
    ava_folder: MadeFolder, lacking: str, words: str
) -> None:
    root = ava_folder()
    for path in [*root.glob(lacking), *(root / "annotations").glob(lacking)]:
        path.rename(path.with_name(f"other_{path.name}"))
    report = checked(root, "kbuild")
    assert words in said(report) and not report.passes
    assert all(part.stops and part.used == part.stated for part in report.parts)
    with pytest.raises(ModelError):
        AvaCourse.read(root).check(default_recipe("slowfast_tiny_det"))


def test_a_list_of_other_actions_stops_training(ava_folder: MadeFolder) -> None:
    root = ava_folder(labels='item {\n  name: "fly"\n  id: 2\n}\n')
    report = checked(root, "kbuild")
    assert [part.stops for part in report.parts] == [True, False]
    assert "nobody does any action of annotations/ava_action_list" in said(report)
    with pytest.raises(ModelError, match="nobody in the split 'train' does any action"):
        AvaCourse.read(root).check(default_recipe("slowfast_tiny_det"))


def test_rows_of_films_and_of_clips_side_by_side_stop_training(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    (root / "kinetics_train_v1.0.csv").write_text("a,905.5,0.1,0.1,0.5,0.9,12\n")
    report = checked(root, "kbuild")
    assert "kinetics_train_v1.0.csv is there as well" in said(report)
    assert [part.stops for part in report.parts] == [True, False]
    with pytest.raises(ModelError, match="holds both"):
        AvaCourse.read(root)


def test_packed_rows_and_rows_beside_annotations_are_found_as_training_finds_them(
    ava_folder: MadeFolder,
) -> None:
    root = ava_folder()
    packed = gzip.compress(b"a,0902,0.1,0.1,0.5,0.9,12,0\n")
    (root / "ava_train_v2.9.csv.gz").write_bytes(packed)
    assert used(checked(root, "kbuild"))["train"] == (1, 1, 1)
    assert len(AvaCourse.read(root).data.split("train")) == 1


def test_proposals_that_nobody_is_measured_with_are_told(ava_folder: MadeFolder) -> None:
    root = ava_folder(predicted="b,0902,0.1,0.1,0.5,0.9,,0.7\nb,0904,0.1,0.1,0.5,0.9,,0.4\n")
    report = checked(root, "kbuild")
    assert [part.stops for part in report.parts] == [False, True]
    assert "no proposal of the score 0.8 or more is at any of the key frames" in said(report)
    report = checked(root, "kbuild", min_score=0.5)
    assert report.passes and "notes annotations/ava_val_predicted_boxes.csv" in told(report)
    (root / "ava_predicted_boxes_min_score.txt").write_text("0.4\n")
    report = checked(root, "kbuild")
    assert report.passes and "nobody is proposed" not in said(report)
    (root / "annotations" / "ava_val_predicted_boxes.csv").write_text("c,0902,0,0,1,1,,0.9\n")
    assert not checked(root, "kbuild").passes
    (root / "annotations" / "ava_val_predicted_boxes.csv").write_text("b,0902,0,0,1\n")
    assert "stops annotations/ava_val_predicted_boxes.csv:1" in told(checked(root, "kbuild"))


def test_films_that_are_listed_and_not_there_show_nothing(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    lines = "video_id,file,start_seconds\na,frames/a,900\nb,frames/lost,900\n"
    (root / "videos.csv").write_text(lines)
    report = checked(root, "kbuild")
    assert used(report) == {"train": (2, 2, 3), "val": (0, 0, 0)}
    assert "no film here shows b at 902 s" in said(report) and not report.passes


def test_a_folder_of_nothing_is_told(tmp_path: Path) -> None:
    for reader in (*TOOLS, "kbuild"):
        with pytest.raises(FormatError, match=r"expected ava_train_v2\.\d\.csv or .* found none"):
            checked(tmp_path, reader)


def test_one_split_alone_is_judged_by_itself(ava_folder: MadeFolder) -> None:
    root = ava_folder(val=None, predicted=None, proposals_val=None)
    for reader, name in (("pyslowfast", "ava_val_v2.2.csv"), ("mmaction2", "ava_val_v2.1.csv")):
        report = checked(root, reader)
        assert [(part.name, part.used.key_frames) for part in report.parts] == [("train", 2)]
        assert f"notes {name}" in told(report)
        assert "reads both splits before its first epoch" in said(report)
        assert report.passes


def test_what_is_there_is_counted_where_a_file_is_lacking(ava_folder: MadeFolder) -> None:
    root = ava_folder(proposals_train=None)
    (root / "frame_lists" / "train.csv").unlink()
    for reader in TOOLS:
        report = checked(root, reader)
        train = report.parts[0]
        assert train.stops and train.used == train.stated
        assert not report.passes


def test_a_list_of_classes_is_looked_at_without_a_validation_too(ava_folder: MadeFolder) -> None:
    labels = "".join(f'item {{\n\tname: "c{i}"\n\tid: {i}\n}}\n' for i in (1, 11))
    root = ava_folder(val=None, predicted=None, proposals_val=None, labels=labels)
    for reader in TOOLS:
        assert "no line begins with exactly two spaces" in said(checked(root, reader))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ava_val_v2.{}.csv", b"b," + b"1" * 200_000 + b"\n"),
        ("ava_val_v2.{}.csv", "\u00e9,0902,0.1,0.1,0.5,0.9,12,0\n".encode("latin-1")),
        ("ava_val_excluded_timestamps_v2.{}.csv", bytes(range(256))),
        ("ava_train_v2.{}.csv", b"a," + b"9" * 5000 + b",0.1,0.1,0.5,0.9,12,0\n"),
        ("ava_train_v2.{}.csv", b"a\t0902\t0.1\t0.1\t0.5\t0.9\t12\t0\n"),
        ("ava_train_v2.{}.csv", bytes(range(256)) * 4),
    ],
    ids=["a cell without an end", "Latin-1", "bytes as exclusions", "digits", "tabs", "bytes"],
)
def test_what_no_reader_can_read_is_told_in_some_lines(
    ava_folder: MadeFolder, name: str, content: bytes
) -> None:
    root = ava_folder()
    for version in (1, 2):
        (root / "annotations" / name.format(version)).write_bytes(content)
    for reader, version in zip(TOOLS, (2, 1), strict=True):
        report = checked(root, reader)
        assert any(
            one.startswith(f"stops annotations/{name.format(version)}") for one in told(report)
        )
        assert max(len(line) for line in said(report).splitlines()) < 600


def test_proposals_that_are_no_arrays_are_told(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    proposals = root / "annotations" / "ava_dense_proposals_val.FAIR.recall_93.9.pkl"
    for content in (b"junk", b"", pickle.dumps([1])):
        proposals.write_bytes(content)
        report = checked(root, "mmaction2")
        assert f"misreads annotations/{proposals.name}" in told(report)
        assert "nothing in it was looked at" in said(report)
    proposals.write_bytes(pickle.dumps({"b,0902": np.zeros(5), "b,0904": np.zeros((1, 1, 5))}))
    report = checked(root, "mmaction2")
    assert f"stops annotations/{proposals.name}" in told(report)
    assert "an array of the shape (5,)" in said(report)


def test_a_folder_in_the_place_of_a_file_is_none(ava_folder: MadeFolder) -> None:
    root = ava_folder()
    for path in (root / "annotations").glob("ava_train_v2.*.csv"):
        path.unlink()
        path.mkdir()
    # Only MMAction2 is left something of that split, its proposals, and misses the file then.
    for reader, passes in (("pyslowfast", True), ("mmaction2", False), ("kbuild", True)):
        assert checked(root, reader).passes == passes
