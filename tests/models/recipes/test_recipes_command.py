"""`kbuild recipes`: how each network is trained, and where that is stated."""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from pipelines.cli import group

NARROW = 'base = "slowfast_r50_4x16"\n[recipe]\nbatch_size = 64\npeak_rate = 0.1\n'


def kbuild(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(group, [str(word) for word in words])
    return result.exit_code, result.stdout, result.output


def told(*words: object) -> dict:
    code, out, said = kbuild("recipes", *words, "--json")
    assert code == 0, said
    return json.loads(out)


def test_all_are_listed() -> None:
    code, out, _ = kbuild("recipes")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("slowfast_r50_4x16 ")]
    assert line.split() == [
        "slowfast_r50_4x16",
        "256",
        "240,000",
        "60,000",
        "1,024",
        "1.6",
        "sgd",
        "cosine",
    ]


def test_each_value_comes_with_its_source(squares: Path) -> None:
    report = told("i3d_flow", "--release", squares)
    assert report["values"]["factors"] == {
        "value": [0.1, 0.01, 1.0, 0.1, 0.01],
        "source": "google-deepmind/kinetics-i3d, README.md",
        "standing": "read",
    }
    assert report["release"] == {
        "num_clips": 16,
        "steps_of_its_epochs": 10,
        "epochs_of_its_steps": 3_720_000,
    }
    code, out, _ = kbuild("recipes", "s3d", "--release", squares)
    assert code == 0 and "recalled  arXiv:1712.04851" in out and "16 clips" in out


def test_what_a_file_changes_stands_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "narrow.toml").write_text(NARROW)
    values = told(tmp_path / "narrow.toml")["values"]
    assert (values["peak_rate"]["value"], values["peak_rate"]["source"]) == (0.1, "narrow.toml")
    assert values["weight_decay"]["source"].startswith("arXiv:1812.03982")


def test_an_unknown_network_is_said() -> None:
    code, _, said = kbuild("recipes", "slowfats_tiny")
    assert code == 1 and "Did you mean 'slowfast_tiny'?" in said


def test_steps_that_differ_are_told_before_anything_is_trained(squares: Path) -> None:
    asked = ("--set", "multigrid=both", "--set", "schedule=steps", "--set", "milestones=[0.5]")
    report = told("slowfast_tiny", *asked, "--epochs", 12, "--release", squares)
    grid = report["multigrid"]
    assert report["values"]["multigrid"]["source"] == "as you ask"
    assert (report["num_epochs"], report["num_clips"]) == (12, 16)
    assert report["num_steps"] == 12 and grid["num_steps"] == grid["phases"][-1]["last_step"]
    assert grid["phases"][0]["crop_sizes"] == [32, 45, 45]
    assert grid["phases"][0]["batch_sizes"] == [256, 128, 128]
    code, out, _ = kbuild("recipes", "slowfast_tiny", *asked)
    assert code == 0 and re.search("32 45 64 +64 32 16", out) and "epochs, which compute" in out
    code, _, said = kbuild("recipes", "slowfast_tiny", "--epochs", 3)
    assert code == 2 and "name it with --release" in said
