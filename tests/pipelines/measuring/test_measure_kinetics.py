"""`kbuild measure kinetics` on files: the official rules, forms of predictions, odd input."""

import csv
import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from pipelines.cli import group

TRUTH = """label,youtube_id,time_start,time_end,split
a,aaaaaaaaaaa,0,10,test
b,bbbbbbbbbbb,5,15,test
b,ccccccccccc,0,10,test
c,ddddddddddd,0,10,test
"""
KEYS = ["aaaaaaaaaaa_0_10", "bbbbbbbbbbb_5_15", "ccccccccccc_0_10", "ddddddddddd_0_10"]

Measure = Callable[..., Any]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """Write the given files and return the JSON (or with `fails`, the error) of the command."""

    def run(truth: str, predictions: object, *arguments: str, fails: bool = False) -> Any:
        ground_truth = tmp_path / ("truth.json" if truth.startswith("{") else "truth.csv")
        ground_truth.write_text(truth)
        path = predictions if isinstance(predictions, Path) else tmp_path / "submission.json"
        if not isinstance(predictions, Path):
            path.write_text(submission(predictions))
        files = ["--ground-truth", str(ground_truth), "--predictions", str(path)]
        result = CliRunner().invoke(
            group, ["measure", "kinetics", *files, "--json", *arguments], prog_name="kbuild"
        )
        assert (result.exit_code == 1) is fails, result.output
        return result.output if fails else (json.loads(result.stdout), result.stderr)

    return run


def submission(results: object) -> str:
    usual = {"version": "KINETICS VERSION 1.0", "external_data": {"used": False, "details": ""}}
    return json.dumps({**usual, "results": results})


def said(*labels: str) -> list[dict[str, object]]:
    """Predictions, best first."""
    return [{"label": label, "score": 1 - place / 10} for place, label in enumerate(labels)]


def test_errors_by_hand(measure: Measure) -> None:
    # Right at 1: the first alone. At 5 the second and third too. The fourth is missing.
    predictions = dict(zip(KEYS, [said("a"), said("c", "b"), said("a", "c", "b")], strict=False))
    found, told = measure(TRUTH, predictions)
    assert found["Error@1"] == 0.75 and found["Error@5"] == 0.25
    assert found["Average error"] == 0.5 and next(iter(found)) == "Average error"
    assert found["Hit@1"] == 0.25 and found["Hit@5"] == 0.75
    assert found["per_class"] == {"a": 1.0, "b": 0.0, "c": 0.0}
    assert found["Mean class accuracy"] == pytest.approx(1 / 3)
    assert found["counts"]["clips without prediction"] == 1
    assert "1 of 4 clips have no prediction; they are wrong" in told


def test_a_clip_with_several_labels_is_right_with_any_of_them(measure: Measure) -> None:
    truth = TRUTH + "c,aaaaaaaaaaa,0,10,test\na,aaaaaaaaaaa,0,10,test\n"
    wrong = {key: said("a") for key in KEYS[1:]}
    found, _ = measure(truth, {KEYS[0]: said("c", "b"), **wrong})
    assert found["Hit@1"] == 0.25 and found["Avg Hit@1"] == 0.125
    assert found["counts"]["clips"] == 4


def test_ids_alone_are_the_manner_of_2017(measure: Measure) -> None:
    # One video with two clips of different labels is one video with two labels.
    truth = TRUTH + "a,bbbbbbbbbbb,60,70,test\n"
    found, told = measure(truth, {key[:11]: said("b") for key in KEYS})
    assert found["counts"]["clips"] == 4 and found["Hit@1"] == 0.5
    assert found["Avg Hit@1"] == (0.5 + 1) / 4 and told == ""


