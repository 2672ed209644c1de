"""Makes the picture of docs/truth.md anew: `python -m docs.pictures.truth`.

What methods claim of real votes beside what is known: posteriors, and workers' quality.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.truth_sets import Labelled, labelled_sets
from kinetics_builder.crowd.truth.estimate import NONE
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options

OUT = Path(__file__).with_suffix(".png")
SET = "SP"
LEAST_ANSWERS = 20
SHOWN = ("majority", "wawa", "one-coin", "dawid-skene", "glad")


def main() -> None:
    """Draw the picture."""
    mpl.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    one = next(one for one in labelled_sets() if one.name == SET)
    figure = Figure(figsize=(9, 4), layout="constrained")
    posteriors, workers = figure.subplots(1, 2)
    draw_posteriors(posteriors, one)
    draw_workers(workers, one)
    figure.savefig(OUT, dpi=110, metadata={"Software": None})


def draw_posteriors(axes: Axes, one: Labelled) -> None:
    """Draw how often labels are right by how sure their method is."""
    true_Q = _true_places(one)
    axes.plot([0.5, 1], [0.5, 1], color="0.7", linewidth=1)
    edges = np.linspace(0.5, 1, 6)
    for name in SHOWN:
        estimate = METHODS[name](one.answers, Options())
        best_Q = estimate.best_Q()
        claimed_Q = estimate.posterior_QL.max(axis=1)[best_Q != NONE]
        is_right_Q = (best_Q == true_Q)[best_Q != NONE]
        bin_Q = np.clip(np.digitize(claimed_Q, edges) - 1, 0, len(edges) - 2)
        shown = [place for place in range(len(edges) - 1) if (bin_Q == place).sum() >= 20]
        axes.plot(
            [claimed_Q[bin_Q == place].mean() for place in shown],
            [is_right_Q[bin_Q == place].mean() for place in shown],
            marker="o",
            label=name,
        )
    axes.set_xlabel("posterior of the label")
    axes.set_ylabel("share of labels that are right")
    axes.legend(frameon=False)
    axes.set_title(f"{one.name}: {one.answers.num_questions:,} questions")


def draw_workers(axes: Axes, one: Labelled) -> None:
    """Draw the quality that Dawid and Skene's method finds beside the share of right answers."""
    answers = one.answers
    found_W = METHODS["dawid-skene"](answers, Options()).quality_W
    is_right_V = _true_places(one)[answers.question_V] == answers.label_V
    known_W = answers.means_W(is_right_V.astype(np.float64))
    is_shown_W = answers.votes_W() >= LEAST_ANSWERS
    axes.plot([0.4, 1], [0.4, 1], color="0.7", linewidth=1)
    axes.scatter(known_W[is_shown_W], found_W[is_shown_W], s=14, alpha=0.6)
    axes.set_xlabel("share of a worker's answers that are right")
    axes.set_ylabel("quality, as Dawid and Skene's method sees it")
    axes.set_title(f"{is_shown_W.sum()} workers with {LEAST_ANSWERS} answers or more")


def _true_places(one: Labelled) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    labels = one.answers.labels
    return np.array([labels.index(one.gold[question]) for question in one.answers.questions])


if __name__ == "__main__":
    main()
