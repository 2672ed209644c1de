"""Clips that lie elsewhere than their release: the same frames, whatever the place."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ConfigError, ItemFailed, ModelError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.registry import find_format
from models.clips.opening import CachePolicy, open_frames
from models.clips.release import Release, read_release
from models.zoo import network_spec

SAMPLING = network_spec("i3d_tiny").sampling
TIMES = np.array([0.0, 1.5, 3.9])


@pytest.fixture
def bare(squares: Path, tmp_path: Path) -> Release:
    """A release's lists, without its clips."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("clips.csv", "classes.txt"):
        shutil.copy(squares / name, folder)
    return read_release(folder)


def shards(squares: Path, folder: Path) -> str:
    problems = Problems(squares / "clips.csv")
    clips = find_format("kbuild-manifest").read(squares / "clips.csv", Options(), problems)
    find_format("webdataset").write(folder, clips, Options(media=squares, num_shards=2), problems)
    return str(folder)


@pytest.mark.parametrize("max_bytes", [1 << 30, 0], ids=["cached", "from files"])
@pytest.mark.parametrize("kind", ["folder", "shards", "store"])
def test_clips_are_found_wherever_they_lie(
    squares: Path, bare: Release, tmp_path: Path, kind: str, max_bytes: int
) -> None:
    where = {"folder": str(squares), "store": squares.absolute().as_uri()}.get(kind)
    where = where or shards(squares, tmp_path / "shards")
    policies = [CachePolicy(folder=tmp_path / "frames", max_bytes=max_bytes, clips=where)]
    policies.append(CachePolicy(folder=tmp_path / "frames", max_bytes=max_bytes))
    releases = [bare, read_release(squares)]
    opened = [
        open_frames(release, SAMPLING, policy, lambda line: None)
        for release, policy in zip(releases, policies, strict=True)
    ]
    assert opened[0].broken == {}
    for row in bare.rows[::9]:
        frames = [one.source.frames(row, TIMES) for one in opened]
        assert np.array_equal(*frames)


def test_clips_that_no_shard_has_are_missing(squares: Path, bare: Release, tmp_path: Path) -> None:
    folder = Path(shards(squares, tmp_path / "shards"))
    for shard in folder.glob("train-*0.tar"):
        shard.unlink()
    policy = CachePolicy(folder=tmp_path / "frames", max_bytes=0, clips=str(folder))
    opened = open_frames(bare, SAMPLING, policy, lambda line: None)
    assert {clip.reason for clip in opened.broken.values()} == {"No such file or directory"}
    assert len(opened.usable(bare.split("train"))) == 8
    with pytest.raises(ItemFailed, match="in none of the shards"):
        opened.source.frames(bare.split("train")[0], TIMES)


def test_another_file_in_a_store_is_noticed(squares: Path, bare: Release, tmp_path: Path) -> None:
    store = shutil.copytree(squares, tmp_path / "store")
    row = bare.rows[0]
    (store / row.file).write_bytes(b"0" * row.bytes)
    policy = CachePolicy(folder=tmp_path / "frames", max_bytes=0, clips=store.as_uri())
    opened = open_frames(bare, SAMPLING, policy, lambda line: None)
    with pytest.raises(ItemFailed, match="changed"):
        opened.source.frames(row, TIMES)
    (store / bare.rows[1].file).unlink()
    with pytest.raises(ItemFailed, match="is not there"):
        opened.source.frames(bare.rows[1], TIMES)


def test_a_place_without_clips_is_an_error(bare: Release, tmp_path: Path) -> None:
    def opened(where: str) -> object:
        policy = CachePolicy(folder=tmp_path / "frames", clips=where)
        return open_frames(bare, SAMPLING, policy, lambda line: None)

    with pytest.raises(ModelError, match="is no folder: --clips names"):
        opened(str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError):
        opened("nosuch://bucket/v1")
    (tmp_path / "tars").mkdir()
    with tarfile.open(tmp_path / "tars" / "a.tar", "w") as tar:
        info = tarfile.TarInfo("a.json")
        info.size = len(data := json.dumps({"label": "x"}).encode())
        tar.addfile(info, io.BytesIO(data))
    with pytest.raises(ModelError, match="in none of them a clip whose JSON names its file"):
        opened(str(tmp_path / "tars"))
    (tmp_path / "tars" / "a.tar").write_bytes(b"no tar" * 200)
    with pytest.raises(ModelError, match=r"a\.tar cannot be read as a shard"):
        opened(str(tmp_path / "tars"))
