"""A setting names extractors that were installed for it, and no other code."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.demo.extractor import DemoIE
from pipelines.sources.web.extractors import GROUP, load_extractor


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package of somebody else's, with three entry points of the group."""
    (tmp_path / "archive_extractors.py").write_text(
        "from yt_dlp.extractor.common import InfoExtractor\n"
        "class ArchiveIE(InfoExtractor):\n    _VALID_URL = 'archive:.*'\n"
        "def anything():\n    raise SystemExit('called')\n"
    )
    points = "".join(
        f"{name} = archive_extractors:{value}\n"
        for name, value in (("archive", "ArchiveIE"), ("odd", "anything"), ("gone", "NoIE"))
    )
    described = tmp_path / "archive_extractors-1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: archive-extractors\nVersion: 1\n"
    )
    (described / "entry_points.txt").write_text(f"[{GROUP}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_demo_goes_through_the_same_door() -> None:
    assert load_extractor("kbdemo") is DemoIE
    assert load_extractor("pipelines.demo.extractor:DemoIE") is DemoIE


@pytest.mark.usefixtures("package")
def test_what_another_package_installs_may_be_named() -> None:
    assert load_extractor("archive").ie_key() == "Archive"
    assert load_extractor("archive_extractors:ArchiveIE").ie_key() == "Archive"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("os:system", "no installed extractor. Installed: archive, gone, kbdemo, kbdemo-search"),
        ("archive_extractors:anything2", "no installed extractor"),
        ("pipelines.demo.extractor:DemoIE.__init__", "no installed extractor"),
        ("yt_dlp.extractor.youtube:YoutubeIE", "no installed extractor"),
        ("odd", "leads to <function anything"),
        ("gone", "cannot be loaded"),
    ],
)
def test_nothing_else_is_loaded_or_called(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_extractor(name)
    assert message in str(error.value)
    assert str(error.value).startswith(f"download.extractors: {name!r}")


def test_the_settings_of_a_stranger_run_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trap.py").write_text("import os\nos.mkdir('sprung')\nTrap = dict\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings = '[run]\nworkers = 1\n[download]\nextractors = ["trap:Trap"]\n'
    Workspace.create(tmp_path / "w", settings)
    (tmp_path / "classes.txt").write_text("yoga\n")
    (tmp_path / "urls.txt").write_text("http://127.0.0.1:9/film.mp4\n")
    result = CliRunner().invoke(
        group, ["-C", "w", "collect", "--classes", "classes.txt", "--source", "urls:urls.txt"]
    )
    assert result.exit_code == 1
    assert "download.extractors: 'trap:Trap' is no installed extractor" in result.output
    assert not (tmp_path / "sprung").exists()
