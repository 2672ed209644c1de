"""Blurring the faces of clips with the real finder: what is found, what is left, what it takes.

    pip install 'kinetics-builder[faces]'
    .venv/bin/python -m benchmarks.faces [--data DIR] [--out FILE]

Of each real clip the first seconds are cut as they are and with faces blurred. The finder then
looks for faces in both: what it finds in the blurred one at a place where there was a face is left.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import machine, put_down
from kinetics_builder.ava.boxes import overlap
from kinetics_builder.config import CutConfig
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.faces import Blurring, FaceFinder
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.kinetics.blurring import load_finder, said_of_faces

ROOT = Path(__file__).parent.parent
SECONDS = 2.0

SAME = 0.3
"""Two boxes that overlap by more are of one face."""


class Row(NamedTuple):
    """What came of one clip."""

    name: str
    num_frames: int
    num_with_faces: int
    num_blurred: int
    num_left: int
    """Frames of the blurred clip with a face found where one was before."""
    plain_seconds: float
    blurring_seconds: float
    """Of a processor."""


def measured(path: Path, folder: Path, finder: FaceFinder) -> Row:
    """Cut one clip both ways, and look for faces in what came out."""
    config, plain, safe = CutConfig(), folder / "plain.mp4", folder / "safe.mp4"
    begin = time.process_time()
    made = cut_clip(path, plain, Interval(0, SECONDS), settings=config)
    between = time.process_time()
    blurring = Blurring(finder)
    cut_clip(path, safe, Interval(0, SECONDS), settings=config, change=blurring)
    end = time.process_time()
    before, after = (
        [finder.find(frame.rgb_HWC) for frame in iterate_frames(file)] for file in (plain, safe)
    )
    left = sum(
        any(overlap(one, other) > SAME for one in faces for other in found)
        for faces, found in zip(before, after, strict=True)
    )
    with_faces = sum(map(bool, before))
    return Row(
        path.name,
        made.num_frames,
        with_faces,
        blurring.num_blurred,
        left,
        between - begin,
        end - between,
    )


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "faces.md")
    options = parser.parse_args()
    said_of_faces(replace(CutConfig(), blur_faces=True))
    finder = load_finder()
    paths = sorted((options.data / "videos" / "actions").glob("*.*"))
    paths = [path for path in paths if path.stat().st_size < 3_000_000]
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(path, Path(folder), finder) for path in paths]
    lines = [
        "# Faces",
        "",
        f"{machine('cpu')}, {finder.name}. `python -m benchmarks.faces`: the first {SECONDS:g} s "
        "of clips, cut as they are and with faces blurred; processor seconds of each.",
        "",
        "| clip | frames | with a face found | blurred | with one left | cut | cut and blurred |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {row.name} | {row.num_frames} | {row.num_with_faces} | {row.num_blurred} "
            f"| {row.num_left} | {row.plain_seconds:.1f} | {row.blurring_seconds:.1f} |"
            for row in rows
        ),
        "",
        f"All: {sum(row.num_with_faces for row in rows)} frames with a face found, "
        f"{sum(row.num_left for row in rows)} with one left after blurring.",
        "",
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
