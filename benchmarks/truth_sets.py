"""Real votes on questions whose answer is known, as `benchmarks/truth.py` reads them."""

import csv
import gzip
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.crowd.truth.answers import Answers

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("KBUILD_SHARED", ROOT.parent / "shared" / "data")) / "crowd"
PLAIN = ("CF_amt", "MS", "SP", "ZenCrowd_in")
SNOW = {"rte": "RTE", "temp": "temporal"}
"""Those of Snow 2008, by the names of their files."""


@dataclass(frozen=True)
class Labelled:
    """Votes, and what is known."""

    name: str
    rows: list[tuple[str, str, str]]
    """Question, worker, label; the last answer alone of a worker to a question."""
    gold: dict[str, str]
    answers: Answers

    def line(self) -> str:
        """Return the row of the table of sets."""
        answers = self.answers
        return (
            f"| {self.name} | {answers.num_votes:,} | {answers.num_questions:,} "
            f"| {answers.num_workers:,} | {answers.num_labels} |"
        )


def labelled_sets() -> list[Labelled]:
    """Return all sets."""
    plain = [_labelled(name, _plain_rows(DATA / f"{name}.csv")) for name in PLAIN]
    snow = [
        _labelled(name, _snow_rows(DATA / f"{stem}.standardized.csv.gz"))
        for stem, name in SNOW.items()
    ]
    return [*plain, *snow]


def mace_labels(name: str) -> dict[str, str]:
    """Return the labels that MACE's own program gave, by question; none for other sets."""
    stem = next((stem for stem, set_name in SNOW.items() if set_name == name), None)
    if stem is None:
        return {}
    words = {"true": "1", "false": "0"}
    with (DATA / f"mace_units_{stem}.csv").open(newline="") as file:
        found = {}
        for row in csv.DictReader(file):
            unit = row.pop("unit")
            row.pop("gold")
            best = max(row, key=lambda label: float(row[label]))
            found[unit] = words.get(best, best)
    return found


def _labelled(name: str, rows: Iterable[tuple[str, str, str, str]]) -> Labelled:
    last: dict[tuple[str, str], str] = {}
    gold = {}
    for worker, question, label, true in rows:
        last[question, worker] = label
        gold[question] = true
    votes = [(question, worker, label) for (question, worker), label in last.items()]
    return Labelled(name, votes, gold, Answers.of(votes))


def _plain_rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with path.open(newline="") as file:
        for worker, question, label, true, *_ in csv.reader(file):
            yield worker, question, label, true


def _snow_rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["!amt_worker_ids"], row["orig_id"], row["response"], row["gold"]
