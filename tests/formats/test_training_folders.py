"""Folders of files: torchvision's Kinetics, FiftyOne's tree, Hugging Face's video folder."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.records import Clip

TREES = ["torchvision-folder", "fiftyone-classification"]
HUGGING_FACE = "huggingface-videofolder"


def files_of(folder: Path) -> list[str]:
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )


@pytest.mark.parametrize("name", TREES)
def test_a_tree_has_a_folder_for_each_split_and_class(
    name: str, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    found = tried(name)
    assert found.write(tmp_path / "out", filmed.clips, media=filmed.media) == []
    assert files_of(tmp_path / "out")[:3] == [
        "classes.txt",
        "test/tying knot (not on a tie)/video_5_000005_000015.mp4",
        "test/waving, hand/video_4_000004_000014.mp4",
    ]
    read, told = found.read(tmp_path / "out")
    assert told == []
    assert sorted(clip[:5] for clip in read) == sorted(clip[:5] for clip in filmed.clips)
    assert found.write(tmp_path / "again", read, media=tmp_path / "out") == []
    assert found.read(tmp_path / "again") == (read, [])
    alone, _ = found.read(tmp_path / "out/val")
    assert [clip[:5] for clip in alone] == [clip[:5] for clip in read if clip.split == "validate"]


def test_torchvision_sees_the_clips_and_their_classes(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    from torchvision.datasets import Kinetics

    root = tmp_path / "out"
    tried("torchvision-folder").write(root, filmed.clips, media=filmed.media)
    paths = sorted(str(file) for file in (root / "val").rglob("*.mp4"))
    facts = {
        "video_paths": paths,
        "video_pts": [torch.arange(8) for _ in paths],
        "video_fps": [10.0 for _ in paths],
    }
    dataset = Kinetics(root, 8, split="val", _precomputed_metadata=facts)
    assert dataset.classes == ["tying knot (not on a tie)", "waving, hand"]
    assert dataset.samples == [
        (f"{root}/val/tying knot (not on a tie)/video_3_000003_000013.mp4", 0),
        (f"{root}/val/waving, hand/video_2_000002_000012.mp4", 1),
    ]
    assert len(dataset) == 2


def test_files_are_linked_or_copied_and_never_moved(
    tried: Any, filmed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tried("torchvision-folder")
    source = filmed.media / filmed.clips[0].file
    name = f"train/waving, hand/{source.name}"
    found.write(tmp_path / "linked", filmed.clips, media=filmed.media)
    assert (tmp_path / "linked" / name).samefile(source)

    def refuse(*_paths: object, **_options: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    found.write(tmp_path / "copied", filmed.clips, media=filmed.media)
    assert not (tmp_path / "copied" / name).samefile(source)
    assert (tmp_path / "copied" / name).read_bytes() == source.read_bytes()


def test_a_link_is_to_the_file_and_not_to_a_symbolic_link(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    source = filmed.media / filmed.clips[0].file
    shutil.move(source, tmp_path / "elsewhere.mp4")
    source.symlink_to(tmp_path / "elsewhere.mp4")
    tried(HUGGING_FACE).write(tmp_path / "out", filmed.clips, media=filmed.media)
    placed = tmp_path / "out/train" / source.name
    assert placed.is_file() and not placed.is_symlink()


@pytest.mark.parametrize(
    "name", [*TREES, HUGGING_FACE, "webdataset", "fiftyone-temporal", "datumaro"]
)
def test_a_missing_file_is_named_and_the_rest_is_written(
    name: str, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    found = tried(name)
    gone = filmed.clips[2].file
    (filmed.media / gone).unlink()
    told = [
        line
        for line in found.write(tmp_path / "out", filmed.clips, media=filmed.media)
        if line.startswith("error")
    ]
    assert told == [
        f"error {gone}: the file is missing; expected {gone} in {filmed.media}",
    ]
    read, _ = found.read(tmp_path / "out")
    expected = [clip for place, clip in enumerate(filmed.clips) if place != 2]
    assert sorted(clip[:5] for clip in read) == sorted(clip[:5] for clip in expected)


def test_a_class_missing_in_a_split_moves_torchvisions_numbers(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    told = tried("torchvision-folder").write(
        tmp_path / "out", filmed.clips[:-1], media=filmed.media
    )
    assert told == [
        "warning None: test lacks 1 of 2 classes, so torchvision gives the others other numbers "
        "there"
    ]


def test_labels_that_no_folder_can_be_called_come_back_by_the_class_list(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    labels = ["left/right", "..", "_unlabeled", None, "plain", "x" * 200]
    clips = [clip._replace(label=label) for clip, label in zip(filmed.clips, labels, strict=True)]
    found = tried("fiftyone-classification")
    assert found.write(tmp_path / "out", clips, media=filmed.media) == []
    assert sorted(entry.name for entry in (tmp_path / "out/val").iterdir()) == [
        "__unlabeled",
        "_unlabeled",
    ]
    read, told = found.read(tmp_path / "out")
    assert told == []
    assert sorted((clip.video_id, clip.label) for clip in read) == [
        (clip.video_id, clip.label) for clip in clips
    ]


def test_two_labels_that_would_share_a_folder_are_refused(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [filmed.clips[0]._replace(label="a/b"), filmed.clips[1]._replace(label="a_b")]
    found = tried("torchvision-folder")
    with pytest.raises(FormatError, match="two labels would share a folder"):
        found.write(tmp_path / "out", clips, media=filmed.media)
    assert not (tmp_path / "out").exists()


def test_torchvision_has_no_place_for_clips_without_a_label(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clip = filmed.clips[0]._replace(label=None)
    told = tried("torchvision-folder").write(tmp_path / "out", [clip], media=filmed.media)
    assert told == [f"error {clip.file}: no label; torchvision-folder needs its name"]


def test_different_files_of_one_name_get_a_number(tried: Any, tmp_path: Path) -> None:
    for folder, text in (("a", "1"), ("b", "2"), ("c", "1")):
        (tmp_path / "media" / folder).mkdir(parents=True)
        (tmp_path / "media" / folder / "v.mp4").write_text(text)
    clips = [Clip("v", None, None, "x", "train", f"{folder}/v.mp4") for folder in "abc"]
    told = tried("torchvision-folder").write(tmp_path / "out", clips, media=tmp_path / "media")
    assert told == ["warning b/v.mp4: another file is called v.mp4 there; this one is v-2.mp4"]
    assert files_of(tmp_path / "out/train") == ["x/v-2.mp4", "x/v.mp4"]


def test_other_files_in_a_tree_are_told_of_and_videos_of_any_kind_are_read(
    tried: Any, tmp_path: Path
) -> None:
    for name in ("b/two.MKV", "b/notes.doc", "a/deep/one.webm", ".hidden/x.mp4", "loose.mp4"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).touch()
    read, told = tried("fiftyone-classification").read(tmp_path / "tree", split="validation")
    assert read == [
        Clip("one", None, None, "a", "validate", "a/deep/one.webm"),
        Clip("two", None, None, "b", "validate", "b/two.MKV"),
    ]
    assert told == ["warning b/notes.doc: expected a video; this file is passed over"]


def test_the_video_folder_has_equal_columns_in_all_splits(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    """`datasets` compares the types of the splits: no nulls for text, no mixed numbers."""
    clips = [
        clip._replace(
            label=None if clip.split == "test" else clip.label,
            details={"rate": 25 if place else 29.97, "licence": ""},
        )
        for place, clip in enumerate(filmed.clips)
    ]
    found = tried(HUGGING_FACE)
    assert found.write(tmp_path / "out", clips, media=filmed.media) == []
    assert files_of(tmp_path / "out/validation") == [
        "metadata.jsonl",
        "video_2_000002_000012.mp4",
        "video_3_000003_000013.mp4",
    ]
    kinds = set()
    for split in ("train", "validation", "test"):
        for line in (tmp_path / "out" / split / "metadata.jsonl").read_text().splitlines():
            kinds.add(tuple((key, type(value)) for key, value in json.loads(line).items()))
    assert kinds == {
        (
            ("file_name", str),
            ("label", str),
            ("video_id", str),
            ("start_seconds", float),
            ("end_seconds", float),
            ("licence", str),
            ("rate", float),
        )
    }
    read, told = found.read(tmp_path / "out")
    assert told == []
    assert [clip[:5] + clip[6:] for clip in read] == [clip[:5] + clip[6:] for clip in clips]
    assert [clip.file for clip in read[2:3]] == ["validation/video_2_000002_000012.mp4"]
    assert found.write(tmp_path / "again", read, media=tmp_path / "out") == []
    assert found.read(tmp_path / "again") == (read, [])


def test_clips_without_a_split_are_of_train_to_datasets(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [filmed.clips[0], filmed.clips[3]._replace(split=None)]
    found = tried(HUGGING_FACE)
    told = found.write(tmp_path / "out", clips, media=filmed.media)
    assert told == [
        f"warning {clips[1].file}: clips without a split lie in train, as datasets has them; "
        "has_split is false for them (this)"
    ]
    read, _ = found.read(tmp_path / "out")
    assert [(clip.video_id, clip.split) for clip in read] == [
        ("video_0", "train"),
        ("video_3", None),
    ]
    assert not any("has_split" in clip.details for clip in read)
    assert files_of(tmp_path / "out/train") == [
        "metadata.jsonl",
        "video_0_000000_000010.mp4",
        "video_3_000003_000013.mp4",
    ]


def test_columns_that_datasets_would_refuse_are_told_of(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    details: list[dict[str, object]] = [{"x": 1}, {"x": "one"}, {"y": 1}, {}, {}, {}]
    clips = [clip._replace(details=one) for clip, one in zip(filmed.clips, details, strict=True)]
    told = tried(HUGGING_FACE).write(tmp_path / "out", clips, media=filmed.media)
    assert told == [
        "warning column x: holds text and whole number; all are written as text, for datasets "
        "wants one type",
    ]
    rows = [
        json.loads(line)
        for split in ("train", "validation", "test")
        for line in (tmp_path / "out" / split / "metadata.jsonl").read_text().splitlines()
    ]
    assert [row["x"] for row in rows] == ["1", "one", "", "", "", ""]
    assert [str(row["y"]) for row in rows] == ["", "", "1", "", "", ""]


def test_a_video_folder_of_others_is_read_by_its_columns_and_names(
    tried: Any, tmp_path: Path
) -> None:
    (tmp_path / "valid").mkdir()
    rows = [
        '{"file_name": "a_000001_000011.mp4", "label": 3, "caption": "a man"}',
        '{"file_name": "b.mp4", "label": "run", "start_seconds": 1, "end_seconds": 2.5}',
        '{"label": "run"}',
        '{"file_name": "b.mp4", "start_seconds": 3, "end_seconds": 2}',
        '{"file_name": "b.mp4", "score": NaN}',
        '{"file_name": "b.mp4", "score": -Infinity}',
        '{"file_name": ',
        "[]",
    ]
    (tmp_path / "valid/metadata.jsonl").write_text("\n".join(rows))
    read, told = tried(HUGGING_FACE).read(tmp_path)
    assert read == [
        Clip(
            "a", 1.0, 11.0, None, "validate", "valid/a_000001_000011.mp4",
            details={"caption": "a man", "label_index": 3},
        ),
        Clip("b", 1.0, 2.5, "run", "validate", "valid/b.mp4"),
        Clip("b", None, None, None, "validate", "valid/b.mp4"),
    ]  # fmt: skip
    assert [line.partition(", in ")[0] for line in told] == [
        "error 3: expected file_name, a path as text",
        "error 4: expected 0 <= start < end, found 3 and 2",
        "error 6: expected numbers, found -Infinity",
        "error 7: expected JSON: Expecting value: line 1 column 15 (char 14)",
        "error 8: expected a JSON object",
    ]


def test_folders_without_what_is_expected_are_refused(tried: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"expected metadata.jsonl in this folder"):
        tried(HUGGING_FACE).read(tmp_path)
    with pytest.raises(FormatError, match="expected a folder with a folder for each class"):
        tried("torchvision-folder").read(tmp_path / "nothing")


def test_a_link_to_a_folder_around_it_is_not_followed(tried: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "train" / "waving"
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(b"")
    (folder / "loop").symlink_to(tmp_path / "in")
    (folder / "here").symlink_to(".")
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.mp4").write_bytes(b"")
    clips, told = tried("torchvision-folder").read(tmp_path / "in")
    assert [clip.file for clip in clips] == ["train/waving/a.mp4", "train/waving/more/b.mp4"]
    assert told == []


@pytest.mark.parametrize("label", ["training dog", "crash test", "eval-9", "dev"])
@pytest.mark.parametrize("name", TREES)
def test_a_class_that_another_tool_takes_for_a_split_is_told_of(
    name: str, label: str, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [one._replace(label=label) for one in filmed.clips]
    assert tried(name).write(tmp_path / "out", clips, media=filmed.media) == [
        f"warning None: Hugging Face datasets takes the folders of {label!r} for splits and would "
        "list their clips twice: write huggingface-videofolder for it"
    ]
    assert sorted(one[:5] for one in tried(name).read(tmp_path / "out")[0]) == [
        one[:5] for one in clips
    ]


@pytest.mark.parametrize("label", ["straining", "contested", "devoted", "valley"])
def test_a_class_that_only_sounds_like_a_split_is_none(
    label: str, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [one._replace(label=label) for one in filmed.clips]
    assert tried(TREES[0]).write(tmp_path / "out", clips, media=filmed.media) == []