def test_activitynets_layout_and_the_official_json_give_the_same(measure: Measure) -> None:
    rows = list(csv.DictReader(TRUTH.splitlines()))
    database = {
        f"{row['youtube_id']}_{row['time_start']}_{row['time_end']}": {
            "subset": "testing",
            "annotations": [{"label": row["label"]}] * 2,
        }
        for row in rows
    }
    official = {
        row["youtube_id"]: {
            "annotations": {
                "label": row["label"],
                "segment": [float(row["time_start"]), float(row["time_end"])],
            },
            "duration": 10.0,
            "subset": "test",
            "url": f"https://www.youtube.com/watch?v={row['youtube_id']}",
        }
        for row in rows
    }
    predictions = dict(zip(KEYS, map(said, "abca"), strict=True))
    values = [
        measure(text, predictions)[0]
        for text in (
            TRUTH,
            json.dumps({"database": database, "taxonomy": [], "version": "1"}),
            json.dumps(official),
        )
    ]
    assert values[0] == values[1] == values[2] and values[0]["Hit@1"] == 0.5


def test_a_split_is_chosen_where_there_are_several(measure: Measure) -> None:
    truth = TRUTH + "a,eeeeeeeeeee,0,10,train\n"
    assert "Choose one: --split test|train" in measure(truth, {}, fails=True)
    found, _ = measure(truth, {KEYS[0]: said("a")}, "--split", "test")
    assert found["counts"]["clips"] == 4


def test_blocked_videos_count_on_neither_side(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "blocked.txt").write_text("bbbbbbbbbbb\nccccccccccc_0_10\n")
    predictions = {KEYS[0]: said("a"), KEYS[1]: said("a"), KEYS[3]: said("c")}
    found, told = measure(TRUTH, predictions, "--blocked", str(tmp_path / "blocked.txt"))
    assert found["Hit@1"] == 1.0 and found["counts"]["clips"] == 2 and told == ""


