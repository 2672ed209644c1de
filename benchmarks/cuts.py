"""Which cuts are found in made videos, by ours and by PySceneDetect's detectors.

    .venv/bin/python -m benchmarks.cuts [--data DIR] [--films DIR] [--out FILE]

Pieces of real clips that hold no cut, and of people drawn by the demo, are joined with and without
transitions; others hold what is no cut and looks like one. Ours sees five pictures a second, as
`score` does; PySceneDetect's see all of them, through its own reader, with its own defaults. Also
its adaptive detector at five a second. A cut is found where one is said within 0.25 s of it.
"""

import argparse
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect import SceneManager, open_video
from scenedetect.detectors import (
    AdaptiveDetector,
    ContentDetector,
    HashDetector,
    HistogramDetector,
    ThresholdDetector,
)
from scenedetect.scene_detector import SceneDetector

from benchmarks.report import machine, put_down
from kinetics_builder.intervals import Interval
from kinetics_builder.video.ffmpeg import find_ffmpeg
from kinetics_builder.video.finding.cuts import CutFinder
from kinetics_builder.video.finding.shots import ShotFinder, small
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.demo.drawing.idling import IDLE
from pipelines.demo.film import Segment, frames, set_scene
from pipelines.demo.labels import NAMES

ROOT = Path(__file__).parent.parent
WIDTH, HEIGHT, RATE = 320, 240, 25
EVERY_SECONDS = 0.2
NEAR_SECONDS = 0.25
SEED = 13
UNCUT = (
    *("basketball.mp4", "flipping_a_pancake.mkv", "people_walking_by.mp4", "v_GGSY1Qvo990.mp4"),
    *("v_SoccerJuggling_g23_c01.avi", "v_SoccerJuggling_g24_c01.avi", "video4.mp4", "video5.mp4"),
)
"""Of `videos/actions`: clips that somebody looked at, and saw no cut in."""

Picture = NDArray[np.uint8]
Pictures = list[Picture]


@dataclass
class Made:
    """A video, and when its cuts are."""

    kind: str
    pictures: Pictures
    cuts: Sequence[float] = ()
    """Seconds; of a slow transition its middle."""
    is_slow: bool = False
    """Whether its transitions take a while: found is what is said within one."""


@dataclass
class Tally:
    """What a detector said of the videos of a kind."""

    num_cuts: int = 0
    num_found: int = 0
    num_false: int = 0

    def add(self, said: Sequence[float], made: Made) -> None:
        """Hold what was said against what is true."""
        near = 0.75 if made.is_slow else NEAR_SECONDS
        right = {min(range(len(said)), key=lambda i: abs(said[i] - c)) for c in made.cuts if said}
        hits = [i for i in right if any(abs(said[i] - c) <= near for c in made.cuts)]
        self.num_cuts += len(made.cuts)
        self.num_found += len(hits)
        self.num_false += len(said) - len(hits)


@dataclass
class Detector:
    """A way to find cuts, and what came of it."""

    name: str
    find: Callable[[Path], list[float]]
    cpu_seconds: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)


