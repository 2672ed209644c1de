"""How fast and how well titles are matched; speed against one `re` alternation of the variants.

    .venv/bin/python benchmarks/matching.py [--against COMMIT] [--data DIR] [--out FILE]

Titles are the real ones of `titles/kinetics_titles_labelled.csv`, over and over with a number
added, so that none is equal to another. Both sides run on one thread. `--against` measures the
matcher of another commit too, which it puts into a temporary folder: a million titles from the
list to candidates, each side in a process of its own, in turns, the better of two runs each.
"""

import argparse
import csv
import gc
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.matcher import Matcher
from kinetics_builder.text.matching.variants import variants
from kinetics_builder.text.normalise import normalise

ROOT = Path(__file__).parent.parent
MIN_SECONDS = 2.0
NUM_TITLES = 1_000_000
GC_THRESHOLD = 20_000
"""As `kbuild` sets it."""
LABELS = ("k400_label", "k600_label")


def titles(data: Path, num_titles: int) -> list[str]:
    """Return that many titles, no two alike."""
    with (data / "titles" / "kinetics_titles_labelled.csv").open(newline="") as file:
        real = [row["title"] for row in csv.DictReader(file) if row["title"]]
    return [f"{real[i % len(real)]} {i}" for i in range(num_titles)]


def rate(match: Callable[[str], object], given: list[str]) -> float:
    """Return titles a CPU second over at least two of them, or all the titles."""
    begun, done = time.process_time(), 0
    feed = iter(given)
    while (spent := time.process_time() - begun) < MIN_SECONDS:
        chunk = list(islice(feed, 200))
        if not chunk:
            break
        for title in chunk:
            match(title)
        done += len(chunk)
    return done / spent


def alternation(labels: list[str]) -> Callable[[str], object]:
    """Return a search by one regular expression of every variant of every label."""
    texts = {variant.text for label in labels for variant in variants(label)}
    longest_first = sorted(texts, key=lambda text: (-len(text), text))
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
    return lambda title: pattern.findall(normalise(title))


def row(data: Path, name: str) -> str:
    """Measure one list of labels and return its line of the table."""
    path = data / "kinetics" / f"label_map_{name}.txt"
    labels = [label for label in path.read_text().splitlines() if label]
    given = titles(data, 400_000)
    begun = time.process_time()
    matcher = Matcher(ClassEntry(name=label) for label in labels)
    build = time.process_time() - begun
    num_variants = sum(len(variants(label)) for label in labels)
    ours, plain = rate(matcher.match, given), rate(alternation(labels), given)
    return (
        f"| {name.upper()} | {len(labels)} | {num_variants:,} | {build * 1000:.0f} ms "
        f"| {ours:,.0f} | {plain:,.0f} | {ours / plain:.0f} |"
    )


def quality(data: Path, name: str) -> str:
    """Match the real titles against one list of labels and return its line of the table.

    A title counts if one of its labels is in the list; a pair of title and class is right if
    it is one of them.
    """
    path = data / "kinetics" / f"label_map_{name}.txt"
    labels = [label for label in path.read_text().splitlines() if label]
    matcher = Matcher(ClassEntry(name=label) for label in labels)
    columns = {"k400": ("k400_label",), "k600": ("k600_label",)}.get(name, LABELS)
    num_titles = num_found = num_pairs = num_right = 0
    with (data / "titles" / "kinetics_titles_labelled.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            truth = {row[column] for column in columns} & set(labels)
            if not (row["title"] and truth):
                continue
            named = [found.label for found in matcher.match(row["title"]) if found.score >= 0.5]
            num_titles += 1
            num_pairs += len(named)
            num_right += len(truth.intersection(named))
            num_found += not truth.isdisjoint(named)
    return (
        f"| {name.upper()} | {num_titles} | {num_found / num_titles:.4f} "
        f"| {num_right / num_pairs:.4f} |"
    )


def sweep(data: Path, mode: str, num_titles: int) -> dict[str, float]:
    """Match that many titles to 700 classes, in a process of its own.

    Returns CPU seconds, the number of candidates and the most memory held, in MB.
    """
    gc.set_threshold(GC_THRESHOLD)
    labels = (data / "kinetics" / "label_map_k700.txt").read_text().splitlines()
    entries = [ClassEntry(name=label) for label in labels if label]
    matcher: Any
    if mode == "scored":
        from kinetics_builder.text.matching.scored import ScoredMatcher

        matcher = ScoredMatcher(entries)
    else:
        matcher = Matcher(entries)
    given = titles(data, num_titles)
    list(matcher.match_all(given[:1000]))
    begun, num_candidates = time.process_time(), 0
    for matches in matcher.match_all(given):
        num_candidates += sum(match.score >= 0.5 for match in matches)
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "candidates": num_candidates, "peak_mb": peak}


def against(data: Path, commit: str) -> list[str]:
    """Return the lines of the table that holds today's matcher against that of a commit."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "-C", str(ROOT), "archive", commit, "kinetics_builder"],
            check=True,
            capture_output=True,
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        sides = {
            f"binary, {commit[:7]}": (folder, "binary"),
            "binary": (str(ROOT), "binary"),
            "scored": (str(ROOT), "scored"),
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
        for _ in range(2):
            for name, (tree, mode) in sides.items():
                runs[name].append(_alone(data, tree, mode))
    best = {name: min(found, key=lambda run: run["seconds"]) for name, found in runs.items()}
    before = next(iter(best.values()))["seconds"]
    return [
        f"| {name} | {run['candidates']:,.0f} | {run['seconds']:.1f} "
        f"| {NUM_TITLES / run['seconds']:,.0f} | {before / run['seconds']:.1f} "
        f"| {run['peak_mb']:.0f} MB |"
        for name, run in best.items()
    ]


def _alone(data: Path, tree: str, mode: str) -> dict[str, float]:
    """Return what `sweep` finds with the packages of a tree."""
    command = [sys.executable, __file__, "--data", str(data), "--sweep", mode]
    environment = {**os.environ, "PYTHONPATH": tree}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT")
    parser.add_argument("--sweep", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "matching.md")
    options = parser.parse_args()
    if options.sweep:
        print(json.dumps(sweep(options.data, options.sweep, NUM_TITLES)))
        return
    compared = against(options.data, options.against) if options.against else []
    lines = [
        "# Matching titles",
        "",
        f"{_machine()}, one thread, Python {platform.python_version()}.",
        "`python benchmarks/matching.py`. `re` is one alternation of the same variants on titles",
        "normalised alike; it finds no gaps, weighs nothing and finds one variant a place.",
        "Seconds are CPU seconds.",
        "",
        "| classes | names | variants | build | titles/s | titles/s `re` | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(row(options.data, name) for name in ("k400", "k700")),
        "",
        "Of the titles whose class is in the list, recall is the share of those matched to it, and",
        "precision the share of matches that are right, at scores from 0.5 (`match.min_score`) on.",
        "",
        "| classes | titles | recall | precision |",
        "|---|---:|---:|---:|",
        *(quality(options.data, name) for name in ("k400", "k600", "k700")),
        *(_AGAINST if compared else []),
        *compared,
        "",
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


_AGAINST = [
    "",
    f"{NUM_TITLES:,} titles to K700, from the list of titles to candidates, beside a commit.",
    "",
    "| match | candidates | CPU s | titles/s | times as fast | peak memory |",
    "|---|---:|---:|---:|---:|---:|",
]


if __name__ == "__main__":
    main()
