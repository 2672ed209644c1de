"""A film in which two people pass each other, and the machine takes one for the other there."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy.orm import Session

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import DetectedBox, KeyFrame, PersonBox, Video
from kinetics_builder.workspace import Workspace
from pipelines.verifying.assign_links import assign_links
from tests.annotation_ui.conftest import UNHURRIED, World

WIDTH, HEIGHT = 320, 240
COLOURS = ((240, 150, 40), (70, 130, 250))
CUT = 5
"""The number of the first key frame of the second shot."""
TRUE = (0, 1)
SWITCHED_AT = 3


def left_of(person: int, number: int) -> float:
    """Return the left edge of a person at a key frame, as a share of the width."""
    return (0.1 + 0.05 * number) if person == 0 else (0.75 - 0.05 * number)


def corners_of(person: int, number: int) -> tuple[float, float, float, float]:
    left = round(left_of(person, number), 4)
    return left, 0.2 + 0.1 * person, round(left + 0.15, 4), 0.9


def picture(number: int) -> np.ndarray:
    image = np.full((HEIGHT, WIDTH, 3), 40 if number < CUT else 90, np.uint8)
    for person in TRUE:
        x1, y1, x2, y2 = corners_of(person, number)
        rows, columns = (
            slice(int(y1 * HEIGHT), int(y2 * HEIGHT)),
            (int(x1 * WIDTH), int(x2 * WIDTH)),
        )
        image[rows, slice(*columns)] = COLOURS[person]
        head = slice(int(y1 * HEIGHT), int(y1 * HEIGHT) + 30)
        image[head, slice(columns[0] + 12, columns[1] - 12)] = (240, 205, 170)
    return image


def machine(person: int, number: int) -> int:
    """Return the person that the machine takes somebody for."""
    return person if number < SWITCHED_AT else 1 - person


def everybody(person: int, number: int) -> bool:
    """Tell that all are seen at each key frame."""
    return True


def fill_film(
    workspace: Workspace,
    num_frames: int,
    whose: Callable[[int, int], int] = machine,
    is_seen: Callable[[int, int], bool] = everybody,
    cut: int = CUT,
) -> list[list[int]]:
    """Write a film with its key frames and linked boxes; return the true persons' boxes."""
    (workspace.root / "stills").mkdir(exist_ok=True)
    tracks: list[list[int]] = [[], []]
    with writing(workspace.engine) as session:
        video = Video(video_id="film", source="test", url="", title="A walk")
        session.add(video)
        session.flush()
        for number in range(num_frames):
            frame = _add_frame(session, workspace, video.id, number, cut)
            for person in TRUE:
                if not is_seen(person, number):
                    continue
                box = _add_box(session, frame, corners_of(person, number), whose(person, number))
                tracks[person].append(box)
    return tracks


def _add_frame(session: Session, workspace: Workspace, video_id: int, number: int, cut: int) -> int:
    file = f"stills/{number}.jpg"
    Image.fromarray(picture(number)).save(workspace.root / file)
    frame = KeyFrame(video_id=video_id, timestamp_seconds=902.0 + number)
    frame.shown_seconds, frame.shot_number = frame.timestamp_seconds, int(number >= cut)
    frame.width, frame.height = WIDTH, HEIGHT
    frame.file, frame.bytes, frame.sha256 = file, 1, f"{number:064d}"
    session.add(frame)
    session.flush()
    return frame.id


def _add_box(session: Session, frame: int, corners: Sequence[float], person: int) -> int:
    box = dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True))
    found = DetectedBox(key_frame_id=frame, **box, score=0.9, origin="test")
    session.add(found)
    session.flush()
    shown = PersonBox(key_frame_id=frame, **box, detected_box_id=found.id, person=person)
    session.add(shown)
    session.flush()
    return shown.id


@pytest.fixture
def make_strips(tmp_path: Path) -> Callable[..., World]:
    """Make a world with a film of so many key frames, dealt into tasks; `world.tracks` is true."""

    def make(
        num_frames: int = 8,
        settings: str = "",
        before: Callable[[Workspace], None] | None = None,
        whose: Callable[[int, int], int] = machine,
        is_seen: Callable[[int, int], bool] = everybody,
        cut: int = CUT,
        database: str = "kbuild.sqlite",
    ) -> World:
        told = f'database = "{database}"\n{UNHURRIED}{settings}'
        workspace = Workspace.create(tmp_path / "workspace", told)
        tracks = fill_film(workspace, num_frames, whose, is_seen, cut)
        if before is not None:
            before(workspace)
        with writing(workspace.engine) as session:
            assign_links(session, workspace.config)
            codes = make_invitations(session, 4)
        world = World(workspace, codes)
        world.tracks = tracks  # type: ignore[attr-defined]
        return world

    return make
