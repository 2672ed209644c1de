"""What the program of MACE's authors makes of votes; used by `benchmarks.truth`.

It is a file of its own, github.com/dirkhovy/MACE, that reads a table of questions and workers. It
is run as it comes: variational, ten starts of fifty steps, all labels as frequent.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from kinetics_builder.crowd.truth.answers import Answers


def labels_by(program: Path, answers: Answers) -> dict[str, str]:
    """Return the label that the program gives each question."""
    table = [[""] * answers.num_workers for _ in range(answers.num_questions)]
    votes = zip(answers.question_V, answers.worker_V, answers.label_V, strict=True)
    for question, worker, label in votes:
        table[question][worker] = answers.labels[label]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "votes.csv"
        with file.open("w", newline="") as written:
            csv.writer(written).writerows(table)
        command = [sys.executable, str(program.absolute()), "--prefix", "mace", file.name]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        found = (Path(folder) / "mace.prediction").read_text().splitlines()
    return dict(zip(answers.questions, found, strict=True))
