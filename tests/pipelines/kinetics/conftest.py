"""Workspaces with real little videos, as `download` would have left them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Candidate, Item, Label, Media, State, Video
from kinetics_builder.files import FileMark
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.reading.probe import probe
from kinetics_builder.workspace import Workspace
from pipelines.running import runner
from pipelines.running.engines.choosing import make_pool
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

MOVING = "testsrc2=size=96x64:rate=12:duration=8"
STILL = "color=c=gray:size=96x64:rate=12:duration=8"
LATE = (
    "color=c=gray:size=96x64:rate=12:duration=8[a];"
    "testsrc2=size=96x64:rate=12:duration=4[b];[a][b]concat"
)
SETTINGS = """
[score]
every_seconds = 0.5
[propose]
clip_seconds = 4.0
min_distance_seconds = 4.0
[cut]
preset = "ultrafast"
[run]
workers = 1
"""


@dataclass
class World:
    """A workspace, and what a test does with it."""

    workspace: Workspace

    def film(
        self,
        video_id: str,
        graph: str = MOVING,
        labels: tuple[str, ...] = ("waving",),
        *,
        suffix: str = ".mp4",
        options: Sequence[str] = (),
    ) -> None:
        """Draw a video with ffmpeg's generators and note it as downloaded."""
        path = self.workspace.media / f"{video_id}{suffix}"
        usual = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        command = ["-filter_complex", graph, *usual, *options, "-y", str(path)]
        run_ffmpeg(command, timeout_seconds=60)
        self.note(video_id, path, labels)

    def note(self, video_id: str, path: Path, labels: tuple[str, ...], **media: Any) -> None:
        """Write the rows of a video that lies in the workspace's folder of media."""
        info = probe(path)
        columns: dict[str, Any] = {
            "file": f"media/{path.name}",
            **asdict(FileMark.of(path)),
            "duration_seconds": info.duration_seconds,
            "width": info.width,
            "height": info.height,
            "frames_per_second": info.frames_per_second,
            "has_audio": info.has_audio,
            "codec": info.codec,
        }
        with writing(self.workspace.engine) as session:
            video = Video(video_id=video_id, source="test", url="x", title=video_id)
            video.media = Media(**columns | media)
            session.add(video)
            session.flush()
            for name in labels:
                label = session.scalar(select(Label).where(Label.name == name))
                if label is None:
                    label = Label(name=name)
                    session.add(label)
                    session.flush()
                row = Candidate(video_id=video.id, label_id=label.id, score=1.0)
                row.matched = row.variant = name
                session.add(row)

    def run(self, *stages: str) -> StageReport:
        """Run stages in their order and return the last one's report."""
        return [run_stage(self.workspace, build_stage(name, self.workspace)) for name in stages][-1]

    def set(self, old: str, new: str) -> None:
        """Change the settings and open the workspace again."""
        path = self.workspace.root / "kbuild.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        self.workspace = Workspace.open(self.workspace.root)

    def rows(self, table: type[Any], *columns: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return columns of a table's rows, sorted."""
        with reading(self.workspace.engine) as session:
            found = session.scalars(select(table).filter_by(**values)).all()
            return sorted(tuple(getattr(row, name) for name in columns) for row in found)

    def failures(self, stage: str) -> list[tuple[Any, ...]]:
        """Return the reasons and messages of a stage's failed items."""
        return self.rows(Item, "reason", "message", stage=stage, state=State.FAILED)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty workspace whose stages work in this process; `in_children` undoes that."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())
    return World(Workspace.create(tmp_path / "workspace", SETTINGS))


@pytest.fixture
def graphs() -> Callable[[str], str]:
    """The videos that can be drawn, by name."""
    return {"moving": MOVING, "still": STILL, "late": LATE}.__getitem__


@pytest.fixture
def in_children(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stages work in child processes, as they do outside of tests."""
    monkeypatch.setattr(runner, "make_pool", make_pool)
