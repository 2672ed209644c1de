"""Methods of crowd-kit beside ours of the same name, and a small case of theirs for the tests.

    .venv/bin/uv pip install crowd-kit==1.4.2 'scikit-learn<1.7'   # Wawa fails with later ones
    .venv/bin/python benchmarks/truth_peer.py --out tests/crowd/truth/crowdkit.json

crowd-kit is no dependency of this project: the case holds what it says of made-up votes after
so many steps, and tests hold ours against that.
"""

import argparse
import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinetics_builder.crowd.truth.answers import Answers, Floats

PEERS = {
    "majority": "MajorityVote",
    "wawa": "Wawa",
    "one-coin": "OneCoinDawidSkene",
    "dawid-skene": "DawidSkene",
    "glad": "GLAD",
    "mace": "MACE",
    "kos": "KOS",
}
"""By our name of a method, theirs."""

Row = tuple[str, str, str]
"""Question, worker, label."""


def peer(name: str, **arguments: Any) -> Any:
    """Return crowd-kit's method of the same name as ours."""
    import crowdkit.aggregation

    return getattr(crowdkit.aggregation, PEERS[name])(**arguments)


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Return votes as crowd-kit takes them."""
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def posterior_of(method: Any, table: pd.DataFrame, answers: Answers) -> Floats:
    """Return the peer's posterior in the order of `answers`; 1 for the label, if it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if hasattr(method, "fit_predict_proba"):
            found = method.fit_predict_proba(table)
        else:
            found = pd.get_dummies(method.fit_predict(table)).astype(float)
    found = found.reindex(index=list(answers.questions), columns=list(answers.labels))
    return np.asarray(found.fillna(0.0).to_numpy(np.float64))


def mace_posterior(table: pd.DataFrame, answers: Answers, **arguments: Any) -> Floats:
    """Return what crowd-kit's MACE says if names sort in the order in which they come.

    Only then does it keep each worker's habits apart: it fits them in the order of names, and
    reads them in that of coming.
    """
    renamed, names = {}, {}
    for column in table:
        code_V, names[column] = pd.factorize(table[column])
        renamed[column] = [f"{code:09}" for code in code_V]
    found = peer("mace", **arguments).fit_predict_proba(pd.DataFrame(renamed))
    found.index = [names["task"][int(code)] for code in found.index]
    found.columns = [names["label"][int(code)] for code in found.columns]
    found = found.reindex(index=list(answers.questions), columns=list(answers.labels))
    return np.asarray(found.to_numpy(np.float64))


def glad_case(table: pd.DataFrame, answers: Answers) -> dict[str, Any]:
    """Return what crowd-kit's GLAD says after so many steps that it hardly moves."""
    method = peer("glad", n_iter=40, tol=-np.inf, m_step_tol=1e-4)
    posterior_QL = posterior_of(method, table, answers)
    return {
        "posterior": posterior_QL.tolist(),
        "ability": method.alphas_[list(answers.workers)].tolist(),
        "log_ease": method.betas_[list(answers.questions)].tolist(),
    }


def made_votes(num_questions: int = 60, num_workers: int = 9, seed: int = 5) -> list[Row]:
    """Return votes on three labels: workers of all sorts, the first says the same whatever it is.

    Questions have one to five votes.
    """
    random = np.random.default_rng(seed)
    skill_W = np.linspace(0.3, 0.95, num_workers)
    rows = []
    for question in range(num_questions):
        true = int(random.integers(3))
        for worker in random.permutation(num_workers)[: 1 + question % 5].tolist():
            is_right = random.random() < skill_W[worker]
            label = true if is_right else int(random.integers(3))
            rows.append((f"q{question:02}", f"w{worker}", "abc"[label if worker else 0]))
    return rows


def main() -> None:
    """Write the case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=7)
    options = parser.parse_args()
    rows = made_votes()
    answers, table = Answers.of(rows), table_of(rows)
    found = {
        name: posterior_of(peer(name, n_iter=options.steps, tol=-np.inf), table, answers).tolist()
        for name in ("one-coin", "dawid-skene")
    }
    found["mace"] = mace_posterior(table, answers, n_restarts=1, n_iter=400).tolist()
    case = {
        "steps": options.steps,
        "rows": rows,
        "posteriors": found,
        "glad": glad_case(table, answers),
    }
    options.out.write_text(json.dumps(case, indent=0) + "\n")


if __name__ == "__main__":
    main()
