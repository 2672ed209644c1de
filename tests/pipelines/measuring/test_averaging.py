"""`kbuild measure mean`: one number for the splits of a dataset."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.errors import FormatError
from pipelines.cli import group
from pipelines.measuring.averaging import average

ONE = {"network": "i3d", "labels": ["a", "b"], "split": "test", "chance": 0.5, "num_clips": 9}


def put(folder: Path, name: str, **told: Any) -> Path:
    """Write a run that was evaluated."""
    run = folder / name
    (run / "evaluation-test").mkdir(parents=True)
    found = {**ONE, "release_sha256": name, **told}
    (run / "evaluation-test/evaluation.json").write_text(json.dumps(found))
    return run


def test_each_split_counts_alike(tmp_path: Path) -> None:
    runs = [
        put(tmp_path, "one", top1=0.9, reversed_swapped=None),
        put(tmp_path, "two", top1=0.6, reversed_swapped=0.5, num_clips=900),
        put(tmp_path, "three", top1=0.6, reversed_swapped=0.5),
    ]
    found = CliRunner().invoke(group, ["measure", "mean", *map(str, runs), "--json"])
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert told["top1"] == pytest.approx(0.7)
    assert told["deviations"]["top1"] == pytest.approx(0.173205, abs=1e-6)
    assert told["values"] == {"top1": [0.9, 0.6, 0.6]}


def test_what_another_measure_printed_is_averaged(tmp_path: Path) -> None:
    for name, value in (("a.json", 0.2), ("b.json", 0.4)):
        told = {"avg_error": value, "per_class": {"x": value}, "counts": {"clips": 7}}
        (tmp_path / name).write_text(json.dumps(told))
    found = average([tmp_path / "a.json", tmp_path / "b.json"])
    assert found.means == {"avg_error": pytest.approx(0.3)}
    assert found.lines() == ["avg_error  0.300000  (deviation 0.141421; 0.200000, 0.400000)"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"network": "c3d"}, "one/.* and .*two/.* differ in their network"),
        ({"labels": ["a", "c"]}, "differ in their classes"),
        ({"release_sha256": "one"}, "are of the same split"),
        ({"top1": None}, "have no measure in common"),
        ({"top1": "high"}, "have no measure in common"),
    ],
)
def test_what_is_no_other_split_is_refused(
    tmp_path: Path, told: dict[str, Any], expected: str
) -> None:
    runs = [put(tmp_path, "one", top1=0.5), put(tmp_path, "two", **{"top1": 0.5, **told})]
    with pytest.raises(FormatError, match=expected):
        average(runs)


def test_one_split_has_no_mean_and_a_run_must_have_been_evaluated(tmp_path: Path) -> None:
    run = put(tmp_path, "one", top1=0.5)
    with pytest.raises(FormatError, match="over two splits at least, found 1"):
        average([run])
    with pytest.raises(FormatError, match="`kbuild evaluate` writes it"):
        average([run, tmp_path])
