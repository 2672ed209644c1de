"""`kbuild measure charades` on files: the official rules by hand, and odd input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from pipelines.cli import group

TRUTH = """id,actions,length
A,c000 0.00 10.00;c001 4.00 6.00,25.00
B,c000 30.00 40.00,50.00
C,,25.00
D,c001 0.00 99.00,10.00
"""
Measure = Callable[..., Any]


def line(*start: object, **scores: float) -> str:
    """Return a line of a submission; classes without a score have -9."""
    columns = [scores.get(f"c{number:03d}", -9.0) for number in range(157)]
    return " ".join(map(str, [*start, *columns]))


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """Write the given files and return the JSON (or with `fails`, the error) of the command."""

    def run(truth: str, lines: list[str], *arguments: str, fails: bool = False) -> Any:
        (tmp_path / "Charades_v1_test.csv").write_text(truth)
        (tmp_path / "submission.txt").write_text("\n".join(lines))
        files = ["--ground-truth", str(tmp_path / "Charades_v1_test.csv")]
        files += ["--predictions", str(tmp_path / "submission.txt"), "--json"]
        result = CliRunner().invoke(
            group, ["measure", "charades", *files, *arguments], prog_name="kbuild"
        )
        assert (result.exit_code == 1) is fails, result.output
        return result.output if fails else (json.loads(result.stdout), result.stderr)

    return run


LOCALIZE = ("--task", "localization")


def test_classification_by_hand(measure: Measure) -> None:
    # c000 in A, B: A 0.9, D 0.8, B 0.7: (1/1 + 2/3) / 2. c001 in A, D: D 0.9, B 0.5, A 0.1:
    # (1/1 + 2/3) / 2 too. The rest does not occur.
    lines = [
        line("A", c000=0.9, c001=0.1),
        line("D", c000=0.8, c001=0.9),
        line("B", c000=0.7, c001=0.5),
    ]
    found, told = measure(TRUTH, lines)
    assert found["MAP"] == pytest.approx(5 / 6) and next(iter(found)) == "MAP"
    assert found["per_class"]["c000"] == pytest.approx(5 / 6)
    assert found["per_class"]["c002"] is None
    assert found["counts"]["videos without actions"] == 1
    assert "155 of 157 classes do not occur and are left out of the mean" in told
    assert "C: not predicted" in told


def test_a_video_without_actions_ranks_last_whatever_was_predicted(measure: Measure) -> None:
    # C has the best score of all for c000, and does not hurt: its scores are not looked up.
    lines = [line("A", c000=0.9), line("B", c000=0.8), line("C", c000=99.0), line("D")]
    assert measure(TRUTH, lines)[0]["per_class"]["c000"] == 1.0


def test_the_weighted_mean_counts_videos(measure: Measure) -> None:
    # c000: two videos, 1. c001: A alone of (A), ranked second of all: 1/2. (2 + 1/2) / 3.
    truth = "id,actions,length\nA,c000 0 1;c001 0 1,9\nB,c000 0 1,9\n"
    found, _ = measure(truth, [line("A", c000=1, c001=0.1), line("B", c000=1, c001=0.2)])
    assert found["MAP"] == pytest.approx(0.75) and found["WAP"] == pytest.approx(2.5 / 3)


def test_a_missing_video_ranks_below_all_others(measure: Measure) -> None:
    # c000: B is missing, behind A, D: (1/1 + 2/3) / 2. Ties of -inf go by the truth's order: B
    # stands before C.
    lines = [line("A", c000=0.9), line("D", c000=-1e300)]
    assert measure(TRUTH, lines)[0]["per_class"]["c000"] == pytest.approx(5 / 6)


def frames(video_id: str, name: str, points: set[int], first: int = 1) -> list[str]:
    return [
        line(video_id, point - 1 + first, **{name: float(point in points)})
        for point in range(1, 26)
    ]


def test_points_of_time_by_hand(measure: Measure) -> None:
    # A of 25 s: point j is at second j - 1; c000 lasts from 0 to 10, both there: points 1 to 11.
    # c001 from 4 to 6: points 5, 6, 7. B of 50 s: point j at 2 (j - 1); c000 from 30 to 40:
    # points 16 to 21. D of 10 s: c001 ends behind the video: all 25 points.
    positives = {"A": {*range(1, 12)}, "B": {*range(16, 22)}, "C": set(), "D": set()}
    lines = [row for name, points in positives.items() for row in frames(name, "c000", points)]
    found, told = measure(TRUTH, lines, *LOCALIZE)
    assert found["per_class"]["c000"] == 1.0 and next(iter(found)) == "Per-Frame MAP"
    # c001 has equal scores everywhere, so that the truth's order counts: places 5, 6, 7 and
    # 76 to 100 of 100.
    places = [5, 6, 7, *range(76, 101)]
    wanted = sum((n + 1) / place for n, place in enumerate(places)) / len(places)
    assert found["per_class"]["c001"] == pytest.approx(wanted)
    assert found["Per-Frame MAP"] == pytest.approx((1 + wanted) / 2)
    assert found["Per-Frame WAP"] == pytest.approx((17 * 1 + 28 * wanted) / 45)
    assert found["counts"]["points without actions"] == 25 - 11 + 25 - 6 + 25
    assert "not predicted" not in told


def test_points_without_actions_do_hurt(measure: Measure) -> None:
    # Unlike in classification: one point of C, ranked first, makes each precision lower.
    lines = frames("A", "c000", {*range(1, 12)}) + frames("B", "c000", {*range(16, 22)})
    lines.append(line("C", 3, c000=2.0))
    wanted = sum(hit / (hit + 1) for hit in range(1, 18)) / 17
    found, _ = measure(TRUTH, lines, *LOCALIZE)
    assert found["per_class"]["c000"] == pytest.approx(wanted)


def test_frames_from_0_are_moved_by_1(measure: Measure) -> None:
    lines = frames("A", "c000", {*range(1, 12)}) + frames("B", "c000", {*range(16, 22)})
    moved = frames("A", "c000", {*range(1, 12)}, 0) + frames("B", "c000", {*range(16, 22)}, 0)
    found, _ = measure(TRUTH, lines, *LOCALIZE)
    again, told = measure(TRUTH, moved, *LOCALIZE)
    assert again == found and "this file has a frame 0: 1 is added to all" in told


def test_oddities_are_told_and_strictly_are_errors(measure: Measure) -> None:
    usual = [line(name) for name in "ABCD"]
    every = ";".join(f"c{number:03d} 0 1" for number in range(157))
    truth = TRUTH.replace("C,,", f"C,{every},")
    measure(truth, usual, "--strict")
    for odd, message in (
        ([*usual, line("Z")], "Z: a video that the ground truth does not have"),
        ([*usual, line("A")], "A: scores that stand there already"),
        (usual[:3], "D: not predicted"),
        ([usual[0] + " 1", *usual[1:]], "158 scores where 157 are expected"),
    ):
        assert message in measure(truth, odd)[1]
        output = measure(truth, odd, "--strict", fails=True)
        assert message in output and output.count("\n") == 1
    assert "classes do not occur" in measure(TRUTH, usual, "--strict", fails=True)
    frame = [line(name, point) for name in "ABCD" for point in range(1, 27)]
    assert "A 26: a frame outside 1 to 25" in measure(truth, frame, *LOCALIZE)[1]


def test_of_scores_that_come_twice_the_later_count(measure: Measure) -> None:
    lines = [line("B", c000=0.9), line("D", c000=0.8), line("A"), line("A", c000=0.95)]
    assert measure(TRUTH, lines)[0]["per_class"]["c000"] == 1.0


@pytest.mark.parametrize(
    ("truth", "lines", "arguments", "message"),
    [
        (
            TRUTH,
            [line("A", c000=float("nan"))],
            (),
            "submission.txt:1: expected numbers, found nan",
        ),
        (TRUTH, ["A 1 2"], (), "submission.txt:1: expected 157 scores, found 2"),
        (TRUTH, [""], (), "submission.txt: the file is empty"),
        ("id,actions\n", [line("A")], (), "expected a row for each video, found none"),
        ("id,actions\nA,c1 0 x\n", [line("A")], (), "Charades_v1_test.csv:2: A: expected a time"),
        ("id,actions\nA,c1 0 1\n", [line("A", 1)], LOCALIZE, "A has no length"),
    ],
)
def test_files_that_cannot_be_used_are_an_error(measure, truth, lines, arguments, message) -> None:
    output = measure(truth, lines, *arguments, fails=True)
    assert message in output and output.count("\n") == 1


def test_frames_are_not_taken_for_videos(measure: Measure) -> None:
    # Read as scores of videos, the frame's number would be the score of c000.
    output = measure(TRUTH, frames("A", "c000", {1}), fails=True)
    assert "txt:2: A: scores that stand there already (24 lines like this)" in output
    assert "Frames of videos are of --task localization" in output


def test_perfect_scores_give_1_and_order_does_not_matter(measure: Measure) -> None:
    random = np.random.default_rng(0)
    rows, lines, noisy = ["id,actions,length"], [], []
    for video in range(12):
        has = random.random(157) < 0.3
        actions = ";".join(f"c{number:03d} 0 1" for number in np.flatnonzero(has))
        rows.append(f"V{video:02d},{actions},10")
        lines.append(" ".join([f"V{video:02d}", *map(str, has.astype(float))]))
        noisy.append(" ".join([f"V{video:02d}", *map(str, random.random(157))]))
    truth = "\n".join(rows)
    found, _ = measure(truth, lines)
    assert found["MAP"] == found["WAP"] == 1.0
    shuffled = "\n".join([rows[0], *random.permutation(rows[1:])])
    values = [measure(t, p)[0]["MAP"] for t, p in ((truth, noisy), (shuffled, noisy[::-1]))]
    assert values[0] == pytest.approx(values[1])


def test_a_label_map_names_the_classes_and_intervals_hold_the_value(measure, tmp_path) -> None:
    names = "\n".join(f"c{number:03d} Doing {number}" for number in range(157))
    (tmp_path / "classes.txt").write_text(names)
    lines = [line("A", c000=0.1), line("B", c000=0.9), line("C"), line("D", c000=0.5)]
    arguments = ("--label-map", str(tmp_path / "classes.txt"), "--bootstrap", "100")
    found, _ = measure(TRUTH, lines, *arguments)
    assert "c001 Doing 1" in found["per_class"]
    low, high = found["intervals"]["MAP"]
    assert 0 <= low <= found["MAP"] <= high <= 1
    assert measure(TRUTH, lines, *arguments)[0] == found
    located, _ = measure(TRUTH, frames("A", "c000", {3}), *LOCALIZE, "--bootstrap", "30")
    low, high = located["intervals"]["Per-Frame MAP"]
    assert 0 <= low <= high <= 1
