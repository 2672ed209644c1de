"""Flow of clips that lie elsewhere, kept elsewhere: the same bytes, whatever the place."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ConfigError, ItemFailed, ModelError, Reason
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.manifest import write_manifest
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.registry import find_format
from kinetics_builder.video.flow.folder import FlowFolder
from models.clips.flow import FlowFrames, read_flow
from models.clips.flow_places import flow_place, flow_sha256
from models.clips.release import read_release
from models.spec import Sampling
from pipelines.flow import computing
from pipelines.flow.asking import Asked
from pipelines.flow.storing import StoreKeeper
from tests.pipelines.flow.conftest import SMALL, computed, draw

SAMPLING = Sampling(num_frames=2, step_seconds=0.5, crop_size=32, short_side=32, modality="flow")


@pytest.fixture
def bare(release: Path, tmp_path: Path) -> Path:
    """The release's lists, without its clips."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("clips.csv", "classes.txt"):
        shutil.copy(release / name, folder)
    return folder


def shards(release: Path, folder: Path) -> str:
    problems = Problems(release / "clips.csv")
    clips = find_format("kbuild-manifest").read(release / "clips.csv", Options(), problems)
    find_format("webdataset").write(folder, clips, Options(media=release, num_shards=2), problems)
    return str(folder)


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let work for stores lie in this test's folder."""
    monkeypatch.setattr("pipelines.flow.storing.own_temporary_folder", lambda: tmp_path / "own")


def placed(kind: str, release: Path, tmp_path: Path) -> Asked:
    """Return what is asked for, of clips and flow that lie so."""
    to = tmp_path / "to"
    if kind == "folder":
        return replace(SMALL, clips=str(release), to=str(to))
    if kind == "store":
        return replace(SMALL, clips=release.as_uri(), to=to.as_uri())
    return replace(SMALL, clips=shards(release, tmp_path / "shards"), to=str(to), in_shards=True)


def fields_of(release: Path, to: str, copies: Path) -> list[bytes]:
    """Return the flow of each clip, as a network reads it, and the lists' hash."""
    data = read_release(release)
    flow = read_flow(data, SAMPLING, flow_place(release, to, copies))
    assert flow.broken() == {}
    source = FlowFrames(flow, 32)
    read = [source.frames(row, np.array([0.0, 1.0])).tobytes() for row in data.rows]
    return [*read, flow_sha256(release, to).encode()]


@pytest.mark.few("store")
@pytest.mark.parametrize("kind", ["folder", "shards", "store"])
def test_flow_is_the_same_wherever_clips_and_flow_lie(
    release: Path, bare: Path, tmp_path: Path, kind: str
) -> None:
    computed(release)
    asked = placed(kind, release, tmp_path)
    report = computed(bare, asked)
    assert (report.num_clips, report.num_new, report.failures) == (2, 2, ())
    assert report.place == asked.to and not (bare / "flow").exists()
    read = fields_of(bare, asked.to, tmp_path / "copies")
    assert read == fields_of(release, "", tmp_path)
    left = {path.name for path in (tmp_path / "own").rglob("*")} - {".lock"}
    left |= {path.name for path in (tmp_path / "to").rglob("*.part")}
    left |= {path.name for path in (tmp_path / "to").rglob("*") if path.is_dir()} - {"clips"}
    assert {*left} <= {f"flow-{path.name[5:]}" for path in (tmp_path / "own").glob("flow-*")}
    assert computed(bare, asked).num_new == 0
    assert fields_of(bare, asked.to, tmp_path / "copies") == read


