"""`kbuild tradeoff`: what runs reach against what a test of a clip computes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from models.checkpoints.files import write_json
from models.checkpoints.store import Card
from models.network import build_network, num_parameters
from models.zoo import network_spec
from pipelines.cli import group


def run_folder(folder: Path, name: str, **found: Any) -> str:
    """Write what a run and its evaluation leave, without weights; return the folder."""
    card = Card(
        spec=network_spec(name), labels=("a", "b"), release_sha256="0", recipe={}, metrics={}
    )
    write_json(folder / "card.json", card.to_json())
    said = {"release_sha256": "0", "num_clips": 100, "num_views": 1, "top1": 0.9} | found
    write_json(folder / "evaluation-test" / "evaluation.json", said)
    return str(folder)


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """A costly run and a cheap one."""
    return [
        run_folder(tmp_path / "slow", "slowfast_r50_4x16", num_views=30, top1=0.75),
        run_folder(tmp_path / "tiny", "i3d_tiny"),
    ]


def tradeoff(*arguments: str, fails: bool = False) -> str:
    result = CliRunner().invoke(group, ["tradeoff", *arguments], prog_name="kbuild")
    assert (result.exit_code == 1) is fails, result.output
    return result.output


def test_the_cost_is_that_of_a_view_as_a_test_looks_at_it_times_the_views(runs: list[str]) -> None:
    tiny, slow = json.loads(tradeoff(*runs, "--json"))
    assert (tiny["run"], slow["run"]) == ("tiny", "slow")
    # 256 x 256 pixels, as the paper counts: table 2 has 36.1 G x 30.
    assert slow["view_multiply_adds"] / 1e9 == pytest.approx(36.1, rel=0.01)
    assert slow["multiply_adds"] == 30 * slow["view_multiply_adds"]
    built = build_network(network_spec("i3d_tiny"), 2)
    assert tiny["num_parameters"] == num_parameters(built), "with its own classes"
    low, high = tiny["interval"]
    assert low < tiny["top1"] < high
    assert "slowfast_r50_4x16" in tradeoff(*runs).splitlines()[2]


@pytest.mark.few("png")
@pytest.mark.parametrize(("suffix", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_equal_runs_give_equal_pictures(
    runs: list[str], tmp_path: Path, suffix: str, begin: bytes
) -> None:
    pictures = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for picture in pictures:
        tradeoff(*runs, "--picture", str(picture))
    drawn = pictures[0].read_bytes()
    assert drawn.startswith(begin) and drawn == pictures[1].read_bytes()


def test_runs_that_do_not_compare_are_refused(runs: list[str], tmp_path: Path) -> None:
    other = run_folder(tmp_path / "other", "i3d_tiny", release_sha256="1")
    assert "was measured on another release than" in tradeoff(*runs, other, fails=True)
    told = tradeoff(*runs, "--split", "validate", fails=True)
    assert "`kbuild evaluate" in told and "--split validate` writes it" in told
