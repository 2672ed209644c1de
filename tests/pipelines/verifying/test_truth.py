"""`kbuild crowd truth`: a file of votes becomes a file of labels, or one clear line."""

import csv
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import group

HEADER = "question,worker,answer\n"
VOTES = (
    "q1,A1X9,yes\nq1,A2Y,yes\nq1,Zoë,no\nq2,A1X9,no\nq2,A2Y,no\nq2,Zoë,no\n"
    "q3,A1X9,yes\nq3,Zoë,no\nq4,Zoë,\nq5,A1X9,no\nq5,A2Y,no\n"
)


def truth(folder: Path, votes: str, *options: str) -> Result:
    (folder / "votes.csv").write_text(votes, encoding="utf-8")
    arguments = ["crowd", "truth", str(folder / "votes.csv"), "--out", str(folder / "labels.csv")]
    return CliRunner().invoke(group, [*arguments, *options], prog_name="kbuild")


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_majority_labels_what_it_can_and_says_why_not_the_rest(tmp_path: Path) -> None:
    result = truth(tmp_path, HEADER + VOTES, "--method", "majority")
    assert rows(tmp_path / "labels.csv") == [
        ["question", "label", "posterior", "majority", "note"],
        ["q1", "yes", "0.6666666666666666", "yes", ""],
        ["q2", "no", "1.0", "no", ""],
        ["q3", "", "0.5", "", "tie between no and yes"],
        ["q4", "", "", "", "no votes"],
        ["q5", "no", "1.0", "no", ""],
    ]
    assert result.output.splitlines() == [
        "10 answers of 3 workers to 4 questions; 1 more question without an answer.",
        f"majority: 3 labels in {tmp_path / 'labels.csv'} (no: 2, yes: 1), 1 tie.",
    ]


def test_a_method_that_weighs_stands_beside_majority(tmp_path: Path) -> None:
    workers = tmp_path / "workers.csv"
    result = truth(tmp_path, HEADER + VOTES, "--method", "wawa", "--workers", str(workers))
    assert rows(tmp_path / "labels.csv")[3][:2] == ["q3", "yes"]
    assert "Majority differs at 1 question: q3 (yes, not a tie)." in result.output
    assert [row[::2] for row in rows(workers)] == [
        *(["worker", "answers"], ["A1X9", "4"], ["A2Y", "3"], ["Zoë", "3"])
    ]
    assert [float(row[1]) for row in rows(workers)[1:]] == pytest.approx([3.5 / 4, 1, 0.5])


def test_known_answers_say_which_method_suits(tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text("answer,question\nyes,q1\nyes,q3\nno,q4\nbad,q5\nyes,never asked\n")
    result = truth(tmp_path, HEADER + VOTES, "--method", "wawa", "--known", str(known))
    assert "Right on 4 known questions: 50.0%, majority 37.5%." in result.output
    report = json.loads(truth(tmp_path, HEADER + VOTES, "--known", str(known), "--json").output)
    assert report["known"]["share_right_by_majority"] == 0.375


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("question,answer\nq1,yes\n\nq1,no\n", "known.csv:4: 'q1' is 'no' here and 'yes' before"),
        ("question,answer\nq9,yes\n", "expected questions of the votes, found none"),
        ("question,label\nq1,yes\n", "answer is missing from"),
    ],
)
def test_known_answers_that_cannot_be_used_leave_nothing_written(
    tmp_path: Path, known: str, said: str
) -> None:
    (tmp_path / "known.csv").write_text(known)
    result = truth(tmp_path, HEADER + VOTES, "--known", str(tmp_path / "known.csv"))
    assert result.exit_code == 1 and said in result.output
    assert not (tmp_path / "labels.csv").exists()


def scored(folder: Path, scores: str, *options: str) -> Result:
    (folder / "scores.csv").write_text(scores)
    named = ["--scores", str(folder / "scores.csv")]
    return truth(folder, HEADER + VOTES, *(options or ("--method", "video-aware")), *named)


def test_scores_label_clips_without_votes_and_break_ties(tmp_path: Path) -> None:
    scores = "title,question,classifier\n,q1,2.5\n-1,q2,-2\n1,q3,2.4\n,q4,2.2\n-1,q5,\n-1,q6,-2.1\n"
    result = scored(tmp_path, scores)
    assert result.exit_code == 0, result.output
    labels = {row[0]: (row[1], row[4]) for row in rows(tmp_path / "labels.csv")[1:]}
    assert labels == {
        **{name: ("yes", "") for name in ("q1", "q3", "q4")},
        **{name: ("no", "") for name in ("q2", "q5", "q6")},
    }
    assert "video-aware: 6 labels" in result.output and "0 ties" in result.output
    assert "2 more questions without an answer" in result.output


