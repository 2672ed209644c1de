"""`kbuild measure activitynet`: the official evaluator's own values, and what it does not say."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.errors import ConfigError, FormatError
from pipelines.cli import group
from pipelines.measuring.activitynet.measure import MEASURES, Rules
from pipelines.measuring.activitynet.thresholds import parse_thresholds
from pipelines.measuring.result import Inputs, Measured

ID, OTHER = "bYUmtLBL7W4", "hDPLy21Yyuk"


class Bench:
    """Files of one measurement, and what was warned of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []

    def file(self, name: str, value: object) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(value))
        return path

    def measure(
        self,
        task: str,
        truth: dict[str, Any],
        predicted: dict[str, Any],
        rules: Rules | None = None,
        **options: Any,
    ) -> Measured:
        videos = {
            video: {"subset": "validation", "annotations": annotations}
            if isinstance(annotations, list)
            else annotations
            for video, annotations in truth.items()
        }
        taxonomy = [{"nodeName": "Known", "nodeId": 0, "parentId": 0, "parentName": "Root"}]
        return self.measure_files(
            task,
            self.file("truth.json", {"version": "", "taxonomy": taxonomy, "database": videos}),
            self.file("p.json", {"version": "", "external_data": {}, "results": predicted}),
            rules,
            **options,
        )

    def measure_files(
        self, task: str, truth: Path, predicted: Path, rules: Rules | None = None, **options: Any
    ) -> Measured:
        inputs = Inputs(
            ground_truth=truth,
            predictions=predicted,
            on_warning=lambda problem: self.told.append(f"{problem.item}: {problem.message}"),
            **options,
        )
        return MEASURES[task](inputs, rules or Rules())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def annotation(label: str = "Dance", start: float = 0, end: float = 10) -> dict[str, Any]:
    return {"label": label, "segment": [start, end]}


def result(
    label: str = "Dance", score: float = 0.9, start: float = 0, end: float = 10
) -> dict[str, Any]:
    return {"label": label, "score": score, "segment": [start, end]}


# The official evaluator's own values, to 1e-9.


@pytest.fixture
def official(shared: Path) -> Path:
    return shared / "evaluation" / "activitynet"


def test_detection_is_the_official_evaluators(bench: Bench, official: Path) -> None:
    expected = json.loads((official / "expected_official_evaluator.json").read_text())["detection"]
    found = bench.measure_files(
        "detection",
        official / "gt_activitynet_v1.3_converted.json.gz",
        official / "sample_detection_prediction.json",
    )
    keys = ["Average-mAP", *(f"mAP@{threshold:g}tIOU" for threshold in expected["tIoU"])]
    assert list(found.values) == keys
    values = [expected["average_mAP"], *expected["mAP_per_tIoU"]]
    assert list(found.values.values()) == pytest.approx(values, abs=1e-9)
    assert len(found.per_class) == 200
    assert sum(found.per_class.values()) / 200 == pytest.approx(values[0], abs=1e-9)
    # The 198 videos that are gone from this copy of the ground truth are wrong, as there.
    assert found.counts["videos"] == 4_728 and found.counts["predictions"] == 7_654
    unknown = next(line for line in bench.told if "without annotations of the subset" in line)
    assert "it is wrong (360 more like this)" in unknown


def test_classification_is_the_official_evaluators(bench: Bench, official: Path) -> None:
    values = json.loads((official / "expected_official_evaluator.json").read_text())
    expected = values["classification"]
    found = bench.measure_files(
        "classification",
        official / "gt_activitynet_v1.3_converted.json.gz",
        official / "sample_classification_prediction.json",
        Rules(top_k=1),
        num_replicates=5,
    )
    assert found.values == {
        "mAP": pytest.approx(expected["mAP"], abs=1e-9),
        "Hit@1": pytest.approx(expected["hit_at_k"], abs=1e-9),
        "Avg-Hit@1": pytest.approx(expected["avg_hit_at_k"], abs=1e-9),
    }
    assert list(found.intervals) == list(found.values)
    low, high = found.intervals["mAP"]
    assert low < expected["mAP"] < high


