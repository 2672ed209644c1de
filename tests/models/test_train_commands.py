import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipelines.cli import group
from pipelines.training import chosen_recipe, question_of


def kbuild(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(group, [str(a) for a in arguments])
    return result.exit_code, result.stdout, result.output


@pytest.fixture(scope="module")
def run(squares: Path, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("commands") / "run"
    code, _, output = kbuild(
        "train-baseline", "--model", "i3d_tiny", "--release", squares, "--out", out,
        "--steps", 2, "--batch-size", 4, "--device", "cpu",
    )  # fmt: skip
    assert code == 0, output
    assert "i3d_tiny: 2 steps over 16 clips" in output and "train_loss" in output
    return out


def test_a_second_training_does_nothing_and_speaks_json(run: Path, squares: Path) -> None:
    code, stdout, output = kbuild(
        "train-baseline", "--model", "i3d_tiny", "--release", squares, "--out", run,
        "--steps", 2, "--batch-size", 4, "--json",
    )  # fmt: skip
    assert code == 0, output
    assert json.loads(stdout)["num_train"] == 16
    assert "already trained" in output


WITHOUT_TORCH = """
import sys
from pipelines.cli import group

try:
    group.main(sys.argv[1:], standalone_mode=False)
finally:
    assert "torch" not in sys.modules
"""


def without_torch(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a command that has to do without torch."""
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_what_is_trained_already_is_answered_without_torch(run: Path, squares: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    again = (
        "train-baseline", "--model", "i3d_tiny", "--release", squares, "--out", run,
        "--steps", 2, "--batch-size", 4,
    )  # fmt: skip
    done = without_torch(*again)
    assert done.returncode == 0, done.stderr
    assert f"i3d_tiny: already trained, see {run}" in done.stderr
    assert "i3d_tiny: 2 steps over 16 clips" in done.stdout
    assert f"`kbuild evaluate {run} --release {squares}` measures it." in done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in run.rglob("*")}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param(["--seed", "1"], "its recipe has seed 0, not 1", id="another recipe"),
        pytest.param(["--model", "slowfast_tiny"], "holds another run", id="another network"),
    ],
)
def test_another_question_is_not_answered(
    run: Path, squares: Path, changed: list[str], message: str
) -> None:
    code, _, output = kbuild(
        "train-baseline", "--model", "i3d_tiny", "--release", squares, "--out", run,
        "--steps", 2, "--batch-size", 4, *changed,
    )  # fmt: skip
    assert code == 1 and message in output


def test_nor_is_a_question_about_another_release_or_file(tmp_path: Path) -> None:
    release, described = tmp_path / "release", tmp_path / "mine.toml"
    release.mkdir()
    (release / "classes.txt").write_text("waving\n")
    (release / "clips.csv").write_text("label\n")
    described.write_text('base = "i3d_tiny"\n')
    asked = [question_of("i3d_tiny", release, {}), question_of(str(described), release, {})]
    described.write_text('base = "i3d_tiny"\n[head]\ndropout = 0.1\n')
    asked += [question_of(str(described), release, {"init_2d": str(described)})]
    described.write_text('base = "i3d_tiny"\n[head]\ndropout = 0.2\n')
    asked += [question_of(str(described), release, {"init_2d": str(described)})]
    (release / "clips.csv").write_text("label\nwaving\n")
    asked += [question_of("i3d_tiny", release, {}), question_of("i3d_tiny", release, {"seed": 1})]
    assert len(set(asked)) == len(asked)
    assert question_of("i3d_tiny", release, {"seed": None, "device": "cuda"}) == asked[4]


def test_a_network_of_ones_own_is_trained_from_its_file(squares: Path, tmp_path: Path) -> None:
    described = tmp_path / "mine.toml"
    described.write_text('base = "i3d_tiny"\n[head]\ndropout = 0.1\n[recipe]\nnum_steps = 1\n')
    code, _, output = kbuild(
        "train-baseline", "--model", described, "--release", squares, "--out", tmp_path / "run",
        "--batch-size", 4, "--device", "cpu",
    )  # fmt: skip
    assert code == 0, output
    assert "mine: 4 steps over 16 clips" in output  # a quarter of the batch, four times the steps
    card = json.loads((tmp_path / "run" / "card.json").read_text())
    assert card["spec"]["name"] == "mine" and card["spec"]["head"]["dropout"] == 0.1
    done = without_torch(
        "train-baseline", "--model", described, "--release", squares, "--out", tmp_path / "run",
        "--batch-size", 4,
    )  # fmt: skip
    assert done.returncode == 0 and "mine: already trained" in done.stderr, done.stderr
    code, _, output = kbuild("evaluate", tmp_path / "run", "--release", squares)
    assert code == 0, output


def test_evaluate_prints_what_it_measured(run: Path, squares: Path) -> None:
    code, stdout, output = kbuild(
        "evaluate", run, "--release", squares, "--reversed", "moving left", "moving right", "--json"
    )
    assert code == 0, output
    report = json.loads(stdout)
    assert report["num_clips"] == 8 and report["chance"] == 0.25
    assert [reversal["num_clips"] for reversal in report["reversals"]] == [2, 2]
    assert (run / "evaluation-test" / "confusion.png").is_file()


def test_errors_are_one_line_and_exit_1(run: Path, squares: Path, tmp_path: Path) -> None:
    code, _, output = kbuild(
        "train-baseline", "--model", "i3d", "--release", squares, "--out", tmp_path / "run"
    )
    assert code == 1 and output.startswith("Error: There is no network 'i3d'. Did you mean")
    code, _, output = kbuild("-C", tmp_path, "train-baseline", "--model", "i3d_tiny")
    assert code == 1 and "kbuild.toml is missing" in output
    code, _, output = kbuild("evaluate", tmp_path, "--release", squares)
    assert code == 1 and "holds no trained network" in output


def test_train_scorer_learns_from_folders(tmp_path: Path) -> None:
    for name, shade in (("dark", 20), ("light", 220)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(6):
            pixels = np.full((20, 20, 3), shade + number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number}.png")
    (tmp_path / "images" / "dark" / "odd.jpg").write_text("no picture")
    code, _, output = kbuild(
        "-C", tmp_path, "train-scorer", "--images", tmp_path / "images", "--steps", 2, "--size", 16
    )
    assert code == 0, output
    assert "12 pictures of 2 classes" in output and "1 could not be read" in output
    assert (tmp_path / "scorer" / "card.json").is_file()


def test_a_scorer_by_words_says_what_it_lacks(tmp_path: Path) -> None:
    here = ("-C", tmp_path, "train-scorer", "--zero-shot", "ViT-B-32")
    code, _, output = kbuild(*here)
    assert code == 1 and "found no classes" in output
    assert not (tmp_path / "scorer").exists()


def test_options_change_the_recipe_and_nothing_else() -> None:
    recipe = chosen_recipe("i3d_tiny", {"batch_size": 8, "seed": 3, "peak_rate": None})
    default = chosen_recipe("i3d_tiny", {})
    assert recipe.seed == 3 and recipe.peak_rate == pytest.approx(default.peak_rate / 2)
    assert chosen_recipe("i3d_tiny", {"batch_size": 8, "peak_rate": 0.5}).peak_rate == 0.5
    assert recipe.num_steps == 2 * default.num_steps
    assert chosen_recipe("i3d_tiny", {"batch_size": 8, "num_steps": 5}).num_steps == 5
    assert chosen_recipe("i3d_tiny", {"recipe": "slowfast_tiny"}).num_steps == 600


@pytest.mark.long
def test_an_evaluation_writes_the_card_with_clips_that_can_be_played(
    run: Path, squares: Path, tmp_path: Path
) -> None:
    assert (run / "card.html").is_file()  # written when the training had finished
    code, _, output = kbuild("evaluate", run, "--release", squares)
    assert code == 0 and f"The card is {run / 'card.html'}" in output, output
    page = (run / "card.html").read_text(encoding="utf-8")
    assert page.count("data:video/mp4") >= 3  # wrong clips, evidence, filters
    assert "num_steps</td><td>2</td><td>chosen</td><td>as this run was asked" in page
    assert "arXiv:1708.07120" in page and 'src="http' not in page
    assert (run / "README.md").read_text(encoding="utf-8").startswith("---\nlibrary_name")
    code, stdout, output = kbuild("card", run, "--out", tmp_path / "c.html", "--json")
    assert code == 0 and json.loads(stdout) == {"page": str(tmp_path / "c.html")}, output
    assert "no release was named" in (tmp_path / "c.html").read_text(encoding="utf-8")
