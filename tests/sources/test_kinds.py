"""Sources of one's own: a package that is installed for it may be named, and nothing else."""

import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item, Media, State, Video
from kinetics_builder.errors import SourceError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting.search import search
from pipelines.sources.kinds import GROUP, find_kind, forms
from pipelines.sources.source import Found, Request
from pipelines.sources.spec import normalised_spec, open_source
from tests.sources.conftest import small_film

ROOT = Path(__file__).parents[2]


def install(folder: Path) -> None:
    """Put the example package into a folder of packages, as pip would, with some that are odd."""
    shutil.copy(Path(__file__).parent / "example" / "archive_source.py", folder)
    points = "".join(
        f"{name} = archive_source:{value}\n"
        for name, value in (
            *(("archive", "KIND"), ("class", "Archive"), ("odd", "shutil")),
            *(("gone", "NOTHING"), ("folder", "KIND")),
        )
    )
    described = folder / "archive_source-1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: archive-source\nVersion: 1\n")
    (described / "entry_points.txt").write_text(f"[{GROUP}]\n{points}")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages)
    monkeypatch.syspath_prepend(packages)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "catalogue.txt").write_text("1 Waving hand\n2 waving hand twice\n3 yoga\n")
    (folder / "1.mp4").write_bytes(small_film())
    return folder


@pytest.mark.usefixtures("package")
def test_what_a_package_offers_is_named_like_our_own(archive: Path) -> None:
    assert normalised_spec(f"archive:{archive}/.") == f"archive:{archive}"
    source = open_source(f"archive:{archive}", DownloadConfig())
    assert [found.title for found in source.search("yoga", 5)] == ["yoga"]
    assert forms()[-1] == "odd:..."


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("archive:", "is no source. Write search:PREFIX"),
        ("archive:nowhere", "no such folder"),
        ("class:x", "Make it lead to an object with form, normalised and open"),
        ("odd:x", "Make it lead to an object"),
        ("gone:x", "cannot be loaded"),
        ("archive_source:KIND", "is no source. Write"),
        ("os:system", "is no source. Write"),
        ("pipelines.demo.extractor:DemoIE", "is no source. Write"),
    ],
)
def test_nothing_else_is_loaded_or_called(spec: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        normalised_spec(spec)
    assert message in str(error.value)


@pytest.mark.usefixtures("package")
def test_no_package_takes_the_place_of_a_source_of_ours(tmp_path: Path) -> None:
    kind = find_kind("folder")
    assert kind is not None and kind.form == "folder:PATH"


def test_every_source_of_ours_says_how_it_is_written() -> None:
    shown = ", ".join(forms())
    docs = (ROOT / "docs" / "sources.md").read_text("utf-8")
    for form in forms():
        assert f"--source {form.partition(' ')[0]}" in docs, shown


def test_an_id_that_is_no_file_name_is_refused_whoever_gives_it(tmp_path: Path) -> None:
    source = open_source(f"folder:{tmp_path}", DownloadConfig())
    good = Found(video_id="a", url="x:1", title="a\nb\0")
    (found,) = search(Request(key="k", query="", known=lambda: good), source=source, limit=1)
    assert found.title == "a b"
    bad = Found(video_id="../etc/passwd", url="x:1", title="")
    with pytest.raises(SourceError, match="is no id"):
        search(Request(key="k", query="", known=lambda: bad), source=source, limit=1)


@pytest.mark.long
def test_an_installed_package_is_collected_from(tmp_path: Path, archive: Path) -> None:
    """In an environment of its own, where the children that fetch find it too."""
    venv.create(tmp_path / "env", with_pip=False)
    packages = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    install(packages)
    (packages / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    python = tmp_path / "env" / "bin" / "python"
    workspace = Workspace.create(tmp_path / "w", "[run]\nworkers = 1\n")
    (tmp_path / "classes.txt").write_text("waving hand\n")
    command = [str(python), "-P", "-m", "pipelines.cli", "-C", str(workspace.root), "collect"]
    told = ["--classes", str(tmp_path / "classes.txt"), "--source", f"archive:{archive}"]
    done = subprocess.run(
        [*command, *told], capture_output=True, text=True, timeout=250, check=False
    )
    with reading(workspace.engine) as session:
        media = session.execute(select(Video.video_id, Media.licence).join(Media)).all()
        failed = session.scalars(
            select(Item).where(Item.state == State.FAILED, Item.stage == "download")
        )
        assert [tuple(row) for row in media] == [("archive-1", "CC0")], done.stderr
        assert [item.message for item in failed] == ["the archive has lost it"]


def test_a_workspace_whose_source_is_not_installed_says_so(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", "[run]\nworkers = 1\n")
    (tmp_path / "classes.txt").write_text("yoga\n")
    told = ["--classes", str(tmp_path / "classes.txt"), "--source", "archive:x"]
    result = CliRunner().invoke(group, ["-C", str(tmp_path / "w"), "collect", *told])
    assert result.exit_code == 1
    assert "--source 'archive:x' is no source. Write search:PREFIX" in result.output
