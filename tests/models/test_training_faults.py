"""Trainings that are stopped, meet damage, a full disk or another training."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from kinetics_builder.errors import ModelError
from kinetics_builder.locks import HeldElsewhere, held
from models.checkpoints.store import load_network
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch, save_torch
from models.image_scoring.recipe import ScorerRecipe
from models.image_scoring.scorer import ImageScorer
from models.image_scoring.training import train_scorer
from models.layers.inflation import read_2d_weights
from models.recipes.registry import default_recipe
from models.training import following, loop
from models.training.baseline import train_baseline
from models.training.log import read_log
from models.training.lost_rank import is_of_lost_rank
from models.training.runtime import Runtime
from models.training.state import LAST
from models.training.stopping import AskedToStop, Stops, watched_stops
from pipelines.cli import group

RECIPE = replace(default_recipe("i3d_tiny"), num_steps=5, batch_size=2)
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    """All trainings of this file share their decoded frames."""
    folder = tmp_path_factory.mktemp("shared") / "frames"
    return Runtime(device="cpu", cache=folder, checkpoint_every=100, log_every=1)


@pytest.fixture(scope="module")
def finished(squares: Path, how: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "run"
    train_baseline("i3d_tiny", squares, out, RECIPE, how)
    return out


DISTURBED = """
import os, signal, sys
from pathlib import Path, PosixPath


def disturbing(optimiser, rate):
    steps.append(rate)
    if len(steps) == 3:
        os.kill(os.getpid(), {number})
    set_rate(optimiser, rate)


if __name__ == "__main__":
    # Children run all above too.
    from models.training import loop
    from models.training.baseline import train_baseline
    from models.recipes.recipe import Recipe
    from models.training.runtime import Runtime

    set_rate, steps = loop.set_rate, []
    loop.set_rate = disturbing
    train_baseline("i3d_tiny", Path(sys.argv[1]), Path(sys.argv[2]), {recipe!r}, {how!r}, print)
"""


def disturbed(folder: Path, release: Path, how: Runtime, number: int) -> Any:
    """Train in a process that gets a signal inside of its third step."""
    script = folder / "disturbed.py"
    script.write_text(DISTURBED.format(number=number, recipe=RECIPE, how=how))
    command = [sys.executable, str(script), str(release), str(folder / "run")]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run_keeps_its_last_step_and_goes_on_to_the_same_weights(
    finished: Path, squares: Path, how: Runtime, tmp_path: Path, number: int
) -> None:
    done = disturbed(tmp_path, squares, how, number)
    assert done.returncode not in (0, -signal.SIGKILL), done.stderr
    assert "i3d_tiny: stopped after step 3/5, which " in done.stdout
    assert "The same command goes on from there." in done.stdout
    assert load_torch(tmp_path / "run" / LAST)["step"] == 3
    lines: list[str] = []
    train_baseline("i3d_tiny", squares, tmp_path / "run", RECIPE, how, lines.append)
    assert "i3d_tiny: going on from step 3" in lines
    assert (tmp_path / "run" / WEIGHTS).read_bytes() == (finished / WEIGHTS).read_bytes()
    steps = [line["step"] for line in read_log(tmp_path / "run" / "log.jsonl") if "loss" in line]
    assert steps == [1, 2, 3, 4, 5]


@pytest.mark.long
def test_a_checkpoint_at_every_step_loses_none_to_a_kill(
    squares: Path, how: Runtime, tmp_path: Path
) -> None:
    often = replace(how, checkpoint_every=1)
    assert disturbed(tmp_path, squares, often, signal.SIGKILL).returncode == -signal.SIGKILL
    assert load_torch(tmp_path / "run" / LAST)["step"] == 2


TOGETHER = """
import os, signal, sys
from pathlib import Path, PosixPath


def disturbing(optimiser, rate):
    steps.append(rate)
    if len(steps) == 3 and os.environ["RANK"] in sys.argv[3]:
        for number in {numbers}:
            os.kill(os.getpid(), number)
    set_rate(optimiser, rate)


