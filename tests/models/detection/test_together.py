"""Several processes that torchrun starts are worth what one is: nothing is told twice or lost."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.checkpoints.store import load_network
from models.clips.opening import CachePolicy
from models.detection.lessons import AvaCourse
from models.recipes.registry import default_recipe
from models.training.log import read_log
from models.training.means import Means
from models.training.ranks import Ranks

SMALL = """\
base = "slowfast_tiny_det"
[backbone]
width = 8
[sampling]
num_frames = 8
step_seconds = 0.2
crop_size = 64
short_side = 64
[recipe]
num_steps = 6
batch_size = 4
peak_rate = 1e-3
short_sides = [64, 72]
"""


def torchrun(*words: object) -> "subprocess.CompletedProcess[str]":
    """Run `kbuild` in two processes, as people do on two GPUs; loopback is all the net there is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    started = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    place = ["--master-addr", "127.0.0.1", "--master-port", port, "-m", "pipelines.cli"]
    return subprocess.run(
        [*started, *place, *map(str, words), "--device", "cpu"],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@pytest.fixture(scope="module")
def home(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with AVA's files in `ava`, and in `run` what two processes have learnt."""
    home = tmp_path_factory.mktemp("together")
    shutil.copytree(squares, home / "ava")
    (home / "small.toml").write_text(SMALL)
    done = torchrun(
        *("train-baseline", "--model", home / "small.toml", "--release", home / "ava"),
        *("--out", home / "run", "--cache", home / "frames", "--json"),
    )
    assert done.returncode == 0, done.stderr
    (home / "said.json").write_text(done.stdout)
    return home


@pytest.mark.long
def test_two_processes_train_one_network_and_one_of_them_tells(home: Path) -> None:
    told = json.loads((home / "said.json").read_text())
    assert (told["num_steps"], told["num_train"], told["num_validate"]) == (6, 36, 18)
    assert told["metrics"].keys() == {"train_loss", "train_accuracy", "mAP"}
    lines = read_log(home / "run" / "log.jsonl")
    assert [line["step"] for line in lines] == [6, 6]
    assert not (home / "run" / "last.pt").exists()


@pytest.mark.long
def test_what_two_processes_measure_together_is_what_one_does(home: Path) -> None:
    told = json.loads((home / "said.json").read_text())
    course, trained = AvaCourse.read(home / "ava"), load_network(home / "run")
    recipe = default_recipe("slowfast_tiny_det")
    policy = CachePolicy(folder=home / "frames", max_bytes=1 << 30, num_workers=1)
    lessons = course.open(trained.card.spec, recipe, policy, lambda line: None)
    alone = lessons.validate(trained.network, Means(device=torch.device("cpu")))
    assert alone.values == {"mAP": pytest.approx(told["metrics"]["mAP"], abs=1e-9)}


@pytest.mark.long
def test_a_run_is_evaluated_by_two_processes_as_by_one(home: Path) -> None:
    from click.testing import CliRunner

    from pipelines.cli import group

    words = ("evaluate", home / "run", "--release", home / "ava", "--cache", home / "frames")
    options = ("--json", "--bootstrap", 20)
    both = torchrun(*words, "--out", home / "both", *options)
    assert both.returncode == 0, both.stderr
    alone = CliRunner().invoke(group, [str(w) for w in (*words, "--out", home / "one", *options)])
    assert alone.exit_code == 0, alone.output
    values = [json.loads(said) for said in (both.stdout, alone.stdout)]
    for value in values:
        assert value.pop("detections").endswith("detections.csv")
    assert values[0] == values[1]
    rows = [(home / out / "detections.csv").read_text().splitlines() for out in ("both", "one")]
    assert [row.rpartition(",")[0] for row in rows[0]] == [r.rpartition(",")[0] for r in rows[1]]
    scores = [torch.tensor([float(row.rpartition(",")[2]) for row in some]) for some in rows]
    torch.testing.assert_close(*scores)


@pytest.mark.long
def test_a_process_whose_clips_are_all_broken_is_not_waited_for(home: Path, tmp_path: Path) -> None:
    """Of two clips a step each process has one; a film that breaks off leaves it with none.

    What learns is a detector that finds people: all of its parts are brought together.
    """
    description = SMALL.replace("slowfast_tiny_det", "faster_rcnn_tiny_det")
    description = description.replace("[backbone]\nwidth = 8\n", "")
    finder = tmp_path / "finder.toml"
    finder.write_text(description.replace("num_frames = 8", "num_frames = 1"))
    shutil.copytree(home / "ava", tmp_path / "ava")
    for name in ("train0", "train1"):
        film = tmp_path / "ava" / "videos" / f"{name}.mp4"
        film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    program = tmp_path / "uncached.py"
    program.write_text(
        "from dataclasses import replace\n"
        "import pipelines.cli.train as train\n"
        "whole = train.runtime_of\n"
        "train.runtime_of = lambda options: replace(whole(options), cache_bytes=0)\n"
        "from pipelines.cli import main\n"
        "main()\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"),
            *("--master-addr", "127.0.0.1", "--master-port", port, str(program)),
            *("train-baseline", "--model", str(finder), "--batch-size", "2"),
            *("--release", str(tmp_path / "ava"), "--out", str(tmp_path / "run")),
            *("--steps", "6", "--device", "cpu", "--json"),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    broken = {one["file"].split()[0] for one in told["broken"]}
    assert broken == {"train0", "train1"}


@pytest.mark.parametrize("num_items", [0, 1, 2, 7, 8])
def test_shares_are_all_of_it_and_nothing_twice(num_items: int) -> None:
    items = list(range(num_items))
    shares = [Ranks(rank, 3).share_of(items) for rank in range(3)]
    assert [item for share in shares for item in share] == items
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
