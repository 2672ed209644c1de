"""The manifest of a release as clips: a release becomes anything."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.manifest import ManifestRow, read_manifest, write_manifest
from kinetics_builder.formats.records import Clip

ROW = ManifestRow(
    label="carving ice",
    youtube_id="abc",
    time_start=7,
    time_end=17,
    split="train",
    file="clips/abc_000007_000017.mp4",
    bytes=1234,
    sha256="00ff",
    duration_seconds=9.96,
    width=320,
    height=240,
    frames_per_second=12.5,
    num_frames=124,
    whole_clip=True,
    licence="CC BY",
)
ROWS = [ROW, replace(ROW, youtube_id="b, c", split="test", licence="", whole_clip=False)]


@pytest.fixture
def manifest(tried: Any) -> Any:
    return tried("kbuild-manifest")


def test_a_manifest_becomes_clips_and_its_bytes_again(manifest: Any, tmp_path: Path) -> None:
    path, again = tmp_path / "clips.csv", tmp_path / "again.csv"
    write_manifest(path, ROWS)
    clips, told = manifest.read(path)
    assert told == []
    assert clips[0][:6] == ("abc", 7, 17, "carving ice", "train", ROW.file)
    assert clips[0].details == {
        "bytes": 1234,
        "sha256": "00ff",
        "frames_per_second": 12.5,
        "num_frames": 124,
        "whole_clip": True,
        "licence": "CC BY",
        "resolution": "320x240",
        "clip_duration_seconds": 9.96,
    }
    assert manifest.write(again, clips) == []
    assert again.read_bytes() == path.read_bytes()


def test_a_release_becomes_an_official_csv(manifest: Any, tried: Any, tmp_path: Path) -> None:
    write_manifest(tmp_path / "clips.csv", ROWS)
    clips, _ = manifest.read(tmp_path / "clips.csv")
    path = tmp_path / "kinetics.csv"
    told = tried("kinetics").write(path, clips)
    assert path.read_text() == (
        "label,youtube_id,time_start,time_end,split\n"
        'carving ice,abc,7,17,train\ncarving ice,"b, c",7,17,test\n'
    )
    assert told == [
        "warning abc: kinetics does not say the bytes, clip_duration_seconds, "
        "frames_per_second, licence, num_frames, resolution, sha256, whole_clip of this and 1 "
        "more; they are lost there",
        "warning b, c: kinetics does not say the file of this; it is lost there",
    ]


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    values = {name: str(value) for name, value in asdict(ROW).items()}
    path = tmp_path / "clips.csv"
    names = sorted(values)
    path.write_text(f"{','.join(names)}\n{','.join(values[name] for name in names)}\n")
    assert list(read_manifest(path)) == [ROW]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"whole_clip": "yes"}, "whole_clip must be True or False", id="whole"),
        pytest.param({"split": "val"}, "split must be one of", id="split"),
        pytest.param({"time_end": 7}, "time_start < time_end", id="backwards"),
        pytest.param({"label": ""}, "label must not be empty", id="label"),
        pytest.param({"frames_per_second": "nan"}, "found 'nan'", id="nan"),
        pytest.param({"file": "../a.mp4"}, "leads to no other folder", id="outside"),
    ],
)
def test_a_bad_row_is_named_and_hides_no_good_one(
    manifest: Any, tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    path = tmp_path / "clips.csv"
    write_manifest(path, [replace(ROW, **changed), ROW], are_sorted=True)
    clips, (told,) = manifest.read(path)
    assert len(clips) == 1 and told.startswith("error 2: ") and message in told
    with pytest.raises(FormatError, match=r"clips.csv:2: "):
        list(read_manifest(path))


def test_a_clip_without_size_and_hash_is_left_out(manifest: Any, tmp_path: Path) -> None:
    (told,) = manifest.write(tmp_path / "clips.csv", [Clip("a", 0, 10, "x", "train")])
    assert told.startswith("error a: no bytes, sha256,") and "needs of every clip" in told
