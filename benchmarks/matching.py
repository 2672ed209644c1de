"""How fast and how well titles are matched; speed against one `re` alternation of the variants.

    .venv/bin/python benchmarks/matching.py [--data DIR] [--out FILE]

Titles are the real ones of `titles/kinetics_titles_labelled.csv`, over and over with a number
added, so that none is equal to another. Both sides run in one process on one thread.
"""

import argparse
import csv
import platform
import re
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from kinetics_builder.text.entries import ClassEntry
from kinetics_builder.text.matcher import Matcher
from kinetics_builder.text.normalise import normalise
from kinetics_builder.text.variants import variants

ROOT = Path(__file__).parent.parent
MIN_SECONDS = 2.0
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


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "matching.md")
    options = parser.parse_args()
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
        "",
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
