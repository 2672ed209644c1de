#!/usr/bin/env bash
# crowd-kit's Dawid-Skene watches a bound in which a question's prior counts once for every vote.
#
# EM raises the log likelihood of the answers with each step, and `fit` ends when what it calls
# the loss (the evidence lower bound a vote) rises by less than `tol`. One expects the bound to be
# the likelihood where posteriors are exact. But `_evidence_lower_bound` adds the logarithm of the
# prior to the row of each vote, and not once to each question. The number is too low, and it can
# fall while the likelihood rises: then `fit` ends after two steps. Whoever compares methods by
# their own stops compares that; `tol=-inf` with `n_iter` makes steps that can be compared.
#
# Seen with crowd-kit 1.4.2:
#   4 questions, 5 votes each, all of one mind, two yes and two no:
#   log likelihood a vote: -0.139   crowd-kit's bound a vote: -0.693
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet crowd-kit==1.4.2 'scikit-learn<1.7'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import math
import sys
import warnings

import pandas as pd
from crowdkit.aggregation import DawidSkene

warnings.simplefilter("ignore")
answers = [(q, w, "yes" if q < 2 else "no") for q in range(4) for w in range(5)]
method = DawidSkene().fit(pd.DataFrame(answers, columns=["task", "worker", "label"]))
likelihood, bound = 4 * math.log(0.5) / len(answers), method.loss_history_[-1]
print("4 questions, 5 votes each, all of one mind, two yes and two no:")
print(f"log likelihood a vote: {likelihood:.3f}   crowd-kit's bound a vote: {bound:.3f}")
sys.exit(0 if abs(bound - math.log(0.5)) < 1e-6 else 1)
PYTHON
