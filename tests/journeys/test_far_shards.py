"""Videos come out of shards in a bucket as they do out of shards in a folder."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import func, select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, State, Video
from kinetics_builder.errors import ItemFailed, KbuildError, Reason, SourceError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from pipelines.sources.shards import places
from pipelines.sources.source import Limits
from pipelines.sources.spec import normalised_spec, open_source
from tests.journeys.conftest import WithoutRights

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.xdist_group("bucket")]

LIMITS = Limits(max_duration_seconds=60, max_bytes=100_000_000)


def shard(files: dict[str, bytes | dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def of_films(videos: Path, seeds: range) -> bytes:
    """A shard of some of the videos, each with its title."""
    files: dict[str, bytes | dict[str, Any]] = {}
    for video in sorted(videos.iterdir(), key=lambda path: int(path.stem.split()[-1])):
        if (seed := int(video.stem.split()[-1])) in seeds:
            files |= {
                f"{seed:03}.mp4": video.read_bytes(),
                f"{seed:03}.json": {"title": video.stem},
            }
    return shard(files)


def begun(root: Path, source: str, keys: dict[str, str]) -> Workspace:
    told = ", ".join(f'{name} = "{value}"' for name, value in keys.items())
    settings = f"[run]\nworkers = 1\n[download]\nstore_options = {{{told}}}\n"
    workspace = Workspace.create(root, settings)
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="arm wrestling")])
        remember(session, root / "classes.txt", normalised_spec(source), None)
    return workspace


def collected(workspace: Workspace) -> list[tuple[str, str, str]]:
    """Return what has come: ids, titles and hashes."""
    for module in (search, match, download):
        run_stage(workspace, module.stage(workspace))
    with reading(workspace.engine) as session:
        rows = select(Video.video_id, Video.title, Media.sha256).join(Media)
        return [tuple(row) for row in session.execute(rows.order_by(Video.title)).all()]


@pytest.mark.long
def test_shards_in_a_bucket_give_what_shards_in_a_folder_do(
    tmp_path: Path, bucket: str, keys: dict[str, str], videos: Path, without_rights: WithoutRights
) -> None:
    files = fsspec.filesystem("s3", **keys)
    for number, seeds in enumerate((range(2), range(2, 4), range(4, 10))):
        data = of_films(videos, seeds)
        (tmp_path / f"t-{number:03}.tar").write_bytes(data)
        files.pipe_file(f"{bucket}/set/t-{number:03}.tar", data)
    here = begun(tmp_path / "here", f"shards:{tmp_path}/t-{{000..001}}.tar", {})
    far = begun(tmp_path / "far", f"shards:s3://{bucket}/set/t-{{000..001}}.tar", keys)
    stage = search.stage(far)
    with without_rights(), pytest.raises(KbuildError, match="it does not let us") as caught:
        run_stage(far, stage)
    assert "\n" not in str(caught.value) and f"s3://{bucket}/set" in str(caught.value)
    expected = collected(here)
    assert [title for _, title, _ in expected] == [
        "arm wrestling number 0",
        "arm wrestling number 2",
    ]
    assert collected(far) == expected
    with reading(far.engine) as session:
        assert session.scalar(select(func.count()).where(Item.state == State.FAILED)) == 2  # match
        assert set(session.scalars(select(Video.site))) == {""}
    assert run_stage(far, search.stage(far)).num_new == 0
    whole = begun(tmp_path / "whole", f"shards:s3://{bucket}/set/", keys)
    assert len(collected(whole)) == 5


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each request to the double asked for."""
    from s3fs.core import S3File

    asked, fetch = list[int](), S3File._fetch_range

    def fetch_range(file: Any, start: int, end: int) -> Any:
        asked.append(end - start)
        return fetch(file, start, end)

    monkeypatch.setattr(S3File, "_fetch_range", fetch_range)
    return asked


