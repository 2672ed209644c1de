"""What `kbuild convert` writes for the tools is used by them, all of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.ava.checking.settings import Settings
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Label
from kinetics_builder.formats.registry import find_format
from pipelines.ava.checking import check
from pipelines.cli import group

CORNERS = (0.1, 0.1, 0.5, 0.9)
LABELS = LabelMap((Label(11, "sit"), Label(12, "stand")))
PBTXT = "".join(
    f'label {{\n\tname: "{one.name}"\n\tlabel_id: {one.id}\n\tlabel_type: PERSON_MOVEMENT\n}}\n'
    for one in LABELS
)
SHORT = (
    "a,0002,0.1,0.1,0.5,0.9,12,0\na,0003\na,0004,0.1,0.1,0.5,0.9,11,0\n"
    "film,0902,0.1,0.1,0.5,0.9,11,0\nfilm,0903\n"
)


def kbuild(*words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words])


def convert(folder: Path, reader: str, *more: object) -> tuple[Path, Result]:
    (folder / "short.csv").write_text(SHORT)
    (folder / "labels.pbtxt").write_text(PBTXT)
    target = folder / reader
    labels = ("--label-map", folder / "labels.pbtxt")
    formats = ("--from", "ava", "--to", f"{reader}-ava")
    return target, kbuild("convert", *formats, folder / "short.csv", target, *labels, *more)


@pytest.mark.parametrize("reader", ["pyslowfast", "mmaction2"])
def test_short_videos_and_key_frames_without_a_box(tmp_path: Path, reader: str) -> None:
    target, converted = convert(tmp_path, reader)
    assert converted.exit_code == 0
    assert "a key frame without a box has no place there (this and 1 more)" in converted.output
    assert "900 was added to the seconds of a short video" in converted.output
    assert "3 rows written, 2 without a place there" in converted.output
    result = kbuild("ava", "check", target, "--for", reader, "--json")
    document = json.loads(result.stdout)
    (train,) = document["parts"]
    assert train["used"] == train["stated"] == {"key_frames": 3, "boxes": 3, "labels": 3}
    # MMAction2's detectors need proposals, and nothing in a ground truth is one.
    assert (result.exit_code, train["stops"]) == ((0, False), (1, True))[reader == "mmaction2"]


def test_the_same_file_as_it_is_for_kbuild(tmp_path: Path) -> None:
    (tmp_path / "ava_train_v2.2.csv").write_text(SHORT)
    counts = {"key_frames": 5, "boxes": 3, "labels": 3}
    result = kbuild("ava", "check", tmp_path, "--for", "kbuild", "--json")
    (train,) = json.loads(result.stdout)["parts"]
    assert (result.exit_code, train["stops"], train["used"]) == (1, True, counts)
    (tmp_path / "ava_action_list_v2.2.pbtxt").write_text(PBTXT)
    (tmp_path / "videos").mkdir()
    for name in ("a", "film"):
        (tmp_path / "videos" / f"{name}.mp4").touch()
    result = kbuild("ava", "check", tmp_path, "--for", "kbuild", "--json")
    (train,) = json.loads(result.stdout)["parts"]
    assert (result.exit_code, train["stops"], train["used"]) == (0, False, counts)


def boxes_of(split: str, video_id: str, first: int) -> list[Box]:
    """Return three key frames of a person, and what a detector sees there."""
    records = []
    for second in range(first, first + 3):
        for action in (11, 12):
            records.append(Box(video_id, float(second), *CORNERS, action, 1))
        records.append(Box(video_id, float(second), *CORNERS, None, None, 0.95))
    return [record._replace(details={"split": split}) for record in records]


@pytest.mark.parametrize("reader", ["pyslowfast", "mmaction2"])
@pytest.mark.parametrize("first", [2, 902], ids=["short videos", "films"])
def test_both_splits_are_used_whole(tmp_path: Path, reader: str, first: int) -> None:
    records = [*boxes_of("train", "a", first), *boxes_of("validate", "b", first)]
    root, told = tmp_path / "ava", list[Any]()
    write = find_format(f"{reader}-ava").write
    assert write is not None
    write(root, records, Options(labels=LABELS), Problems(root, on_warning=told.append))
    report = check(reader, root, None, Settings())
    assert report.passes
    used = {part.name: (part.used.key_frames, part.used.labels) for part in report.parts}
    assert used["train"] == (3, 6)
    assert used["val"] == {"pyslowfast": (1, 0), "mmaction2": (3, 6)}[reader]
    assert [one for one in report.findings if one.fails] == []
