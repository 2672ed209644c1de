"""Videos come out of WebDataset's shards where they lie, byte by byte."""

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.notes import noting
from pipelines.running.runner import run_stage
from pipelines.sources.source import Found, Limits
from pipelines.sources.spec import normalised_spec, open_source
from tests.sources.conftest import small_film

LIMITS = Limits(max_duration_seconds=60, max_bytes=1_000_000)


def shard(path: Path, files: dict[str, bytes | dict[str, Any]], **options: Any) -> Path:
    with tarfile.open(path, "w", **options) as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def listed(path: Path | str) -> list[Found]:
    source = open_source(f"shards:{path}", DownloadConfig())
    found = []
    for request in source.requests([]):
        if request.refusal:
            raise SourceError(request.refusal)
        found += list(source.search(request.query, 1))
    return found


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_each_sample_is_a_video_whose_bytes_come_out_alone(tmp_path: Path, format: int) -> None:
    long = "a folder with a long name/" * 5
    path = shard(
        tmp_path / "train-0.tar",
        {
            "__key__.json": b"{}",
            "000.mp4": b"first film",
            "000.json": {
                **{"title": "Arm wrestling", "duration": 7, "license": "CC BY 4.0"},
                **{"tags": ["#arm", "wrestling"], "description": "One.\nTwo."},
            },
            f"{long}001.v2.mp4": b"second",
            f"{long}001.cls": b"4",
            f"{long}001.txt": b"juggling balls\n",
            "SOX5yA1l24A.webm": b"third",
            "waving_hand.mp4": b"fourth",
            "waving_hand.json": b"{broken",
        },
        format=format,
    )
    with noting() as notes:
        found = listed(path)
    assert [(one.title, one.duration_seconds, one.licence) for one in found] == [
        ("Arm wrestling", 7.0, "CC BY 4.0"),
        ("juggling balls", None, None),
        ("SOX5yA1l24A", None, None),
        ("waving hand", None, None),
    ]
    assert (found[0].tags, found[0].description) == (("arm", "wrestling"), "One.\nTwo.")
    assert found[2].video_id == "SOX5yA1l24A"
    assert {note.text.partition("train-0.tar ")[2] for note in notes} == {
        "without one video were left out",
        "whose .json is no object were taken by their names",
    }
    source = open_source(f"shards:{path}", DownloadConfig())
    for one, content in zip(found, (b"first film", b"second", b"third", b"fourth"), strict=True):
        folder = tmp_path / one.video_id
        folder.mkdir()
        assert source.fetch(one.url, folder, LIMITS).file.read_bytes() == content


def test_a_video_keeps_its_id_when_its_shard_moves_and_shares_it_with_no_other(
    tmp_path: Path,
) -> None:
    (tmp_path / "new").mkdir()
    one = shard(tmp_path / "a.tar", {"0.mp4": b"film", "0.json": {"id": "1"}})
    other = shard(tmp_path / "b.tar", {"0.mp4": b"mlif", "0.json": {"id": "1"}})
    ((before,), (another,)) = listed(one), listed(other)
    (after,) = listed(one.rename(tmp_path / "new" / "c.tar"))
    assert before.video_id == after.video_id != another.video_id
    assert before.url != after.url


def test_a_folder_and_a_range_are_many_shards(tmp_path: Path) -> None:
    for number in range(12):
        shard(tmp_path / f"t-{number:03}.tar", {f"{number}.mp4": bytes([number])})
    assert len(listed(tmp_path)) == 12
    assert len(listed(tmp_path / "t-{002..010}.tar")) == 9
    with pytest.raises(SourceError, match=r"t-012\.tar: no such file"):
        listed(tmp_path / "t-{002..012}.tar")


def test_bad_shards_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    packed = tmp_path / "a.tar.gz"
    packed.write_bytes(gzip.compress(b"x"))
    for path, message in {
        tmp_path / "empty": "no shards",
        packed: "compressed cannot be read in parts",
        tmp_path / "none.tar": "no such file",
        tmp_path / "t-{9..1}.tar": "expected a range",
    }.items():
        with pytest.raises(SourceError, match=message):
            listed(path)
    no_tar = tmp_path / "no.tar"
    no_tar.write_bytes(b"not a tar" * 100)
    without = shard(tmp_path / "without.tar", {"a.json": b"{}", "b.txt": b"x"})
    for path, reason in {no_tar: Reason.BROKEN, without: Reason.NO_VIDEO}.items():
        with pytest.raises(ItemFailed) as failure:
            listed(path)
        assert failure.value.reason is reason


def test_a_shard_that_was_written_anew_gives_no_other_bytes(tmp_path: Path) -> None:
    path = shard(tmp_path / "a.tar", {"a.mp4": b"film", "b.mp4": b"another"})
    source = open_source(f"shards:{path}", DownloadConfig())
    first, second = listed(path)
    shard(path, {"c.mp4": b"x" * 3000, "b.mp4": b"another"})
    for one in (first, second):
        with pytest.raises(ItemFailed) as failure:
            source.fetch(one.url, tmp_path, LIMITS)
        assert failure.value.reason is Reason.CHANGED
    path.unlink()
    with pytest.raises(ItemFailed) as failure:
        source.fetch(first.url, tmp_path, LIMITS)
    assert failure.value.reason is Reason.REMOVED


def test_shards_are_collected_up_to_the_downloads(tmp_path: Path) -> None:
    film = small_film()
    shard(
        tmp_path / "t 0.tar",
        {
            "a.mp4": film,
            "a.json": {"caption": "waving hand"},
            "b.mp4": b"no film",
            "b.json": {"label": "waving hand"},
            "c.mp4": film,
            "c.txt": b"something else",
        },
    )
    workspace = Workspace.create(tmp_path / "w", "[run]\nworkers = 1\n")
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving hand")])
        spec = normalised_spec(f"shards:{tmp_path}")
        remember(session, tmp_path / "classes.txt", spec, None)
    assert run_stage(workspace, search.stage(workspace)).num_done == 1
    assert run_stage(workspace, match.stage(workspace)).failures == {"no title match": 1}
    report = run_stage(workspace, download.stage(workspace))
    assert (report.num_done, report.failures) == (1, {"broken": 1})
    assert run_stage(workspace, search.stage(workspace)).num_new == 0