class Maker:
    """Makes videos of pieces of real and of drawn ones."""

    def __init__(self, rng: np.random.Generator, real: Sequence[Pictures]) -> None:
        self.rng = rng
        self.real = real

    def piece(self, *, is_drawn: bool, seconds: tuple[float, float] = (1.5, 5.0)) -> Pictures:
        """Return a piece of one shot."""
        count = int(self.rng.uniform(*seconds) * RATE)
        if is_drawn:
            return self.drawn(str(self.rng.choice([*NAMES, *IDLE])), count)
        clip = self.real[self.rng.integers(len(self.real))]
        count = min(count, len(clip))
        first = int(self.rng.integers(len(clip) - count + 1))
        return clip[first : first + count]

    def drawn(self, behaviour: str, count: int) -> Pictures:
        """Return pictures of somebody who does something, with what is done before and after."""
        idle = Segment(next(iter(IDLE)), count // 8)
        script = [idle, Segment(behaviour, count // 2 - 2 * (count // 8)), idle]
        shown = [_fitted(np.asarray(p)) for p in frames(set_scene(self.rng), script)]
        return [picture for picture in shown for _ in range(2)]

    def hard(self, *, is_drawn: bool, bars: float = 0.0) -> Made:
        """Return pieces one after another; with bars at the sides that take so much of it."""
        pieces = [self.piece(is_drawn=is_drawn) for _ in range(4)]
        cuts = np.cumsum([len(piece) for piece in pieces])[:-1] / RATE
        joined = [picture for piece in pieces for picture in piece]
        if bars:
            joined = [_with_bars(picture, bars) for picture in joined]
        kind = "hard cuts between bars" if bars else "hard cuts, drawn" if is_drawn else "hard cuts"
        return Made(kind, joined, tuple(cuts))

    def slow(self, kind: str) -> Made:
        """Return two pieces with a transition of a second."""
        one, two = (self.piece(is_drawn=False, seconds=(3, 4)) for _ in range(2))
        share = np.linspace(0, 1, RATE)
        if kind == "dissolve":
            mixed = [_mix(a, b, s) for a, b, s in zip(one[-RATE:], two[:RATE], share, strict=True)]
            joined, middle = [*one[:-RATE], *mixed, *two[RATE:]], len(one) - RATE / 2
        else:
            black = np.zeros_like(one[0])
            half = RATE // 2
            out = [_mix(p, black, s) for p, s in zip(one[-half:], share[::2], strict=False)]
            into = [_mix(black, p, s) for p, s in zip(two[:half], share[::2], strict=False)]
            joined, middle = [*one[:-half], *out, *into, *two[half:]], float(len(one))
        return Made(kind, joined, (middle / RATE,), is_slow=True)

    def slides(self) -> Made:
        """Return single pictures, each shown for a while."""
        shown = [self.piece(is_drawn=False)[0] for _ in range(5)]
        counts = [int(self.rng.uniform(1.0, 3.0) * RATE) for _ in shown]
        joined = [p for p, count in zip(shown, counts, strict=True) for _ in range(count)]
        return Made("slide show", joined, tuple(np.cumsum(counts)[:-1] / RATE))

    def flashes(self) -> Made:
        """Return a piece with flashes of one to four pictures."""
        piece = list(self.piece(is_drawn=False, seconds=(5, 5)))
        for first in range(RATE, len(piece) - RATE, RATE + 12):
            share = float(self.rng.uniform(0.5, 1.0))
            for place in range(first, first + int(self.rng.integers(1, 5))):
                piece[place] = _mix(piece[place], np.full_like(piece[place], 255), share)
        return Made("flashes", piece)

    def pan(self) -> Made:
        """Return a look around in a large picture: across it within 0.5 to 1.5 s, three times."""
        large = cv2.resize(self.piece(is_drawn=False)[0], (4 * WIDTH, 2 * HEIGHT))
        places: list[float] = []
        for number in range(3):
            ends = (0.0, 3.0 * WIDTH) if number % 2 == 0 else (3.0 * WIDTH, 0.0)
            moving = np.linspace(*ends, int(self.rng.uniform(0.5, 1.5) * RATE))
            places += [*moving, *[ends[1]] * RATE]
        return Made("fast pans", [_window(large, int(x)) for x in places])

    def whole(self, is_drawn: bool) -> Made:
        """Return a long piece of one shot."""
        piece = self.piece(is_drawn=is_drawn, seconds=(8, 10))
        return Made("one shot, drawn" if is_drawn else "one shot", piece)

    def door(self) -> Made:
        """Return somebody at a door, which comes and goes and takes much of the picture."""
        name = str(self.rng.choice(["opening a door", "closing a door"]))
        return Made("one shot, a door", self.drawn(name, 8 * RATE))

    def cartoon(self) -> Made:
        """Return a drawn shot in which only every fourth picture is another."""
        piece = self.piece(is_drawn=True, seconds=(8, 10))
        held = [piece[place - place % 8] for place in range(len(piece))]
        return Made("one shot, pictures held", held)

    def every(self) -> Iterator[Made]:
        """Yield all videos."""
        for _ in range(24):
            yield self.hard(is_drawn=False)
        for number in range(12):
            yield self.hard(is_drawn=True)
            yield self.hard(is_drawn=False, bars=0.44 if number % 2 else 0.68)
            yield self.whole(is_drawn=False)
            yield self.whole(is_drawn=True)
            yield self.door()
            yield self.pan()
            yield self.flashes()
            yield self.slides()
            yield self.cartoon()
            yield self.slow("dissolve")
            yield self.slow("fade through black")


def _fitted(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT)), dtype=np.uint8)


def _mix(one: Picture, two: Picture, share: float) -> Picture:
    return np.asarray(cv2.addWeighted(one, 1 - share, two, share, 0), dtype=np.uint8)


def _with_bars(picture: Picture, bars: float) -> Picture:
    width = int(WIDTH * (1 - bars))
    first = (WIDTH - width) // 2
    found = np.zeros_like(picture)
    found[:, first : first + width] = picture[:, first : first + width]
    return found


def _window(large: NDArray[np.integer], left: int) -> Picture:
    top = HEIGHT // 2
    return np.ascontiguousarray(large[top : top + HEIGHT, left : left + WIDTH], dtype=np.uint8)


def write(path: Path, pictures: Pictures) -> None:
    """Encode a video as H.264."""
    command = [
        *(find_ffmpeg(), "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:", "-c:v", "libx264"),
        *("-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", str(path)),
    ]
    subprocess.run(command, input=b"".join(p.tobytes() for p in pictures), check=True)


def by_ours(path: Path) -> list[float]:
    """Find cuts as `score` does."""
    finder = CutFinder()
    for frame in iterate_frames(path, every_seconds=EVERY_SECONDS, short_side=108):
        finder.take(frame.time_seconds, small(frame.rgb_HWC))
    return finder.cuts()


def by_adaptive(path: Path) -> list[float]:
    """Find cuts by PySceneDetect's adaptive detector at five pictures a second."""
    finder, time_seconds = ShotFinder(), 0.0
    for frame in iterate_frames(path, every_seconds=EVERY_SECONDS, short_side=108):
        time_seconds = frame.time_seconds
        finder.take(time_seconds, small(frame.rgb_HWC))
    return [shot.start for shot in finder.shots(Interval(0.0, time_seconds + 1))[1:]]


def by_theirs(kind: type[SceneDetector]) -> Callable[[Path], list[float]]:
    """Return what finds cuts by one of PySceneDetect's detectors, with its defaults."""

    def find(path: Path) -> list[float]:
        manager = SceneManager()
        manager.add_detector(kind())
        manager.detect_scenes(open_video(str(path)))
        return [scene[0].get_seconds() for scene in manager.get_scene_list()[1:]]

    return find


def detectors() -> list[Detector]:
    """Return all that are measured, ours first."""
    theirs = (AdaptiveDetector, ContentDetector, HashDetector, HistogramDetector, ThresholdDetector)
    return [
        Detector("ours, 5 a second", by_ours),
        Detector("AdaptiveDetector, 5 a second", by_adaptive),
        *(Detector(f"{kind.__name__}, all", by_theirs(kind)) for kind in theirs),
    ]


def measure(made: Made, path: Path, found: Sequence[Detector]) -> float:
    """Let every detector look at a video; return its length, seconds."""
    write(path, made.pictures)
    for detector in found:
        begun = time.process_time()
        said = detector.find(path)
        detector.cpu_seconds += time.process_time() - begun
        detector.tallies.setdefault(made.kind, Tally()).add(said, made)
    return len(made.pictures) / RATE


def tables(found: Sequence[Detector], seconds: float, slow: set[str]) -> Iterator[str]:
    """Yield the lines of both tables."""
    yield "| detector | cuts | found | false | recall | precision | CPU s an hour of video |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for one in found:
        hard = [tally for kind, tally in one.tallies.items() if kind not in slow]
        cuts, hits = sum(t.num_cuts for t in hard), sum(t.num_found for t in hard)
        false = sum(t.num_false for t in hard)
        yield (
            f"| {one.name} | {cuts} | {hits} | {false} | {hits / cuts:.3f} "
            f"| {hits / max(1, hits + false):.3f} | {one.cpu_seconds / seconds * 3600:.0f} |"
        )
    kinds = list(found[0].tallies)
    yield ""
    yield "Found of how many, and falsely said beside, by what the videos hold:"
    yield ""
    yield f"| | {' | '.join(one.name for one in found)} |"
    yield f"|---|{'---:|' * len(found)}"
    for kind in kinds:
        cells = [one.tallies[kind] for one in found]
        shown = (
            f"{t.num_found} of {t.num_cuts}, {t.num_false}" if t.num_cuts else str(t.num_false)
            for t in cells
        )
        yield f"| {kind} | {' | '.join(shown)} |"


def main() -> None:
    """Make the videos, measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "cuts.md")
    options = parser.parse_args()
    clips = options.data / "videos" / "actions"
    real = [
        [frame.rgb_HWC for frame in iterate_frames(clips / name, size=(WIDTH, HEIGHT))][: 12 * RATE]
        for name in UNCUT
    ]
    maker, found, seconds, count = Maker(np.random.default_rng(SEED), real), detectors(), 0.0, 0
    slow: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for made in maker.every():
            path = Path(folder) / f"{count}.mp4"
            seconds += measure(made, path, found)
            path.unlink()
            slow |= {made.kind} if made.is_slow else set()
            count += 1
    lines = [
        "# Cuts",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}. `python -m benchmarks.cuts`.",
        f"{count} made videos, {seconds / 60:.0f} minutes; CPU seconds are those of all",
        "threads of a process. Slow transitions stand in the second table alone.",
        "",
        *tables(found, seconds, slow),
        "",
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
