import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.errors import FormatError
from pipelines.cli import group
from pipelines.measuring.ava.measure import Rules, Unlisted, measure_frames, measure_videos
from pipelines.measuring.result import Inputs, Measured

LABELS = 'item {\n  name: "bend"\n  id: 1\n}\nitem {\n  name: "sit"\n  id: 11\n}\n'
BOX, AWAY = "0.1,0.1,0.5,0.9", "0.6,0.1,0.7,0.2"


class Bench:
    """Files of one measurement, and what was warned of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []

    def file(self, name: str, *rows: str) -> Path:
        path = self.folder / name
        path.write_text("".join(f"{row}\n" for row in rows))
        return path

    def inputs(self, truth: list[str], predicted: list[str], **options: Any) -> Inputs:
        labels = self.folder / "labels.pbtxt"
        labels.write_text(LABELS)
        found: dict[str, Any] = {
            "ground_truth": self.file("truth.csv", *truth),
            "predictions": self.file("predicted.csv", *predicted),
            "label_map": labels,
            "on_warning": lambda problem: self.told.append(str(problem)),
        }
        return Inputs(**(found | options))

    def frames(
        self, truth: list[str], predicted: list[str], rules: Rules | None = None, **options: Any
    ) -> Measured:
        return measure_frames(self.inputs(truth, predicted, **options), rules or Rules())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def value(measured: Measured) -> float:
    return measured.values["mAP@0.5IOU"]


# The official evaluator's own values.


def official(shared: Path, name: str) -> tuple[Inputs, dict[str, float | None]]:
    folder = shared / "evaluation" / name
    expected = json.loads((folder / "expected.json").read_text())
    predictions = folder / expected.get("detections", "detections.csv.gz")
    inputs = Inputs(
        ground_truth=folder / expected["ground_truth"],
        predictions=predictions,
        label_map=folder / expected["label_map"],
        num_replicates=20,
    )
    return inputs, expected["official_evaluator"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ava_small", 0.09385521885521886), ("ava_eight_videos", 0.653566571995362)],
)
def test_values_are_those_of_the_official_evaluator(
    shared: Path, name: str, expected: float
) -> None:
    inputs, official_values = official(shared, name)
    measured = measure_frames(inputs, Rules())
    assert value(measured) == pytest.approx(expected, abs=1e-12)
    found = {f"AP@0.5IOU/{label}": one for label, one in measured.per_class.items()}
    for key, one in official_values.items():
        if key != "mAP@0.5IOU":
            assert found.pop(key) == pytest.approx(
                math.nan if one is None else one, abs=1e-9, nan_ok=True
            )
    assert not found
    low, high = measured.intervals["mAP@0.5IOU"]
    assert 0 < low < high < 1


# The prior: the same boxes, scored by how frequent each class is.

PRIOR = "prior's mAP@0.5IOU"


def test_the_prior_gives_every_class_to_every_box_and_knows_no_film(bench: Bench) -> None:
    """Half of 600 boxes, those of the first film, bend, the others sit: a box in two is right."""
    films = [("a", 1), ("b", 11)]
    frames = [(film, 902 + n, action) for film, action in films for n in range(300)]
    truth = [f"{film},{time},{BOX},{action},0" for film, time, action in frames]
    train = bench.file("train.csv", *[f"t,0902,{BOX},1,{n}" for n in range(3)], f"t,0903,{BOX},11")
    predicted = [f"{row.rpartition(',')[0]},0.9" for row in truth]
    measured = bench.frames(truth, predicted, Rules(train=train))
    assert value(measured) == 1.0
    assert measured.values[PRIOR] == pytest.approx(0.5, abs=0.05)
    turned = [predicted[0].replace(",1,0.9", ",11,0.2"), *predicted[::-1]]
    again = bench.frames(truth, turned, Rules(train=train), num_replicates=5)
    assert again.values[PRIOR] == measured.values[PRIOR]
    assert set(again.intervals) == {"mAP@0.5IOU", PRIOR}


def test_of_the_prior_the_most_frequent_classes_count(bench: Bench) -> None:
    """Two boxes have 25 classes each: 50 pairs count on a key frame."""
    names = bench.file("names.txt", *[f"action {n}" for n in range(1, 61)])
    actions = range(1, 61)
    train = bench.file("t.csv", *[f"t,0902,{BOX},{a},{n}" for a in actions for n in range(a)])
    truth = [f"v,0902,{box},{a},0" for box in (BOX, AWAY) for a in actions]
    predicted = [f"v,0902,{box},1,0.5" for box in (BOX, AWAY)]
    measured = bench.frames(truth, predicted, Rules(train=train), label_map=names)
    assert measured.values[PRIOR] == pytest.approx(25 / 60)


def test_a_training_file_of_other_classes_has_no_prior(bench: Bench) -> None:
    train = bench.file("train.csv", f"t,0902,{BOX},80,1")
    with pytest.raises(FormatError, match=r"train.csv: found no box of a class that counts \(2"):
        bench.frames([f"v,0902,{BOX},1,0"], [f"v,0902,{BOX},1,0.9"], Rules(train=train))


@pytest.mark.parametrize("text", ["bend\ncrouch\nsit\n", "1: bend\n2: crouch\n3: sit\n"])
def test_names_of_ones_own_are_numbered_from_1(text: str, bench: Bench) -> None:
    (bench.folder / "names.txt").write_text(text)
    truth = [f"v,0902,{BOX},1,0", f"v,0903,{BOX},3,0"]
    inputs = bench.inputs(truth, [f"v,0902,{BOX},1,0.5"], label_map=bench.folder / "names.txt")
    measured = measure_frames(inputs, Rules())
    assert measured.per_class == pytest.approx(
        {"bend": 1, "crouch": math.nan, "sit": 0}, nan_ok=True
    )


def test_the_real_ground_truth_as_predictions_gives_1(shared: Path, bench: Bench) -> None:
    truth = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    with gzip.open(truth, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file][:3000]
    scored = [",".join([*row[:7], "0.5", row[7]]) for row in rows]
    inputs = bench.inputs(
        [",".join(row) for row in rows],
        scored,
        label_map=shared / "ava" / "ava_action_list_v2.1_for_activitynet_2018.pbtxt",
    )
    videos = measure_videos(inputs, Rules())
    assert list(videos.values) == ["video-mAP@0.5", "video-mAP@0.2", "video-mAP@0.5:0.95"]
    assert list(videos.values.values()) == [pytest.approx(1)] * 3
    bench.file("predicted.csv", *[row.rpartition(",")[0] for row in scored])
    assert value(measure_frames(inputs, Rules())) == pytest.approx(1)


# Which key frames and classes count.


def test_a_moment_is_one_key_frame_however_it_is_spelled(bench: Bench) -> None:
    truth = [f"v,0902,{BOX},1,0", f"v,902.0,{BOX},11,0"]
    measured = bench.frames(truth, [f"v,902,{BOX},1,0.5", f"v,902.0000001,{BOX},11,0.5"])
    assert value(measured) == 1
    assert measured.counts["key frames"] == 1
    assert value(bench.frames(truth, [f"v,902.000001,{BOX},1,0.5"])) == 0


TRUTH = [f"v,902,{BOX},1,0", "v,903", f"v,904,{BOX},2,0"]
STRAYS = {902: "listed with a box", 903: "listed without", 904: "listed with another class"}


@pytest.mark.parametrize("moment", STRAYS, ids=STRAYS.values())
def test_a_detection_on_a_listed_key_frame_is_wrong(bench: Bench, moment: int) -> None:
    # Wrong before right: 1/2.
    predicted = [f"v,{moment},{AWAY},1,0.9", f"v,902,{BOX},1,0.5"]
    assert bench.frames(TRUTH, predicted).per_class["bend"] == 0.5


@pytest.mark.parametrize("stray", [f"v,905,{AWAY},1,0.9", f"w,902,{AWAY},1,0.9"])
def test_a_detection_on_an_unlisted_key_frame_is_ignored_or_wrong(bench: Bench, stray: str) -> None:
    predicted = [stray, f"v,902,{BOX},1,0.5"]
    ignored = bench.frames(TRUTH, predicted)
    assert ignored.per_class["bend"] == 1
    counted = bench.frames(TRUTH, predicted, Rules(unlisted=Unlisted.FALSE_POSITIVE))
    assert counted.per_class["bend"] == 0.5
    assert ignored.counts["detections on unlisted key frames"] == 1
    assert (ignored.counts["detections"], counted.counts["detections"]) == (1, 2)


@pytest.mark.parametrize("unlisted", Unlisted)
def test_an_excluded_key_frame_counts_neither_for_nor_against(
    bench: Bench, unlisted: Unlisted
) -> None:
    truth = [*TRUTH, f"v,905,{BOX},1,0"]
    predicted = [f"v,905,{AWAY},1,0.9", f"v,902,{BOX},1,0.5", f"v,906,{AWAY},1,0.9"]
    excluded = bench.file("excluded.csv", "v,0905", "v,0906", "unknown,0902")
    measured = bench.frames(truth, predicted, Rules(unlisted=unlisted, excluded=excluded))
    assert measured.per_class["bend"] == 1
    assert measured.counts["detections on excluded key frames"] == 2
    assert measured.counts["key frames"] == 3


def test_a_box_among_the_excluded_key_frames_is_an_error(bench: Bench) -> None:
    excluded = bench.file("excluded.csv", "v,0905", f"v,906,{BOX},1,0")
    with pytest.raises(FormatError, match=r"excluded\.csv:2: .*alone, found a box"):
        bench.frames(TRUTH, [f"v,902,{BOX},1,0.5"], Rules(excluded=excluded))


@pytest.mark.parametrize("other", ["2", "2000000000"])
def test_classes_that_do_not_count_take_none_of_the_fifty_places(bench: Bench, other: str) -> None:
    crowd = [f"v,902,0.{number},0.1,0.99,0.9,{other},0.9" for number in range(10, 70)]
    measured = bench.frames(TRUTH, [*crowd, f"v,902,{BOX},1,0.5"])
    assert measured.per_class["bend"] == 1
    assert measured.counts["detections of other classes"] == 60
    assert measured.counts["boxes of other classes"] == 1
    crowd = [row.replace(f",{other},0.9", ",11,0.9") for row in crowd]
    measured = bench.frames(TRUTH, [*crowd, f"v,902,{BOX},1,0.5"])
    assert measured.per_class["bend"] == 0
    assert measured.counts["detections beyond 50 a key frame"] == 11
    assert math.isnan(measured.per_class["sit"])


def test_without_a_label_map_all_classes_of_the_truth_count_by_number(bench: Bench) -> None:
    measured = bench.frames(TRUTH, [f"v,902,{BOX},1,0.5"], label_map=None)
    assert measured.per_class == {"1": 1.0, "2": 0.0}
    assert "without --label-map" in bench.told[0]


# Bad input.

ODD = {
    "a class of neither file": (
        f"v,902,{BOX},17,0.4",
        "17: a class that the ground truth does not have",
    ),
    "an unknown video": (f"w,902,{BOX},1,0.4", "w: a video that the ground truth does not have"),
    "a box outside the frame": ("v,902,0.6,0.1,1.2,0.3,1,0.4", "inside [0, 1]"),
    "a box upside down": ("v,902,0.5,0.1,0.1,0.9,1,0.4", "without an area"),
    "the same row twice": (f"v,902,{BOX},1,0.4", "stands here twice"),
}


@pytest.mark.parametrize(("row", "message"), ODD.values(), ids=ODD)
def test_an_odd_detection_is_told_of_with_its_line_and_strictly_an_error(
    bench: Bench, row: str, message: str
) -> None:
    predicted = [f"v,902,{BOX},1,{0.4 if 'twice' in message else 0.5}", row]
    # Of two equal rows the second, which is wrong, ranks first: 1/2.
    expected = 0.5 if "twice" in message else 1
    assert bench.frames(TRUTH, predicted).per_class["bend"] == expected
    assert len(bench.told) == 1
    assert "predicted.csv:2: " in bench.told[0]
    assert message in bench.told[0]
    with pytest.raises(FormatError, match=r"predicted\.csv:2: "):
        bench.frames(TRUTH, predicted, is_strict=True)


def test_strange_rows_are_told_of_once_with_their_number(bench: Bench) -> None:
    bench.frames(TRUTH, [f"v,902,{BOX},1,0.5", *[f"w,{t},{BOX},1,0.9" for t in range(5)]])
    assert [told.partition(":2: ")[2] for told in bench.told] == [
        "w: a video that the ground truth does not have; it does not count (4 more like this)"
    ]


WRONG: dict[str, tuple[list[str], list[str], str]] = {
    "NaN as score": (TRUTH, [f"v,902,{BOX},1,nan"], r"predicted\.csv:1: .*score, found nan"),
    "no detections": (TRUTH, [], r"predicted\.csv: the file is empty"),
    "no ground truth": ([], [f"v,902,{BOX},1,1"], r"truth\.csv: the file is empty"),
    "no class that counts": ([f"v,902,{BOX},2,0"], [f"v,902,{BOX},1,1"], "--label-map belong"),
    "a true box upside down": (["v,902,0.5,0,0.1,1,1,0"], ["v,902"], r"truth\.csv:1: .*inverted"),
}


@pytest.mark.parametrize(("truth", "predicted", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_measured_is_an_error(
    bench: Bench, truth: list[str], predicted: list[str], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        bench.frames(truth, predicted)


def test_key_frames_without_any_detection_are_a_legal_submission(bench: Bench) -> None:
    assert value(bench.frames(TRUTH, ["v,902", "v,903"])) == 0


# Tubes.


def person(moments: range, number: int, box: str = BOX, score: str = "") -> list[str]:
    return [f"v,{moment},{box},1,{score}{number}" for moment in moments]


@pytest.mark.parametrize(
    ("unlisted", "average"),
    [
        # Key frames 902-905 and 903-906, of which the truth does not list 906. Left out: 3/4,
        # found at 0.5, 0.55 ... 0.75, at six of ten. Kept: 3/5, found at three of ten.
        pytest.param(Unlisted.IGNORE, 0.6, id="unlisted ignored"),
        pytest.param(Unlisted.FALSE_POSITIVE, 0.3, id="unlisted wrong"),
    ],
)
def test_tubes_are_linked_by_person_and_by_track(
    bench: Bench, unlisted: Unlisted, average: float
) -> None:
    inputs = bench.inputs(person(range(902, 906), 3), person(range(903, 907), 9, score="0.5,"))
    measured = measure_videos(inputs, Rules(unlisted=unlisted))
    assert measured.values == {
        "video-mAP@0.5": 1,
        "video-mAP@0.2": 1,
        "video-mAP@0.5:0.95": pytest.approx(average),
    }
    assert (measured.counts["tubes"], measured.counts["predicted tubes"]) == (1, 1)


def test_tubes_need_persons(bench: Bench) -> None:
    inputs = bench.inputs([f"v,902,{BOX},1"], person(range(902, 903), 9, score="0.5,"))
    with pytest.raises(FormatError, match=r"truth\.csv:1: tubes need the person's number"):
        measure_videos(inputs, Rules())


def test_two_boxes_of_a_track_on_one_key_frame_are_told_of(bench: Bench) -> None:
    twice = [*person(range(902, 904), 9, AWAY, "0.4,"), *person(range(902, 904), 9, BOX, "0.5,")]
    measured = measure_videos(bench.inputs(person(range(902, 904), 3), twice), Rules())
    assert measured.values["video-mAP@0.5"] == 1
    assert "predicted.csv:3: a box beside another" in bench.told[0]
    assert "(1 more like this)" in bench.told[0]


# The command.


@pytest.fixture
def run(bench: Bench) -> Callable[..., Any]:
    def invoke(*arguments: str) -> Any:
        inputs = bench.inputs(TRUTH, [f"v,902,{BOX},1,0.5", f"v,904,{AWAY},1,0.9"])
        files = ["--ground-truth", inputs.ground_truth, "--predictions", inputs.predictions]
        words = ["measure", "ava", *files, "--label-map", inputs.label_map, *arguments]
        return CliRunner().invoke(group, [str(word) for word in words])

    return invoke


def test_the_command_gives_json_at_full_precision(run: Callable[..., Any]) -> None:
    result = run("--json", "--bootstrap", "10")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["mAP@0.5IOU"] == 0.5
    assert found["per_class"] == {"bend": 0.5, "sit": None}
    assert found["intervals"] == {"mAP@0.5IOU": [0.5, 0.5]}
    assert found["counts"]["key frames"] == 3


def test_the_command_takes_another_overlap_and_prints_a_table(run: Callable[..., Any]) -> None:
    result = run("--iou", "0.75", "--unlisted", "false-positive")
    assert result.exit_code == 0, result.output
    assert "mAP@0.75IOU" in result.stdout


def test_the_command_prints_a_warning_of_each_sort_with_its_count(
    bench: Bench, run: Callable[..., Any]
) -> None:
    rows = [f"v,902,0.{number},0.1,0.99,0.9,1" for number in range(10, 30)]
    predicted = bench.file("more.csv", *rows, f"v,902,-0.25,0,1,1,1,{0.5}")
    result = run("--predictions", str(predicted), "--json")
    assert json.loads(result.stdout)["counts"]["detections"] == 21
    told = result.stderr.splitlines()
    assert [line.partition("more.csv")[2].partition(" ")[0] for line in told] == [":1:", ":21:"]
    assert told[0].endswith(
        "found no score; the official evaluator takes it as 1.0 (19 more like this)"
    )


def test_the_command_refuses_a_seed_below_0(run: Callable[..., Any]) -> None:
    result = run("--bootstrap", "2", "--seed", "-1")
    assert result.exit_code == 2 and "-1 is not in the range" in result.output


def test_the_command_refuses_a_folder(run: Callable[..., Any], tmp_path: Path) -> None:
    result = run("--predictions", str(tmp_path))
    assert result.exit_code == 2 and "is a directory" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "video", "--iou", "0.5"], "--iou is of the task frame"),
        (["--step", "2"], "--step is of --task video"),
        (["--task", "video", "--train", __file__], "--train is of the task frame"),
        (["--task", "video"], "expected 9 cells"),
    ],
)
def test_the_command_refuses_options_of_the_other_task(
    run: Callable[..., Any], arguments: list[str], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert message in result.output


def test_key_frames_alone_are_no_ground_truth(bench: Bench) -> None:
    inputs = bench.inputs(["v,0902"], [f"v,0902,{BOX},1,0.5"], label_map=None)
    for measure in (measure_frames, measure_videos):
        with pytest.raises(FormatError, match="found key frames without boxes alone"):
            measure(inputs, Rules())


@pytest.mark.parametrize("text", ["", "\n\r\n", "\ufeff"])
def test_an_empty_list_of_excluded_key_frames_excludes_nothing(text: str, bench: Bench) -> None:
    excluded = bench.folder / "excluded.csv"
    excluded.write_text(text)
    truth, predicted = [f"v,0902,{BOX},1,0"], [f"v,0902,{BOX},1,0.5"]
    assert value(bench.frames(truth, predicted, Rules(excluded=excluded))) == 1
    excluded.write_text(f"{text}v,0902\n")
    with pytest.raises(FormatError, match="found no box of a class that counts"):
        bench.frames(truth, predicted, Rules(excluded=excluded))
