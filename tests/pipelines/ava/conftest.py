"""A folder of little films, drawn here, and a workspace that collects them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item, KeyFrame, State, Video
from kinetics_builder.formats.problems import Listener
from kinetics_builder.workspace import Workspace
from pipelines.ava.collect import CollectReport, Told, collect
from pipelines.running import runner
from pipelines.running.engines.choosing import make_pool
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

SIZE = WIDTH, HEIGHT = 160, 120
SETTINGS = "[run]\nworkers = 1\n"

Picture = NDArray[np.uint8]
Walker = tuple[tuple[int, int, int], int, float]
"""Colour, left edge at second 0, pixels a second to the right."""


def place(seed: int) -> Picture:
    """Return an empty room of coloured tiles."""
    tiles = np.random.default_rng(seed).integers(60, 196, (15, 20, 3), dtype=np.uint8)
    return np.kron(tiles, np.ones((8, 8, 1), dtype=np.uint8))


def walkers_at(walkers: Sequence[Walker], seconds: float) -> Iterator[tuple[Any, int]]:
    """Yield each walker's colour and left edge."""
    for colour, left, speed in walkers:
        yield colour, round(left + speed * seconds)


def scene(seconds: float, walkers: Sequence[Walker] = (), seed: int = 1) -> list[Picture]:
    """Return ten pictures a second of a room in which walkers, 20 x 60 pixels, walk."""
    pictures = []
    for number in range(round(seconds * 10)):
        picture = place(seed).copy()
        for colour, left in walkers_at(walkers, number / 10):
            picture[40:100, max(0, left) : max(0, left + 20)] = colour
        pictures.append(picture)
    return pictures


def write_film(path: Path, pictures: Sequence[Picture], step_ms: int = 100) -> Path:
    """Write pictures to a file, each shown for as long."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12", "g": "20"})
        (stream.height, stream.width), stream.pix_fmt = pictures[0].shape[:2], "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number * step_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@dataclass
class Films:
    """A folder of films and a workspace."""

    workspace: Workspace
    folder: Path

    def draw(self, name: str, *scenes: list[Picture]) -> None:
        """Write a film of some scenes."""
        write_film(self.folder / f"{name}.mkv", [picture for one in scenes for picture in one])

    def collect(self, *, on_warning: Listener | None = None, **told: Any) -> CollectReport:
        """Run every stage."""
        source = f"folder:{self.folder}"
        return collect(self.workspace, Told(source=source, **told), on_warning=on_warning)

    def run(self, *stages: str) -> StageReport:
        """Run stages in their order and return the last one's report."""
        names = [f"ava {name}" for name in stages]
        return [run_stage(self.workspace, build_stage(n, self.workspace)) for n in names][-1]

    def set(self, text: str) -> None:
        """Change the settings and open the workspace again."""
        (self.workspace.root / "kbuild.toml").write_text(SETTINGS + text)
        self.workspace = Workspace.open(self.workspace.root)

    def id_of(self, name: str) -> str:
        """Return a film's id."""
        with reading(self.workspace.engine) as session:
            return session.scalars(select(Video.video_id).where(Video.title == name)).one()

    def rows(self, table: type[Any], *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of a table's rows, sorted."""
        with reading(self.workspace.engine) as session:
            found = session.scalars(select(table)).all()
            return sorted(tuple(getattr(row, name) for name in columns) for row in found)

    def moments(self, name: str) -> list[float]:
        """Return the key frames of a film."""
        with reading(self.workspace.engine) as session:
            query = select(KeyFrame.timestamp_seconds).join(Video, Video.id == KeyFrame.video_id)
            query = query.where(Video.title == name, KeyFrame.is_withdrawn.is_(False))
            return sorted(session.scalars(query))

    def failures(self, stage: str) -> dict[str, tuple[str, str]]:
        """Return the reason and the message of each failed film, by its id."""
        with reading(self.workspace.engine) as session:
            rows = session.scalars(
                select(Item).where(Item.stage == f"ava {stage}", Item.state == State.FAILED)
            )
            return {r.key.split(" ")[0]: (r.reason.value, r.message) for r in rows}


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Films:
    """Return an empty folder and workspace; stages work in this process."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())
    (tmp_path / "films").mkdir()
    return Films(Workspace.create(tmp_path / "workspace", SETTINGS), tmp_path / "films")


@pytest.fixture
def draw_scene() -> Callable[..., list[Picture]]:
    """Draw the pictures of a scene."""
    return scene


@pytest.fixture
def in_children(films: Films, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stages work in child processes, as they do outside of tests."""
    monkeypatch.setattr(runner, "make_pool", make_pool)