def test_predictions_of_an_evaluation_give_the_values_at_1(
    measure: Measure, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.csv"
    files = ["x/aaaaaaaaaaa_000000_000010.mp4", "bbbbbbbbbbb_000005_000015.mp4"]
    rows = [f"{file},?,{label},0.5" for file, label in zip(files, "ab", strict=True)]
    path.write_text("\n".join(["file,label,predicted,probability", *rows]))
    found, _ = measure(TRUTH, path)
    assert found["Hit@1"] == 0.5 and next(iter(found)) == "Error@1"
    assert "Error@5" not in found and "Average error" not in found


def test_clips_of_a_manifest_go_by_their_files(measure: Measure, tmp_path: Path) -> None:
    header = (
        "label,youtube_id,time_start,time_end,split,file,bytes,sha256,duration_seconds,width,"
        "height,frames_per_second,num_frames,whole_clip,licence"
    )
    row = f"a,v,0,10,test,clips/odd.mp4,9,{'0' * 64},10.0,320,240,25.0,250,True,CC"
    (tmp_path / "predictions.csv").write_text(
        "file,label,predicted,probability\nclips/odd.mp4,a,a,0.9\n"
    )
    found, told = measure(f"{header}\n{row}\n", tmp_path / "predictions.csv")
    assert found["Hit@1"] == 1.0 and told == ""


FRACTIONS = "label,youtube_id,time_start,time_end,split\na,v,1.5,11.5,test\nb,w,2.25,12,test\n"


@pytest.mark.parametrize(
    "keys",
    [("v_1_12", "w_2_12"), ("v_1_11", "w_2_12"), ("v_000001_000012", "w_000002_000012")],
    ids=["whole seconds around", "cut off as the crawler does", "as files are called"],
)
def test_clips_between_seconds_are_found_by_whole_ones(keys, measure: Measure) -> None:
    found, told = measure(FRACTIONS, {keys[0]: said("a"), keys[1]: said("b")})
    assert found["Hit@1"] == 1.0 and told == ""
    assert found["counts"]["unknown videos"] == 0


def test_a_key_that_two_clips_between_seconds_share_is_neither(measure: Measure) -> None:
    truth = FRACTIONS + "b,v,1.75,11.75,test\n"
    found, told = measure(truth, {"v_1_12": said("a"), "w_2_12": said("b")})
    assert found["counts"]["clips"] == 3 and found["Hit@1"] == pytest.approx(1 / 3)
    assert "v_1_12: not in the ground truth" in told


def test_clips_between_seconds_are_blocked_by_whole_ones(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "blocked.txt").write_text("v_1_11\n")
    found, _ = measure(FRACTIONS, {"w_2_12": said("b")}, "--blocked", str(tmp_path / "blocked.txt"))
    assert found["counts"]["clips"] == 1 and found["Hit@1"] == 1.0


@pytest.fixture
def matrix(tmp_path: Path) -> Callable[..., Path]:
    (tmp_path / "labels.txt").write_text("c\nb\na\n")

    def save(scores: list[list[float]], name: str = "scores.npy", **others: Any) -> Path:
        table = np.array(scores, np.float32)
        if name.endswith(".npz"):
            np.savez(tmp_path / name, scores=table, **others)
        else:
            np.save(tmp_path / name, table)
        return tmp_path / name

    return save


SCORES = [[0.1, 0.2, 0.7], [0.5, 0.5, 0.0], [0.1, 0.8, 0.1], [0.9, 0.1, 0.0]]


def test_a_matrix_has_its_rows_in_the_order_of_the_truth(measure, matrix, tmp_path: Path) -> None:
    # Columns c, b, a. Row 2 is a tie of c and b, and the lower column (c) wins: wrong at 1.
    labels = ("--label-map", str(tmp_path / "labels.txt"))
    found, _ = measure(TRUTH, matrix(SCORES), *labels)
    assert found["Hit@1"] == 0.75 and found["Hit@5"] == 1.0
    assert found["per_class"] == {"c": 1.0, "b": 0.5, "a": 1.0}
    again, _ = measure(TRUTH, matrix(SCORES, "a.npz", labels=["c", "b", "a"]))
    assert again == found


def test_of_a_clip_with_two_labels_the_first_row_of_scores_counts(
    measure, matrix, tmp_path: Path
) -> None:
    truth = TRUTH + "c,aaaaaaaaaaa,0,10,test\n"
    scores = [*SCORES, [0.0, 1.0, 0.0]]
    found, _ = measure(truth, matrix(scores), "--label-map", str(tmp_path / "labels.txt"))
    # Its first row has a (0.7), b, c: right at first, and one of its two labels is.
    assert found["Hit@1"] == 0.75 and found["Avg Hit@1"] == (0.5 + 2) / 4
    assert found["counts"]["rows of scores"] == 5 and found["counts"]["clips"] == 4


def test_rows_of_a_matrix_are_named_by_a_file(measure, matrix, tmp_path: Path) -> None:
    names = ["ddddddddddd_0_10", "clips/c/bbbbbbbbbbb_000005_000015.mp4", "nobody_0_10", KEYS[0]]
    (tmp_path / "rows.txt").write_text("\n".join(names))
    scores = [SCORES[3], SCORES[1], SCORES[2], SCORES[0]]
    arguments = ("--label-map", str(tmp_path / "labels.txt"), "--rows", str(tmp_path / "rows.txt"))
    found, told = measure(TRUTH, matrix(scores), *arguments)
    assert found["Hit@1"] == 0.5 and found["counts"]["clips without prediction"] == 1
    assert "row 3 ('nobody_0_10'): not in the ground truth" in told
    again, _ = measure(TRUTH, matrix(scores, "a.npz", labels=list("cba"), clips=names))
    assert again == found


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([*SCORES[:3], [0.1, float("nan"), 0.2]], "row 4: expected a number as score of 'b'"),
        (SCORES[:3], "expected 4 rows, as the ground truth has, found 3"),
        ([row[:2] for row in SCORES], "expected a column for each of 3 labels, found 2"),
    ],
)
def test_a_matrix_that_does_not_fit_is_an_error(measure, matrix, scores, message, tmp_path) -> None:
    labels = ("--label-map", str(tmp_path / "labels.txt"))
    assert message in measure(TRUTH, matrix(scores), *labels, fails=True)


