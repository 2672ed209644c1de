"""What the filters of `propose` find: stills, dark videos, cartoons.

    .venv/bin/python -m benchmarks.filters [--data DIR] [--world DIR] [--out FILE]

Of the demo's world it is known which uploads are stills and cartoons; the real clips of people are
none of it. Dark ones are the same clips at a tenth of their brightness; they
stand in the rows of `dark` alone. Also: in how many of the
real clips OpenCV's detector of persons (`ava detect` without weights) finds somebody.
"""

import argparse
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.report import machine
from kinetics_builder.ava.hog import HogDetector
from kinetics_builder.config import FiltersConfig
from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.finding.impressions import Impressions
from kinetics_builder.video.finding.shots import small
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.demo.publish import file_of, publish_videos
from pipelines.demo.uploads import BROKEN, UNAVAILABLE, Kind
from pipelines.demo.world import build_world

ROOT = Path(__file__).parent.parent
DARK = 0.1
HOG_SCORE = 0.8
"""The operating point of `ava detect`."""

Traits = dict[str, float]


def traits(path: Path, brightness: float = 1.0) -> Traits:
    """Return the scores of a video; none where it cannot be read."""
    impressions = Impressions()
    try:
        for frame in iterate_frames(path, every_seconds=0.2, size=(64, 64)):
            picture = (small(frame.rgb_HWC) * brightness).astype(np.uint8)
            impressions.take(frame.time_seconds, picture)
    except ItemFailed:
        return {}
    return impressions.scores()


def of_the_world(folder: Path) -> Iterator[tuple[str, Traits]]:
    """Yield (what it is, scores) of each video of the demo's world that plays."""
    world = build_world(0, False)
    publish_videos(world, folder)
    for upload in world.uploads:
        if upload.kind not in UNAVAILABLE | BROKEN:
            what = {Kind.STILL: "still", Kind.CARTOON: "cartoon"}.get(upload.kind, "filmed")
            yield what, traits(file_of(folder, upload))


def of_real_clips(data: Path) -> Iterator[tuple[str, Traits]]:
    """Yield (what it is, scores) of the real clips, and of them in the dark."""
    for path in sorted((data / "videos" / "actions").rglob("*.*")):
        yield "filmed", traits(path)
        yield "dark", traits(path, DARK)
    for path in sorted((data / "videos" / "negatives").glob("*.*")):
        yield "cartoon" if "cartoon" in path.name else "filmed", traits(path)


def line(name: str, found: list[tuple[str, Traits]], trait: str, threshold: float) -> str:
    """Return what a filter does at a threshold: how many it takes, rightly or not."""
    fair = [pair for pair in found if trait == "dark" or pair[0] != "dark"]
    known = [(what == trait, scores[trait]) for what, scores in fair if trait in scores]
    right = sum(is_one and score > threshold for is_one, score in known)
    wrong = sum(not is_one and score > threshold for is_one, score in known)
    there, others = (sorted(s for is_one, s in known if is_one is which) for which in (True, False))
    spans = [f"{s[0]:.2f} to {s[-1]:.2f}" if s else "-" for s in (there, others)]
    recall = f"{right} of {len(there)}" if there else "-"
    return (
        f"| {trait} | {name} | {threshold:g} | {recall} | {wrong} of {len(others)} "
        f"| {spans[0]} | {spans[1]} |"
    )


def persons(data: Path) -> Iterator[str]:
    """Yield in how many real clips the detector of persons finds one."""
    hog = HogDetector()
    for folder, what in (("actions", "clips of people"), ("negatives", "clips without people")):
        paths = sorted((data / "videos" / folder).rglob("*.*"))
        paths = [path for path in paths if path.is_file()]
        num_found = sum(
            any(
                person.score >= HOG_SCORE
                for frame in iterate_frames(path, every_seconds=2.0, short_side=240)
                for person in hog.find(frame.rgb_HWC)
            )
            for path in paths
        )
        yield f"| {what} | {len(paths)} | {num_found} |"


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--world", type=Path, default=Path(tempfile.gettempdir()) / "kbuild-world")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "filters.md")
    options = parser.parse_args()
    usual = FiltersConfig()
    sets = {
        "demo's world": list(of_the_world(options.world / "world" / "media")),
        "real clips": list(of_real_clips(options.data)),
    }
    rows = [
        line(name, found, trait, threshold)
        for trait, threshold in (("still", usual.still), ("dark", usual.dark), ("cartoon", 0.4))
        for name, found in sets.items()
    ]
    lines = [
        "# Filters",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}. `python -m benchmarks.filters`.",
        "The threshold is the default's; `cartoon` is off by default, and shown at 0.4.",
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
    ]
    text = "\n".join(lines)
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
