"""A browser plays what any film shows around a key frame, at the right moment."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import KeyFrame, Task, TaskSlot, Video
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, tell
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from tests.annotation_ui.boxes.test_boxes_browser import begin
from tests.annotation_ui.conftest import UNHURRIED, World

pytestmark = pytest.mark.browser

RATE, SECONDS = 10, 4
UNEVEN = "setpts='(N+0.8*mod(N,2))/(10*TB)'"
FILMS = {
    "plain.mp4": "-c:v libx264",
    "stream.ts": "-c:v libx264",
    "delayed.ts": "-c:v libx264 -output_ts_offset 30",
    "late.mkv": "-c:v libx264 -output_ts_offset 8.33",
    "old.avi": "-c:v mpeg4 -q:v 2",
    "disc.mpg": "-c:v mpeg2video -q:v 2 -r 25",
    "ten.mkv": "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none",
    "apple.mov": "-c:v prores_ks",
    "uneven.mkv": f"-vf {UNEVEN} -fps_mode passthrough -c:v libx264",
}
"""Options of ffmpeg, by the film's name; all show the same."""
TURNED = "turned.mp4"


def drawn() -> list[np.ndarray]:
    """Return pictures of two differing sides, each with its number as bars."""
    pictures = []
    for number in range(RATE * SECONDS):
        picture = np.full((120, 160, 3), 40, np.uint8)
        picture[:, :20] = (200, 30, 30)
        for bit in range(6):
            picture[20:100, 30 + 20 * bit : 48 + 20 * bit] = 230 * (number >> bit & 1)
        pictures.append(picture)
    return pictures


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Films of many kinds, and a task about a key frame of each."""
    folder, source = tmp_path / "films", tmp_path / "source.mkv"
    folder.mkdir()
    raw = b"".join(picture.tobytes() for picture in drawn())
    (tmp_path / "raw").write_bytes(raw)
    shape = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "160x120", "-r", str(RATE)]
    lossless = ["-c:v", "ffv1", "-pix_fmt", "yuv444p"]
    run_ffmpeg([*shape, "-i", str(tmp_path / "raw"), *lossless, str(source)], timeout_seconds=60)
    for name, options in FILMS.items():
        told = ["-pix_fmt", "yuv420p", *options.split()]
        if "prores" in options:
            told = options.split()
        run_ffmpeg(["-i", str(source), *told, str(folder / name)], timeout_seconds=60)
    plain = ["-display_rotation", "90", "-i", str(folder / "plain.mp4"), "-c", "copy"]
    run_ffmpeg([*plain, str(folder / TURNED)], timeout_seconds=60)
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())
    workspace = Workspace.create(tmp_path / "workspace", UNHURRIED)
    with writing(workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{folder}"})
    for name in ("search", "download", "select", "keyframes"):
        run_stage(workspace, build_stage(f"ava {name}", workspace))
    with writing(workspace.engine) as session:
        frames = session.scalars(select(KeyFrame.id)).all()
        slots = [TaskSlot(position=n, key_frame_id=frame) for n, frame in enumerate(frames)]
        session.add(Task(kind="boxes", round=0, slots=slots))
        codes = make_invitations(session, 1)
    return World(workspace, codes)


_LOOK = """
const [frame, moments, done] = arguments;
const canvas = document.createElement("canvas");
const draw = (one, width, height) => {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.drawImage(one, 0, 0);
  return canvas.toDataURL("image/png");
};
(async () => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  video.src = `/loops/${frame}.mp4`;
  await new Promise((yes, no) => {
    [video.onloadeddata, video.onerror] = [yes, () => no(video.error.message)];
  });
  const seen = [];
  for (const moment of moments) {
    const sought = new Promise((yes) => { video.onseeked = yes; });
    const presented = new Promise((yes) => video.requestVideoFrameCallback(yes));
    video.currentTime = moment;
    await sought;
    await presented;  // until then a busy machine draws what was there before, or nothing
    seen.push(draw(video, video.videoWidth, video.videoHeight));
  }
  video.remove();
  return [video.duration, seen];
})().then(done, (fault) => done([String(fault), []]));
"""


def pictures_of(browser: Any, frame: int, moments: list[float]) -> tuple[float, list[np.ndarray]]:
    """Return how long a loop is, and what the browser shows of it at some moments."""

    length, urls = browser.execute_async_script(_LOOK, frame, moments)
    assert isinstance(length, (int, float)), length
    files = [base64.b64decode(url.partition(",")[2]) for url in urls]
    shown = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]
    return float(length), shown


@pytest.mark.long
def test_a_browser_plays_any_film_around_its_key_frame(browser: Any, world: World) -> None:
    names = {name.partition(".")[0] for name in (*FILMS, TURNED)}
    with reading(world.workspace.engine) as session:
        frames = session.query(KeyFrame, Video.title).join(Video, Video.id == KeyFrame.video_id)
        asked = [(f.id, f.file, f.timestamp_seconds, title) for f, title in frames]
    assert {title for *_, title in asked} == names and len(asked) == len(FILMS) + 1
    with serving(world.workspace) as address:
        begin(browser, address, world)
        browser.set_script_timeout(60)
        for frame, file, second, title in asked:
            assert second == 2.0
            still = np.asarray(Image.open(world.workspace.root / file).convert("RGB")).astype(int)
            length, shown = pictures_of(browser, frame, [1.55, 0.85, 2.25])
            assert abs(length - 3.0) < 0.01, title
            assert shown[0].shape == still.shape, title
            differences = [np.abs(still - picture).mean() for picture in shown]
            assert differences[0] < 12 and min(differences[1:]) > 20, (title, differences)
