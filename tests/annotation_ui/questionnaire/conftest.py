"""A workspace whose clips are told apart by a tree of questions, and clients for its page."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    ClipPlace,
    Label,
    Method,
    Standing,
    Video,
)
from kinetics_builder.text.class_list.classes import read_class_list
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.verifying.assign_paths import PathsReport, assign_paths
from tests.annotation_ui.conftest import UNHURRIED, World

LEAPS = """
groups:
  - name: floor
    questions:
      - {id: leap, question: "Both feet off the floor?", yes: leaps, no: none of these}
  - name: leaps
    parent: floor
    questions:
      turn: {question: "Does she turn?", example: a half turn, yes: half, no: split}
      half: {question: "Half a turn?", yes: switch half, no: split}
      split: {question: "Legs split?", yes: split leap, no: none of these}
classes:
  - {name: split leap, group: leaps}
  - {name: switch half, group: leaps}
  - waving hand
"""
SPLIT = [["leap", "yes"], ["turn", "no"], ["split", "yes"]]
SWITCH = [["leap", "yes"], ["turn", "yes"], ["half", "yes"]]
NONE = [["leap", "no"]]


@dataclass
class Gym(World):
    """A workspace with clips, all proposed for "split leap"."""

    clips: list[int]

    def assign(self) -> PathsReport:
        """Deal what can be asked."""
        with writing(self.workspace.engine) as session:
            return assign_paths(session, self.workspace.config)

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """Return columns of all rows, in their order."""
        with reading(self.workspace.engine) as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:1]))]

    def learn(self, folder: Path, text: str) -> None:
        """Take another list of classes."""
        path = folder / "classes.yaml"
        path.write_text(text)
        found = read_class_list(path)
        with writing(self.workspace.engine) as session:
            import_classes(session, found.classes, found.groups)


@pytest.fixture
def make_gym(tmp_path: Path, clip_bytes: bytes) -> Callable[..., Gym]:
    """Make a gym: clips, invitations, settings."""

    def make(num_clips: int = 2, num_workers: int = 8, settings: str = UNHURRIED) -> Gym:
        workspace = Workspace.create(tmp_path / "workspace", settings)
        gym = Gym(workspace, [], [])
        gym.learn(tmp_path, LEAPS)
        (workspace.clips / "one.mp4").write_bytes(clip_bytes)
        with writing(workspace.engine) as session:
            label = session.scalars(select(Label).where(Label.name == "split leap")).one()
            gym.clips = [add_clip(session, label, n, len(clip_bytes)) for n in range(num_clips)]
            gym.codes = make_invitations(session, num_workers)
        return gym

    return make


def add_clip(session: Any, label: Label, number: int, num_bytes: int) -> int:
    """Add a clip of a video of its own, kept; return its id."""
    video = Video(video_id=f"video{number:06d}", source="test", url="", title=f"Title {number}")
    clip = Clip(
        video=video,
        label=label,
        start_seconds=2.0,
        end_seconds=12.0,
        method=Method.MOTION,
        score=0.5,
        rank=0,
    )
    clip.file = ClipFile(
        file="clips/one.mp4",
        bytes=num_bytes,
        sha256=f"{number:064d}",
        duration_seconds=1.0,
        width=64,
        height=48,
        frames_per_second=10.0,
        num_frames=10,
    )
    session.add(clip)
    session.flush()
    session.add(ClipPlace(clip_id=clip.id, standing=Standing.KEPT))
    return int(clip.id)


def come(gym: Gym, number: int) -> Any:
    """Return a worker who is briefed and logged in."""
    person = gym.client(number)
    person.log_in(read_instructions=False)
    kind = "questionnaire"
    form = {"csrf_token": person.token(f"/instructions/1?kind={kind}"), "kind": kind}
    assert person.browser.post("/instructions", data=form).status_code == 302
    return person


def next_of(person: Any) -> Any:
    """Return what is asked now."""
    reply = person.browser.get("/task.json?kind=questionnaire")
    assert reply.status_code == 200, reply.text
    person.csrf = reply.json["csrf_token"]
    return reply.json["next"]
