#!/usr/bin/env bash
# crowd-kit's MACE fits the same thing as often as it is told to restart.
#
# EM finds the nearest top of the likelihood, so MACE begins again some times from other random
# places (`n_restarts`, ten by default) and keeps the best fit. One expects ten to find at least as
# much as one, and now and then more. But each restart draws its start from the same integer
# `random_state`: all ten are one, at ten times the price. Whoever wants several starts fits once
# for each seed.
#
# Seen with crowd-kit 1.4.2, 30 questions on which four workers answer by chance:
#   different starts among 10 restarts: 1   among 10 seeds: 10
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet crowd-kit==1.4.2 'scikit-learn<1.7'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings

import numpy as np
import pandas as pd
from crowdkit.aggregation import MACE

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
rows = [(f"q{q:02}", w, "abc"[rng.integers(3)]) for q in range(30) for w in "klmn"]
answers = pd.DataFrame(rows, columns=["task", "worker", "label"])


class Watched(MACE):
    """Notes where each restart begins."""

    def _initialize(self, *sizes):
        super()._initialize(*sizes)
        starts.add(self.spamming_.tobytes() + self.thetas_.tobytes())


starts = set()
Watched(n_restarts=10, n_iter=5, random_state=0).fit(answers)
of_restarts, starts = len(starts), set()
for seed in range(10):
    Watched(n_restarts=1, n_iter=5, random_state=seed).fit(answers)
print(f"different starts among 10 restarts: {of_restarts}   among 10 seeds: {len(starts)}")
sys.exit(0 if (of_restarts, len(starts)) == (1, 10) else 1)
PYTHON