# Wakeboarding has 3 annotations and 10 detections. From the best score down they overlap
#   1 [.22 .28 .32]   2 [.12 .33 .38]   3 [0 0 .78]   4 [.37 .43 0]   5 [0 .41 .47]
#   6 [.21 .62 0]     7 [.74 0 0]       8 [0 .93 0]   9 [0 .19 .64]  10 [.34 0 0]
# and so at each threshold these ranks are right, with these best precisions from there on:
WAKEBOARDING = {
    0.3: (1 + 1 + 3 / 4) / 3,  # 1, 2 (falls from the third to the second), 4 (to the first).
    0.4: (1 / 2 + 1 / 2 + 3 / 7) / 3,  # 3, 4, 7.
    0.5: 3 / 7,  # 3, 6, 7: 1/3, 2/6 and 3/7.
    0.6: 3 / 7,
    0.7: 3 / 8,  # 3, 7, 8.
    0.75: (1 / 3 + 2 / 8) / 3,  # 3, 8.
    0.8: 1 / 8 / 3,  # 8.
    0.9: 1 / 8 / 3,
    0.95: 0.0,
}


def test_a_small_file_gives_what_a_person_works_out(bench: Bench, shared: Path) -> None:
    folder = shared / "evaluation" / "temporal_small"
    rules = Rules(thresholds=tuple(WAKEBOARDING))
    found = bench.measure_files("detection", folder / "gt.json", folder / "result.json", rules)
    # Cleaning shoes: the best of 4 detections overlaps the one annotation by 0.977.
    assert found.per_class["Cleaning shoes"] == 1.0
    for threshold, expected in WAKEBOARDING.items():
        assert found.values[f"mAP@{threshold:g}tIOU"] == pytest.approx((1 + expected) / 2)
    assert len(bench.told) == 4 and "compared without" in bench.told[-1]


# Rules.


def test_labels_without_predictions_count_0(bench: Bench) -> None:
    truth = {ID: [annotation(), annotation("Jump")]}
    found = bench.measure("detection", truth, {ID: [result()]})
    assert found.values["Average-mAP"] == 0.5 and found.per_class == {"Dance": 1.0, "Jump": 0.0}
    assert found.counts["labels without predictions"] == 1
    assert not bench.told


@pytest.mark.parametrize("task", ["detection", "classification"])
def test_a_label_that_nobody_knows_is_an_error(bench: Bench, task: str) -> None:
    with pytest.raises(
        FormatError, match=rf"p\.json: {ID}, result 2: the label 'Danse' stands in no"
    ):
        bench.measure(task, {ID: [annotation()]}, {ID: [result(), result("Danse")]})


def test_a_label_of_the_taxonomy_without_annotations_changes_nothing(bench: Bench) -> None:
    predicted = {ID: [result("Known", 1.0), result("Known", 0.9), result()]}
    found = bench.measure("detection", {ID: [annotation()]}, predicted)
    assert found.values["Average-mAP"] == 1.0
    assert len(bench.told) == 2 and "the label 'Known' stands in no annotation" in bench.told[0]


def test_a_node_of_the_taxonomy_without_a_name_is_no_label(bench: Bench) -> None:
    bench.measure("detection", {ID: [annotation()]}, {ID: [result()]})
    truth = json.loads((bench.folder / "truth.json").read_text())
    truth["taxonomy"].append({"nodeId": 1})
    paths = bench.file("truth.json", truth), bench.folder / "p.json"
    assert bench.measure_files("detection", *paths).values["Average-mAP"] == 1.0


def test_videos_without_annotations_of_the_subset_are_wrong(bench: Bench) -> None:
    truth = {
        ID: [annotation()],
        OTHER: {"subset": "training", "annotations": [annotation()]},
        "empty": [],
    }
    predicted = {OTHER: [result(score=0.9)], "empty": [result(score=0.8)], ID: [result(score=0.7)]}
    found = bench.measure("detection", truth, predicted)
    assert found.values["Average-mAP"] == pytest.approx(1 / 3)
    assert found.counts["predictions for other videos"] == 2
    assert bench.told == [
        f"{OTHER}: a prediction for a video without annotations of the subset; it is wrong "
        "(1 more like this)"
    ]


