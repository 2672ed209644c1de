"""Videos and clips in a bucket: the same rows and the same release, from any machine."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import fsspec
import pytest
from sqlalchemy import select

from annotation_ui.app import create_app
from annotation_ui.files import send
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import ClipFile, Item, State
from kinetics_builder.errors import ConfigError, KbuildError, WorkspaceError
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.storage import cache
from kinetics_builder.storage.remote import RemoteFolder
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace
from pipelines.collecting.collect import collect
from pipelines.inspecting.check import check
from pipelines.takedown.clearing import clear
from pipelines.takedown.marking import Takedowns
from tests.contents import contents
from tests.journeys.conftest import SETTINGS, WithoutRights

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.xdist_group("bucket")]


def settings(bucket: str, keys: dict[str, str], cache: Path) -> str:
    told = ", ".join(f'{name} = "{value}"' for name, value in keys.items())
    return (
        f'{SETTINGS}\n[storage]\nmedia = "s3://{bucket}/set/media"\n'
        f'clips = "s3://{bucket}/set/clips"\ncache = "{cache}"\noptions = {{{told}}}\n'
    )


def release_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def few(videos: Path, tmp_path: Path) -> Path:
    """Four of the videos."""
    folder = tmp_path / "few"
    folder.mkdir()
    for file in sorted(videos.iterdir(), key=lambda path: path.stem[-1])[:4]:
        shutil.copy(file, folder)
    return folder


def as_another_machine(copies: Path) -> None:
    """Forget what this machine has copied."""
    shutil.rmtree(copies)
    copies.mkdir()


@pytest.mark.timeout(280)
def test_a_dataset_in_a_bucket_is_the_one_of_a_folder(
    tmp_path: Path,
    workspace: Workspace,
    classes: Path,
    few: Path,
    finish: Callable[[Workspace], Path],
    bucket: str,
    keys: dict[str, str],
    copies: Path,
) -> None:
    far = Workspace.create(tmp_path / "far", settings(bucket, keys, copies))
    for place in (workspace, far):
        collect(place, classes, f"folder:{few}")
    assert contents(far.engine) == contents(workspace.engine)
    assert not any(far.root.joinpath("media").glob("*")), "nothing is kept in the workspace"
    as_another_machine(copies)
    report = check(far, quick=True)
    assert (report.num_files, report.broken) == (12, [])
    assert not any(copies.rglob("*.mp4")), "a glance copies nothing"
    assert release_of(finish(far)) == release_of(finish(workspace))
    as_another_machine(copies)
    is_sent_by_the_page(far)


def is_sent_by_the_page(far: Workspace) -> None:
    with reading(far.engine) as session:
        columns = ClipFile.file, ClipFile.bytes, ClipFile.sha256, ClipFile.modified_ns
        file, *values = session.execute(select(*columns).order_by(ClipFile.file)).first() or ()
        mark = FileMark(*values)
    with create_app(far).test_request_context(headers={"Range": "bytes=10-19"}):
        answer = send(file, mark.sha256, "video/mp4", mark)
        assert answer.status_code == 206
        assert (answer.content_length, answer.content_range.length) == (10, mark.bytes)
        answer.close()


@pytest.mark.long
@pytest.mark.timeout(280)
def test_what_a_bucket_has_lost_is_found_and_made_again(
    tmp_path: Path, classes: Path, few: Path, bucket: str, keys: dict[str, str], copies: Path
) -> None:
    far = Workspace.create(tmp_path / "far", settings(bucket, keys, copies))
    collect(far, classes, f"folder:{few}")
    files = fsspec.filesystem("s3", **keys)
    lost, changed = sorted(files.ls(f"{bucket}/set/clips"))[:2]
    files.rm_file(lost)
    files.pipe_file(changed, b"of somebody else")
    files.pipe_file(f"{bucket}/set/clips/.left.mp4.123.part", b"of a killed writer")
    as_another_machine(copies)
    found = {file.file: file.keeping for file in check(far).broken}
    assert found == {
        f"clips/{Path(lost).name}": "missing",
        f"clips/{Path(changed).name}": "changed",
    }
    collect(far, classes, f"folder:{few}")
    with reading(far.engine) as session:
        failed = select(Item.key, Item.reason, Item.message).where(Item.state == State.FAILED)
        assert session.execute(failed).all() == []
    assert check(far).broken == []
    files.invalidate_cache()
    assert len(files.ls(f"{bucket}/set/clips")) == 8


def refused(url: str, **options: Any) -> str:
    with pytest.raises(KbuildError) as caught:
        RemoteFolder(url, tuple(options.items())).require_writable()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_bucket_that_is_not_there_is_one_line(keys: dict[str, str]) -> None:
    said = refused("s3://nobody-made-this/media", **keys)
    assert said.startswith("s3://nobody-made-this/media: ")
    assert "bucket" in said


def test_missing_credentials_are_one_line(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "no credentials were found" in refused("s3://any/media", endpoint_url=server)


def test_a_bucket_without_rights_is_one_line(
    bucket: str, keys: dict[str, str], without_rights: WithoutRights
) -> None:
    with without_rights():
        said = refused(f"s3://{bucket}/media", **keys, use_listings_cache=False)
    assert "it does not let us" in said


@pytest.mark.long
def test_a_store_that_does_not_answer_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    said = refused("s3://any/media", key="a", secret="b", endpoint_url=address)
    assert said.startswith("s3://any/media: ") and "same command again" in said


def test_an_address_of_no_known_kind_is_one_line() -> None:
    with pytest.raises(ConfigError, match="no address that fsspec knows"):
        RemoteFolder("nonsense://a/b").require_writable()


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    folder = RemoteFolder(f"file://{tmp_path}/store")
    source = tmp_path / "source"
    source.write_bytes(b"some bytes")
    entry = folder.put(source, "a.mp4")
    assert (entry.bytes, folder.entries()) == (10, {"a.mp4": entry})
    system = fsspec.filesystem("file")
    monkeypatch.setattr(type(system), "mv", lambda *_: (_ for _ in ()).throw(OSError(5, "fell")))
    with pytest.raises(Exception, match="fell"):
        folder.put(source, "b.mp4")
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == ["a.mp4"]
    (tmp_path / "store" / ".c.mp4.1.part").touch()
    folder.remove_parts()
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == ["a.mp4"]


def test_who_reads_a_copy_keeps_it_while_others_come_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, fetched, fetch = tmp_path / "store", list[str](), RemoteFolder.fetch

    def fetch_slowly(folder: RemoteFolder, name: str, target: Path) -> None:
        fetched.append(name)
        time.sleep(0.2)
        fetch(folder, name, target)

    monkeypatch.setattr(RemoteFolder, "fetch", fetch_slowly)
    store.mkdir()
    (store / "a.mp4").write_bytes(b"some bytes")
    mark = FileMark.of(store / "a.mp4")
    storage = Storage(tmp_path, StorageConfig(media=f"file://{store}", cache=f"{tmp_path}/copies"))
    with ThreadPoolExecutor(8) as readers:
        read = partial(read_copy, storage, mark)
        assert list(readers.map(read, [Barrier(8)] * 8)) == [b"some bytes"] * 8
    assert fetched == ["a.mp4"]


def read_copy(storage: Storage, mark: FileMark, together: Barrier) -> bytes:
    together.wait(60)
    path = storage.here("media/a.mp4", mark)
    with as_marked(path, mark):
        return path.read_bytes()


def test_what_is_taken_down_goes_from_the_store_and_from_this_machine(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    far = Workspace.create(
        tmp_path / "far",
        f'[storage]\nmedia = "file://{store}"\ncache = "{tmp_path}/copies"\n',
    )
    for name in ("a.mp4", "b.mp4"):
        (store / name).write_bytes(b"some bytes")
    copy = far.storage.here("media/a.mp4")
    part = far.storage.folder("media") / ".part" / "a"
    part.mkdir(parents=True)
    (tmp_path / "copies" / "mine.txt").touch()
    named = ["media/gone.mp4", "media/../../mine.txt"]
    assert clear(far, named, ["a"], Takedowns()) == 1
    assert [path.name for path in store.iterdir()] == ["b.mp4"]
    assert not copy.exists() and not part.exists()
    assert (tmp_path / "copies" / "mine.txt").exists()


def test_copies_that_were_not_used_for_longest_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_LOOK_SECONDS", 0.0)
    hour_ago = time.time() - 3600
    for age, name in enumerate(("new", "older", "oldest")):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (hour_ago - 60 * age, 0))
    (tmp_path / "at work").write_bytes(b"x" * 100)
    cache.make_room(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["at work", "new"]
    cache.make_room(tmp_path, 10)
    assert [path.name for path in tmp_path.iterdir()] == ["at work"]


def test_a_store_that_refuses_stops_the_stage_and_costs_no_item(
    tmp_path: Path, classes: Path, videos: Path, keys: dict[str, str]
) -> None:
    far = Workspace.create(tmp_path / "far", settings("nobody-made-this", keys, tmp_path / "c"))
    with pytest.raises(WorkspaceError, match="s3://nobody-made-this/set/media: "):
        collect(far, classes, f"folder:{videos}")
