"""WebDataset's shards, checked with WebDataset itself."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.training.webdataset import writing as webdataset

WEBDATASET = "webdataset"


def shard_of(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / name, "w") as tar:
        for file, content in files.items():
            member = tarfile.TarInfo(file)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder / name


# WebDataset does not close the shards it has read.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_webdataset_reads_the_samples(tried: Any, filmed: Any, tmp_path: Path) -> None:
    loader = pytest.importorskip("webdataset")
    clips = [clip._replace(details={"is_cc": True}) for clip in filmed.clips]
    assert tried(WEBDATASET).write(tmp_path / "out", clips, media=filmed.media) == []
    shard = str(tmp_path / "out/val-000000.tar")
    samples = list(loader.WebDataset(shard, shardshuffle=False).decode())
    assert [(one["__key__"], one["mp4"], one["cls"], one["json"]["label"]) for one in samples] == [
        ("video_2_000002_000012", b"film 2" * 50, 1, "waving, hand"),
        ("video_3_000003_000013", b"film 3" * 50, 0, "tying knot (not on a tie)"),
    ]
    assert samples[0]["json"]["is_cc"] is True


def test_the_clips_come_back_without_unpacking(tried: Any, filmed: Any, tmp_path: Path) -> None:
    clips = [
        filmed.clips[0]._replace(details={"a": True, "b": 1.5, EXTRA: ("b",)}, score=0.25),
        filmed.clips[1]._replace(start_seconds=None, end_seconds=None),
        filmed.clips[2]._replace(label=None, start_seconds=0.1, end_seconds=0.3),
        *filmed.clips[3:],
        filmed.clips[5]._replace(label="z", split=None),
    ]
    found = tried(WEBDATASET)
    assert found.write(tmp_path / "one", clips, media=filmed.media) == [
        f"warning {clips[5].file}: clips without a split lie in train, as datasets has them; "
        "has_split is false for them (this)"
    ]
    assert not list((tmp_path / "one").glob("all*"))
    assert found.read(tmp_path / "one") == ([*clips[:2], clips[6], *clips[2:6]], [])
    assert found.read(tmp_path / "one/val-000000.tar") == (clips[2:4], [])


def test_equal_clips_and_files_give_equal_bytes(tried: Any, filmed: Any, tmp_path: Path) -> None:
    found = tried(WEBDATASET)
    found.write(tmp_path / "one", filmed.clips, media=filmed.media)
    for file in filmed.media.rglob("*.mp4"):
        file.write_bytes(file.read_bytes())
    found.write(tmp_path / "two", filmed.clips[::-1], media=filmed.media)
    names = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert names == [
        "classes.txt",
        "test-000000.tar",
        "testshards.json",
        "train-000000.tar",
        "trainshards.json",
        "val-000000.tar",
        "valshards.json",
    ]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with tarfile.open(tmp_path / "one/train-000000.tar") as tar:
        assert {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in tar} == {
            (0, 0, 0, "", 0o644)
        }


def test_the_index_is_that_of_wids_with_sizes_and_hashes(
    tried: Any, filmed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webdataset, "SHARD_BYTES", 7000)
    clips = [clip._replace(split="train") for clip in filmed.clips]
    tried(WEBDATASET).write(tmp_path / "out", clips, media=filmed.media)
    index = json.loads((tmp_path / "out/trainshards.json").read_text())
    assert index["wids_version"] == 1 and index["__kind__"] == "wids-shard-index-v1"
    assert [shard["url"] for shard in index["shardlist"]] == [
        "train-000000.tar",
        "train-000001.tar",
        "train-000002.tar",
    ]
    for shard in index["shardlist"]:
        content = (tmp_path / "out" / shard["url"]).read_bytes()
        assert shard["nsamples"] == 2
        assert shard["filesize"] == len(content)
        assert shard["md5sum"] == hashlib.md5(content).hexdigest()
        assert shard["sha256"] == hashlib.sha256(content).hexdigest()
    assert tried(WEBDATASET).read(tmp_path / "out") == (clips, [])


def test_keys_are_plain_and_no_two_samples_share_one(tried: Any, tmp_path: Path) -> None:
    media = tmp_path / "media"
    files = ["a/v.1.mp4", "b/v.1.mp4", "a/é.mp4", f"a/{'x' * 120}.mp4", "a/v_1.mp4"]
    for file in files:
        (media / file).parent.mkdir(parents=True, exist_ok=True)
        (media / file).write_bytes(file.encode())
    clips = [Clip("v", 0.0, 1.0, label, "train", file) for file in files for label in "xy"]
    found = tried(WEBDATASET)
    assert found.write(tmp_path / "out", clips, media=media) == []
    with tarfile.open(tmp_path / "out/train-000000.tar") as tar:
        names = tar.getnames()
    keys = [name.partition(".")[0] for name in names]
    assert len(set(names)) == 30 and len(set(keys)) == 10
    assert all(name.isascii() and len(name) < 100 for name in names)
    assert keys == sorted(keys, key=keys.index)
    read, told = found.read(tmp_path / "out")
    assert told == [] and sorted(read) == sorted(clips)


def test_shards_of_others_are_read_by_their_class_and_name(tried: Any, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    shard_of(
        folder,
        "kinetics-val-000.tar",
        {
            "x/a_000001_000011.mp4": b"film",
            "x/a_000001_000011.cls": b"1",
            "__meta__.json": b"{}",
            "b.webm": b"film",
            "b.json": b'{"label": "run"}',
            "c.mp4": b"film",
            "c.txt": b"jump high\n",
            "d.cls": b"0",
            "e.mp4": b"film",
            "e.json": b"[",
            "f.mp4": b"film",
            "f.cls": b"7",
            "g.mp4": b"film",
        },
    )
    (folder / "classes.txt").write_text("run\nwave\n")
    read, told = tried(WEBDATASET).read(folder)
    shard = "kinetics-val-000.tar"
    assert read == [
        Clip("a", 1.0, 11.0, "wave", "validate", f"{shard}/x/a_000001_000011.mp4"),
        Clip("b", None, None, "run", "validate", f"{shard}/b.webm"),
        Clip("c", None, None, "jump high", "validate", f"{shard}/c.mp4"),
        Clip("g", None, None, None, "validate", f"{shard}/g.mp4"),
    ]
    assert told == [
        "error d: expected one video beside .cls",
        "error e: expected JSON: Expecting value: line 1 column 2 (char 1)",
        "error f: expected a class from 0 to 1, found 7",
    ]


@pytest.mark.parametrize("size", [100, 700, 3000])
def test_a_shard_that_is_cut_off_is_told_of(
    size: int, tried: Any, filmed: Any, tmp_path: Path
) -> None:
    found = tried(WEBDATASET)
    found.write(tmp_path / "out", filmed.clips, media=filmed.media)
    shard = tmp_path / "out/train-000000.tar"
    shard.write_bytes(shard.read_bytes()[:size])
    with pytest.raises(FormatError, match=r"train-000000.tar: expected a whole tar file"):
        found.read(shard)


def test_a_folder_without_shards_is_refused(tried: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"expected shards like train-000000.tar"):
        tried(WEBDATASET).read(tmp_path)


def test_all_samples_hold_the_same_files_and_columns(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    """`datasets` takes the types from a few samples of one split, and then insists on them."""
    clips = [
        clip._replace(
            label=None if clip.split == "test" else clip.label,
            details={"rate": 25 if place else 29.97},
        )
        for place, clip in enumerate(filmed.clips)
    ]
    found = tried(WEBDATASET)
    assert found.write(tmp_path / "out", clips, media=filmed.media) == []
    kinds = set()
    for split in ("train", "val", "test"):
        with tarfile.open(tmp_path / "out" / f"{split}-000000.tar") as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file is not None
                if member.name.endswith(".json"):
                    row = json.load(file)
                    kinds.add(tuple((key, type(value)) for key, value in row.items()))
                if split == "test" and member.name.endswith(".cls"):
                    assert file.read() == b"-1"
    assert len(kinds) == 1 and ("rate", float) in kinds.pop()
    assert found.read(tmp_path / "out") == (clips, [])


def test_clips_without_any_class_have_no_file_for_it(
    tried: Any, filmed: Any, tmp_path: Path
) -> None:
    clips = [clip._replace(label=None) for clip in filmed.clips]
    found = tried(WEBDATASET)
    assert found.write(tmp_path / "out", clips, media=filmed.media) == []
    with tarfile.open(tmp_path / "out/val-000000.tar") as tar:
        assert {name.partition(".")[2] for name in tar.getnames()} == {"json", "mp4"}
    assert found.read(tmp_path / "out") == (clips, [])


def test_numbers_without_names_come_back(tried: Any, filmed: Any, tmp_path: Path) -> None:
    clips = [filmed.clips[0]._replace(label=None, details={"label_index": 7})]
    found = tried(WEBDATASET)
    assert found.write(tmp_path / "out", clips, media=filmed.media) == []
    assert found.read(tmp_path / "out") == (clips, [])


def test_files_with_a_further_dot_are_known_by_their_last_suffix(
    tried: Any, tmp_path: Path
) -> None:
    files = {
        "a.v2.mp4": b"1", "a.v2.cls": b"0",
        "b.final.cut.MKV": b"2", "b.txt": b"y",
        "c.left.mp4": b"3", "c.right.mp4": b"4",
        "d.webm": b"5", "d.meta.json": b'{"label": "x"}',
    }  # fmt: skip
    shard_of(tmp_path, "train-000000.tar", files)
    (tmp_path / "classes.txt").write_text("x\ny\n")
    read, (told,) = tried(WEBDATASET).read(tmp_path)
    assert [(clip.video_id, clip.label) for clip in read] == [
        ("a.v2", "x"), ("b.final.cut", "y"), ("d", "x"),
    ]  # fmt: skip
    assert told == "error c: expected one video beside .left.mp4, .right.mp4"


def test_numbers_of_shards_that_count_from_1_are_noticed(tried: Any, tmp_path: Path) -> None:
    files = {f"{n}.{end}": str(n).encode() for n in (1, 2, 3) for end in ("mp4", "cls")}
    shard_of(tmp_path, "train-000000.tar", files)
    (tmp_path / "classes.txt").write_text("x\ny\nz\n")
    with pytest.raises(FormatError, match="all from 1 to 3 are there: webdataset counts from 0"):
        tried(WEBDATASET).read(tmp_path)


def test_videos_of_several_suffixes_stand_under_one(tried: Any, tmp_path: Path) -> None:
    """`datasets` gives None for the videos of any suffix that the first samples do not have."""
    media = tmp_path / "media"
    media.mkdir()
    files = [*(f"a{n}.mp4" for n in range(6)), "b.mkv", "c.webm", "d.MKV"]
    for file in files:
        (media / file).write_bytes(file.encode())
    clips = [Clip(Path(file).stem, None, None, "x", "train", file) for file in files]
    found = tried(WEBDATASET)
    why = "files stand as .mp4: datasets reads one suffix in all samples (this)"
    assert found.write(tmp_path / "out", clips, media=media) == [
        f"warning b.mkv: .mkv {why}",
        f"warning c.webm: .webm {why}",
    ]
    with tarfile.open(tmp_path / "out/train-000000.tar") as tar:
        films = {name: tar.extractfile(name) for name in tar.getnames() if ".mp4" in name}
        contents = [file.read().decode() for file in films.values() if file is not None]
    assert sorted(contents) == sorted(files)
    assert found.read(tmp_path / "out") == (clips, [])


@pytest.mark.parametrize(
    ("suffix", "told"),
    [(".mkv", []), (".webm", ["warning a.webm: datasets takes .webm files for bytes and not for "
     "videos (this)"])],
)  # fmt: skip
def test_one_suffix_stays(suffix: str, told: list[str], tried: Any, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"film")
    clips = [Clip("a", None, None, "x", "train", f"a{suffix}")]
    assert tried(WEBDATASET).write(tmp_path / "out", clips, media=tmp_path) == told
    with tarfile.open(tmp_path / "out/train-000000.tar") as tar:
        assert f"a{suffix}" in tar.getnames()