if __name__ == "__main__":
    # Children run all above too.
    from models.training import loop
    from models.training.baseline import train_baseline
    from models.recipes.recipe import Recipe
    from models.training.runtime import Runtime

    set_rate, steps = loop.set_rate, []
    loop.set_rate = disturbing
    train_baseline("i3d_tiny", Path(sys.argv[1]), Path(sys.argv[2]), {recipe!r}, {how!r}, print)
"""


StartChild = Callable[..., "subprocess.Popen[str]"]


def trained_together(
    start_child: StartChild, script: Path, release: Path, out: Path, told: str
) -> list[tuple[int, str]]:
    """Train in two ranks, as torchrun starts them; return each one's exit code and words."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    ranks = [
        start_child(
            [sys.executable, str(script), str(release), str(out), told],
            env=os.environ | shared | {"RANK": rank, "LOCAL_RANK": rank},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for rank in "01"
    ]
    said = [rank.communicate(timeout=250)[0] for rank in ranks]
    return [(rank.returncode, words) for rank, words in zip(ranks, said, strict=True)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("told", "numbers"),
    [
        pytest.param("1", [signal.SIGTERM], id="another rank"),
        pytest.param("01", [signal.SIGINT, signal.SIGTERM], id="all, by Ctrl-C and torchrun"),
    ],
)
def test_ranks_stop_after_the_same_step_whichever_is_told(
    start_child: StartChild,
    squares: Path,
    how: Runtime,
    tmp_path: Path,
    told: str,
    numbers: list[int],
) -> None:
    script = tmp_path / "together.py"
    script.write_text(
        TOGETHER.format(numbers=[int(number) for number in numbers], recipe=RECIPE, how=how)
    )
    ended = trained_together(start_child, script, squares, tmp_path / "run", told)
    assert all(code != 0 for code, _ in ended), ended
    assert "i3d_tiny: stopped after step 3/5, which " in ended[0][1], ended
    assert load_torch(tmp_path / "run" / LAST)["step"] == 3
    again = trained_together(start_child, script, squares, tmp_path / "run", "nobody")
    assert [code for code, _ in again] == [0, 0], again
    assert "i3d_tiny: going on from step 3" in again[0][1]
    steps = [line["step"] for line in read_log(tmp_path / "run" / "log.jsonl") if "loss" in line]
    assert steps == [1, 2, 3, 4, 5]


