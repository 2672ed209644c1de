"""Whether Hugging Face's `datasets` loads what is written for it, all rows and values.

    .venv/bin/python benchmarks/loading.py [--out FILE]

Installs `datasets` into a folder of its own for as long as it runs. Each set of clips is written
as both formats and loaded twice, by the folder and by the builder's name; right is a row for each
clip in its split, with its id, its label, and its video.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.registry import find_format

ROOT = Path(__file__).parent.parent
VERSION = "5.2.0"
BUILDERS = {"webdataset": "webdataset", "huggingface-videofolder": "videofolder"}
SPLITS = ("train", "validate", "test")
NAMES = {"train": "train", "validate": "validation", "test": "test"}

LOADER = """
import json, sys, tempfile
from pathlib import Path
import datasets

datasets.disable_progress_bars()
folder, builder, how = sys.argv[1:]
place = {"path": folder} if how == "folder" else {"path": builder, "data_dir": folder}
found = []
cache = tempfile.mkdtemp(dir=Path(folder).parent)
for split, rows in datasets.load_dataset(**place, cache_dir=cache).items():
    for name in {"video", "mp4"} & set(rows.column_names):
        rows = rows.cast_column(name, datasets.Video(decode=False))
    for row in rows:
        said = row.get("json", row)
        has_video = (row.get("video") or row.get("mp4")) is not None
        found.append([split, said["video_id"], said.get("label") or "", has_video])
print(json.dumps(sorted(found)))
"""


def sets(media: Path) -> Iterator[tuple[str, list[Clip]]]:
    """Yield what is tried: a name for people, and the clips."""

    def clip(file: str, number: int, **fields: object) -> Clip:
        (media / file).write_bytes(file.encode())
        known = Clip(file.partition(".")[0], 0.0, 10.0, "waving", SPLITS[number % 3], file)
        return known._replace(**fields)  # type: ignore[arg-type]

    some = [{"licence": "x", "rate": 1.5, "is_cc": True, "tags": ["a"]}]
    yield "plain", [clip(f"a{n}.mp4", n) for n in range(9)]
    suffixes = [*["mp4"] * 6, "mkv", "webm"]
    yield (
        "six .mp4, a .mkv and a .webm",
        [clip(f"b{n}.{suffix}", 0) for n, suffix in enumerate(suffixes)],
    )
    yield (
        "columns empty in the first eight rows",
        [clip(f"c{n}.mp4", 0, details=some[0] if n > 7 else {}) for n in range(12)],
    )
    yield (
        "columns empty in two splits",
        [clip(f"d{n}.mp4", n, details=some[0] if n % 3 == 0 else {}) for n in range(9)],
    )
    yield (
        "values of many kinds in a column",
        [clip(f"e{n}.mp4", 0, details={"x": x}) for n, x in enumerate(["a", 1, [2], 10**30])],
    )
    yield (
        "ids that are days in one split",
        [clip(f"f{n}.mp4", n, video_id=f"{'v' * (n % 3)}2020-01-0{n + 1}") for n in range(6)],
    )
    yield (
        "classes called like splits",
        [clip(f"training dog {n}.mp4", n, label="training dog") for n in range(6)],
    )
    yield "clips without a class", [clip(f"g{n}.mp4", n, label=None) for n in range(6)]


def tried(python: Path, folder: Path, name: str, how: str, clips: list[Clip]) -> str:
    """Return what becomes of the clips when they are loaded."""
    run = subprocess.run(
        [python, "-c", LOADER, folder, BUILDERS[name], how],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HOME": str(python.parent), "HF_HUB_OFFLINE": "1"},
    )
    if run.returncode:
        return f"stops: {run.stderr.strip().splitlines()[-1][:60]}"
    wanted = sorted([NAMES[c.split or ""], c.video_id, c.label or "", True] for c in clips)
    return "all" if json.loads(run.stdout) == wanted else "not all"


def main() -> int:
    """Write, load, print the table; 1 if anything does not load whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "loading.md")
    options = parser.parse_args()
    lines = [
        "# Loading what is written",
        "",
        f"`python benchmarks/loading.py`, with Hugging Face's datasets {VERSION}: whether all rows",
        "load with their split, id, class and video.",
        "",
        "| clips | format | by folder | by builder |",
        "|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        venv.create(root / "venv", with_pip=True)
        python = root / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", f"datasets=={VERSION}"], check=True)
        (root / "media").mkdir()
        for number, (title, clips) in enumerate(sets(root / "media")):
            for name in BUILDERS:
                folder = root / f"{number}-{name}"
                write = find_format(name).write
                assert write is not None
                write(folder, clips, Options(media=root / "media"), Problems(folder))
                found = [tried(python, folder, name, how, clips) for how in ("folder", "builder")]
                lines.append(f"| {title} | `{name}` | {' | '.join(found)} |")
    options.out.write_text("\n".join((*lines, "")))
    print(options.out.read_text())
    return int(any("stops" in line or "not all" in line for line in lines))


if __name__ == "__main__":
    sys.exit(main())
