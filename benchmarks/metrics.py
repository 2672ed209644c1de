"""How long the measures take, against the bars they are held to.

    .venv/bin/python benchmarks/metrics.py [--out FILE]

Each module beside this one that is named `metrics_` measures one family.
"""

import argparse
import platform
from pathlib import Path
from typing import Any

import metrics_activitynet
import metrics_ava
import metrics_classification
from report import machine

ROOT = Path(__file__).parent.parent
FAMILIES = (metrics_ava, metrics_activitynet, metrics_classification)

BARS = {
    "AVA frame-mAP, eight videos": "< 0.3 s",
    "AVA frame-mAP, whole validation (made)": "< 15 s, < 2048 MiB",
    "AVA frame-mAP, all of AVA (made)": "< 10 s, < 4096 MiB",
    "650,000 x 700 scores, ours": "< 5 s, the scores not held twice",
}


def line(row: dict[str, Any]) -> str:
    """Return a row of the table."""
    bar = BARS.get(row["name"], "")
    return (
        f"| {row['name']} | {row['seconds']:.2f} | {row['peak_mib']:,.0f} | {bar} | {row['note']} |"
    )


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "metrics.md")
    options = parser.parse_args()
    lines = [
        "# Measures",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}; `python benchmarks/metrics.py`.",
        "AVA's seconds and memory are those of a process that reads the files and measures;",
        "ActivityNet's memory is what Python and numpy allocate beyond their input.",
        "",
        "| measure | seconds | peak MiB | bar | what was measured |",
        "|---|---:|---:|---|---|",
        *(line(row) for family in FAMILIES for row in family.measure()),
        "",
    ]
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


if __name__ == "__main__":
    main()
