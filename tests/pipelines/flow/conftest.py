"""A release of two clips whose flow is quickly computed."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.encode import SOUND_RATE, encode
from pipelines.flow.asking import Asked
from pipelines.flow.run import FlowReport, compute_flow
from pipelines.running.engines.inline import InlinePool
from pipelines.running.reports import SilentReporter

SMALL = Asked(frames_per_second=2.0, short_side=32)
SECONDS = 3


def draw(path: Path, number: int) -> ManifestRow:
    """Write a clip of a wall that moves to the right, and return its row."""
    wall = np.random.default_rng(number).integers(0, 255, (8, 10), np.uint8)
    whole = np.repeat(np.repeat(np.repeat(wall, 8, 0), 8, 1)[..., None], 3, axis=-1)
    num_frames = round(SECONDS * FRAMES_PER_SECOND)
    pictures = (np.roll(whole, int(4 * at / FRAMES_PER_SECOND), 1) for at in range(num_frames))
    encode(path, pictures, np.zeros(SECONDS * SOUND_RATE, np.int16))
    data = path.read_bytes()
    return ManifestRow(
        label="moving",
        youtube_id=path.stem,
        time_start=0,
        time_end=SECONDS,
        split="train",
        file=f"clips/{path.name}",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        duration_seconds=float(SECONDS),
        width=80,
        height=64,
        frames_per_second=float(FRAMES_PER_SECOND),
        num_frames=num_frames,
        whole_clip=True,
        licence="none",
    )


def make_release(folder: Path) -> Path:
    """Write a release of two clips."""
    (folder / "clips").mkdir(parents=True)
    write_manifest(
        folder / "clips.csv",
        [draw(folder / f"clips/{name}.mp4", at) for at, name in enumerate("ab")],
    )
    (folder / "classes.txt").write_text("moving\n")
    return folder


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release of two clips."""
    return make_release(tmp_path / "release")


def computed(release: Path, asked: Asked = SMALL) -> FlowReport:
    """Compute in this process."""
    return compute_flow(release, asked, SilentReporter(), InlinePool())
