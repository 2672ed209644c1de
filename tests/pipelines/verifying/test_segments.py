"""`kbuild crowd segments` on files: marks of people who do not agree in all."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kinetics_builder.crowd.segments.agreeing import Agreement, Mark, agree
from kinetics_builder.intervals import Interval, temporal_iou
from pipelines.cli import group

HEADER = "worker,video,label,start,end\n"
ROWS = (
    "ann,v1,yoga,10,20",
    "bob,v1,yoga,11,21",
    "bob,v1,yoga,11,21",  # sent twice
    "cat,v1,yoga,,",
    "ann,v1,diving,1,2",
    "bob,v1,diving,,",
    "ann,v2,yoga,0,5",
    "bob,v2,yoga,30,35",
)


def run(tmp_path: Path, text: str, *more: str, out: str = "agreed.csv") -> Any:
    (tmp_path / "marks.csv").write_text(text)
    command = ["crowd", "segments", str(tmp_path / "marks.csv"), "--out", str(tmp_path / out)]
    return CliRunner().invoke(group, [*command, *more])


def rows(*lines: str) -> str:
    return HEADER + "".join(f"{line}\n" for line in lines)


def test_each_video_and_class_gives_its_segments(tmp_path: Path) -> None:
    result = run(tmp_path, rows(*ROWS))
    assert result.exit_code == 0, result.output
    assert "5 marks of 3 workers: 1 segment agreed on, 3 left" in result.output
    found = list(csv.DictReader((tmp_path / "agreed.csv").read_text().splitlines()))
    one = next(row for row in found if row["agreed"] == "1")
    assert (one["video"], one["label"], one["start"], one["end"]) == (
        "v1",
        "yoga",
        "10.500",
        "20.500",
    )
    assert (one["workers"], one["asked"], one["overlap"]) == ("2", "3", "0.8182")
    assert len(found) == 4


def test_what_is_agreed_on_reads_as_activitynet_has_it(tmp_path: Path) -> None:
    assert run(tmp_path, rows(*ROWS), out="agreed.json").exit_code == 0
    database = json.loads((tmp_path / "agreed.json").read_text())["database"]
    assert database["v1"]["annotations"] == [{"label": "yoga", "segment": [10.5, 20.5]}]
    assert database["v2"]["annotations"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", ":1: expected a header with worker, video, label, start, end"),
        (HEADER, "expected a row for each mark, found none."),
        (rows("ann,v1,yoga,5,4"), ":2: "),
        (rows("ann,v1,yoga,5,5"), ":2: "),
        (rows(ROWS[0], "ann,v1,yoga,5,"), ":3: "),
        (rows("ann,v1,yoga,x,9"), ":2: "),
        (rows(",v1,yoga,5,9"), ":2: expected a worker, found nothing."),
    ],
    ids=["columns", "no row", "backwards", "no length", "half", "no number", "nobody"],
)
def test_a_bad_file_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    result = run(tmp_path, text)
    assert result.exit_code == 1 and said in result.output, result.output
    assert not (tmp_path / "agreed.csv").exists()


def test_the_input_is_not_written_over(tmp_path: Path) -> None:
    assert run(tmp_path, rows(*ROWS), out="marks.csv").exit_code == 2
    assert (tmp_path / "marks.csv").read_text() == rows(*ROWS)


def test_people_together_are_nearer_to_the_truth_than_each_alone() -> None:
    """Boundaries a second off, one person in five elsewhere: seeded."""
    rng = np.random.default_rng(0)
    truth = [
        Interval(float(start), float(start + rng.uniform(4, 12))) for start in range(0, 900, 30)
    ]
    alone, together = [], []
    for one in truth:
        marks = []
        for worker in "abcde":
            moved = 15.0 if rng.random() < 0.2 else 0.0
            start, end = (edge + moved + rng.normal() for edge in one)
            marks.append(Mark(worker, Interval(start, max(end, start + 0.5))))
        alone += [temporal_iou(one, mark.interval) for mark in marks]
        agreed = [segment for segment in agree(marks, 5, Agreement()) if segment.is_agreed]
        together += [max((temporal_iou(one, s.interval) for s in agreed), default=0.0)]
    assert np.mean(together) > np.mean(alone) + 0.15
