"""Whatever a site or an `.info.json` says of a video, both databases and every file take it."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Media, Video
from kinetics_builder.errors import SourceError
from kinetics_builder.formats.manifest import HEADER, ManifestRow, read_manifest, write_manifest
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from pipelines.sources.folder import FolderSource
from pipelines.sources.spec import normalised_spec
from pipelines.sources.web import ytdlp

ODD = {
    "id": "a\x00b\ud800",
    "title": "Waving\nhand \u202e\ud83d<b>\x00",
    "license": "Creative Commons\r\nAttribution\x85",
    "uploader": ["me", 2],
    "channel": {"a": 1},
    "language": "pt\nBR",
    "upload_date": 20200131,
    "duration": 10**400,
}
HARMLESS = {
    "title": "Waving hand ?<b>",
    "licence": "Creative Commons Attribution",
    "uploader": "me, 2",
    "language": "pt BR",
    "upload_date": "2020-01-31",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, site: Any, tmp_path: Path) -> Iterator[Workspace]:
    settings = "[run]\nworkers = 1\n"
    if request.param == "postgresql":
        new_database: Callable[[str], str] = request.getfixturevalue("postgresql")
        settings = f'database = "{new_database(request.function.__name__)}"\n{settings}'
    plain = Workspace.create(tmp_path / "workspace", settings)
    workspace = Workspace(plain.root, replace(plain.config, download=site.config(attempts=1)))
    yield workspace
    workspace.engine.dispose()


def collected(workspace: Workspace, source: str) -> dict[str, str | None]:
    """Run the stages that take text in; return what they wrote of the only video."""
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving hand")])
        remember(session, workspace.root / "classes.txt", source, None)
    for module in (search, match, download):
        report = run_stage(workspace, module.stage(workspace))
        assert (report.num_done, report.failures) == (1, {})
    with reading(workspace.engine) as session:
        media = session.scalars(select(Media)).one()
        found = {name: getattr(media, name) for name in HARMLESS if name != "title"}
        return {"title": session.scalars(select(Video.title)).one(), **found}


def test_odd_info_files_become_rows(workspace: Workspace, tmp_path: Path, site: Any) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "x.mp4").write_bytes(site.film)
    (folder / "x.info.json").write_text(json.dumps(ODD))
    assert collected(workspace, f"folder:{folder}") == HARMLESS


def test_an_odd_site_becomes_rows(workspace: Workspace, site: Any) -> None:
    site.pages = {"aaaaaaaaaaA": "Waving\x85 hand \u202e?<b>\ufffe"}
    site.facts = {
        "license": ODD["license"],
        "author": {"name": ODD["uploader"]},
        "inLanguage": ODD["language"],
    }
    assert collected(workspace, "search:kbdemo") == HARMLESS


def test_every_licence_fits_a_manifest(tmp_path: Path) -> None:
    licences = sorted(
        ytdlp.facts_of({"license": text})["licence"] or ""
        for text in ('a\n"b', "x,\ry", "z\u2028\x00", ["p", "q\n"], "\n", {"k": "\n"}, 3)
    )
    numbers = (1, "f", 1.0, 1, 1, 1.0, 1, True)
    cells = [("waving", f"v{n}", 0, 10, "train", f"clips/{n}", *numbers) for n in range(7)]
    path = tmp_path / "clips.csv"
    write_manifest(path, [ManifestRow(*c, text) for c, text in zip(cells, licences, strict=True)])
    assert sorted(row.licence for row in read_manifest(path)) == licences
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == HEADER and sorted(row[-1] for row in rows[1:]) == licences


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"{", r"x\.info\.json: no JSON", id="cut off"),
        pytest.param(b"", r"x\.info\.json: no JSON", id="empty"),
        pytest.param(b'{"title": "caf\xe9"}', r"x\.info\.json: no JSON .*utf-8", id="Latin-1"),
        pytest.param(b"[]", r"expected a JSON object, found a list", id="a list"),
        pytest.param(b"[" * 100_000, r"nested too deeply", id="deep"),
    ],
)
def test_an_info_file_that_cannot_be_read_is_refused_by_name(
    tmp_path: Path, content: bytes, message: str
) -> None:
    for name in "xyz":
        (tmp_path / f"{name}.mp4").write_bytes(b"x")
        (tmp_path / f"{name}.info.json").write_bytes(content)
    with pytest.raises(SourceError, match=message) as error:
        FolderSource(tmp_path).search("", 1)
    assert all(f"{name}.info.json" in str(error.value) for name in "xyz")
    assert "Mend these files" in str(error.value)


def test_an_info_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"x")
    (tmp_path / "x.info.json").write_bytes(b'\xef\xbb\xbf{"title": "Waving"}')
    assert [found.title for found in FolderSource(tmp_path).search("", 1)] == ["Waving"]


@pytest.mark.parametrize("kind", ["folder", "urls"])
def test_a_source_whose_path_is_no_text_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Rename it, or make a link"):
        normalised_spec(f"{kind}:{tmp_path}/caf\udce9")
