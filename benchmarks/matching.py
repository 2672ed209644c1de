"""How fast and how well titles are matched; speed against one `re` alternation of the variants.

    .venv/bin/python benchmarks/matching.py [--against COMMIT ...] [--data DIR] [--out FILE]

Titles are the real ones of `titles/kinetics_titles_labelled.csv`, over and over with a number
added, so that none is equal to another. Both sides run on one thread. `--against` measures the
matchers of other commits too, which it puts into a temporary folder: a million titles from the
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
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import kinetics_builder

ROOT = Path(__file__).parent.parent
MIN_SECONDS = 2.0
NUM_TITLES = 1_000_000
GC_THRESHOLD = 20_000
"""As `kbuild` sets it."""
LABELS = ("k400_label", "k600_label")
MODES = ("binary", "scored")


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
    variants, normalise = _part("variants").variants, _part("normalise").normalise
    texts = {variant.text for label in labels for variant in variants(label)}
    longest_first = sorted(texts, key=lambda text: (-len(text), text))
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
    return lambda title: pattern.findall(normalise(title))


def matcher_of(mode: str, labels: Iterable[str]) -> Any:
    """Return the matcher of a mode, of this commit or another."""
    entries = [_part("entries").ClassEntry(name=label) for label in labels if label]
    if mode == "binary":
        return _part("matcher").Matcher(entries)
    return _part("scored").ScoredMatcher(entries)


def _part(name: str) -> Any:
    """Return a module that deals with text, wherever the commit that is measured keeps it."""
    root = Path(kinetics_builder.__path__[0])
    (file,) = (root / "text").rglob(f"{name}.py")
    return import_module(".".join(file.relative_to(root.parent).with_suffix("").parts))


def row(data: Path, name: str, mode: str) -> str:
    """Measure one list of labels and return its line of the table."""
    path = data / "kinetics" / f"label_map_{name}.txt"
    labels = [label for label in path.read_text().splitlines() if label]
    given = titles(data, 400_000)
    begun = time.process_time()
    matcher = matcher_of(mode, labels)
    build = time.process_time() - begun
    num_variants = sum(len(_part("variants").variants(label)) for label in labels)
    ours, plain = rate(matcher.match, given), rate(alternation(labels), given)
    return (
        f"| {name.upper()} | {mode} | {len(labels)} | {num_variants:,} | {build * 1000:.0f} ms "
        f"| {ours:,.0f} | {plain:,.0f} | {ours / plain:.0f} |"
    )


def quality(data: Path, name: str, mode: str) -> str:
    """Match the real titles against one list of labels and return its line of the table.

    A title counts if one of its labels is in the list; a pair of title and class is right if
    it is one of them.
    """
    path = data / "kinetics" / f"label_map_{name}.txt"
    labels = [label for label in path.read_text().splitlines() if label]
    matcher = matcher_of(mode, labels)
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
        f"| {name.upper()} | {mode} | {num_titles} | {num_found / num_titles:.4f} "
        f"| {num_right / num_pairs:.4f} |"
    )


def sweep(data: Path, mode: str, num_titles: int) -> dict[str, float]:
    """Match that many titles to 700 classes, in a process of its own.

    Returns CPU seconds, the number of candidates and the most memory held, in MB.
    """
    gc.set_threshold(GC_THRESHOLD)
    labels = (data / "kinetics" / "label_map_k700.txt").read_text().splitlines()
    matcher = matcher_of(mode, labels)
    given = titles(data, num_titles)
    list(matcher.match_all(given[:1000]))
    begun, num_candidates = time.process_time(), 0
    for matches in matcher.match_all(given):
        num_candidates += sum(match.score >= 0.5 for match in matches)
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "candidates": num_candidates, "peak_mb": peak}


def against(data: Path, commits: Sequence[str]) -> list[str]:
    """Return the lines of the table that holds today's matchers against those of commits."""
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            f"{mode}, {commit[:7]}": (tree, mode)
            for commit in commits
            for tree in [_tree_of(commit, Path(folder))]
            for mode in _modes(tree)
        }
        sides |= {mode: (ROOT, mode) for mode in _modes(ROOT)}
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


def _tree_of(commit: str, folder: Path) -> Path:
    """Return a folder with the packages of a commit."""
    tree = folder / commit
    tree.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit, "kinetics_builder"],
        check=True,
        capture_output=True,
    )
    subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
    return tree


def _modes(tree: Path) -> list[str]:
    """Return the modes of matching that a tree has."""
    has_scored = any((tree / "kinetics_builder" / "text").rglob("scored.py"))
    return ["binary", "scored"] if has_scored else ["binary"]


def _alone(data: Path, tree: Path, mode: str) -> dict[str, float]:
    """Return what `sweep` finds with the packages of a tree."""
    command = [sys.executable, __file__, "--data", str(data), "--sweep", mode]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT", action="append", default=[])
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
        "`python benchmarks/matching.py`. Titles one by one; `re` is one alternation of the",
        "same variants on titles normalised alike: it finds no gaps, weighs nothing and finds one",
        "variant a place. Seconds are CPU seconds.",
        "",
        "| classes | match | names | variants | build | titles/s | titles/s `re` | ratio |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *(row(options.data, name, mode) for name in ("k400", "k700") for mode in MODES),
        "",
        "Of the titles whose class is in the list, recall is the share of those matched to it, and",
        "precision the share of matches that are right, at scores from 0.5 (`match.min_score`) on.",
        "",
        "| classes | match | titles | recall | precision |",
        "|---|---|---:|---:|---:|",
        *(quality(options.data, n, mode) for n in ("k400", "k600", "k700") for mode in MODES),
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
    f"{NUM_TITLES:,} titles to K700, to candidates, beside the commits named.",
    "",
    "| match | candidates | CPU s | titles/s | times as fast | peak memory |",
    "|---|---:|---:|---:|---:|---:|",
]


if __name__ == "__main__":
    main()
