"""What a trained network sees in clips, as numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from kinetics_builder.errors import ModelError
from kinetics_builder.formats import parquet
from models.checkpoints.store import Card, load_network, save_network
from models.clips.release import read_release
from models.evaluation.features import clip_features
from models.network import build_network
from models.training.runtime import Runtime
from models.zoo import network_spec
from pipelines.cli import group
from pipelines.features.files import write_features
from pipelines.features.linear import COSTS, Examples, fit_linear

LABELS = ("moving down", "moving left", "moving right", "moving up")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    spec = network_spec("slowfast_tiny")
    card = Card(spec=spec, labels=LABELS, release_sha256="", recipe={}, metrics={})
    folder = tmp_path_factory.mktemp("features") / "run"
    save_network(folder, build_network(spec, 4), card)
    return folder


def test_the_trunks_features_are_what_the_classifier_is_given(run: Path, squares: Path) -> None:
    found = clip_features(run, squares, splits=("test",), runtime=Runtime(cache=run.parent))
    assert [row.split for row in found.rows] == ["test"] * 8
    trained = load_network(run)
    weight, bias = trained.network.head.projection.weight, trained.network.head.projection.bias
    logits = torch.from_numpy(found.features_ND) @ weight.T + bias
    layer = clip_features(
        run, squares, "head.projection", ("test",), runtime=Runtime(cache=run.parent)
    )
    assert logits.detach().numpy() == pytest.approx(layer.features_ND, abs=1e-4)
    assert layer.layer == "head.projection" and layer.features_ND.shape == (8, 4)


def test_a_file_says_which_clip_and_which_layer_and_has_equal_bytes(
    run: Path, squares: Path, tmp_path: Path
) -> None:
    asked = ["features", str(squares), "--model", str(run), "--cache", str(run.parent)]
    files = [tmp_path / name for name in ("a.parquet", "b.parquet", "a.npz", "b.npz")]
    result = CliRunner().invoke(group, [*asked, "--out", str(files[0]), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["num_clips"] == len(read_release(squares).rows)
    found = clip_features(run, squares, runtime=Runtime(cache=run.parent))
    for path in files[1:]:
        write_features(path, found)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[2].read_bytes() == files[3].read_bytes()
    rows = list(parquet.rows(files[0]))
    assert {row["layer"] for row in rows} == {"backbone"}
    assert {row["network"] for row in rows} == {"slowfast_tiny"}
    with np.load(files[2]) as arrays:
        assert arrays["clips"].tolist() == [row["file"] for row in rows]
        assert arrays["feature"] == pytest.approx(np.array([row["feature"] for row in rows]))


def test_a_layer_or_a_name_that_cannot_be_is_refused(run: Path, squares: Path) -> None:
    with pytest.raises(ModelError, match=r"no layer 'backbon'.*Did you mean backbone"):
        clip_features(run, squares, "backbon", runtime=Runtime(cache=run.parent))
    with pytest.raises(ModelError, match="has no clip of val: --split names another"):
        clip_features(run, squares, splits=("val",), runtime=Runtime(cache=run.parent))
    result = CliRunner().invoke(
        group, ["features", str(squares), "--model", str(run), "--out", "features.csv"]
    )
    assert result.exit_code == 1 and "ends in .parquet or .npz" in result.output


def examples(num_videos: int, seed: int) -> Examples:
    """Two classes, three clips a video; one number tells them apart, the others are noise."""
    random = np.random.default_rng(seed)
    labels = [label for label in ("a", "b") for _ in range(num_videos * 3)]
    features_ND = random.normal(size=(len(labels), 6)).astype(np.float32)
    features_ND[:, 0] += np.where(np.array(labels) == "a", 3, -3)
    return Examples(features_ND, labels, [f"v{place // 3}" for place in range(len(labels))])


def test_a_linear_machine_is_fitted_with_the_cost_that_folds_choose() -> None:
    pytest.importorskip("sklearn")
    report = fit_linear(examples(8, 0), examples(4, 1))
    assert report.cost in COSTS and list(report.fold_accuracies) == list(COSTS)
    assert report.fold_accuracies[report.cost] == max(report.fold_accuracies.values())
    assert report.top1 >= 0.9 and report.mean_class_accuracy >= 0.9
    assert report == fit_linear(examples(8, 0), examples(4, 1))


def test_a_linear_machine_needs_numbers() -> None:
    pytest.importorskip("sklearn")
    some = examples(8, 0)
    some.features_ND[3, 2] = np.nan
    with pytest.raises(ModelError, match="the network has gone astray"):
        fit_linear(some, examples(4, 1))


def test_a_linear_machine_needs_two_videos_a_class() -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(ModelError, match="the smallest of 1 videos"):
        fit_linear(examples(1, 0), examples(4, 1))