def test_blocked_videos_count_on_neither_side(bench: Bench) -> None:
    truth = {ID: [annotation()], OTHER: [annotation("Jump")]}
    predicted = {ID: [result()], OTHER: [result("Jump", start=50, end=60)]}
    for text in (json.dumps([OTHER]), f"{OTHER}\n", f"v_{OTHER}\r\n"):
        blocked = bench.folder / "blocked"
        blocked.write_text(text)
        found = bench.measure("detection", truth, predicted, Rules(blocked=blocked))
        assert found.values["Average-mAP"] == 1.0 and found.per_class == {"Dance": 1.0}
        assert found.counts["rows of blocked videos"] == 2
    assert bench.measure("detection", truth, predicted).values["Average-mAP"] == 0.5
    refused = bench.file("object.json", {"blocked": [OTHER]})
    with pytest.raises(FormatError, match="found a JSON object"):
        bench.measure("detection", truth, predicted, Rules(blocked=refused))
    prefixed = {f"v_{video}": annotations for video, annotations in truth.items()}
    found = bench.measure("detection", prefixed, predicted, Rules(blocked=blocked))
    assert found.values["Average-mAP"] == 1.0


def test_a_label_map_says_which_classes_count(bench: Bench) -> None:
    labels = bench.folder / "labels.json"
    labels.write_text(
        json.dumps(
            {
                "taxonomy": [
                    {"nodeName": "Dance", "nodeId": 4, "parentId": 0, "parentName": "Root"},
                    {"nodeName": "Sing", "nodeId": 7, "parentId": 0, "parentName": "Root"},
                ]
            }
        )
    )
    truth = {ID: [annotation(), annotation("Jump")]}
    predicted = {ID: [result(), result("Sing", 1.0), result("Fly", 1.0), result("Jump", 1.0)]}
    found = bench.measure("detection", truth, predicted, label_map=labels)
    assert found.values["Average-mAP"] == 1.0
    assert found.per_class == {"Dance": 1.0, "Sing": pytest.approx(float("nan"), nan_ok=True)}
    assert found.counts["rows of classes that do not count"] == 3
    # Jump is another class on purpose; what Fly is nobody knows.
    assert len(bench.told) == 1
    assert bench.told[0].startswith(f"{ID}, result 3: 'Fly': neither the label map nor the ground")
    with pytest.raises(FormatError, match="'Fly': neither"):
        bench.measure("detection", truth, predicted, label_map=labels, is_strict=True)


def test_a_prefix_is_looked_through_with_a_warning(bench: Bench) -> None:
    found = bench.measure("detection", {f"v_{ID}": [annotation()]}, {ID: [result()]})
    assert found.values["Average-mAP"] == 1.0
    assert len(bench.told) == 1 and "begin with v_" in bench.told[0]
    bench.told.clear()
    bench.measure("detection", {f"v_{ID}": [annotation()]}, {f"v_{ID}": [result()]})
    assert not bench.told
    with pytest.raises(FormatError, match="is the same video as"):
        bench.measure("detection", {ID: [annotation()]}, {ID: [result()], f"v_{ID}": [result()]})


@pytest.mark.parametrize("task", ["detection", "classification", "proposals"])
def test_without_predictions_all_is_0(bench: Bench, task: str) -> None:
    found = bench.measure(task, {ID: [annotation()]}, {})
    assert set(found.values.values()) == {0.0}
    assert bench.told == ["None: no predictions: nothing is found"]


def test_a_subset_without_annotations_is_an_error_that_names_those_there(bench: Bench) -> None:
    with pytest.raises(FormatError, match=r"no annotation of the subset test.*validate \(1\)"):
        bench.measure("detection", {ID: [annotation()]}, {}, Rules(subset="test"))


def test_rows_that_stand_twice_are_told_of(bench: Bench) -> None:
    truth = {ID: [annotation(), annotation()]}
    found = bench.measure(
        "detection", truth, {ID: [result(), result(score=0.8), result(score=0.7)]}
    )
    # As the official code has it: both annotations want a detection, and the third is too many.
    assert found.values["Average-mAP"] == 1.0
    assert [line.partition(";")[0] for line in bench.told] == [
        f"{ID}: a prediction that stands there already",
        f"{ID}: an annotation that stands there already",
    ]
    assert bench.told[0].endswith("(1 more like this)")
    with pytest.raises(FormatError, match=rf"p\.json: {ID}: .* stands there already"):
        bench.measure("detection", truth, {ID: [result(), result()]}, is_strict=True)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "NaN as score": (result(score=float("nan")), r"p\.json:1: NaN is no number"),
    "no score": ({"label": "Dance", "segment": [0, 1]}, f"{ID}, result 1: score must be a number"),
    "a segment that ends first": (result(start=9, end=1), rf"{ID}, result 1: segment .*\[9, 1\]"),
}