@pytest.mark.few("store")
@pytest.mark.parametrize("kind", ["shards", "store"])
def test_a_run_that_was_killed_is_gone_on_with(
    release: Path, bare: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, compute = placed(kind, release, tmp_path), computing.compute

    def once(item: computing.Item) -> object:
        if item.clip.file == "clips/b.mp4":
            raise KeyboardInterrupt
        return compute(item)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pipelines.flow.run.compute", once)
        computed(bare, asked)
    for rows in tmp_path.glob("*/**/flow.csv"):
        rows.unlink()
    assert computed(bare, asked).num_new == 1
    computed(release)
    copies = tmp_path / "copies"
    assert fields_of(bare, asked.to, copies) == fields_of(release, "", tmp_path)


def test_a_shard_is_packed_anew_when_its_clips_are_others(
    release: Path, bare: Path, tmp_path: Path
) -> None:
    asked = placed("shards", release, tmp_path)
    computed(bare, asked)
    flow = FlowFolder(Path(asked.to))
    before = {path.name: path.read_bytes() for path in flow.shards()}
    assert [*before] == ["train-000000.tar", "train-000001.tar"]
    rows = [draw(release / "clips/a.mp4", 7), *list(read_release(release).rows)[1:]]
    for folder in (release, bare):
        write_manifest(folder / "clips.csv", rows)
    shutil.rmtree(tmp_path / "shards")
    shards(release, tmp_path / "shards")
    assert computed(bare, asked).num_new == 1
    after = {path.name: path.read_bytes() for path in flow.shards()}
    assert after["train-000001.tar"] == before["train-000001.tar"]
    assert after["train-000000.tar"] != before["train-000000.tar"]
    write_manifest(bare / "clips.csv", rows[1:])
    assert computed(bare, asked).num_clips == 1
    (left,) = flow.shards()
    assert left.name == "train-000001.tar"
    left.write_bytes(b"no tar" * 200)
    for asking in (lambda: computed(bare, asked), lambda: flow_place(bare, asked.to, tmp_path)):
        with pytest.raises(ModelError, match=r"train-000001\.tar cannot be .* remove it: `kb"):
            asking()
    left.unlink()
    assert computed(bare, asked).num_new == 1


def test_a_clip_that_no_place_has_is_a_row_and_a_store_that_is_silent_too(
    release: Path, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = placed("store", release, tmp_path)
    (release / "clips/a.mp4").unlink()

    def silent(*_: object) -> None:
        raise ItemFailed(Reason.NETWORK, "no answer")

    with monkeypatch.context() as patch:
        patch.setattr("kinetics_builder.storage.remote.RemoteFolder.put", _only_lists(silent))
        failures = computed(bare, asked).failures
    assert [(row.file, row.reason) for row in failures] == [
        ("clips/a.mp4", "missing"),
        ("clips/b.mp4", "network"),
    ]
    (failed,) = computed(bare, replace(asked, retry_failed=True)).failures
    assert failed.file == "clips/a.mp4"
    place = flow_place(bare, asked.to, tmp_path / "copies")
    broken = read_flow(read_release(bare), SAMPLING, place).broken()
    assert [*broken] == ["clips/a.mp4"]


def _only_lists(silent: object) -> object:
    from kinetics_builder.storage.remote import RemoteFolder

    put = RemoteFolder.put
    return lambda self, path, name: (
        silent() if name.endswith(".arrow") else put(self, path, name)  # type: ignore[operator]
    )


def test_what_is_not_flow_is_not_touched(release: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange" / "data.arrow"
    strange.parent.mkdir()
    strange.write_bytes(b"somebody's")
    with pytest.raises(ModelError, match=r"no flow\.json that tells"):
        computed(release, replace(SMALL, to=str(strange.parent), fresh=True))
    assert strange.read_bytes() == b"somebody's"
    packed = shards(release, tmp_path / "shards")
    with pytest.raises(ModelError, match=r"holds no flow, but clips/a\.mp4: name another folder"):
        computed(release, replace(SMALL, clips=packed, to=packed, in_shards=True, fresh=True))
    with pytest.raises(ConfigError, match="here they lie in none"):
        computed(release, replace(SMALL, in_shards=True))
    with pytest.raises(ConfigError, match="--shards are tar files in a folder"):
        computed(release, replace(SMALL, to="s3://bucket/flow", in_shards=True))
    with pytest.raises(ModelError, match="--flow names where"):
        flow_place(release, str(tmp_path / "nowhere"), tmp_path)


def test_files_of_a_store_that_nobody_finished_are_removed(release: Path, tmp_path: Path) -> None:
    asked = placed("store", release, tmp_path)
    part = tmp_path / "to" / "clips" / ".a.mp4.arrow.1.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    computed(release, asked)
    assert not part.exists()
    assert StoreKeeper.at(asked.to).said == asked.to
