"""`kbuild measure agreement` on files, real answers of workers among them."""

import csv
import gzip
import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import group


def kbuild(*arguments: object) -> Any:
    return CliRunner().invoke(
        group, ["measure", "agreement", *map(str, arguments), "--json"], prog_name="kbuild"
    )


def measured(*arguments: object) -> tuple[dict[str, Any], str]:
    result = kbuild(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


def plainly(votes: dict[tuple[str, str], str]) -> dict[str, float]:
    """Compute agreement the long way: pair by pair of answers, worker by worker."""
    tasks: dict[str, dict[str, str]] = defaultdict(dict)
    for (worker, task), label in votes.items():
        tasks[task][worker] = label
    labels = sorted(set(votes.values()))
    shares = {
        label: sum(list(t.values()).count(label) / len(t) for t in tasks.values()) / len(tasks)
        for label in labels
    }
    agreements, coincidences, totals = [], 0.0, Counter[str]()
    tables: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for answers in tasks.values():
        if len(answers) < 2:
            continue
        totals.update(answers.values())
        equal = 0
        for a, b in itertools.combinations(sorted(answers), 2):
            equal += answers[a] == answers[b]
            tables[a, b][answers[a], answers[b]] += 1
        agreements.append(equal / (len(answers) * (len(answers) - 1) / 2))
        coincidences += 2 * equal / (len(answers) - 1)
    observed = sum(agreements) / len(agreements)
    chance = sum(share**2 for share in shares.values())
    n = totals.total()
    by_alpha = sum(count * (count - 1) for count in totals.values()) / (n * (n - 1))
    return {
        "percent_agreement": observed,
        "fleiss_kappa": (observed - chance) / (1 - chance),
        "krippendorff_alpha": (coincidences / n - by_alpha) / (1 - by_alpha),
        "cohen_kappa": mean_of_pairs(tables),
    }


def mean_of_pairs(tables: dict[tuple[str, str], Counter[tuple[str, str]]]) -> float:
    top = bottom = 0.0
    for table in tables.values():
        n = table.total()
        first, second = Counter[str](), Counter[str]()
        for (a, b), count in table.items():
            first[a] += count
            second[b] += count
        chance = sum(first[label] * second[label] for label in first) / n**2
        if chance < 1 - 1e-12:
            observed = sum(count for (a, b), count in table.items() if a == b) / n
            top += n * (observed - chance) / (1 - chance)
            bottom += n
    return top / bottom


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("CF_amt.csv", "utf-8"),
        ("MS.csv", "utf-8"),
        ("SP.csv", "utf-8"),
        ("ZenCrowd_in.csv", "latin-1"),
    ],
)
def test_real_answers_give_what_the_long_way_gives(name: str, encoding: str, shared: Path) -> None:
    path = shared / "crowd" / name
    votes: dict[tuple[str, str], str] = {}
    with path.open(newline="", encoding=encoding) as file:
        for row in csv.reader(file):
            votes[row[0], row[1]] = row[2]
    found, _ = measured("votes", path, "--encoding", encoding)
    wanted = plainly(votes)
    assert {key: found[key] for key in wanted} == pytest.approx(wanted, abs=1e-12)
    assert found["counts"]["votes"] == len(votes)
    assert set(found["per_class"]) == set(votes.values())


def test_columns_of_a_header_are_named(shared: Path) -> None:
    path = shared / "crowd" / "rte.standardized.csv.gz"
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    votes = {(row["!amt_worker_ids"], row["orig_id"]): row["response"] for row in rows}
    found, _ = measured("votes", path, "--columns", "!amt_worker_ids,orig_id,response")
    wanted = plainly(votes)
    assert {key: found[key] for key in wanted} == pytest.approx(wanted, abs=1e-12)
    assert found["counts"]["tasks"] == 800


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("w1,t1,yes\nw2,t1,yes\nw1,t2,no\nw2,t2,yes\nw3,t3,no\n")
    return path


def test_values_by_hand(votes: Path) -> None:
    found, told = measured("votes", votes)
    # t1 agrees, t2 does not, t3 has one answer. Shares by task: yes 1, 1/2, 0: 1/2.
    assert found["percent_agreement"] == 0.5 and found["fleiss_kappa"] == 0.0
    # Pairable answers: yes 3, no 1. 1 - (4 - 1) 2 / (16 - 10) = 0.
    assert found["krippendorff_alpha"] == 0.0
    # w1 yes, no; w2 yes, yes: 1/2 observed, 1/2 by chance.
    assert found["cohen_kappa"] == 0.0
    assert found["counts"] == {"tasks": 3, "workers": 3, "votes": 5, "tasks with one answer": 1}
    assert told == ""


