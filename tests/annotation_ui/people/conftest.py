"""A workspace in which two people meet in a film, and clients for its page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Film,
    FrameLoop,
    KeyFrame,
    Media,
    PersonBox,
    Shot,
    Video,
)
from kinetics_builder.workspace import Workspace
from pipelines.verifying.assign import AssignReport, assign
from tests.annotation_ui.conftest import UNHURRIED, World

WIDTH, HEIGHT = 160, 120
PEOPLE = ((20, (250, 90, 60)), (110, (60, 120, 250)))
"""Left edge in pixels and colour of each."""


def picture(number: int) -> Any:
    """Return a picture of two people who sway."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for left, colour in PEOPLE:
        start = left + number % 5
        image[30:110, start : start + 24] = colour
    return image


@pytest.fixture(scope="session")
def film_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Eight seconds of H.264."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(80):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), "rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


@dataclass
class Meeting(World):
    """A workspace with `num_moments` key frames of a film in which two people are seen."""

    boxes: list[list[int]]
    """By moment, the box of each person."""

    def assign(self) -> AssignReport:
        """Deal what can be asked."""
        with writing(self.workspace.engine) as session:
            return assign(session, self.workspace.config)

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """Return columns of all rows, sorted."""
        with reading(self.workspace.engine) as session:
            return sorted(tuple(row) for row in session.execute(select(*columns)))


def still() -> bytes:
    """Return a still as JPEG."""
    file = io.BytesIO()
    Image.fromarray(picture(0)).save(file, "JPEG")
    return file.getvalue()


def fill(workspace: Workspace, film: bytes, num_moments: int) -> list[list[int]]:
    """Write a film, its key frames, and two boxes at each; return the boxes' ids."""
    (workspace.root / "media").mkdir(exist_ok=True)
    (workspace.root / "stills").mkdir(exist_ok=True)
    (workspace.root / "media" / "film.mp4").write_bytes(film)
    (workspace.root / "stills" / "loop.mp4").write_bytes(film)
    (workspace.root / "stills" / "still.jpg").write_bytes(still())
    boxes = []
    with writing(workspace.engine) as session:
        video = Video(video_id="film0000001", source="test", url="", title="A meeting")
        session.add(video)
        session.flush()
        media = Media(
            video_id=video.id,
            file="media/film.mp4",
            bytes=len(film),
            sha256="a" * 64,
            duration_seconds=8.0,
            width=WIDTH,
            height=HEIGHT,
            frames_per_second=10.0,
            has_audio=False,
            codec="h264",
        )
        session.add(media)
        session.add(Film(video_id=video.id, start_seconds=0.0, end_seconds=8.0))
        session.add(Shot(video_id=video.id, number=0, start_seconds=0.0, end_seconds=8.0))
        for moment in range(num_moments):
            frame = KeyFrame(
                video_id=video.id,
                timestamp_seconds=2.0 + moment,
                shown_seconds=2.0 + moment,
                shot_number=0,
                width=WIDTH,
                height=HEIGHT,
                file="stills/still.jpg",
                bytes=1,
                sha256="b" * 64,
            )
            session.add(frame)
            session.flush()
            loop = {"file": "stills/loop.mp4", "bytes": len(film), "sha256": "c" * 64}
            session.add(FrameLoop(key_frame_id=frame.id, **loop))
            people = [
                PersonBox(
                    key_frame_id=frame.id,
                    x1=left / WIDTH,
                    y1=0.25,
                    x2=(left + 28) / WIDTH,
                    y2=0.92,
                    person=person,
                )
                for person, (left, _) in enumerate(PEOPLE)
            ]
            session.add_all(people)
            session.flush()
            boxes.append([box.id for box in people])
    return boxes


@pytest.fixture
def make_meeting(tmp_path: Path, film_bytes: bytes) -> Callable[..., Meeting]:
    """Make a meeting: moments, invitations, settings."""

    def make(num_moments: int = 2, num_workers: int = 8, settings: str = UNHURRIED) -> Meeting:
        workspace = Workspace.create(tmp_path / "workspace", settings)
        boxes = fill(workspace, film_bytes, num_moments)
        with writing(workspace.engine) as session:
            codes = make_invitations(session, num_workers)
        return Meeting(workspace, codes, boxes)

    return make
