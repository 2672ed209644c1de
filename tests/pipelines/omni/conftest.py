"""A workspace of the web: coloured videos, clips and pictures; its teacher sees much red."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Label,
    Media,
    Method,
    Standing,
    Teacher,
    Verdict,
    Video,
    WebKind,
)
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.workspace import Workspace
from models.clips.decode import decode_at
from pipelines.omni import asking
from pipelines.picturing.collecting import FOUND
from pipelines.picturing.fetching import Fate, likeness
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool

LABELS = ["juggling", "waving"]
SEARCHED = "pictures/search"
ATTRIBUTED = (
    *("title", "creator", "attribution", "page"),
    *("licence", "licence_version", "licence_address"),
)


class RedTeacher:
    """Takes for waving what is red, as far as it is."""

    def of_picture(self, path: Path) -> Any:
        with Image.open(path) as image:
            return self._said([np.asarray(image.convert("RGB"))])

    def of_stretches(self, path: Path, stretches: Sequence[Interval]) -> Any:
        times = np.array([(start + end) / 2 for start, end in stretches])
        return self._said(list(decode_at(path, times, 16)))

    def _said(self, pictures: list[Any]) -> Any:
        red_S = np.array([picture[..., 0].mean() / 255 for picture in pictures])
        return np.stack([1 - red_S, red_S], axis=1).astype(np.float32)


@dataclass
class Web:
    """A workspace, and what a test puts into it."""

    workspace: Workspace

    def labels(self, *names: str) -> None:
        with writing(self.workspace.engine) as session:
            session.add_all([Label(name=name) for name in names])

    def film(self, video_id: str, reds: Sequence[int], label: str = "waving", **known: Any) -> None:
        """Draw a video of so many parts, of a second each, and note it as downloaded."""
        path = self.workspace.media / f"{video_id}.mp4"
        parts = ";".join(
            f"color=c=0x{red:02x}0000:size=64x48:rate=5:duration=1[p{n}]"
            for n, red in enumerate(reds)
        )
        graph = f"{parts};{''.join(f'[p{n}]' for n in range(len(reds)))}concat={len(reds)}"
        draw(path, graph)
        with writing(self.workspace.engine) as session:
            video = Video(video_id=video_id, source="test", url=f"https://a.org/{video_id}")
            video.title = video_id
            video.media = Media(
                file=f"media/{path.name}",
                **vars_of(FileMark.of(path)),
                **{"duration_seconds": float(len(reds)), "codec": "h264", "has_audio": False},
                **{"width": 64, "height": 48, "frames_per_second": 5.0},
                **known,
            )
            session.add(video)
            session.flush()
            label_id = session.scalar(select(Label.id).where(Label.name == label))
            row = Candidate(video_id=video.id, label_id=label_id, score=1.0)
            row.matched = row.variant = label
            session.add(row)

    def clip(
        self,
        video_id: str,
        red: int,
        start: float = 0.0,
        *,
        verdict: Verdict | None = None,
        label: str = "waving",
        standing: Standing = Standing.KEPT,
    ) -> str:
        """Draw a clip of two seconds, and note it as cut and maybe decided; return its file."""
        path = self.workspace.clips / f"{video_id}_{start:g}.mp4"
        draw(path, f"color=c=0x{red:02x}0000:size=64x48:rate=5:duration=2")
        with writing(self.workspace.engine) as session:
            video = session.scalar(select(Video).where(Video.video_id == video_id))
            label_id = session.scalar(select(Label.id).where(Label.name == label))
            clip = Clip(video_id=video.id, label_id=label_id, method=Method.MOTION, score=0.5)
            clip.start_seconds, clip.end_seconds, clip.rank = start, start + 2, 0
            clip.file = ClipFile(
                file=f"clips/{path.name}",
                **vars_of(FileMark.of(path)),
                **{"duration_seconds": 2.0, "width": 64, "height": 48},
                **{"frames_per_second": 5.0, "num_frames": 10},
            )
            clip.place = ClipPlace(standing=standing)
            session.add(clip)
            session.flush()
            if verdict is not None:
                counts = {"num_yes": 3, "num_no": 0, "num_unsure": 0, "num_bad": 0}
                counts |= {"num_set_aside": 0, "lasts_whole_clip": False}
                session.add(Decision(clip_id=clip.id, verdict=verdict, **counts))
        return f"clips/{path.name}"

    def picture(self, name: str, red: int, label: str = "waving", **known: str) -> str:
        """Draw a picture, and note it as `images` does; return its file."""
        folder = self.workspace.root / SEARCHED
        (folder / label).mkdir(parents=True, exist_ok=True)
        file = f"{label}/{name}.jpg"
        image = Image.new("RGB", (64, 48), (red, 0, 0))
        image.save(folder / file)
        row = {
            **{"label": label, "file": file, "id": name, "fate": Fate.KEPT, "reason": ""},
            **{"sha256": name * 4, "likeness": likeness(image), "address": f"https://i.org/{name}"},
            **dict.fromkeys(ATTRIBUTED, ""),
            **known,
        }
        with (folder / FOUND).open("a") as out:
            out.write(json.dumps(row) + "\n")
        return f"{SEARCHED}/{file}"

    def appoint(
        self, *kinds: WebKind, window_seconds: float = 2.0, checkpoint: str = "/nowhere"
    ) -> None:
        """Name the teacher that sees red."""
        with writing(self.workspace.engine) as session:
            for kind in kinds or WebKind:
                window = window_seconds if kind is WebKind.VIDEOS else 0.0
                row = Teacher(kind=kind, settings_hash=f"red {window}", sha256="0" * 64)
                row.network, row.labels, row.checkpoint = "red", LABELS, checkpoint
                row.window_seconds = window
                session.add(row)


def vars_of(mark: FileMark) -> dict[str, Any]:
    return {"bytes": mark.bytes, "sha256": mark.sha256, "modified_ns": mark.modified_ns}


def draw(path: Path, graph: str) -> None:
    usual = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    run_ffmpeg(["-filter_complex", graph, *usual, "-y", str(path)], timeout_seconds=60)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """An empty workspace of two classes whose stages work in this process, with a known teacher."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())
    monkeypatch.setattr(asking, "_load", lambda checkpoint, sha256: RedTeacher())
    found = Web(Workspace.create(tmp_path / "workspace"))
    found.labels(*LABELS)
    return found
