"""A small workspace with clips that play, and clients for its page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from annotation_ui.app import create_app
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    Gold,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
)
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace
from pipelines.publishing.curating.class_edits import ClassEdits

CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')
UNHURRIED = "[verify]\nhaste_seconds = 0.0\n"
"""Settings under which a test's programs may answer at once."""
LABELS = ("waving hand", "clapping", "jumping")


@pytest.fixture(scope="session")
def clip_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of H.264 in which a square moves."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(10):
            image = np.zeros((48, 64, 3), np.uint8)
            image[10:30, 4 * index : 4 * index + 20] = (250, 180, 60)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


@dataclass
class World:
    """A workspace with `num_clips` ordinary questions, dealt into tasks."""

    workspace: Workspace
    codes: list[str]

    def app(self, *, edits: bool = False, **config: Any) -> Flask:
        editing = ClassEdits(self.workspace.config)
        app = create_app(
            self.workspace, secret=b"secret of the tests", class_editing=editing if edits else None
        )
        app.config.update(TESTING=True, **config)
        return app

    def client(self, number: int = 0, *, app: Flask | None = None) -> "Person":
        browser = (app or self.app()).test_client()
        return Person(browser, f"worker {number}", self.codes[number], self)


@dataclass
class Visitor:
    """Somebody at a browser without JavaScript, or a program that speaks JSON."""

    browser: FlaskClient

    def token(self, path: str = "/login") -> str:
        found = CSRF.search(self.browser.get(path, follow_redirects=True).text)
        assert found
        return found[1]

    def read_instructions(self) -> None:
        form = {"csrf_token": self.token("/instructions/2")}
        assert self.browser.post("/instructions", data=form).status_code == 302

    def next(self) -> dict[str, Any] | None:
        reply = self.browser.get("/task.json")
        assert reply.status_code == 200, reply.text
        self.csrf = reply.json["csrf_token"]
        found: dict[str, Any] | None = reply.json["next"]
        return found

    def answer(self, slot: int, answer: str = "no", **fields: str) -> Any:
        if answer == "yes":
            fields = {"lasts_whole_clip": "yes", **fields}
        return self.browser.post(
            f"/slots/{slot}/answer",
            data={"answer": answer, **fields},
            headers={"Accept": "application/json", "X-CSRFToken": self.csrf},
        )


@dataclass
class Person(Visitor):
    """One of the owner's own people."""

    name: str
    code: str
    world: World

    def log_in(self, *, read_instructions: bool = True) -> "Person":
        form = {"name": self.name, "code": self.code, "csrf_token": self.token()}
        reply = self.browser.post("/login", data=form)
        assert reply.status_code == 302, reply.text
        if read_instructions:
            self.read_instructions()
        return self

    def submit(self, slot: int, **fields: str) -> Any:
        """Answer by the form of the page, without a script."""
        data = {"csrf_token": self.token("/task"), **fields}
        return self.browser.post(f"/slots/{slot}/answer", data=data)

    def answer_all(self, answer: str = "no") -> list[dict[str, Any]]:
        """Answer until nothing is waiting; return what was asked."""
        asked = []
        while slot := self.next():
            reply = self.answer(slot["slot"], answer)
            assert reply.status_code == 200, reply.text
            asked.append(slot)
        return asked


def fill(workspace: Workspace, clip_bytes: bytes, tasks: list[int], num_gold: int = 0) -> None:
    """Write labels, clips and tasks of so many ordinary questions, with gold at their ends."""
    (workspace.clips / "one.mp4").write_bytes(clip_bytes)
    with writing(workspace.engine) as session:
        labels = [Label(name=name) for name in LABELS]
        labels[0].description, labels[0].example = "A hand moves to and fro.", "saying goodbye"
        session.add_all(labels)
        session.flush()

        def clip(index: int) -> Clip:
            video = Video(
                video_id=f"video{index:06d}", source="test", url="", title=f"Title {index}"
            )
            made = Clip(
                video=video,
                label=labels[index % len(labels)],
                start_seconds=2.0,
                end_seconds=12.0,
                method=Method.MOTION,
                score=0.5,
                rank=0,
            )
            made.file = ClipFile(
                file="clips/one.mp4",
                bytes=len(clip_bytes),
                sha256=f"{index:064d}",
                duration_seconds=1.0,
                width=64,
                height=48,
                frames_per_second=10.0,
                num_frames=10,
            )
            session.add(made)
            return made

        known = [clip(900_000 + index) for index in range(num_gold)]
        session.flush()
        gold = [Gold(clip=c, label_id=c.label_id, expected=Answer.YES) for c in known]
        session.add_all(gold)
        session.flush()
        index = 0
        for size in tasks:
            task = Task(round=0)
            for position in range(size):
                made = clip(index)
                task.slots.append(TaskSlot(position=position, clip=made, label=made.label))
                index += 1
            for offset, one in enumerate(gold):
                task.slots.append(
                    TaskSlot(position=size + offset, clip=one.clip, label=one.label, gold=one)
                )
            session.add(task)


@pytest.fixture
def make_world(tmp_path: Path, clip_bytes: bytes) -> Callable[..., World]:
    """Make a world: sizes of tasks, gold questions in each, invitations, settings."""

    def make(
        tasks: list[int],
        num_gold: int = 0,
        num_workers: int = 8,
        settings: str = UNHURRIED,
        folder: str = "workspace",
    ) -> World:
        workspace = Workspace.create(tmp_path / folder, settings)
        fill(workspace, clip_bytes, tasks, num_gold)
        with writing(workspace.engine) as session:
            codes = make_invitations(session, num_workers)
        return World(workspace, codes)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Two tasks of three questions and one gold question each."""
    return make_world([3, 3], num_gold=1)


@pytest.fixture
def make_grid(make_world: Callable[..., World]) -> Callable[..., World]:
    """Make a world of grids: all clips are of one class, "waving hand"."""

    def make(tasks: list[int], way: Way = Way.GRID, **more: Any) -> World:
        world = make_world(tasks, **more)
        with writing(world.workspace.engine) as session:
            session.execute(update(Task).values(way=way))
            for table in (Clip, Gold, TaskSlot):
                session.execute(update(table).values(label_id=1))
        return world

    return make