def test_a_header_in_any_order_and_the_order_of_rows_do_not_matter(votes: Path) -> None:
    found, _ = measured("votes", votes)
    rows = [line.split(",") for line in votes.read_text().splitlines()]
    votes.write_text(
        "\n".join(["label,time,task,worker", *(f"{c},9,{b},{a}" for a, b, c in rows[::-1])])
    )
    assert measured("votes", votes)[0] == found


HEADERS = [
    "question,worker,answer", "item_id,annotator_id,response", "Task,Rater,Label",
    "HITId,WorkerId,Answer", "clip,user,vote", "unit,_worker_id,judgment",
    "Questions,Workers,Answers", "!amt_task_ids,!amt_worker_ids,response",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_in_other_words_is_a_header(header: str, votes: Path) -> None:
    found, _ = measured("votes", votes)
    rows = [line.split(",") for line in votes.read_text().splitlines()]
    votes.write_text("\n".join([header, *(f"{task},{worker},{c}" for worker, task, c in rows)]))
    assert measured("votes", votes) == (found, "")
    assert measured("votes", votes, "--columns", "2,1,3")[0] == found


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("question,answer,vote,worker", "expected one column for each, found ['question', 'answ"),
        ("worker,label,time", "expected one column for each, found ['worker', 'label', 'time']"),
        ("pergunta,pessoa,resposta", "looks like a header, for none of it comes again"),
        ("coder,thing,verdict", "looks like a header, for none of it comes again"),
    ],
)
def test_a_header_that_does_not_say_enough_is_asked_about(header, message, votes: Path) -> None:
    votes.write_text(f"{header}\n{votes.read_text()}")
    result = kbuild("votes", votes)
    assert result.exit_code == 1
    assert message in result.stderr and "--columns WORKER,TASK,LABEL" in result.stderr


def test_columns_are_places_where_there_is_no_header(votes: Path) -> None:
    found, _ = measured("votes", votes)
    rows = [line.split(",") for line in votes.read_text().splitlines()]
    votes.write_text("".join(f"{label},x,{task},{worker}\n" for worker, task, label in rows))
    assert measured("votes", votes, "--columns", "4,3,1")[0] == found


def test_a_first_answer_that_stands_alone_is_one_when_places_are_given(votes: Path) -> None:
    votes.write_text(f"w9,t9,perhaps\n{votes.read_text()}")
    assert kbuild("votes", votes).exit_code == 1
    found, _ = measured("votes", votes, "--columns", "1,2,3")
    assert found["counts"]["votes"] == 6


def test_an_answer_given_twice_is_told_and_an_empty_one_is_missing(votes: Path) -> None:
    found, _ = measured("votes", votes)
    votes.write_text(votes.read_text().replace("w1,t1,yes", "w1,t1,no\nw1,t1,yes\nw9,t9,"))
    again, told = measured("votes", votes)
    assert again == found and "w1 t1: answers a task twice; the later answer counts" in told
    assert kbuild("votes", votes, "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("w,t\n", "expected worker, task and label, found 2 cells"),
        ("w,t,l\n,t,l\n", "votes.csv:2: worker must not be empty"),
        ("w,t,l\n", "expected two answers to a task at least"),
    ],
)
def test_tables_that_cannot_be_used_are_an_error(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text(text)
    result = kbuild("votes", tmp_path / "votes.csv")
    assert result.exit_code == 1 and message in result.output


def test_columns_must_be_three_that_are_there(votes: Path) -> None:
    assert kbuild("votes", votes, "--columns", "a,b").exit_code == 2
    result = kbuild("votes", votes, "--columns", "a,b,c")
    assert result.exit_code == 1 and "expected a header with a, b, c" in result.output


def test_intervals_of_votes_hold_the_value(shared: Path) -> None:
    found, _ = measured("votes", shared / "crowd" / "MS.csv", "--bootstrap", "100")
    for key in ("fleiss_kappa", "krippendorff_alpha", "cohen_kappa", "percent_agreement"):
        low, high = found["intervals"][key]
        assert low < found[key] < high


def ava(path: Path, *rows: str) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows))
    return path


