"""How fast frames are scored, and whether peaks are found: peaks first against all frames.

    .venv/bin/python -m benchmarks.scoring [--films DIR] [--world DIR] [--out FILE]

Both sides are the stage `score` with the classifier of the demo, in one process on one thread:
all frames at 5 a second, and as it is done: of films key frames first, then 5 a second where it
may be best; of short videos some moments evenly. The made hour is drawn (`scoring_films.py`); the
demo's world is that of `make demo`. Both are made where they are not there yet, and left there.

A peak is found where a proposed clip's middle lies within 5 s of the middle of what is done in
the film, for each class of which something is done in it (the two clips of a class find two at
most); in the demo's world, within half a clip.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from benchmarks.report import machine, put_down
from benchmarks.scoring_films import MadeFilm, is_of_the_hour, make_hour
from kinetics_builder.config import ProposeConfig
from kinetics_builder.database.tables import Method
from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.finding.placing import Cuts
from kinetics_builder.video.reading.probe import probe
from models.image_scoring.scorer import ImageScorer
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.networks import scorer_in_background
from pipelines.demo.plan import Plan
from pipelines.demo.publish import file_of, publish_videos
from pipelines.demo.truth import truth_of
from pipelines.demo.world import build_world
from pipelines.kinetics.closely import Closely
from pipelines.kinetics.propose import ScoredVideo, propose
from pipelines.kinetics.score import Seen, VideoToScore, score

ROOT = Path(__file__).parent.parent
FINE_SECONDS = 0.2
COARSE_SECONDS = 10.0
TOLERANCE_SECONDS = 5.0
BATCHES = (1, 4, 16, 64)


@dataclass
class Side:
    """One way to look, over some films."""

    cpu_seconds: float = 0.0
    num_found: int = 0
    windows: list[Interval] = field(default_factory=list)


@dataclass
class Row:
    """What both ways gave for some films."""

    name: str
    seconds: float = 0.0
    num_actions: int = 0
    all_frames: Side = field(default_factory=Side)
    peaks: Side = field(default_factory=Side)

    def __add__(self, other: "Row") -> "Row":
        def both(one: Side, two: Side) -> Side:
            spent = one.cpu_seconds + two.cpu_seconds
            return Side(spent, one.num_found + two.num_found)

        return Row(
            self.name,
            self.seconds + other.seconds,
            self.num_actions + other.num_actions,
            both(self.all_frames, other.all_frames),
            both(self.peaks, other.peaks),
        )

    @property
    def line(self) -> str:
        """Return the line of the table."""
        rates = [self.seconds / side.cpu_seconds for side in (self.all_frames, self.peaks)]
        found = [side.num_found for side in (self.all_frames, self.peaks)]
        shares = [f"{n} ({100 * n / self.num_actions:.1f} %)" for n in found]
        return (
            f"| {self.name} | {self.seconds / 60:.0f} min | {rates[0]:.0f} | {rates[1]:.0f} "
            f"| {rates[1] / rates[0]:.1f} | {self.num_actions} | {shares[0]} | {shares[1]} |"
        )


def look(
    path: Path, seconds: float, labels: Sequence[str], scorer: Path, closely: Closely | None
) -> tuple[Seen, float]:
    """Score a film for labels; return what was seen, and the CPU seconds that it took."""
    names = tuple(sorted(labels))
    video = VideoToScore("v", path.name, "", seconds, names, tuple(range(len(names))))
    begun = time.process_time()
    seen = score(
        video,
        storage=Storage(path.parent.absolute(), StorageConfig()),
        scorers=(scorer,),
        every_seconds=FINE_SECONDS,
        closely=closely,
    )
    return seen, time.process_time() - begun


def clips(
    seen: Seen, number: int, seconds: float, config: ProposeConfig
) -> list[tuple[Interval, tuple[float, ...]]]:
    """Return the windows proposed for a label, and the cuts that each is known to lie across."""
    curve = seen.scored[number].curve
    looked = None if seen.looked is None else json.dumps([t for s in seen.looked for t in s])
    video = ScoredVideo(
        *("v", "label", seconds, Method.CLASSIFIER),
        *(json.dumps(curve.times_seconds), json.dumps(curve.values), 1, 1),
        *(json.dumps(seen.cuts), looked),
    )
    try:
        return [(placed.window, placed.cuts) for placed in propose(video, config=config)]
    except ItemFailed:
        return []


def num_found(windows: Sequence[Interval], actions: Sequence[Interval], within: float) -> int:
    """Return how many of the actions a window lies on."""
    middles = [(window.start + window.end) / 2 for window in windows]
    hit = [a for a in actions if any(abs(m - (a.start + a.end) / 2) <= within for m in middles)]
    return min(len(hit), len(windows))


@dataclass(frozen=True)
class Bench:
    """What films are looked at with."""

    scorer: Path
    config: ProposeConfig
    within: float

    @property
    def closely(self) -> Closely:
        """Return how closely peaks are looked at."""
        return Closely(
            fine_seconds=FINE_SECONDS,
            coarse_seconds=COARSE_SECONDS,
            clip_seconds=self.config.clip_seconds,
            num_peaks=self.config.num_peaks,
            min_distance_seconds=self.config.min_distance_seconds,
            grid_seconds=self.config.grid_seconds,
        )

    def measure(self, path: Path, name: str, label: str, done: dict[str, list[Interval]]) -> Row:
        """Look at a film both ways for its label, and for recall at all that is done in it."""
        row = Row(name, probe(path).duration_seconds)
        full, row.all_frames.cpu_seconds = look(path, row.seconds, list(done), self.scorer, None)
        _, row.peaks.cpu_seconds = look(path, row.seconds, [label], self.scorer, self.closely)
        for number, action in enumerate(sorted(done)):
            seen, _ = look(path, row.seconds, [action], self.scorer, self.closely)
            row.num_actions += min(len(done[action]), self.config.num_peaks)
            for side, which, place in ((row.all_frames, full, number), (row.peaks, seen, 0)):
                windows = [w for w, _ in clips(which, place, row.seconds, self.config)]
                side.num_found += num_found(windows, done[action], self.within)
        return row


def of_the_hour(films: Sequence[tuple[Path, MadeFilm]], bench: Bench) -> Iterator[Row]:
    """Yield what both ways gave for each made film."""
    for path, film in films:
        done: dict[str, list[Interval]] = {film.label: []}
        for label, begin, end in film.actions:
            done.setdefault(label, []).append(Interval(begin, end))
        kbps = path.stat().st_size * 8 / 1000 / (film.minutes * 60)
        kind = "shots" if film.is_edited else "one shot"
        name = f"{film.minutes} min, {kind}, a key frame every {film.key_frames / 25:g} s at least"
        print(name, f"{kbps:.0f} kbit/s", flush=True)
        yield bench.measure(path, f"{name}, {kbps:.0f} kbit/s", film.label, done)


def of_the_world(plan: Plan, bench: Bench) -> Row:
    """Return what both ways gave for the honest videos of the demo's world."""
    world = build_world(plan.seed, plan.small)
    total = Row("demo's world")
    truth = truth_of(world)
    for upload in world.uploads:
        usable = truth[upload.video_id].usable()
        path = file_of(plan.media, upload)
        if usable and path.exists():
            label = usable[0].label
            total += bench.measure(path, "", label, {label: [a.interval for a in usable]})
    return total