def test_of_a_shard_no_more_is_read_than_is_needed(
    tmp_path: Path, bucket: str, keys: dict[str, str], bytes_read: list[int]
) -> None:
    films = [bytes([number]) * (9 << 20) for number in range(3)]
    data = shard({f"{number}.mp4": film for number, film in enumerate(films)})
    fsspec.filesystem("s3", **keys).pipe_file(f"{bucket}/a.tar", data)
    source = open_source(f"shards:s3://{bucket}/a.tar", DownloadConfig(store_options=keys))
    (request,) = source.requests([])
    found = list(source.search(request.query, 1))
    assert len(found) == 3
    assert sum(bytes_read) < 2 << 20
    bytes_read.clear()
    assert source.fetch(found[1].url, tmp_path, LIMITS).file.read_bytes() == films[1]
    assert sum(bytes_read) < 14 << 20
    assert max(bytes_read) < 6 << 20, "it comes in pieces"


def test_a_shard_that_was_written_anew_gives_no_other_bytes(
    tmp_path: Path, bucket: str, keys: dict[str, str], without_rights: WithoutRights
) -> None:
    files, path = fsspec.filesystem("s3", **keys), f"{bucket}/a b#c.tar"
    source = open_source(f"shards:s3://{bucket}", DownloadConfig(store_options=keys))
    files.pipe_file(path, shard({"a.mp4": b"film", "b.mp4": b"another"}))
    (before,) = source.requests([])
    _, second = source.search(before.query, 1)
    assert source.fetch(second.url, tmp_path, LIMITS).file.read_bytes() == b"another"
    with without_rights(), pytest.raises(KbuildError, match="it does not let us"):
        source.fetch(second.url, tmp_path, LIMITS)
    files.pipe_file(path, shard({"a.mp4": b"x" * 3000, "b.mp4": b"another"}))
    assert source.requests([])[0].key != before.key
    with pytest.raises(ItemFailed) as failure:
        source.fetch(second.url, tmp_path, LIMITS)
    assert failure.value.reason is Reason.CHANGED
    files.rm_file(path)
    with pytest.raises(ItemFailed) as failure:
        source.fetch(second.url, tmp_path, LIMITS)
    assert failure.value.reason is Reason.REMOVED


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    yield files
    files.rm("/", recursive=True)


def refusal(source: str) -> str:
    (request,) = open_source(f"shards:{source}", DownloadConfig()).requests([])
    assert request.refusal is not None and "\n" not in request.refusal
    return request.refusal


def test_what_is_not_there_is_told_in_one_line(memory: Any, bucket: str, server: str) -> None:
    memory.pipe_file("/set/a-1.tar", shard({"a.mp4": b"film"}))
    memory.pipe_file("/other/a.txt", b"text")
    assert "memory://set/a-2.tar: no such file" in refusal("memory://set/a-{1..2}.tar")
    assert "memory://other: no shards" in refusal("memory://other")
    assert "no such bucket or folder" in refusal("memory://nothing/a.tar")
    assert "compressed cannot be read in parts" in refusal("memory://set/a-1.tar.gz")
    assert "no address that fsspec knows" in refusal("nonsense://set/a-1.tar")
    memory.pipe_file("/set/no.tar", b"not a tar" * 100)
    with pytest.raises(ItemFailed, match="expected a whole tar file"):
        open_source("shards:memory://set/no.tar", DownloadConfig()).search("memory://set/no.tar", 1)


@pytest.mark.parametrize(
    "source",
    [
        "https://films.org/a.tar",
        "HTTP://127.0.0.1/a.tar",
        "simplecache::https://films.org/a.tar",
        "tar://a.tar::s3://bucket/b.tar",
    ],
)
def test_nothing_of_the_web_is_asked_past_what_guards_it(source: str) -> None:
    with pytest.raises(SourceError, match="From the web they are not read"):
        open_source(f"shards:{source}", DownloadConfig())


def test_who_may_not_list_a_folder_may_read_what_is_named(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("Access Denied")

    memory.pipe_file("/set/a-1.tar", shard({"a.mp4": b"film"}))
    monkeypatch.setattr(type(memory), "ls", refuse)
    (one,) = places.shards_at("memory://set/a-1.tar", ())
    assert one.address == "memory://set/a-1.tar"
    assert "a-2.tar: no such file" in refusal("memory://set/a-{1..2}.tar")
    assert "memory://set: it does not let us (Access Denied)" in refusal("memory://set")
