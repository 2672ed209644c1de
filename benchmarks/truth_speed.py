"""How long methods take on 1.5 million votes, and how much memory: ours and crowd-kit's in turns.

Each run is a process of its own, which makes the votes, then times the method alone. Methods
that make steps make equally many on both sides.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options

ROOT = Path(__file__).parent.parent
NUM_QUESTIONS, VOTES_EACH, NUM_WORKERS = 300_000, 5, 700
STEPS = {"one-coin": 10, "dawid-skene": 10, "glad": 1, "mace": 10, "kos": 10}
"""Of methods that make steps: how many both make. One of GLAD is up to 25 inner ones of
crowd-kit's, which search for the top, and one ascent of ours, of which more are needed: the table
of accuracy says what both find in the end."""
TURNS = ("ours", "theirs", "theirs", "ours")
ONCE = ("glad",)
"""Takes crowd-kit minutes: run once a side."""
CROWDS = ((2, "two labels"), (10, "ten labels"))
ON_TEN = ("majority", "dawid-skene")
"""Measured on ten labels, too; others of crowd-kit take minutes there, or take two alone."""
BARS = {"dawid-skene": "6", "glad": "10", "mace": "10"}
"""How many times as fast ours should be."""


def made_answers(num_labels: int, seed: int = 0) -> Answers:
    """Return the votes: workers are right with 0.55 to 0.95, else say any label."""
    random = np.random.default_rng(seed)
    question_V = np.repeat(np.arange(NUM_QUESTIONS), VOTES_EACH)
    gap = NUM_WORKERS // VOTES_EACH
    steps_QV = random.integers(1, gap, size=(NUM_QUESTIONS, VOTES_EACH))
    start_Q1 = random.integers(NUM_WORKERS, size=(NUM_QUESTIONS, 1))
    worker_V = ((start_Q1 + steps_QV.cumsum(axis=1)) % NUM_WORKERS).reshape(-1)
    true_Q = random.integers(num_labels, size=NUM_QUESTIONS)
    skill_W = np.linspace(0.55, 0.95, NUM_WORKERS)
    is_right_V = random.random(len(worker_V)) < skill_W[worker_V]
    any_V = random.integers(num_labels, size=len(worker_V))
    label_V = np.where(is_right_V, true_Q[question_V], any_V)
    names = (
        [f"{kind}{number:06}" for number in range(count)]
        for kind, count in (("q", NUM_QUESTIONS), ("w", NUM_WORKERS), ("l", num_labels))
    )
    return Answers.of_places(*names, question_V, worker_V, label_V)


def speed_lines(names: list[str]) -> list[str]:
    """Return the table of seconds and memory."""
    lines = [
        f"{NUM_QUESTIONS * VOTES_EACH:,} votes of {NUM_WORKERS} workers on "
        f"{NUM_QUESTIONS:,} clips, made here. Seconds are of the processor, the median",
        "of two runs in turns (ours, theirs, theirs, ours; GLAD once a side); both sides are given",
        "numbers in the place of names. Memory is what the whole process held at most, with votes.",
        "",
        "| votes | method | steps | seconds, ours | crowd-kit | times as fast | bar "
        "| peak MiB, ours | crowd-kit |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for num_labels, what in CROWDS:
        for name in names:
            if num_labels == 2 or name in ON_TEN:
                lines.append(_line(name, num_labels, what))
    return lines


def _line(name: str, num_labels: int, what: str) -> str:
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "theirs": []}
    for side in TURNS[:2] if name in ONCE else TURNS:
        runs[side].append(_child(side, name, num_labels))
    seconds = {side: statistics.median(run["seconds"] for run in of) for side, of in runs.items()}
    peaks = {side: max(run["peak_mib"] for run in of) for side, of in runs.items()}
    cells = [
        *(what, name, STEPS.get(name, "")),
        *(f"{seconds['ours']:.2f}", f"{seconds['theirs']:.2f}"),
        f"{seconds['theirs'] / seconds['ours']:.1f}",
        BARS.get(name, "") if num_labels == 2 else "",
        *(f"{peaks['ours']:,.0f}", f"{peaks['theirs']:,.0f}"),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _child(side: str, name: str, num_labels: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.truth_speed", side, name, str(num_labels)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def _run_ours(name: str, answers: Answers) -> float:
    options = Options(max_steps=STEPS.get(name, 1), tolerance=0)
    begun = time.process_time()
    METHODS[name](answers, options)
    return time.process_time() - begun


def _run_theirs(name: str, answers: Answers) -> float:
    import pandas as pd

    from benchmarks.truth_peer import peer

    table = pd.DataFrame(
        {"task": answers.question_V, "worker": answers.worker_V, "label": answers.label_V}
    )
    steps = {"n_iter": STEPS[name]} if name in STEPS else {}
    stop = {"tol": -np.inf} if name in ("one-coin", "dawid-skene", "glad") else {}
    restarts = {"n_restarts": 1} if name == "mace" else {}
    method = peer(name, **steps, **stop, **restarts)
    fit = getattr(method, "fit_predict_proba", method.fit_predict)
    warnings.simplefilter("ignore")
    begun = time.process_time()
    fit(table)
    return time.process_time() - begun


def main() -> None:
    """Run one side once; print seconds and memory as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=["ours", "theirs"])
    parser.add_argument("name")
    parser.add_argument("num_labels", type=int)
    options = parser.parse_args()
    answers = made_answers(options.num_labels)
    run = _run_ours if options.side == "ours" else _run_theirs
    seconds = run(options.name, answers)
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib()}))


def peak_mib() -> float:
    """Return what this process held at most; `getrusage` would count its parent's, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
