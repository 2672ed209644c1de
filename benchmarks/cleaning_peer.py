"""What cleanlab says of the same labels and scores, for `benchmarks.cleaning`.

    python3 -m venv peer && peer/bin/pip install cleanlab==2.9.0
    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m benchmarks.cleaning --peer peer/bin/python

cleanlab is no dependency of this project: it is asked in a process of its own Python, which knows
nothing of ours. Shapes, as name suffixes: N clips, K classes.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PEERS = ("self-confidence", "margin", "entropy", "confident learning")
"""cleanlab's quality scores, with the probabilities adjusted by each class's mean as its makers
advise where they can be; and those that its confident learning finds, before all others."""


def ask(python: Path, scores_NK: np.ndarray, labels_N: np.ndarray) -> list[np.ndarray]:
    """Return how far each of `PEERS` trusts each label, more for those that it trusts more."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.npz"
        np.savez(case, scores=scores_NK, labels=labels_N)
        command = [str(python), __file__, str(case)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return [np.array(said[name]) for name in PEERS]


def _answer(case: Path) -> dict[str, list[float]]:
    """Return the same, in the peer's Python."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    known = np.load(case)
    labels_N, scores_NK = known["labels"], known["scores"].astype(np.float64)
    scores_NK /= scores_NK.sum(axis=1, keepdims=True)
    methods = {
        "self_confidence": True,
        "normalized_margin": True,
        "confidence_weighted_entropy": False,
    }
    found = [
        get_label_quality_scores(labels_N, scores_NK, method=method, adjust_pred_probs=is_adjusted)
        for method, is_adjusted in methods.items()
    ]
    first = find_label_issues(
        labels_N, scores_NK, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    plain_N = get_label_quality_scores(labels_N, scores_NK, method="self_confidence")
    plain_N[first] = np.arange(len(first)) - len(first)
    return {name: list(map(float, one)) for name, one in zip(PEERS, [*found, plain_N], strict=True)}


if __name__ == "__main__":
    print(json.dumps(_answer(Path(sys.argv[1]))))
