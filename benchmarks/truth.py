"""How often each method finds the truth of real votes, and how long it takes, beside crowd-kit.

    .venv/bin/uv pip install crowd-kit==1.4.2 'scikit-learn<1.7'   # Wawa fails with later ones
    export OPENBLAS_NUM_THREADS=1
    .venv/bin/python -m benchmarks.truth [--methods NAME ...] [--timed NAME ...] [--mace FILE]

The sets are those of `../shared/data/crowd` (or `$KBUILD_SHARED/crowd`). Every registered method
is measured; `benchmarks/truth_peer.py` says which of crowd-kit's stands beside it. On 1.5 million
votes its GLAD and MACE take minutes: `--timed` names the methods that are timed. `--mace` is the
program of MACE's authors, `mace.py` of github.com/dirkhovy/MACE, which is then run on each set.
"""

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.report import machine, put_down
from benchmarks.truth_mace import labels_by
from benchmarks.truth_peer import PEERS, mace_posterior, peer, posterior_of, table_of
from benchmarks.truth_sets import DATA, Labelled, labelled_sets, mace_labels
from benchmarks.truth_speed import speed_lines
from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.known import share_right
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import KbuildError

OUT = Path(__file__).parent / "results" / "truth.md"
SEED = 0
RANDOM = ("mace", "kos")
"""Methods of crowd-kit that take a seed."""
EQUAL = {"one-coin": 20, "dawid-skene": 20}
"""Methods that begin alike and make equal steps, and after how many they are compared."""
_RULE = "|---|---:|---:|---:|---:|"
HOW = (
    "The share of questions with a known answer of which a method says it. Of n labels that are",
    "equally likely the right one counts 1/n, on both sides. Where a worker answers a question",
    "twice, the last answer counts alone. Every method has its own default settings. crowd-kit's",
    "MACE gives workers the habits of others unless names sort in the order in which they come:",
    "`mace, names in order` is what it finds if they do. It takes labels for equally frequent:",
    "beside that stands ours with the same; else ours learns how frequent they are.",
)


def right_of(posterior_QL: Floats, one: Labelled) -> float:
    """Return the share of right labels among those of the largest probability."""
    estimate = Estimate(posterior_QL=posterior_QL, quality_W=np.zeros(0))
    return share_right(estimate, one.answers, one.gold)


def ours(name: str, one: Labelled) -> float | str:
    """Return the share that ours finds; words, where it cannot work with the labels."""
    try:
        estimate = METHODS[name](one.answers, Options(seed=SEED))
    except KbuildError as error:
        return f"none: {error}"
    return share_right(estimate, one.answers, one.gold)


def theirs(name: str, one: Labelled) -> float | str:
    """Return the share that crowd-kit's method of that name finds; words, where it fails."""
    if name not in PEERS:
        return "none"
    arguments = {"random_state": SEED} if name in RANDOM else {}
    try:
        posterior = posterior_of(peer(name, **arguments), table_of(one.rows), one.answers)
    except (ValueError, TypeError, KeyError, IndexError, AssertionError) as error:
        return f"fails: {type(error).__name__}"
    return right_of(posterior, one)


def accuracy_lines(sets: list[Labelled], names: list[str], program: Path | None) -> list[str]:
    """Return the table of shares: a row for each set and method."""
    lines = [
        "| votes | method | right, ours | crowd-kit | ours above it, points |",
        "|---|---|---:|---:|---:|",
    ]
    for one in sets:
        for name in names:
            mine, peers = ours(name, one), theirs(name, one)
            both = isinstance(mine, float) and isinstance(peers, float)
            above = f"{100 * (mine - peers):+.2f}" if both else ""  # type: ignore[operator]
            lines.append(f"| {one.name} | {name} | {_cell(mine)} | {_cell(peers)} | {above} |")
        if "mace" in names:
            lines.append(_in_order(one))
        if program is not None and "mace" in names:
            right = right_of(_as_posterior(labels_by(program, one.answers), one.answers), one)
            lines.append(f"| {one.name} | MACE's own program, run here | | {right:.4f} | |")
        if found := mace_labels(one.name):
            right = right_of(_as_posterior(found, one.answers), one)
            lines.append(f"| {one.name} | MACE's own program, as published | | {right:.4f} | |")
    return lines


def _in_order(one: Labelled) -> str:
    """Return the row of MACE with names in order, and of ours with labels as frequent as there."""
    right = right_of(mace_posterior(table_of(one.rows), one.answers, n_restarts=1), one)
    num_labels = one.answers.num_labels
    options = Options(seed=SEED, prior_L=(1 / num_labels,) * num_labels)
    mine = share_right(METHODS["mace"](one.answers, options), one.answers, one.gold)
    above = f"{100 * (mine - right):+.2f}"
    return f"| {one.name} | mace, names in order | {mine:.4f} | {right:.4f} | {above} |"


def equal_lines(sets: list[Labelled], names: list[str]) -> list[str]:
    """Return the table of largest differences of posteriors after as many steps."""
    lines = ["| votes | method | steps | largest difference |", "|---|---|---:|---:|"]
    for one in sets:
        for name in [name for name in names if name in EQUAL]:
            steps = EQUAL[name]
            options = Options(max_steps=steps, tolerance=0, smoothing=1e-10)
            mine = METHODS[name](one.answers, options)
            other = posterior_of(
                peer(name, n_iter=mine.num_steps, tol=-np.inf), table_of(one.rows), one.answers
            )
            apart = np.abs(mine.posterior_QL - other).max()
            lines.append(f"| {one.name} | {name} | {mine.num_steps} | {apart:.1e} |")
    return lines


def _as_posterior(labels: dict[str, str], answers: Answers) -> Floats:
    return np.array(
        [
            [float(labels.get(name) == label) for label in answers.labels]
            for name in answers.questions
        ]
    )


def _asked(names: list[str]) -> str:
    return "" if names == list(METHODS) else f" --methods {' '.join(names)}"


def _part(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""]


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4f}"


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--timed", nargs="+", choices=list(METHODS), help="All without it.")
    parser.add_argument("--mace", type=Path, help="The program of MACE's authors.")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"There are no votes in {DATA}: name the folder of real inputs by KBUILD_SHARED.")
    sets = labelled_sets()
    sizes = [one.line() for one in sets]
    lines = [
        "# Truth from votes",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}, "
        f"crowd-kit {version('crowd-kit')}; "
        f"`python -m benchmarks.truth{_asked(options.methods)}`.",
        "",
        *HOW,
        "",
        *_part("Votes", ["| votes | answers | questions | workers | labels |", _RULE, *sizes]),
        *_part("Right", accuracy_lines(sets, options.methods, options.mace)),
        *_part("Equal posteriors", equal_lines(sets, options.methods)),
        *_part("Time and memory", speed_lines(options.timed or options.methods)),
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
