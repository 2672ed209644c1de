"""A network's weights are fetched when asked, looked at by their checksum, and never else."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.errors import SourceError
from kinetics_builder.workspace import Workspace
from models.detection import persons
from pipelines.ava.weights import fetch_weights
from pipelines.cli import group

WEIGHTS = b"weights of a network" * 5000
SETTINGS = '[detect]\ndetector = "fcos_resnet50_fpn"\n'


@dataclass
class Site:
    """What a double of torchvision's site answers, and what it was asked for."""

    port: int = 0
    status: int = 200
    body: bytes = WEIGHTS
    length: int = len(WEIGHTS)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on loopback that torchvision's weights are said to be at."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            self.send_response(site.status)
            self.send_header("Content-Length", str(site.length))
            self.end_headers()
            self.wfile.write(site.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    site.port = server.server_address[1]
    digest = hashlib.sha256(WEIGHTS).hexdigest()[:8]
    url = f"http://127.0.0.1:{site.port}/models/fcos-{digest}.pth"
    monkeypatch.setattr(persons, "own_weights", lambda name, which: SimpleNamespace(url=url))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace", SETTINGS)


def detect(workspace: Workspace, *options: str) -> Result:
    return CliRunner().invoke(group, ["-C", str(workspace.root), "ava", "detect", *options])


def test_only_download_fetches_and_once(workspace: Workspace, site: Site) -> None:
    result = detect(workspace)
    assert result.exit_code == 1 and "`kbuild ava detect --download`" in result.output
    assert site.asked == [] and not (workspace.root / "weights").exists()
    assert "Run `kbuild ava keyframes` first" in detect(workspace, "--download").output
    [file] = (workspace.root / "weights").iterdir()
    assert file.name == "fcos_resnet50_fpn.pth" and file.read_bytes() == WEIGHTS
    assert len(site.asked) == 1
    detect(workspace, "--download")
    detect(workspace)
    assert len(site.asked) == 1


def test_weights_of_ones_own_are_not_fetched(tmp_path: Path, site: Site) -> None:
    settings = SETTINGS + 'weights = "mine.pth"\n'
    workspace = Workspace.create(tmp_path / "workspace", settings)
    assert "mine.pth, where there is no file" in detect(workspace, "--download").output
    for detector in ("hog", "trained"):
        other = Workspace.create(tmp_path / detector, f'[detect]\ndetector = "{detector}"\n')
        detect(other, "--download")
    assert site.asked == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param({"body": b"other bytes", "length": 11}, "invalid hash value", id="checksum"),
        pytest.param({"body": WEIGHTS[:999]}, "cannot be fetched: ", id="cut short"),
        pytest.param({"status": 404, "body": b"", "length": 0}, "404", id="not there"),
        pytest.param({"status": 503, "body": b"", "length": 0}, "503", id="out of order"),
    ],
)
def test_what_cannot_be_fetched_is_one_line_and_leaves_no_file(
    workspace: Workspace, site: Site, answer: dict, told: str
) -> None:
    vars(site).update(answer)
    result = detect(workspace, "--download")
    assert result.exit_code == 1 and told in result.output
    assert result.output.count("\n") == 1 and "Try again, or name a file" in result.output
    assert list((workspace.root / "weights").iterdir()) == []
    vars(site).update(vars(Site(port=site.port)))
    assert fetch_weights(workspace).read_bytes() == WEIGHTS


def test_a_site_that_is_not_there_is_one_line(workspace: Workspace, monkeypatch) -> None:
    known = SimpleNamespace(url="http://127.0.0.1:9/models/fcos-00000000.pth")
    monkeypatch.setattr(persons, "own_weights", lambda name, which: known)
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9/.*cannot be fetched") as failed:
        fetch_weights(workspace)
    assert "\n" not in str(failed.value)
