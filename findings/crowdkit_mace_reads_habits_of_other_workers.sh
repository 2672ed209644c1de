#!/usr/bin/env bash
# crowd-kit's MACE gives other posteriors when workers are given other names.
#
# A worker's name says nothing, so one expects equal labels whatever workers are called. But the
# model keeps what workers answer when they do not look in the order of their sorted names, and
# reads it in the order in which their names first come in the table. Where the two orders differ,
# one worker is judged by the habits of another. Whoever compares methods by crowd-kit's MACE
# should give workers names that sort as they come.
#
# Seen with crowd-kit 1.4.2: 40 questions, five workers of whom one always says yes; the same rows
# under names that sort as they come, and under names that sort the other way round.
#   equal names twice:              largest difference of posteriors 0.0000
#   names in the opposite order:    largest difference of posteriors 0.9688
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


def answers(names):
    rng = np.random.default_rng(0)
    rows = []
    for question in range(40):
        truth = question % 2
        for worker, name in enumerate(names):
            said = 1 if worker == 0 else truth if rng.random() < 0.75 else 1 - truth
            rows.append((f"q{question:02}", name, "no yes".split()[said]))
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def posteriors(names):
    method = MACE(n_restarts=1, n_iter=50, random_state=0)
    return method.fit_predict_proba(answers(names))[["no", "yes"]].to_numpy()


as_they_come, opposite = list("abcde"), list("edcba")
same = np.abs(posteriors(as_they_come) - posteriors(as_they_come)).max()
other = np.abs(posteriors(as_they_come) - posteriors(opposite)).max()
print(f"equal names twice:              largest difference of posteriors {same:.4f}")
print(f"names in the opposite order:    largest difference of posteriors {other:.4f}")
sys.exit(0 if same == 0 and other > 0.05 else 1)
PYTHON