@pytest.mark.long
def test_the_commands_checkpoints_are_what_a_kill_leaves(
    squares: Path, start_child: StartChild, tmp_path: Path
) -> None:
    """`kbuild train-baseline --checkpoint-every 2`, killed in its fifth step, goes on from four."""
    options = ["--model", "i3d_tiny", "--steps", "5", "--batch-size", "2", "--device", "cpu"]
    options += ["--checkpoint-every", "2", "--threads", "1", "--release", str(squares)]
    kill = (
        "import os, signal; from models.training import loop; real, steps = loop.set_rate, []\n"
        "def set_rate(optimiser, rate):\n"
        "    steps.append(rate)\n"
        "    if len(steps) == 5: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(optimiser, rate)\n"
        "loop.set_rate = set_rate\n"
    )

    def words(out: Path) -> list[str]:
        return ["train-baseline", *options, "--out", str(out)]

    whole = CliRunner().invoke(group, words(tmp_path / "whole"))
    assert whole.exit_code == 0, whole.output
    program = f"{kill}from pipelines.cli import main; main()"
    killed = start_child(
        [sys.executable, "-c", program, *words(tmp_path / "killed")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = killed.communicate(timeout=250)
    assert killed.returncode == -signal.SIGKILL, said
    assert load_torch(tmp_path / "killed" / LAST)["step"] == 4
    again = CliRunner().invoke(group, words(tmp_path / "killed"))
    assert again.exit_code == 0, again.output
    assert "i3d_tiny: going on from step 4" in again.output
    made = [(tmp_path / run / WEIGHTS).read_bytes() for run in ("whole", "killed")]
    assert made[0] == made[1]


@pytest.mark.long
def test_a_rank_whose_other_is_killed_ends_with_one_line_and_both_go_on_later(
    start_child: StartChild, squares: Path, how: Runtime, tmp_path: Path
) -> None:
    script, often = tmp_path / "together.py", replace(how, checkpoint_every=1)
    script.write_text(TOGETHER.format(numbers=[int(signal.SIGKILL)], recipe=RECIPE, how=often))
    ended = trained_together(start_child, script, squares, tmp_path / "run", "1")
    assert [code for code, _ in ended] == [1, -signal.SIGKILL], ended
    assert "ModelError: Another of the processes that torchrun started has ended" in ended[0][1]
    again = trained_together(start_child, script, squares, tmp_path / "run", "nobody")
    assert [code for code, _ in again] == [0, 0], again
    assert "i3d_tiny: going on from step 2" in again[0][1]
    assert "Grad strides" not in again[0][1]


@pytest.mark.parametrize(
    ("words", "is_lost"),
    [
        ("[/x/gloo/transport/tcp/pair.cc:545] Read error [127.0.0.1]:1: Connection reset", True),
        ("Connection closed by peer [127.0.0.1]:28366", True),
        ("NCCL communicator was aborted on rank 1.", True),
        ("CUDA out of memory", False),
        ("mat1 and mat2 shapes cannot be multiplied", False),
    ],
)
def test_what_says_that_another_rank_is_gone(words: str, is_lost: bool) -> None:
    assert is_of_lost_rank(RuntimeError(words)) is is_lost


def test_a_stop_waits_for_the_end_of_a_step_and_a_second_one_does_not() -> None:
    stops, seen = Stops(), []
    with stops.step():
        stops.take(signal.SIGTERM, None)
        seen.append("the step went on")
    with pytest.raises(AskedToStop):
        stops.check()
    assert seen and stops.number == signal.SIGTERM
    stops = Stops()
    with pytest.raises(KeyboardInterrupt) as stop, stops.step():
        stops.take(signal.SIGINT, None)
        stops.take(signal.SIGINT, None)
        seen.append("not reached")
    assert not isinstance(stop.value, AskedToStop), "for the state is in the middle of a step"
    with pytest.raises(AskedToStop):
        Stops().take(signal.SIGINT, None)
    assert seen == ["the step went on"]


def test_afterwards_the_signal_goes_to_whoever_watched_before() -> None:
    received: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        with pytest.raises(AskedToStop), watched_stops() as stops:
            with stops.step():
                os.kill(os.getpid(), signal.SIGTERM)
            assert received == []
            stops.check()
        assert received == [signal.SIGTERM]
        os.kill(os.getpid(), signal.SIGTERM)
        assert received == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, previous)


@pytest.fixture(scope="module")
def stopped(squares: Path, how: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that stands at its third step."""
    folder = tmp_path_factory.mktemp("stopped")
    disturbed(folder, squares, how, signal.SIGTERM)
    return folder / "run"


def with_zeros(path: Path, offset: int, num_bytes: int = 4096) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(num_bytes))


@pytest.mark.long
def test_zeros_in_a_state_are_refused_and_a_copy_goes_on(
    stopped: Path, finished: Path, squares: Path, how: Runtime, tmp_path: Path
) -> None:
    run = shutil.copytree(stopped, tmp_path / "run")
    size = (run / LAST).stat().st_size
    for share in (0.1, 0.35, 0.6, 0.9):
        shutil.copyfile(stopped / LAST, run / LAST)
        with_zeros(run / LAST, int(share * size))
        with pytest.raises(ModelError, match=r"last\.pt is damaged .* train again with --fresh"):
            train_baseline("i3d_tiny", squares, run, RECIPE, how)
    shutil.copyfile(stopped / LAST, run / LAST)
    train_baseline("i3d_tiny", squares, run, RECIPE, how)
    assert (run / WEIGHTS).read_bytes() == (finished / WEIGHTS).read_bytes()


def test_every_zeroed_page_of_a_torch_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    state = {"weight": torch.randn(64, 300), "bias": torch.arange(1.0, 3000.0)}
    save_torch(path, state)
    good = path.read_bytes()
    num_noticed = 0
    for offset in range(0, len(good), 4096):
        path.write_bytes(good)
        with_zeros(path, offset, min(4096, len(good) - offset))
        try:
            found = load_torch(path)
        except UnreadableTorchFile:
            num_noticed += 1
        else:
            assert all(torch.equal(found[key], state[key]) for key in state)
    assert num_noticed >= len(good) // 4096 - 1


def test_a_torch_file_without_checksums_is_read(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"weight": torch.ones(9)}, tmp_path / "weights.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    assert load_torch(tmp_path / "weights.pt")["weight"].sum() == 9


def test_damaged_weights_of_pictures_are_no_start(tmp_path: Path) -> None:
    path = tmp_path / "resnet.pt"
    save_torch(path, {"weight": torch.randn(64, 300)})
    with_zeros(path, path.stat().st_size // 2)
    with pytest.raises(ModelError, match=r"resnet\.pt cannot be read: .*CRC"):
        read_2d_weights(str(path))
    (tmp_path / "cut.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{")
    with pytest.raises(ModelError, match=r"cut\.safetensors cannot be read"):
        read_2d_weights(str(tmp_path / "cut.safetensors"))


def test_zeros_in_the_weights_of_a_finished_run_are_refused(
    finished: Path, squares: Path, how: Runtime, tmp_path: Path
) -> None:
    run = shutil.copytree(finished, tmp_path / "run")
    with_zeros(run / WEIGHTS, 20_000)
    for ask in (
        lambda: load_network(run),
        lambda: train_baseline("i3d_tiny", squares, run, RECIPE, how),
    ):
        with pytest.raises(ModelError, match=r"model\.safetensors is not the file that was wri"):
            ask()
    (run / WEIGHTS).unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors is missing\. Train it again"):
        train_baseline("i3d_tiny", squares, run, RECIPE, how)


def test_so_are_those_of_an_image_scorer(tmp_path: Path) -> None:
    for name, shade in (("dark", 20), ("light", 220)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(3):
            pixels = np.full((20, 20, 3), shade + number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number}.png")
    train_scorer(tmp_path / "images", tmp_path / "scorer", ScorerRecipe(num_steps=1, size=16))
    ImageScorer.load(tmp_path / "scorer")
    with_zeros(tmp_path / "scorer" / "scorer.safetensors", 8_000)
    with pytest.raises(ModelError, match=r"is not the file that was written.*train-scorer"):
        ImageScorer.load(tmp_path / "scorer")


@pytest.mark.long
@pytest.mark.parametrize("cut", ["", '{"network": {"na', "[1, 2]"], ids=["empty", "half", "a list"])
def test_a_cut_note_costs_no_training(
    stopped: Path, finished: Path, squares: Path, how: Runtime, tmp_path: Path, cut: str
) -> None:
    run = shutil.copytree(stopped, tmp_path / "run")
    (run / "run.json").write_text(cut)
    lines: list[str] = []
    train_baseline("i3d_tiny", squares, run, RECIPE, how, lines.append)
    assert "i3d_tiny: going on from step 3" in lines
    assert (run / "run.json").read_bytes() == (finished / "run.json").read_bytes()
    (run / "run.json").write_text(cut)
    assert train_baseline("i3d_tiny", squares, run, RECIPE, how, lines.append).num_steps == 5
    (run / "run.json").write_text(cut)
    (run / "report.json").unlink()
    with pytest.raises(ModelError, match=r"run\.json is damaged .* --fresh to throw away"):
        train_baseline("i3d_tiny", squares, run, RECIPE, how)


@pytest.mark.long
def test_a_damaged_cache_is_decoded_again(
    finished: Path, squares: Path, how: Runtime, tmp_path: Path
) -> None:
    assert how.cache is not None
    kept = shutil.copytree(how.cache, tmp_path / "frames")
    (frames,) = kept.glob("*.u8")
    index = frames.with_suffix(".json")
    good, listed = frames.read_bytes(), json.loads(index.read_text())
    (kept / f".{frames.name}.1.part").write_bytes(b"left by a killed run")

    def wreck(name: str) -> None:
        if name == "cut":
            frames.write_bytes(good[:-1000])
        elif name == "gone":
            frames.unlink()
        elif name == "zeros":
            with_zeros(frames, len(good) // 2)
        else:
            index.write_text(json.dumps(listed)[:-50])

    for name in ("cut", "gone", "zeros", "index"):
        wreck(name)
        lines: list[str] = []
        again = replace(how, cache=kept)
        train_baseline("i3d_tiny", squares, tmp_path / name, RECIPE, again, lines.append)
        assert "decoding it again" in lines[0] and lines[1] == "decoding 32 clips, 21 MiB"
        assert frames.read_bytes() == good and json.loads(index.read_text()) == listed
        assert (tmp_path / name / WEIGHTS).read_bytes() == (finished / WEIGHTS).read_bytes()
        assert {path.suffix for path in kept.iterdir()} == {".u8", ".json", ".lock"}


HOLD = """
import sys
from pathlib import Path
from kinetics_builder.locks import held

with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock of the folder `run`."""
    (tmp_path / "run").mkdir()
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run" / ".lock")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_a_second_training_is_told_who_is_there(
    holder: "subprocess.Popen[str]", squares: Path, how: Runtime, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with pytest.raises(ModelError, match=rf"run is being trained by process {holder.pid} on "):
        train_baseline("i3d_tiny", squares, run, RECIPE, replace(how, fresh=True))
    assert [path.name for path in run.iterdir()] == [".lock"]
    holder.kill()
    holder.wait()
    train_baseline("i3d_tiny", squares, run, replace(RECIPE, num_steps=1), how)


def test_whoever_waits_is_told_for_whom(holder: "subprocess.Popen[str]", tmp_path: Path) -> None:
    path, told = tmp_path / "run" / ".lock", []

    def let_go(who: str) -> None:
        told.append(who)
        holder.kill()

    with pytest.raises(HeldElsewhere, match=f"process {holder.pid} on "), held(path):
        pass
    mine = pytest.raises(HeldElsewhere, match=f"process {os.getpid()} on ")
    with held(path, let_go), mine, held(path):
        pass
    assert len(told) == 1 and told[0].startswith(f"process {holder.pid} on ")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("name", [LAST, WEIGHTS])
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    small_disk: Path,
    finished: Path,
    squares: Path,
    how: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    run, ballast = small_disk / "run", small_disk / "ballast"
    module, function = {LAST: (loop, "set_rate"), WEIGHTS: (following, "save_network")}[name]
    original, calls = getattr(module, function), []

    def filling(*arguments: Any) -> Any:
        """Leave no room from the third step on, or when the run has learnt all."""
        calls.append(arguments)
        if name == WEIGHTS or len(calls) == 3:
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(module, function, filling)
        with pytest.raises(OSError, match="No space left on device") as error:
            train_baseline("i3d_tiny", squares, run, RECIPE, replace(how, checkpoint_every=1))
    assert Path(str(error.value.filename)).name == name
    ballast.unlink()
    lines: list[str] = []
    train_baseline("i3d_tiny", squares, run, RECIPE, how, lines.append)
    assert f"i3d_tiny: going on from step {5 if name == WEIGHTS else 2}" in lines
    assert (run / WEIGHTS).read_bytes() == (finished / WEIGHTS).read_bytes()