def test_a_matrix_without_labels_is_an_error(measure, matrix, tmp_path: Path) -> None:
    assert "give --label-map FILE" in measure(TRUTH, matrix(SCORES), fails=True)
    whole = matrix(SCORES, "a.npz").read_bytes()
    broken = {"bad.npy": b"no numpy", "half.npz": whole[: len(whole) // 2]}
    broken["other.npz"] = matrix(SCORES, "b.npz").read_bytes().replace(b"scores", b"others")
    broken["header.npy"] = matrix(SCORES).read_bytes().replace(b"), }", b" , }")
    broken["changed.npz"] = whole.replace(np.float32(0.9).tobytes(), b"\xff\xff\xff\xff")
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        assert "expected a file of numpy" in measure(TRUTH, tmp_path / name, fails=True)


def test_oddities_are_told_and_strictly_are_errors(measure: Measure) -> None:
    predictions = {
        KEYS[0]: said("a"),
        KEYS[1]: said("nonsense", "b"),
        KEYS[2]: said("b", "a", "c", "a", "a", "c"),
        KEYS[3]: said("c"),
        "unknown_0_10": said("a"),
    }
    found, told = measure(TRUTH, predictions)
    # The unknown label takes the first place of its clip, and the unknown clip is no clip.
    assert found["Hit@1"] == 0.75 and found["Hit@5"] == 1.0
    assert "6 predictions; a submission has 5 at most" in told
    assert "unknown_0_10: not in the ground truth" in told
    assert "'nonsense': no label of the ground truth" in told
    for key in (KEYS[1], KEYS[2], "unknown_0_10"):
        usual = dict(zip(KEYS, map(said, "abbc"), strict=True))
        output = measure(TRUTH, {**usual, key: predictions[key]}, "--strict", fails=True)
        assert output.startswith("Error: ") and output.count("\n") == 1


def test_a_clip_that_comes_twice_has_its_later_predictions(measure: Measure, tmp_path) -> None:
    text = submission({KEYS[0]: said("b"), KEYS[1]: said("b")})
    path = tmp_path / "twice.json"
    path.write_text(text.replace("]}}", f'], "{KEYS[0]}": {json.dumps(said("a"))}}}}}'))
    assert path.read_text().count(KEYS[0]) == 2
    found, told = measure(TRUTH, path)
    assert found["per_class"]["a"] == 1.0
    assert f"{KEYS[0]}: this key stands twice" in told and "has predictions already" not in told
    path = tmp_path / "predictions.csv"
    file = "aaaaaaaaaaa_000000_000010.mp4"
    rows = [f"{file},?,{label},0.5" for label in "ba"]
    path.write_text("\n".join(["file,label,predicted,probability", *rows]))
    found, told = measure(TRUTH, path)
    assert found["per_class"]["a"] == 1.0
    assert f"predictions.csv:3: {KEYS[0]} has predictions already" in told


def test_a_label_that_comes_twice_for_a_clip_is_told_of(measure: Measure) -> None:
    predictions = dict(zip(KEYS, map(said, "abbc"), strict=True))
    predictions[KEYS[1]] = said("a", "a", "b")
    found, told = measure(TRUTH, predictions)
    assert found["Hit@1"] == 0.75 and found["Hit@5"] == 1.0
    assert f"{KEYS[1]}: a label is predicted twice for this clip; each takes a place" in told
    assert "predicted twice" in measure(TRUTH, predictions, "--strict", fails=True)


def test_a_row_of_the_truth_that_comes_twice_counts_once(measure: Measure) -> None:
    predictions = dict(zip(KEYS, map(said, "aaaa"), strict=True))
    truth = TRUTH + "a,aaaaaaaaaaa,0,10,test\n"
    found, told = measure(truth, predictions)
    assert found["Mean class accuracy"] == pytest.approx(1 / 3) and found["Hit@1"] == 0.25
    assert f"truth.csv:6: {KEYS[0]}: has this label already; it counts once" in told
    assert "truth.csv:6: " in measure(truth, predictions, "--strict", fails=True)


@pytest.mark.parametrize(
    ("truth", "text", "message"),
    [
        ("", "{}", "truth.csv: the file is empty"),
        (TRUTH.partition("a,")[0], "{}", "truth.csv: expected clips to compare with, found none"),
        (TRUTH, "", "submission.json: the file is empty"),
        (TRUTH, submission({KEYS[0]: [{"label": "a", "score": math.nan}]}), "json:1: NaN is no"),
        (
            TRUTH,
            submission({KEYS[0]: [{"label": "a", "score": "x"}]}),
            f"json: {KEYS[0]}: expected",
        ),
    ],
)
def test_files_that_cannot_be_used_are_an_error(
    measure: Measure, tmp_path: Path, truth: str, text: str, message: str
) -> None:
    path = tmp_path / "submission.json"
    path.write_text(text)
    output = measure(truth, path, fails=True)
    assert message in output and output.startswith("Error: ")


def test_without_predictions_all_is_wrong(measure: Measure) -> None:
    found, told = measure(TRUTH, {})
    assert found["Average error"] == 1.0 and set(found["per_class"].values()) == {0.0}
    assert "4 of 4 clips have no prediction" in told


def test_the_order_of_rows_does_not_matter(measure: Measure) -> None:
    predictions = dict(zip(KEYS, [said("a"), said("c", "b"), said("a", "c", "b")], strict=False))
    header, *rows = TRUTH.splitlines(keepends=True)
    found, _ = measure(TRUTH, predictions)
    shuffled = dict(reversed(predictions.items()))
    assert measure(header + "".join(reversed(rows)), shuffled)[0] == found


def test_labels_that_a_label_map_lacks_are_an_error(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb\n")
    output = measure(TRUTH, {}, "--label-map", str(tmp_path / "labels.txt"), fails=True)
    assert "ddddddddddd_0_10 has the label 'c', which is not among the 2 labels" in output


def test_a_test_list_without_labels_is_an_error(measure: Measure) -> None:
    truth = "youtube_id,time_start,time_end,split\naaaaaaaaaaa,0,10,test\n"
    assert "label must not be empty, in a ground truth" in measure(truth, {}, fails=True)


def test_the_confusion_matrix_is_a_table(measure: Measure, tmp_path: Path) -> None:
    path = tmp_path / "confusion.csv"
    predictions = {KEYS[0]: said("a"), KEYS[1]: said("other"), KEYS[2]: said("a")}
    measure(TRUTH, predictions, "--confusion", str(path))
    assert path.read_text() == (
        "label,a,b,c,other,(no prediction)\n"
        "a,1,0,0,0,0\nb,1,0,0,1,0\nc,0,0,0,0,1\nother,0,0,0,0,0\n"
    )


def test_intervals_hold_the_value_and_are_the_same_again(measure: Measure) -> None:
    predictions = dict(zip(KEYS, map(said, "abca"), strict=True))
    found, _ = measure(TRUTH, predictions, "--bootstrap", "200")
    low, high = found["intervals"]["Error@1"]
    assert 0 <= low <= found["Error@1"] <= high <= 1 and low < high
    assert set(found["intervals"]) >= {"Average error", "Mean class accuracy"}
    assert measure(TRUTH, predictions, "--bootstrap", "200")[0] == found
    other, _ = measure(TRUTH, predictions, "--bootstrap", "20", "--seed", "7")
    assert other["Error@1"] == found["Error@1"]


def test_real_annotations_against_themselves_are_perfect(shared: Path, tmp_path: Path) -> None:
    truth = shared / "kinetics" / "kinetics700_validate.csv.gz"
    with gzip.open(truth, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = [f"{row['youtube_id']}_{row['time_start']}_{row['time_end']}" for row in rows]
    results = {key: said(row["label"]) for key, row in zip(keys, rows, strict=True)}
    (tmp_path / "a.json").write_text(submission(results))
    files = ["--ground-truth", str(truth), "--predictions", str(tmp_path / "a.json"), "--json"]
    result = CliRunner().invoke(group, ["measure", "kinetics", *files], prog_name="kbuild")
    found = json.loads(result.stdout)
    assert found["Average error"] == 0.0 and found["Mean class accuracy"] == 1.0
    assert len(found["per_class"]) == 700 and found["counts"]["clips"] == len(results)


def test_blocked_rows_of_a_matrix_are_no_oddity(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb\n")
    (tmp_path / "rows.txt").write_text("aaaaaaaaaaa_0_10\nbbbbbbbbbbb_0_10\n")
    (tmp_path / "blocked.json").write_text('["bbbbbbbbbbb"]')
    np.save(tmp_path / "scores.npy", np.array([[0.9, 0.1], [0.9, 0.1]]))
    truth = "label,youtube_id,time_start,time_end,split\na,aaaaaaaaaaa,0,10,test\n"
    truth += "b,bbbbbbbbbbb,0,10,test\n"
    found, told = measure(
        truth,
        tmp_path / "scores.npy",
        "--label-map", str(tmp_path / "labels.txt"),
        "--rows", str(tmp_path / "rows.txt"),
        "--blocked", str(tmp_path / "blocked.json"),
        "--strict",
    )  # fmt: skip
    assert found["Error@1"] == 0
    assert told == ""


def streams(folder: Path, clips: list[str] = KEYS) -> tuple[Path, Path]:
    """Two streams: each is right about two of four clips, their sum about three."""
    labels = np.array(["a", "b", "c"])
    first = np.array([[0.9, 0.1, 0], [0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.4, 0.3, 0.3]])
    second = np.array([[0.6, 0.3, 0.1], [0.1, 0.5, 0.4], [0.5, 0.4, 0.1], [0.6, 0.4, 0]])
    order = np.argsort(clips)[::-1]
    np.savez(folder / "first.npz", scores=first, clips=np.array(KEYS), labels=labels)
    np.savez(
        folder / "second.npz",
        scores=second[order[: len(clips)]][:, ::-1],
        clips=np.array(clips)[order],
        labels=labels[::-1],
    )
    return folder / "first.npz", folder / "second.npz"


def test_two_streams_are_summed_clip_by_clip_and_class_by_class(
    measure: Measure, tmp_path: Path
) -> None:
    first, second = streams(tmp_path)
    assert measure(TRUTH, first)[0]["Hit@1"] == measure(TRUTH, second)[0]["Hit@1"] == 0.5
    assert measure(TRUTH, first, "--sum", str(second))[0]["Hit@1"] == 0.75
    # By ten, what the second says of the third clip prevails.
    weighed, _ = measure(TRUTH, first, "--sum", str(second), "--weights", "1", "10")
    assert weighed["Hit@1"] == 0.5
    results = dict(zip(KEYS, [said("a"), said("b"), said("b"), said("c")], strict=True))
    (tmp_path / "other.json").write_text(submission(results))
    summed, _ = measure(TRUTH, first, "--sum", str(tmp_path / "other.json"))
    assert summed["Hit@1"] == 1.0


def test_a_sum_says_which_clips_one_side_lacks(measure: Measure, tmp_path: Path) -> None:
    first, second = streams(tmp_path, [*KEYS[:3], "eeeeeeeeeee_0_10"])
    told = measure(TRUTH, first, "--sum", str(second), fails=True)
    assert "second.npz lacks 1 clip of" in told and "'ddddddddddd_0_10'" in told
    assert "first.npz lacks 1 clip of" in told and "'eeeeeeeeeee_0_10'" in told
    (tmp_path / "predictions.csv").write_text("file,label,predicted,probability\nx.mp4,a,a,0.5\n")
    told = measure(TRUTH, first, "--sum", str(tmp_path / "predictions.csv"), fails=True)
    assert "names one label a clip, and sums need the scores of all" in told


def test_rows_may_be_called_by_files_that_are_named_otherwise(
    measure: Measure, tmp_path: Path
) -> None:
    header = "label,youtube_id,time_start,time_end,split,file,bytes,sha256,duration_seconds,"
    header += "width,height,frames_per_second,num_frames,whole_clip,licence\n"
    rows = [
        f"{label},x{at},0,4,test,clips/my clip {at}.mp4,1,0,4.0,8,8,10.0,40,True,none\n"
        for at, label in enumerate("ab")
    ]
    files = np.array(["clips/my clip 1.mp4", "clips/my clip 0.mp4"])
    scores = np.array([[0.1, 0.9], [0.8, 0.2]])
    np.savez(tmp_path / "own.npz", scores=scores, clips=files, labels=np.array(["a", "b"]))
    found, told = measure(header + "".join(rows), tmp_path / "own.npz")
    assert found["Hit@1"] == 1.0 and not told
    both, _ = measure(
        header + "".join(rows), tmp_path / "own.npz", "--sum", str(tmp_path / "own.npz")
    )
    assert both["Hit@1"] == 1.0
