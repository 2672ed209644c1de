"""`kbuild checkpoint import`."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from models.checkpoints.layouts.registry import LAYOUTS
from models.checkpoints.store import load_network
from models.network import build_network
from models.zoo import SPECS, network_spec
from pipelines.cli import group


def kbuild(*arguments):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def pyslowfast_file(path):
    """Write a full-size SlowFast of three classes, all of its numbers 0.5."""
    with torch.device("meta"):
        network = build_network(network_spec("slowfast_r50_4x16"), 3)
    (names,) = [x.keys for x in LAYOUTS if (x.name, x.kind) == ("PySlowFast", "slowfast")]
    shapes, keys = network.state_dict(), names(network)
    half = torch.tensor(0.5)
    state = {theirs: half.expand(shapes[key].shape) for key, theirs in keys.items()}
    torch.save({"model_state": state}, path)
    return path


def test_an_import_reports_every_key_and_can_be_loaded(tmp_path) -> None:
    file, out = pyslowfast_file(tmp_path / "slowfast.pyth"), tmp_path / "ours"
    (tmp_path / "labels.txt").write_text("run\nsit\nwalk\n")
    options = ("--as", "slowfast_r50_4x16", "--out", out, "--labels", tmp_path / "labels.txt")
    result = kbuild("checkpoint", "import", file, *options, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["num_classes"] == 3
    assert len(report["keys"]["mapped"]) == 662
    assert report["keys"]["mapped"]["head.projection.weight"] == "head.projection.weight"
    assert report["keys"]["missing"] == {} and report["keys"]["left_over"] == []
    trained = load_network(out)
    assert trained.card.labels == ("run", "sit", "walk")
    assert all(bool((value == 0.5).all()) for value in trained.network.parameters())


def test_without_json_the_counts_are_printed(tmp_path) -> None:
    file = pyslowfast_file(tmp_path / "slowfast.pyth")
    result = kbuild("-C", tmp_path, "checkpoint", "import", file, "--as", "slowfast_r50_4x16")
    assert "layout PySlowFast: 662 keys mapped, 0 missing, 0 left over" in result.output
    assert (tmp_path / "imported" / "slowfast_r50_4x16" / "card.json").exists()


@pytest.mark.parametrize("name", ["no.pyth", "no.index", "model.ckpt", "no.pkl"])
def test_a_missing_file_is_one_line_and_exit_1(name, tmp_path) -> None:
    result = kbuild("checkpoint", "import", tmp_path / name, "--as", "i3d_rgb")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: There is no file {tmp_path / name}.")


WITHOUT_TORCH = """
import sys
from pipelines.cli import group

try:
    group.main(sys.argv[1:], standalone_mode=False)
finally:
    assert "torch" not in sys.modules
"""


@pytest.mark.parametrize("given", ["model.index", "model"])
def test_an_index_without_its_data_says_so_before_torch_is_imported(
    write_bundle, tmp_path, given
) -> None:
    index = write_bundle(tmp_path / "model", {"w": np.ones(3, np.float32)})
    (tmp_path / "model.data-00000-of-00001").unlink()
    command = [sys.executable, "-c", WITHOUT_TORCH]
    arguments = ["checkpoint", "import", str(tmp_path / given), "--as", "i3d_rgb"]
    done = subprocess.run(
        command + arguments, capture_output=True, text=True, timeout=120, check=False
    )
    assert "AssertionError" not in done.stderr
    assert f"{index} says where the weights lie; they lie in model.data-00000-of-00001" in (
        done.stderr
    )
    assert done.returncode != 0


def test_data_without_its_index_names_the_index(write_bundle, tmp_path) -> None:
    write_bundle(tmp_path / "model", {"w": np.ones(3, np.float32)})
    data = tmp_path / "model.data-00000-of-00001"
    result = kbuild("checkpoint", "import", data, "--as", "i3d_rgb")
    assert result.exit_code == 1
    assert f"{data} holds weights without their names; give {tmp_path / 'model.index'}" in (
        result.output
    )


def test_the_page_about_checkpoints_names_every_program_and_only_networks_of_the_zoo() -> None:
    page = (Path(__file__).parents[3] / "docs" / "checkpoints.md").read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")][1:]
    programs = {row[0].removeprefix("| ") for row in rows}
    assert programs == {layout.name.partition(",")[0] for layout in LAYOUTS}
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row[2])}
    assert named and named <= SPECS.keys()


def test_a_list_of_labels_that_is_no_text_is_one_line(tmp_path) -> None:
    file = tmp_path / "slowfast.pyth"
    file.write_bytes(b"")
    (tmp_path / "labels.txt").write_bytes(b"run\n\xff\n")
    options = ("--as", "slowfast_r50_4x16", "--labels", tmp_path / "labels.txt")
    result = kbuild("checkpoint", "import", file, *options)
    assert result.exit_code == 1
    assert "labels.txt:2: bytes that are not utf-8" in result.output