@pytest.mark.parametrize(
    ("scores", "options", "said"),
    [
        ("question,title\nq1,high\n", [], "scores.csv:2: expected a number or nothing as title"),
        ("question,title\nq1,inf\n", [], "found 'inf'"),
        ("question,title\nq1,1\nq1,2\n", [], "scores.csv:3: 'q1' has its scores in an earlier"),
        ("question\nq1\n", [], "expected a column of scores beside 'question'"),
        ("clip,title\nq1,1\n", [], "question is missing from"),
        (
            "question,title\nq1,1\n",
            ["--method", "glad"],
            "--method video-aware alone, found 'glad'",
        ),
    ],
)
def test_scores_that_cannot_be_used_leave_nothing_written(
    tmp_path: Path, scores: str, options: list[str], said: str
) -> None:
    result = scored(tmp_path, scores, *options)
    assert result.exit_code == 1 and said in result.output
    assert not (tmp_path / "labels.csv").exists()


def test_the_method_that_weighs_scores_says_where_they_are_missing(tmp_path: Path) -> None:
    result = truth(tmp_path, HEADER + VOTES, "--method", "video-aware")
    assert result.exit_code == 1 and "name their file by --scores" in result.output


def test_the_report_is_json_with_the_differences(tmp_path: Path) -> None:
    report = json.loads(truth(tmp_path, HEADER + VOTES, "--json").output)
    assert (report["method"], report["num_unanswered"]) == ("dawid-skene", 1)
    assert sum(report["num_by_label"].values()) + report["num_ties"] == 4
    assert report["num_unlike_majority"] == len(report["unlike_majority"])


def test_questions_may_be_listed_apart_and_columns_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("q0\nq1\n\n", encoding="utf-8")
    votes = "who,when,said,what\nu,1,yes,q1\nv,1,no,q2\nv,2,yes,q1\n"
    options = ("--questions", str(tmp_path / "all.txt"), "--columns", "who,what,said")
    assert truth(tmp_path, votes, *options).exit_code == 0
    assert [row[0] for row in rows(tmp_path / "labels.csv")[1:]] == ["q0", "q1", "q2"]


@pytest.mark.parametrize("method", ["majority", "wawa", "one-coin", "dawid-skene"])
def test_the_order_of_rows_changes_no_byte(tmp_path: Path, method: str) -> None:
    shuffled = VOTES.splitlines(keepends=True)
    random.Random(4).shuffle(shuffled)
    first = truth(tmp_path, HEADER + VOTES, "--method", method).output
    before = (tmp_path / "labels.csv").read_bytes()
    assert truth(tmp_path, HEADER + "".join(shuffled), "--method", method).output == first
    assert (tmp_path / "labels.csv").read_bytes() == before


def test_what_has_not_converged_says_so(tmp_path: Path) -> None:
    result = truth(tmp_path, HEADER + VOTES, "--max-steps", "1", "--tolerance", "0")
    assert "It had not converged after 1 step: give more by --max-steps." in result.output


@pytest.mark.parametrize(
    ("votes", "options", "said"),
    [
        pytest.param("question,worker\nq,w\n", [], ":1: expected one column", id="no answers"),
        pytest.param("q,w,yes\nq,v,no\n", [], ":1: expected one column", id="no header"),
        pytest.param("", [], "the file is empty", id="empty"),
        pytest.param(HEADER, [], "expected answers below the header", id="header alone"),
        pytest.param(
            HEADER + "q,Zoë,yes\nr,Zoë,no\n",
            [],
            "every answer has the worker 'Zoë'",
            id="one worker",
        ),
        pytest.param(
            HEADER + "q,v,yes\nq,w,yes\n", [], "every answer has the label 'yes'", id="one label"
        ),
        pytest.param(
            HEADER + "q,w,yes\n\nq,v,no\nq,w,no\n",
            [],
            "votes.csv:5: worker 'w' answers question 'q' twice: expected one answer at most. "
            "Leave one of them out; the other is line 2.",
            id="twice",
        ),
        pytest.param(HEADER + "q,w\n", [], "votes.csv:2: expected worker, task", id="short row"),
        pytest.param(
            HEADER + VOTES,
            ["--method", "vote"],
            "no method is called 'vote'; there are majority, wawa, one-coin, dawid-skene",
            id="unknown method",
        ),
        pytest.param(HEADER + "q,\0,yes\n", [], "zero bytes", id="no text"),
    ],
)
def test_bad_input_is_one_clear_line(
    tmp_path: Path, votes: str, options: list[str], said: str
) -> None:
    result = truth(tmp_path, votes, *options)
    assert result.exit_code == 1
    assert said in result.output and len(result.output.splitlines()) == 1
    assert not (tmp_path / "labels.csv").exists()


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    result = truth(tmp_path, HEADER + VOTES, "--workers", str(tmp_path / "." / "votes.csv"))
    assert result.exit_code == 2 and "FILE and --workers are the same file" in result.output
    assert (tmp_path / "votes.csv").read_text(encoding="utf-8") == HEADER + VOTES
