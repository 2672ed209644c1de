"""Workspaces filled by hand: what the stages before would have written."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Answer,
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Gold,
    Label,
    Media,
    Method,
    Standing,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.workspace import Workspace


@dataclass
class Filler:
    """Writes rows as the stages would; every clip has a small file of its own."""

    workspace: Workspace
    session: Session
    _numbers: Any = field(default_factory=lambda: count(1))
    _known: dict[Any, Any] = field(default_factory=dict)
    """What was asked for before: asking the database each time would take longest."""

    def _once(self, key: Any, find: Select[Any], make: Callable[[], Any]) -> Any:
        """Return what is known, or is found, or is made."""
        if key not in self._known:
            found = self.session.scalar(find)
            if found is None:
                found = make()
                self.session.add(found)
                self.session.flush()
            self._known[key] = found
        return self._known[key]

    def label(self, name: str, **columns: Any) -> Label:
        find = select(Label).where(Label.name == name)
        return self._once((Label, name), find, lambda: Label(name=name, **columns))

    def video(self, video_id: str, licence: str | None = "CC BY") -> Video:
        def make() -> Video:
            found = Video(video_id=video_id, source="test", url=f"/{video_id}", title=video_id)
            found.media = Media(
                file=f"media/{video_id}.mp4",
                bytes=1,
                sha256=hashlib.sha256(video_id.encode()).hexdigest(),
                duration_seconds=60.0,
                width=64,
                height=48,
                frames_per_second=25.0,
                has_audio=False,
                codec="h264",
                licence=licence,
            )
            return found

        return self._once((Video, video_id), select(Video).where(Video.video_id == video_id), make)

    def clip(
        self,
        video_id: str,
        label: str,
        start: float = 0.0,
        *,
        score: float = 0.5,
        standing: Standing | None = Standing.KEPT,
        is_cut: bool = True,
        **columns: Any,
    ) -> Clip:
        video, row = self.video(video_id), self.label(label)
        candidate = {"video_id": video.id, "label_id": row.id}
        self._once(
            (Candidate, video.id, row.id),
            select(Candidate).filter_by(**candidate),
            lambda: Candidate(**candidate, score=1.0, matched=label, variant=label),
        )
        clip = Clip(
            video_id=video.id,
            label_id=row.id,
            start_seconds=start,
            end_seconds=start + 10.0,
            method=Method.MOTION,
            score=score,
            rank=0,
            **columns,
        )
        if is_cut:
            clip.file = self._file(video_id, label, start)
        if standing is not None:
            clip.place = ClipPlace(standing=standing)
        self.session.add(clip)
        self.session.flush()
        return clip

    def _file(self, video_id: str, label: str, start: float) -> ClipFile:
        content = f"{video_id} {label} {start}".encode()
        path = f"clips/{hashlib.sha256(content).hexdigest()[:12]}.mp4"
        (self.workspace.clips.parent / path).write_bytes(content)
        return ClipFile(
            file=path,
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            duration_seconds=10.0,
            width=64,
            height=48,
            frames_per_second=25.0,
            num_frames=250,
        )

    def worker(self, name: str) -> Worker:
        code_hash = hashlib.sha256(name.encode()).hexdigest()
        find = select(Worker).where(Worker.name == name)
        return self._once((Worker, name), find, lambda: Worker(name=name, code_hash=code_hash))

    def gold(self, clip: Clip, label: str, expected: Answer) -> Gold:
        row = Gold(clip_id=clip.id, label_id=self.label(label).id, expected=expected)
        self.session.add(row)
        self.session.flush()
        return row

    def slot(self, clip: Clip, gold: Gold | None = None) -> TaskSlot:
        task = Task(round=0)
        slot = TaskSlot(
            task=task,
            position=0,
            clip_id=clip.id,
            label_id=gold.label_id if gold else clip.label_id,
            gold_id=gold.id if gold else None,
        )
        self.session.add_all([task, slot])
        self.session.flush()
        return slot

    def vote(
        self,
        clip: Clip,
        worker: str,
        answer: Answer = Answer.YES,
        *,
        gold: Gold | None = None,
        **columns: Any,
    ) -> Vote:
        query = select(TaskSlot).where(
            TaskSlot.clip_id == clip.id,
            TaskSlot.gold_id.is_(None) if gold is None else TaskSlot.gold_id == gold.id,
        )
        key = TaskSlot, clip.id, gold and gold.id
        slot = self._once(key, query, lambda: self.slot(clip, gold))
        row = Vote(
            worker_id=self.worker(worker).id,
            clip_id=clip.id,
            label_id=slot.label_id,
            slot_id=slot.id,
            answer=answer,
            **columns,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def votes(self, clip: Clip, answers: Sequence[Answer] = (Answer.YES,) * 3) -> None:
        for answer in answers:
            self.vote(clip, f"worker {next(self._numbers)}", answer)


Fill = Callable[[Workspace, Callable[[Filler], None]], None]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture(scope="session")
def fill() -> Fill:
    """Return a function that lets its second argument fill a workspace in one transaction."""

    def run(workspace: Workspace, story: Callable[[Filler], None]) -> None:
        with writing(workspace.engine) as session:
            story(Filler(workspace, session))

    return run