def floor(plan: Plan) -> float:
    """Return the video hours an hour at which the videos of the demo's world are decoded."""
    seconds, begun = 0.0, time.process_time()
    for path in sorted(plan.media.glob("*.mp4"))[:50]:
        with suppress(av.FFmpegError), av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for picture in container.decode(stream):
                seconds += 1 / FRAMES_PER_SECOND if picture.width else 0.0
    return seconds / (time.process_time() - begun)


def placement(films: Sequence[tuple[Path, MadeFilm]], bench: Bench) -> Iterator[str]:
    """Yield how many proposed clips lie across a true cut, as they were and as they are."""
    looks = [
        (film, seconds, look(path, seconds, [label], bench.scorer, bench.closely)[0])
        for path, film in films
        if film.is_edited
        for seconds in [probe(path).duration_seconds]
        for label in sorted({film.label, *(label for label, *_ in film.actions)})
    ]
    for what in Cuts:
        config = ProposeConfig(cuts=what)
        across: list[tuple[bool, bool]] = []
        for film, seconds, seen in looks:
            for window, noted in clips(seen, 0, seconds, config):
                is_across = any(window.start + 0.2 < c < window.end - 0.2 for c in film.cuts)
                across.append((is_across, bool(noted)))
        num_across = sum(is_across for is_across, _ in across)
        num_noted = sum(is_across and is_noted for is_across, is_noted in across)
        share = f"{100 * num_across / len(across):.0f} %"
        yield f"| {what} | {len(across)} | {num_across} | {share} | {num_noted} |"