@pytest.mark.parametrize(("row", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("task", ["detection", "proposals"])
def test_a_row_that_cannot_be_used_is_an_error(
    bench: Bench, task: str, row: dict[str, Any], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        bench.measure(task, {ID: [annotation()]}, {ID: [row]})


def test_an_empty_file_is_an_error(bench: Bench) -> None:
    empty = bench.folder / "empty.json"
    empty.write_text("")
    full = bench.file("results.json", {"version": "", "external_data": {}, "results": {}})
    for truth, predicted in ((empty, full), (full, empty)):
        with pytest.raises(FormatError, match="json: "):
            bench.measure_files("detection", truth, predicted)


def test_annotations_without_segments_can_be_classified(bench: Bench) -> None:
    truth = {ID: [{"label": "Dance"}]}
    found = bench.measure("classification", truth, {ID: [{"label": "Dance", "score": 1}]})
    assert found.values == {"mAP": 1.0, "Hit@3": 1.0, "Avg-Hit@3": 1.0}
    with pytest.raises(FormatError, match="no segment"):
        bench.measure("detection", truth, {})


def test_proposals_give_the_curve_and_its_area(bench: Bench) -> None:
    predicted = {ID: [result("anything", 0.9, 50, 60), result("else", 0.8)]}
    found = bench.measure("proposals", {ID: [annotation()]}, predicted, Rules(max_average=2.0))
    # The second proposal alone is right, and counts at the curve's last point alone.
    assert found.values["AUC"] == pytest.approx(0.005)
    assert found.values["AR@2"] == 1.0 and found.values["AR@1"] == 0.0
    curve = found.details["AR@AN"]
    assert len(curve) == 100 and curve[-1] == [pytest.approx(2.0), 1.0]


def test_intervals_are_the_seeds(bench: Bench) -> None:
    truth = {f"video {n}": [annotation()] for n in range(20)}
    predicted = {f"video {n}": [result(score=n / 20, start=5 * (n % 2))] for n in range(20)}
    for task in MEASURES:
        first, second, other = (
            bench.measure(task, truth, predicted, num_replicates=50, seed=seed).intervals
            for seed in (1, 1, 2)
        )
        assert first == second
        assert first != other or task == "classification"  # Where all videos are right.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("activitynet", (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)),
        ("0.5:0.05:0.95", (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)),
        ("thumos", (0.3, 0.4, 0.5, 0.6, 0.7)),
        ("0.5", (0.5,)),
        ("0.75, 0.5", (0.75, 0.5)),
    ],
)
def test_thresholds_are_read(text: str, expected: tuple[float, ...]) -> None:
    assert parse_thresholds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["", "x", "0", "1.5", "0.5,0.5", "nan", "0.5:0.9", "0.9:0.1:0.5", "0.5:0.1:0.95", "0.5:0:0.9"],
)
def test_other_thresholds_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--tiou"):
        parse_thresholds(text)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(group, ["measure", "activitynet", *map(str, arguments)])


def test_the_command_prints_json_under_the_official_keys(bench: Bench) -> None:
    bench.measure("detection", {ID: [annotation()]}, {ID: [result()]})
    files = (
        "--ground-truth",
        bench.folder / "truth.json",
        "--predictions",
        bench.folder / "p.json",
    )
    done = run(*files, "--tiou", "thumos", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found)[:3] == ["Average-mAP", "mAP@0.3tIOU", "mAP@0.4tIOU"]
    assert found["per_class"] == {"Dance": 1.0}
    found = json.loads(run(*files, "--task", "classification", "--top-k", 1, "--json").stdout)
    assert list(found)[:3] == ["mAP", "Hit@1", "Avg-Hit@1"]
    assert "AUC" in run(*files, "--task", "proposals").stdout
    assert run(*files, "--task", "proposals", "--top-k", 1).exit_code == 2
    assert run(*files, "--subset", "minival").exit_code == 2
