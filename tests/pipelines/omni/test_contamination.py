"""What of the web is in a target's validation set is found, by whatever tells it."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClipFile, WebKind
from kinetics_builder.errors import FormatError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats import parquet
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.released_clips import TABLE, columns
from kinetics_builder.video.likeness.fingerprint import fingerprint
from pipelines.cli import group
from pipelines.omni.contamination import find_contaminated
from pipelines.publishing.folders.pseudonyms import Pseudonyms
from tests.pipelines.omni.conftest import Web, draw

MOVING = "testsrc2=size=96x64:rate=10:duration=4"
OTHER = "mandelbrot=size=96x64:rate=10,trim=duration=4"
"""Two films that are nothing like each other."""


def row(file: str, video_id: str, split: str = "validate", **known: Any) -> ManifestRow:
    values = {field.name: 1 for field in fields(ManifestRow)}
    texts = {"label": "waving", "youtube_id": video_id, "split": split, "file": file}
    values |= {
        "time_start": 0,
        "time_end": 4,
        "whole_clip": True,
        "licence": "",
        "sha256": "5" * 64,
    }
    return ManifestRow(**values | texts | known)


def target(folder: Path, *rows: ManifestRow) -> Path:
    folder.mkdir()
    write_manifest(folder / "clips.csv", rows)
    return folder


def with_table(folder: Path, rows: list[dict[str, Any]]) -> None:
    usual = {name: None for name in columns()}
    with parquet.writing(folder / TABLE, columns()) as write:
        write({name: [one.get(name, usual[name]) for one in rows] for name in usual})


def sorts(web: Web, *paths: Path, **known: Any) -> set[tuple[str, str]]:
    found = find_contaminated(web.workspace, paths, **known).found
    return {(Path(one.file).name, one.sort) for one in found}


def test_videos_of_the_target_are_found_by_their_ids_whatever_is_made_of_them(
    web: Web, tmp_path: Path
) -> None:
    web.film("v1", [0, 0])
    web.clip("v1", 0)
    web.film("v2", [0, 0])
    web.picture("v1", 200)
    web.picture("rose", 255)
    ids = tmp_path / "val.txt"
    ids.write_text("v1\nv9\n")
    assert sorts(web, ids) == {("v1.mp4", "video"), ("v1_0.mp4", "video"), ("v1.jpg", "video")}


@pytest.mark.parametrize(
    ("splits", "names"),
    [(("validate", "test"), {"v2.mp4"}), (("train",), {"v1.mp4"})],
    ids=["what is measured on", "as asked"],
)
def test_only_the_splits_that_are_meant_count(
    web: Web, tmp_path: Path, splits: tuple[str, ...], names: set[str]
) -> None:
    for name in ("v1", "v2"):
        web.film(name, [0, 0])
    folder = target(tmp_path / "k", row("a.mp4", "v1", "train"), row("b.mp4", "v2"))
    assert sorts(web, folder, splits=splits) == {(name, "video") for name in names}


def test_a_released_list_of_a_split_is_a_target(web: Web, tmp_path: Path) -> None:
    web.film("dQw4w9WgXcQ", [0, 0])
    listed = tmp_path / "val.csv"
    listed.write_text(
        "label,youtube_id,time_start,time_end,split\nwaving,dQw4w9WgXcQ,0,10,validate\n"
    )
    assert sorts(web, listed) == {("dQw4w9WgXcQ.mp4", "video")}


def test_equal_files_are_found_under_other_ids(web: Web, tmp_path: Path) -> None:
    web.film("v1", [0, 0])
    file = web.clip("v1", 90)
    data = (web.workspace.root / file).read_bytes()
    folder = target(
        tmp_path / "k", row("a.mp4", "x", sha256=file_sha256(web.workspace.root / file))
    )
    (folder / "a.mp4").write_bytes(data)
    assert sorts(web, folder) == {("v1_0.mp4", "file")}


def test_clips_and_pictures_that_show_the_same_are_found(web: Web, tmp_path: Path) -> None:
    draw(tmp_path / "a.mp4", MOVING)
    draw(tmp_path / "b.mp4", f"{MOVING},scale=64:44,eq=brightness=0.05")
    draw(tmp_path / "c.mp4", OTHER)
    for name, film in (("v1", "b.mp4"), ("v2", "c.mp4")):
        web.film(name, [0, 0])
        web.clip(name, 0)
        with writing(web.workspace.engine) as session:
            clip = session.query(ClipFile).filter_by(file=f"clips/{name}_0.mp4").one()
            clip.fingerprint = fingerprint(tmp_path / film).to_bytes()
    folder = target(tmp_path / "k", row("a.mp4", "x"))
    told = {"file": "a.mp4", "split": "validate", "youtube_id": "x"}
    with_table(folder, [{**told, "fingerprint": fingerprint(tmp_path / "a.mp4").to_bytes()}])
    for name, film in (("frame", "a.mp4"), ("else", "c.mp4")):
        place = web.workspace.root / web.picture(name, 9)
        from models.clips.decode import decode_at

        Image.fromarray(decode_at(tmp_path / film, np.array([1.0]), 64)[0]).save(place)
    web.picture("flat", 30)
    assert sorts(web, folder) == {
        *((name, "looks") for name in ("v1.mp4", "v1_0.mp4", "frame.jpg"))
    }


def test_another_video_of_an_uploader_is_found_where_that_is_known(
    web: Web, tmp_path: Path
) -> None:
    for name, uploader in (("v1", "Anna"), ("v2", "Anna"), ("v3", "Ben"), ("v4", None)):
        web.film(name, [0, 0], uploader=uploader)
    ids = tmp_path / "val.txt"
    ids.write_text("v1\n")
    assert sorts(web, ids) == {("v1.mp4", "video"), ("v1.mp4", "uploader"), ("v2.mp4", "uploader")}
    folder = target(tmp_path / "k", row("a.mp4", "gone"))
    hashed = Pseudonyms.of(web.workspace.engine).name("uploader", "", "ben")
    with_table(folder, [{"file": "a.mp4", "split": "validate", "uploader": hashed}])
    assert sorts(web, folder) == {("v3.mp4", "uploader")}


def test_a_target_without_what_is_meant_is_refused(web: Web, tmp_path: Path) -> None:
    folder = target(tmp_path / "k", row("a.mp4", "v1", "train"))
    with pytest.raises(FormatError, match="holds no row of validate or test"):
        find_contaminated(web.workspace, [folder])


def test_the_command_lists_counts_and_writes(web: Web, tmp_path: Path) -> None:
    web.film("v1", [0, 0])
    ids = tmp_path / "val.txt"
    ids.write_text("v1\n")
    words = ["-C", str(web.workspace.root), "omni", "contamination", "--target", str(ids)]
    result = CliRunner().invoke(group, [*words, "--csv", str(tmp_path / "c.csv")])
    assert result.exit_code == 0, result.output
    assert "videos  video           1" in result.output
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert lines[1] == "videos,media/v1.mp4,video,val.txt,v1,the target has clips of this video"
    found = json.loads(CliRunner().invoke(group, [*words, "--json"]).output)
    assert found["num_items"] == 1 and found["found"][0]["kind"] == WebKind.VIDEOS
