"""An hour of drawn video with known actions and cuts, for `benchmarks/scoring.py`.

The people of the demo act in it; pictures are enlarged, grain is laid over them, and x264 writes
them as it does by default (B-frames, key frames at cuts and at most so many pictures apart).
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.idling import IDLE
from pipelines.demo.film import Segment, frames, set_scene
from pipelines.demo.labels import NAMES
from pipelines.demo.workers import workers

WIDTH, HEIGHT, RATE = 480, 360, 25
LENGTHS = (4, 4, 6, 6, 8, 12, 20)
"""Of the films, in minutes: an hour together."""
KEY_FRAMES = 125
"""Most pictures between two key frames: 5 s, as video sites write them."""
OTHERS = ((2, 125), (4, 250), (6, 250))
"""Further films, (minutes, key frames): a short one, and such as x264 writes by itself."""
ACTION_SECONDS = (7.0, 14.0)
SHOT_SECONDS = (2.5, 20.0)
SEED = 12
_ALL = (*((minutes, KEY_FRAMES) for minutes in LENGTHS), *OTHERS)


@dataclass(frozen=True, slots=True)
class MadeFilm:
    """A film and what is true about it."""

    name: str
    label: str
    minutes: int
    key_frames: int
    """Most pictures between two."""
    is_edited: bool
    """Made of shots, rather than one."""
    actions: tuple[tuple[str, float, float], ...]
    """What is done in it, from when to when, seconds; what the label says is done twice."""
    cuts: tuple[float, ...]


def make_hour(folder: Path) -> list[tuple[Path, MadeFilm]]:
    """Write the films into `folder`, those that are not there yet, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    with workers() as pool:
        made = pool.map(partial(_make, folder), range(len(_ALL)))
        return [(folder / f"{film.name}.mp4", film) for film in made]


def _make(folder: Path, number: int) -> MadeFilm:
    rng = np.random.default_rng([SEED, number])
    label = NAMES[number % len(NAMES)]
    minutes, key_frames = _ALL[number]
    num_frames = int(minutes * 60 * FRAMES_PER_SECOND)
    is_edited = number % 3 != 0
    shots = _shots(rng, label, num_frames, is_edited)
    film = MadeFilm(
        name=f"film{number:02d}",
        label=label,
        minutes=minutes,
        key_frames=key_frames,
        is_edited=is_edited,
        actions=tuple(_actions(shots)),
        cuts=tuple(np.cumsum([_length(shot) for shot in shots])[:-1] / FRAMES_PER_SECOND),
    )
    target = folder / f"{film.name}.mp4"
    if not target.exists():
        _encode(target, film, _pictures(rng, shots))
        target.with_suffix(".json").write_text(json.dumps(asdict(film)), "utf-8")
    return film


Shot = list[Segment]


def _length(shot: Shot) -> int:
    return sum(segment.num_frames for segment in shot)


def _shots(rng: np.random.Generator, label: str, num_frames: int, is_edited: bool) -> list[Shot]:
    """Return the shots of a film: the label is acted in two, something else in some others."""
    shots: list[Shot] = []
    while sum(map(_length, shots)) < num_frames:
        shots.append(_shot(rng, _other(rng, label)))
    for number in rng.choice(np.arange(1, len(shots) - 2), 2, replace=False):
        shots[number] = _shot(rng, label)
    missing = num_frames - sum(map(_length, shots[:-1]))
    shots[-1] = [Segment(_idle(rng), max(missing, 5))]
    return shots if is_edited else [[segment for shot in shots for segment in shot]]


def _shot(rng: np.random.Generator, acted: str) -> Shot:
    if acted in IDLE:
        return [Segment(acted, _frames(rng, *SHOT_SECONDS))]
    around = [Segment(_idle(rng), _frames(rng, 0.5, 2.5)) for _ in range(2)]
    return [around[0], Segment(acted, _frames(rng, *ACTION_SECONDS)), around[1]]


def _other(rng: np.random.Generator, label: str) -> str:
    others = [name for name in NAMES if name != label]
    return str(rng.choice(others)) if rng.random() < 0.3 else _idle(rng)


def _idle(rng: np.random.Generator) -> str:
    return str(rng.choice(list(IDLE)))


def _frames(rng: np.random.Generator, low: float, high: float) -> int:
    return round(float(rng.uniform(low, high)) * FRAMES_PER_SECOND)


def _actions(shots: list[Shot]) -> Iterator[tuple[str, float, float]]:
    time = 0.0
    for segment in (segment for shot in shots for segment in shot):
        end = time + segment.num_frames / FRAMES_PER_SECOND
        if segment.behaviour in NAMES:
            yield segment.behaviour, round(time, 3), round(end, 3)
        time = end


def _pictures(rng: np.random.Generator, shots: list[Shot]) -> Iterator[bytes]:
    for shot in shots:
        for picture in frames(set_scene(rng), shot):
            yield np.asarray(picture).tobytes()


def _encode(target: Path, film: MadeFilm, pictures: Iterator[bytes]) -> None:
    part = target.with_suffix(".part")
    look = f"scale={WIDTH}:{HEIGHT},fps={RATE},noise=alls=7:allf=t"
    command = [
        *(find_ffmpeg(), "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", "160x120", "-r", str(FRAMES_PER_SECOND), "-i", "pipe:"),
        *("-f", "lavfi", "-i", "anoisesrc=a=0.02"),
        *("-vf", look, "-c:v", "libx264", "-preset", "veryfast", "-threads", "1"),
        *("-g", str(film.key_frames), "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k"),
        *("-shortest", "-f", "mp4", str(part)),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for picture in pictures:
            process.stdin.write(picture)
        process.stdin.close()
        if process.wait():
            raise SystemExit(f"ffmpeg gave up on {target}")
    part.replace(target)


def is_of_the_hour(film: MadeFilm) -> bool:
    """Say whether a film is one of those that last an hour together."""
    return int(film.name.removeprefix("film")) < len(LENGTHS)