def test_boxes_by_hand(tmp_path: Path) -> None:
    first = ava(
        tmp_path / "a.csv",
        "v1,0902,0.0,0.0,0.4,1.0,12,0",
        "v1,0902,0.0,0.0,0.4,1.0,80,0",
        "v1,0902,0.5,0.0,0.9,1.0,12,1",
        "v1,0903,0.0,0.0,0.5,0.5,12,0",
        "alone,0902,0.0,0.0,0.5,0.5,12,0",
    )
    second = ava(
        tmp_path / "b.csv",
        "v1,0902,0.5,0.0,1.0,1.0,12,7",
        "v1,0902,0.0,0.0,0.4,0.5,12,8",
        "v1,0904,0.0,0.0,0.5,0.5,80,7",
    )
    found, told = measured("boxes", first, second)
    # Key frame 902: IoU 0.4/0.5 and 0.2/0.4, both pairs. 903 and 904 have one side alone.
    assert found["mean_iou"] == pytest.approx((0.8 + 0.5) / 2)
    assert found["f1_at_iou_0.5"] == pytest.approx(2 * 2 / (3 + 3))
    # Action 12: three and two persons, both pairs have it. 80: one and one, no pair.
    assert found["per_class"] == pytest.approx({"12": 2 * 2 / 5, "80": 0.0})
    assert "alone: a video that the other annotator does not have" in told
    swapped, _ = measured("boxes", second, first)
    assert swapped["per_class"] == found["per_class"]
    assert swapped["mean_iou"] == found["mean_iou"]


def test_real_boxes_agree_with_themselves(shared: Path) -> None:
    path = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    found, told = measured("boxes", path, path)
    assert found["f1_at_iou_0.5"] == found["mean_iou"] == 1.0 and told == ""
    assert set(found["per_class"].values()) == {1.0} and found["counts"]["videos"] == 8


def kinetics(path: Path, *rows: str) -> Path:
    header = "label,youtube_id,time_start,time_end,split"
    path.write_text("".join(f"{row}\n" for row in (header, *rows)))
    return path


def test_segments_by_hand(tmp_path: Path) -> None:
    first = kinetics(
        tmp_path / "a.csv", "jump,v1,0,10,test", "jump,v1,20,30,test", "run,v1,0,10,test"
    )
    second = kinetics(
        tmp_path / "b.csv", "jump,v1,22,30,test", "jump,v1,9,19,test", "walk,v1,0,10,test"
    )
    found, _ = measured("segments", first, second, "--bootstrap", "20")
    # Jumps: 20-30 with 22-30, tIoU 0.8, starts 2 apart; 0-10 with 9-19, tIoU 1/19, 9 and 9 apart.
    assert found["mean_tiou"] == pytest.approx((0.8 + 1 / 19) / 2)
    assert found["mean_start_difference_seconds"] == pytest.approx((2 + 9) / 2)
    assert found["mean_end_difference_seconds"] == pytest.approx((0 + 9) / 2)
    assert found["f1_at_tiou_0.5"] == pytest.approx(2 * 1 / 6)
    assert found["per_class"] == {"jump": 0.5, "run": 0.0, "walk": 0.0}
    assert found["intervals"]["mean_tiou"] == pytest.approx([found["mean_tiou"]] * 2)


def test_segments_of_activitynet_and_charades_are_recognised(tmp_path: Path) -> None:
    database = {
        "v1": {
            "duration": 50.0,
            "subset": "validation",
            "resolution": "320x240",
            "url": "https://www.youtube.com/watch?v=v1",
            "annotations": [{"label": "jump", "segment": [0.5, 10.0]}],
        }
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"version": "VERSION 1.3", "taxonomy": [], "database": database}))
    assert measured("segments", path, path)[0]["mean_tiou"] == 1.0
    charades = tmp_path / "c.csv"
    charades.write_text("id,actions,length\nA,c001 0.50 9.00,10\nB,,9\n")
    found, _ = measured("segments", charades, charades)
    assert found["per_class"] == {"c001": 1.0} and found["counts"]["videos"] == 2


def test_files_without_a_common_video_are_an_error(tmp_path: Path) -> None:
    first = kinetics(tmp_path / "a.csv", "jump,v1,0,10,test")
    second = kinetics(tmp_path / "b.csv", "jump,v2,0,10,test")
    result = kbuild("segments", first, second)
    assert result.exit_code == 1 and "expected videos in common, found none" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["segments"], "this is a folder. Say what it holds: --format NAME"),
        (["segments", "--format", "kinetics"], "kinetics is a file, and this is a folder"),
        (["boxes"], "ava is a file, and this is a folder"),
    ],
)
def test_a_folder_is_refused_where_the_format_is_a_file(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    result = kbuild(*arguments, tmp_path, tmp_path)
    assert result.exit_code == 1 and message in result.output
