"""Videos in which a square walks, with a class each, and nobody asked yet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Candidate, Label, Media, Video
from kinetics_builder.workspace import Workspace
from pipelines.verifying.assign_segments import assign_segments
from tests.annotation_ui.boxes.conftest import HEIGHT, RATE, SECONDS, WIDTH, film_bytes
from tests.annotation_ui.conftest import UNHURRIED, World

__all__ = ["film_bytes"]


def fill_videos(workspace: Workspace, film: bytes, number: int) -> None:
    """Write so many videos of a class, as the stages up to `download` would."""
    (workspace.root / "media").mkdir(exist_ok=True)
    with writing(workspace.engine) as session:
        label = Label(name="walking", description="A square goes to the right.")
        session.add(label)
        session.flush()
        for n in range(number):
            (workspace.root / f"media/video{n}.mp4").write_bytes(film)
            video = Video(video_id=f"video{n}", source="test", url="", title=f"Walk {n}")
            session.add(video)
            session.flush()
            media = {"file": f"media/video{n}.mp4", "bytes": len(film), "sha256": f"{n:064d}"}
            media |= {"duration_seconds": SECONDS, "width": WIDTH, "height": HEIGHT}
            media |= {"codec": "h264", "frames_per_second": RATE, "has_audio": False}
            session.execute(insert(Media), {**media, "video_id": video.id})
            session.add(
                Candidate(
                    video_id=video.id,
                    label_id=label.id,
                    score=1.0,
                    matched="walking",
                    variant="walking",
                )
            )


@pytest.fixture
def make_videos(tmp_path: Path, film_bytes: bytes) -> Callable[..., World]:
    """Make a world with so many videos, each to be marked by so many people."""

    def make(number: int = 2, answers: int = 3, *, assign: bool = True) -> World:
        settings = f"{UNHURRIED}segment_answers = {answers}\n"
        workspace = Workspace.create(tmp_path / "workspace", settings)
        fill_videos(workspace, film_bytes, number)
        with writing(workspace.engine) as session:
            if assign:
                assign_segments(session, workspace.config)
            codes = make_invitations(session, 4)
        return World(workspace, codes)

    return make
