"""A trained network as a page, and as a README for programs."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kinetics_builder.errors import ModelError
from models.checkpoints.store import Card, save_network
from models.network import build_network
from models.zoo import network_spec
from pipelines.network_card.curves import charts
from pipelines.network_card.measures import (
    ActionPrecision,
    class_accuracies,
    confused,
    measures,
    precisions,
)
from pipelines.network_card.page import write_network_card
from pipelines.network_card.readme import readme
from pipelines.network_card.run_files import Evaluation, read_run

LABELS = ["clapping", "waving", "yawning"]
VALUES: dict[str, Any] = {
    "split": "test",
    "top1": 0.7,
    "top5": 1.0,
    "chance": 1 / 3,
    "intervals": {"top1": [0.6, 0.8]},
    "reversals": [{"num_clips": 10, "num_swapped": 8}],
    "reversed_swapped": 0.8,
    "confusion": [[5, 2, 3], [0, 0, 0], [1, 0, 9]],
}
CARD: dict[str, Any] = {"labels": LABELS, "spec": {"name": "small", "source": "a test"}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name, values in (("a", VALUES | {"split": "validate"}), ("b", VALUES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "evaluation.json").write_text(json.dumps(values))
    (tmp_path / "card.json").write_text(json.dumps(CARD))
    return tmp_path


def test_the_test_split_is_shown_at_length(run: Path) -> None:
    found = read_run(run)
    assert found.main is not None and found.main.split == "test"
    assert [one.split for one in found.evaluations] == ["validate", "test"]


def test_measures_have_their_intervals() -> None:
    found = {one.name: one.interval for one in measures(Evaluation(Path(), VALUES))}
    assert found["top-1"] == (0.6, 0.8) and found["chance"] is None
    assert found["called the opposite when reversed"] == pytest.approx((0.490, 0.943), abs=1e-3)


@pytest.mark.parametrize(
    ("values", "measured"),
    [
        pytest.param(
            {"mAP@0.5": 0.21, "per_class": {"sit": 0.3}, "intervals": {"mAP@0.5": [0.1, 0.3]}},
            [("mAP@0.5", 0.21, (0.1, 0.3))],
            id="a detector",
        ),
        pytest.param(
            {"mAP@0.5": 0.21, "intervals": {"mAP@0.5": [None, None]}},
            [("mAP@0.5", 0.21, None)],
            id="too few films for an interval",
        ),
        pytest.param(
            {"num_videos": 3, "measured": {"mAP": 0.4}}, [("mAP", 0.4, None)], id="whole videos"
        ),
    ],
)
def test_other_measures_are_those_that_their_files_say(
    values: dict[str, Any], measured: list[Any]
) -> None:
    found = measures(Evaluation(Path(), {"split": "validate"} | values))
    assert [(one.name, one.value, one.interval) for one in found] == measured


def test_a_detectors_actions_come_worst_first_beside_the_prior(tmp_path: Path) -> None:
    prior = {"mAP": 0.2, "per_class": {"sit": 0.1, "run": 0.3}}
    values = {"mAP": 0.4, "per_class": {"sit": 0.6, "run": 0.2, "fly": None}, "prior": prior}
    found = Evaluation(tmp_path, values | {"examples": {"sit": 7, "run": 2}})
    assert precisions(found) == [
        ActionPrecision("run", 0.2, 0.3, 2),
        ActionPrecision("sit", 0.6, 0.1, 7),
    ]
    told = [(one.name, one.value) for one in measures(found)]
    assert told == [("mAP", 0.4), ("the prior's mAP", 0.2)]
    assert precisions(Evaluation(tmp_path, {"num_videos": 3})) == []


def test_classes_come_worst_first_without_those_that_have_no_clips() -> None:
    found = class_accuracies(Evaluation(Path(), VALUES), LABELS)
    assert [(one.label, one.num_right, one.num_clips, one.taken_for) for one in found] == [
        ("clapping", 5, 10, "yawning"),
        ("yawning", 9, 10, "clapping"),
    ]


def test_pairs_that_are_confused_most_often_come_first() -> None:
    found = confused(Evaluation(Path(), VALUES), LABELS)
    assert [(one.label, one.predicted, one.num_clips) for one in found] == [
        ("clapping", "yawning", 3),
        ("clapping", "waving", 2),
        ("yawning", "clapping", 1),
    ]


def test_charts_show_what_a_log_tells() -> None:
    log = [{"step": 5, "loss": 2.0, "accuracy": 0.5}, {"step": 10, "loss": 1.0, "accuracy": 0.75}]
    loss, accuracy = charts([*log, {"step": 10, "top1": 0.5}])
    assert (loss.title, loss.top, loss.curves[0].points) == (
        "Loss", 2.0, "50.00,0.00 100.00,20.00 100.00,20.00",
    )  # fmt: skip
    assert [one.name for one in accuracy.curves] == ["on what is learnt", "top-1, validation"]
    assert charts([]) == []


def test_the_head_of_a_readme_is_read_by_hubs(run: Path) -> None:
    found = read_run(run)
    _, head, body = readme(found).split("---\n", 2)
    card = yaml.safe_load(head)
    assert card["pipeline_tag"] == "video-classification"
    results = card["model-index"][0]["results"]
    assert [one["dataset"]["split"] for one in results] == ["validate", "test"]
    assert {"type": "accuracy", "name": "top-1", "value": 0.7} in results[1]["metrics"]
    assert "# small" in body and "| top-1 | 0.7000 | 0.6000 to 0.8000 |" in body


def test_a_page_elsewhere_leaves_the_readme_that_is_there(tmp_path: Path) -> None:
    spec = network_spec("slowfast_tiny")
    card = Card(spec=spec, labels=("a", "b"), release_sha256="", recipe={}, metrics={})
    save_network(tmp_path / "run", build_network(spec, 2), card)
    (tmp_path / "README.md").write_text("mine")
    write_network_card(tmp_path / "run", tmp_path / "card.html")
    assert (tmp_path / "README.md").read_text() == "mine"
    assert "slowfast_tiny" in (tmp_path / "run/README.md").read_text()


def test_missing_clips_are_told(run: Path) -> None:
    found = read_run(run)
    report = type("Report", (), {"broken": (1, 2, 3), "num_train": 90, "num_validate": 7})()
    assert found.missing_share == 0.0
    assert replace(found, report=report).missing_share == pytest.approx(0.03)


@pytest.mark.parametrize("name", ["card.json", "b/evaluation.json"])
def test_a_damaged_file_is_named(run: Path, name: str) -> None:
    (run / name).write_text("{")
    with pytest.raises(ModelError, match=re.escape(str(run))):
        read_run(run)