def batches(scorer: Path) -> Iterator[str]:
    """Yield what a frame costs by how many are scored in one call."""
    network = ImageScorer.load(scorer)
    side = network.card.size
    frames = np.random.default_rng(0).integers(0, 255, (64, side, side, 3), dtype=np.uint8)
    network.score(frames)
    for size in BATCHES:
        begun = time.process_time()
        for start in range(0, 64, size):
            network.score(frames[start : start + size])
        yield f"| {size} | {(time.process_time() - begun) / 64 * 1000:.2f} |"


def _scorer(plan: Plan) -> Path:
    plan.claim()
    world = build_world(plan.seed, plan.small)
    with scorer_in_background(plan, world) as wait:
        publish_videos(world, plan.media)
        wait()
    return plan.scorer


HEAD = (
    "| films | length | all frames: video hours an hour | peaks first | ratio | peaks "
    "| found by all frames | by peaks first |\n|---|---:|---:|---:|---:|---:|---:|---:|"
)


def main() -> None:
    """Make what is missing, measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=Path, default=Path(tempfile.gettempdir()) / "kbuild-hour")
    parser.add_argument("--world", type=Path, default=Path(tempfile.gettempdir()) / "kbuild-world")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "scoring.md")
    options = parser.parse_args()
    plan = Plan(options.world)
    scorer = _scorer(plan)
    films = make_hour(options.films)
    bench = Bench(scorer, ProposeConfig(), TOLERANCE_SECONDS)
    rows = list(of_the_hour(films, bench))
    hour = [row for row, (_, film) in zip(rows, films, strict=True) if is_of_the_hour(film)]
    others = rows[len(hour) :]
    total = sum(hour[1:], hour[0])
    total.name = "**the hour**"
    small = ProposeConfig(clip_seconds=4.0, min_distance_seconds=6.0)
    world = of_the_world(plan, Bench(scorer, small, small.clip_seconds / 2))
    lines = [
        "# Scoring frames",
        "",
        f"{machine('cpu')}, one thread, Python {platform.python_version()}.",
        "`python -m benchmarks.scoring`. CPU seconds; H.264 of 480x360 at 25 a second.",
        "",
        *(HEAD, *(row.line for row in hour), total.line, *(row.line for row in others), world.line),
        "",
        "The demo's videos last 15 to 23 s, have one key frame each, and are looked at evenly: all",
        "of each must be decoded. That alone, with libavcodec and nothing else, is",
        f"{floor(plan):.0f} video hours an hour: no way of looking at them can be faster.",
        "",
        "Clips in the films of shots across a cut (by more than 0.2 s), by `propose.cuts`:",
        "",
        "| cuts | clips | across a true cut | share | noted as such |",
        "|---|---:|---:|---:|---:|",
        *placement(films, bench),
        "",
        "Frames scored in one call, and milliseconds a frame: more than one video's at a time",
        "would gain nothing here.",
        "",
        "| frames | ms |",
        "|---:|---:|",
        *batches(scorer),
        "",
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
