"""A film in which a square walks, its key frames, and boxes that a detector found."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    DetectedBox,
    FrameLoop,
    KeyFrame,
    Media,
    PersonBox,
    Task,
    TaskSlot,
    Video,
)
from kinetics_builder.workspace import Workspace
from tests.annotation_ui.conftest import UNHURRIED, World, fill

WIDTH, HEIGHT, RATE, SECONDS = 320, 240, 10, 6
FOUND = ((0.1, 0.2, 0.3, 0.8), (0.6, 0.3, 0.75, 0.9))
"""What the detector found in every key frame."""


def picture(time: float) -> np.ndarray:
    image = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    left = int(20 * time)
    image[48:192, 32 + left : 96 + left] = (240, 180, 60)
    image[72:216, 192:240] = (80, 140, 240)
    return image


@pytest.fixture(scope="session")
def film_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(RATE * SECONDS):
            frame = av.VideoFrame.from_ndarray(picture(index / RATE), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def fill_film(
    workspace: Workspace, film: bytes, num_frames: int = 3, *, assign: bool = True
) -> None:
    """Write a film with its key frames and boxes, and one task about them."""
    for folder in ("media", "stills"):
        (workspace.root / folder).mkdir(exist_ok=True)
    for folder in ("media", "stills"):
        (workspace.root / folder / "film.mp4").write_bytes(film)
    with writing(workspace.engine) as session:
        video = Video(video_id="film", source="test", url="", title="A walk")
        session.add(video)
        session.flush()
        media = {"file": "media/film.mp4", "bytes": len(film), "sha256": "f" * 64}
        media |= {"duration_seconds": SECONDS, "width": WIDTH, "height": HEIGHT, "codec": "h264"}
        media |= {"frames_per_second": RATE, "has_audio": False, "video_id": video.id}
        session.execute(insert(Media), media)
        frames = [_add_frame(session, workspace, video.id, n) for n in range(num_frames)]
        if assign:
            task = Task(kind="boxes", round=0)
            task.slots = [TaskSlot(position=n, key_frame_id=f) for n, f in enumerate(frames)]
            session.add(task)


def _add_frame(session: Session, workspace: Workspace, video_id: int, number: int) -> int:
    second = 2.0 + number
    file = f"stills/{number}.jpg"
    Image.fromarray(picture(second)).save(workspace.root / file)
    frame = KeyFrame(video_id=video_id, timestamp_seconds=second, shown_seconds=second)
    frame.shot_number, frame.width, frame.height = 0, WIDTH, HEIGHT
    frame.file, frame.bytes, frame.sha256 = file, 1, f"{number:064d}"
    session.add(frame)
    session.flush()
    loop = FrameLoop(key_frame_id=frame.id, file="stills/film.mp4", bytes=1, sha256="e" * 64)
    session.add(loop)
    for corners in FOUND:
        box = dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True))
        found = DetectedBox(key_frame_id=frame.id, **box, score=0.9, origin="test")
        session.add(found)
        session.flush()
        session.add(PersonBox(key_frame_id=frame.id, **box, detected_box_id=found.id))
    return frame.id


@pytest.fixture
def make_film(tmp_path: Path, film_bytes: bytes, clip_bytes: bytes) -> Callable[..., World]:
    """Make a world with so many key frames to ask about, and tasks about clips, if any."""

    def make(num_frames: int = 3, clips: tuple[int, ...] = (), settings: str = "") -> World:
        workspace = Workspace.create(tmp_path / "workspace", UNHURRIED + settings)
        if clips:
            fill(workspace, clip_bytes, list(clips))
        fill_film(workspace, film_bytes, num_frames)
        with writing(workspace.engine) as session:
            codes = make_invitations(session, 4)
        return World(workspace, codes)

    return make
