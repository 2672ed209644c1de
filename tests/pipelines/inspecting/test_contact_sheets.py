"""Contact sheets show the best proposals of each class, within a bound."""

import base64
import io
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kinetics_builder.database.engine import reading
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.contact_sheets import ContactSheet, contact_sheets
from pipelines.inspecting.reaching import Reaching
from pipelines.inspecting.report import write_report

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 30), (30, 30, 200)


@pytest.fixture
def workspace(workspace: Workspace, fill: Any, make_video: Any) -> Workspace:
    """Of surfing one clip of three videos each, of diving one that is not cut, of yoga none."""

    def story(filler: Any) -> None:
        for name, colour, score in (("a", RED, 0.9), ("b", GREEN, 0.7), ("c", BLUE, 0.8)):
            clip = filler.clip(name, "surfing", score=score)
            make_video(workspace.root / clip.file.file, colour)
            clip.file.duration_seconds = 2.0
        filler.clip("a", "surfing", 20.0, score=0.85)
        filler.clip("b", "surfing", 30.0, score=1.0, is_withdrawn=True)
        late = filler.clip("d", "diving", 1.0, score=0.5, is_cut=False)
        late.end_seconds = 1.5
        make_video(workspace.root / "media/d.mp4", RED)
        filler.label("yoga")

    fill(workspace, story)
    return workspace


@pytest.fixture
def make_video() -> Any:
    """Write two seconds of black, then of a colour from the first half second on."""

    def make(path: Path, colour: tuple[int, int, int]) -> None:
        import av

        path.parent.mkdir(exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height = 64, 48
            for n in range(20):
                image = np.full((48, 64, 3), colour if n >= 5 else (0, 0, 0), np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
            container.mux(stream.encode(None))

    return make


def look(workspace: Workspace, most_stills: int = 1400) -> dict[str, ContactSheet]:
    with reading(workspace.engine) as session:
        found = contact_sheets(session, Reaching(workspace.storage), most_stills=most_stills)
    return {sheet.label: sheet for sheet in found}


def colours(sheet: ContactSheet) -> list[int]:
    """Return which colour is strongest in the middle of each still: 0 red, 1 green, 2 blue."""
    image = Image.open(io.BytesIO(base64.b64decode(sheet.picture.partition(",")[2])))
    centres = range(64, image.width, 130)
    return [int(np.argmax(image.getpixel((x, 48)))) for x in centres]


def is_crossed_out(sheet: ContactSheet) -> list[bool]:
    """Return of each still whether its middle is lighter than what is below it, and both grey."""
    image = Image.open(io.BytesIO(base64.b64decode(sheet.picture.partition(",")[2])))
    found = []
    for x in range(64, image.width, 130):
        middle, below = (np.array(image.getpixel((x, y)), float) for y in (48, 75))
        found.append(bool(np.ptp(below) < 12 and middle.mean() > below.mean() + 20))
    return found


def test_the_best_of_each_video_is_shown_in_its_middle(workspace: Workspace) -> None:
    sheets = look(workspace)
    assert list(sheets) == ["diving", "surfing"]
    surfing = sheets["surfing"]
    assert (surfing.num_proposed, surfing.num_shown, surfing.num_unread) == (4, 3, 0)
    assert surfing.scores == (0.9, 0.7)
    assert colours(surfing) == [0, 2, 1]  # a, c, b
    assert colours(sheets["diving"]) == [0]


@pytest.mark.long
def test_of_many_classes_each_has_fewer(workspace: Workspace) -> None:
    assert look(workspace, most_stills=5)["surfing"].num_shown == 2
    assert look(workspace, most_stills=1)["surfing"].num_shown == 1


def test_what_cannot_be_read_is_crossed_out_and_counted(workspace: Workspace, fill: Any) -> None:
    (workspace.root / "media/d.mp4").write_bytes(b"no film")
    for path in workspace.clips.glob("*.mp4"):
        if path.stat().st_size > 1000:
            path.unlink()
            break
    sheets = look(workspace)
    assert sheets["diving"].picture == "" and sheets["diving"].num_unread == 1
    surfing = sheets["surfing"]
    assert surfing.num_unread == 1 and len(colours(surfing)) == 3
    assert sorted(is_crossed_out(surfing)) == [False, False, True]


@pytest.mark.filterwarnings("ignore")
def test_a_bucket_that_refuses_is_told_once_and_asked_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    keys = {"key": "a", "secret": "b", "endpoint_url": f"http://127.0.0.1:{server.server_port}"}
    places = {name: f"s3://closed/{name}" for name in ("media", "clips")}
    storage = StorageConfig(**places, options=keys, cache=str(tmp_path / "copies"))
    far = Workspace(workspace.root, replace(workspace.config, storage=storage))
    told: list[str] = []
    try:
        page = write_report(far, tmp_path / "report.html", told.append)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert told and all("could not be shown: s3://closed/" in text for text in told)
    assert all("does not let us" in text and "\n" not in text for text in told)
    assert all(text.split(": ")[1] in page.read_text() for text in told)
    assert 0 < len(asked) <= 4 * len(told)
