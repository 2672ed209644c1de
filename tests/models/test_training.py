import math
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from kinetics_builder.errors import ModelError
from models.checkpoints.store import load_network
from models.checkpoints.torch_files import load_torch
from models.recipes.registry import default_recipe
from models.training.astray import GoneAstray, Watch
from models.training.baseline import train_baseline
from models.training.device import check_half_precision, choose_device
from models.training.log import RunLog, read_log
from models.training.memory import told_of_memory
from models.training.ranks import Ranks
from models.training.report import TrainReport
from models.training.runtime import Runtime

SHORT = replace(default_recipe("i3d_tiny"), num_steps=6, batch_size=2, flip_probability=0.5)


def runtime(folder: Path, **changes: object) -> Runtime:
    return replace(
        Runtime(device="cpu", cache=folder / "frames", checkpoint_every=2, log_every=1),
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def finished(squares: Path, tmp_path_factory) -> tuple[Path, TrainReport]:
    folder = tmp_path_factory.mktemp("finished")
    how = runtime(folder, validate_every=4)
    return folder, train_baseline("i3d_tiny", squares, folder / "run", SHORT, how)


def test_a_run_leaves_checkpoint_card_report_and_logs(finished) -> None:
    folder, report = finished
    run = folder / "run"
    assert report.num_train == 16 and report.num_validate == 8 and report.broken == ()
    assert set(report.metrics) == {"train_loss", "train_accuracy", "top1", "top5"}
    steps = [line["step"] for line in read_log(run / "log.jsonl") if "loss" in line]
    assert steps == [1, 2, 3, 4, 5, 6]
    said = {"loss", "accuracy", "rate", "clips_per_second", "data_wait_share", "memory_gib"}
    assert said | {"seconds_left"} < set(read_log(run / "log.jsonl")[0])
    assert [line["step"] for line in read_log(run / "log.jsonl") if "top1" in line] == [4, 6]
    assert list((run / "tensorboard").iterdir())
    trained = load_network(run)
    assert trained.card.labels == report.labels
    assert trained.card.recipe["num_steps"] == 6
    assert not (run / "last.pt").exists()


def test_a_finished_run_does_nothing(finished, squares: Path) -> None:
    folder, report = finished
    before = {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("*")}
    again = train_baseline("i3d_tiny", squares, folder / "run", SHORT, runtime(folder))
    assert again == report
    assert before == {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("*")}


def test_a_folder_of_another_run_is_refused(
    finished, squares: Path, make_release, tmp_path
) -> None:
    folder, _ = finished
    with pytest.raises(ModelError, match=r"its recipe has num_steps 6, not 7\. Use another --out"):
        train_baseline("i3d_tiny", squares, folder / "run", replace(SHORT, num_steps=7))
    other = make_release(tmp_path / "other", train=1, validate=0, test=0)
    with pytest.raises(ModelError, match="trained on another release"):
        train_baseline("i3d_tiny", other, folder / "run", SHORT)


def test_fresh_throws_a_run_away(squares: Path, tmp_path: Path) -> None:
    short = replace(SHORT, num_steps=1)
    train_baseline("i3d_tiny", squares, tmp_path / "run", short, runtime(tmp_path))
    (tmp_path / "run" / "notes.txt").write_text("mine")
    fresh = runtime(tmp_path, fresh=True)
    report = train_baseline("i3d_tiny", squares, tmp_path / "run", replace(short, seed=1), fresh)
    assert report.num_steps == 1
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"


KILLED = """
import os, signal, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def killing(optimiser, rate):
    steps.append(rate)
    if len(steps) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    set_rate(optimiser, rate)


if __name__ == "__main__":
    # Children run all above too.
    from models.training import loop
    from models.training.baseline import train_baseline
    from tests_recipe import HOW, RECIPE

    set_rate, steps = loop.set_rate, []
    loop.set_rate = killing
    train_baseline("i3d_tiny", Path(sys.argv[1]), Path(sys.argv[2]), RECIPE, HOW)
"""


def test_a_killed_run_ends_with_the_same_weights(finished, squares: Path, tmp_path: Path) -> None:
    folder, _ = finished
    how = runtime(folder)
    (tmp_path / "tests_recipe.py").write_text(
        "from pathlib import Path, PosixPath\n"
        "from models.recipes.recipe import Recipe\n"
        "from models.training.runtime import Runtime\n"
        f"RECIPE = {SHORT!r}\nHOW = {how!r}\n"
    )
    (tmp_path / "killed.py").write_text(KILLED)
    command = [sys.executable, str(tmp_path / "killed.py"), str(squares), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (tmp_path / "run" / "last.pt").is_file()
    assert not (tmp_path / "run" / "report.json").exists()
    lines: list[str] = []
    train_baseline("i3d_tiny", squares, tmp_path / "run", SHORT, how, lines.append)
    assert "i3d_tiny: going on from step 4" in lines
    weights = "model.safetensors"
    assert (tmp_path / "run" / weights).read_bytes() == (folder / "run" / weights).read_bytes()
    steps = [line["step"] for line in read_log(tmp_path / "run" / "log.jsonl") if "loss" in line]
    assert steps == [1, 2, 3, 4, 5, 6]


@pytest.mark.long
def test_clips_decoded_at_each_step_teach_the_same(finished, squares: Path, tmp_path: Path) -> None:
    """The cache rounds times to its grid, so only the course is the same, not the weights."""
    how = runtime(tmp_path, cache_bytes=0, num_workers=1)
    short = replace(SHORT, num_steps=2)
    report = train_baseline("slowfast_tiny", squares, tmp_path / "run", short, how)
    assert report.num_train == 16 and report.broken == ()


def test_broken_clips_stand_in_report_and_card(squares: Path, tmp_path: Path) -> None:
    release = shutil.copytree(squares, tmp_path / "release")
    broken = "clips/train-moving_up-0.mp4"
    (release / broken).write_bytes(b"")
    how, short = runtime(tmp_path), replace(SHORT, num_steps=1)
    lines: list[str] = []
    report = train_baseline("i3d_tiny", release, tmp_path / "run", short, how, lines.append)
    assert [clip.file for clip in report.broken] == [broken]
    assert report.num_train == 15
    said = [line for line in lines if "WARNING: 1 of 24 clips (4.2%) cannot be read" in line]
    assert said and lines.index(said[0]) < next(n for n, line in enumerate(lines) if "loss" in line)
    otherwise = replace(how, counts_missing=True)
    with pytest.raises(ModelError, match="was measured with --missing leave-out: `kbuild evalua"):
        train_baseline("i3d_tiny", release, tmp_path / "run", short, otherwise)
    assert load_network(tmp_path / "run").card.broken[0][0] == broken


def test_a_release_without_training_clips_is_an_error(make_release, tmp_path: Path) -> None:
    release = make_release(tmp_path / "release", train=0, validate=1, test=0)
    with pytest.raises(ModelError, match="no clip is in the split 'train'"):
        train_baseline("i3d_tiny", release, tmp_path / "run", SHORT, runtime(tmp_path))


def test_a_loss_that_is_not_finite_stops_the_run(squares: Path, finished, tmp_path: Path) -> None:
    wild = replace(SHORT, peak_rate=1e30, optimiser="sgd", gradient_clip=0.0)
    with pytest.raises(ModelError, match=r"Its clips \(clips/.*astray\.pt.* a lower --rate"):
        train_baseline("i3d_tiny", squares, tmp_path / "run", wild, runtime(finished[0]))
    kept = load_torch(tmp_path / "run" / "astray.pt")
    assert not math.isfinite(kept["loss"]) and kept["step"] < SHORT.num_steps
    assert kept["frames_BTHWC"].shape[:2] == (len(kept["clips"]), 16)
    assert all((squares / clip).is_file() for clip in kept["clips"])


@dataclass(frozen=True)
class Two:
    clips: tuple[str, ...]


@pytest.mark.parametrize("most_unread", [0, 2])
def test_losses_are_read_late_and_none_is_missed(most_unread: int) -> None:
    watch = Watch(most_unread)
    found = []
    for step, loss in enumerate([1.0, 2.0, float("nan"), 3.0, 4.0, 5.0]):
        try:
            watch.note(step, torch.tensor(loss), Two((f"{step}.mp4",)))
        except GoneAstray as astray:
            found.append((step, astray.step, astray.batch.clips))
    assert found == [(2 + most_unread, 2, ("2.mp4",))]
    with pytest.raises(GoneAstray):
        watch.note(6, torch.tensor(float("inf")), Two(()))
        watch.settle()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "clips_at_once=8`, which takes the same step in 2 parts", id="half"),
        pytest.param({"clips_at_once": 4}, "clips_at_once=2`", id="half of a part"),
        pytest.param({"norm_clips": 4, "batch_size": 12}, "clips_at_once=4`", id="as normalised"),
        pytest.param({"clips_at_once": 1}, "a clip that is smaller", id="no less"),
    ],
)
def test_full_memory_says_what_may_fit(changes, said) -> None:
    recipe = replace(SHORT, **({"batch_size": 16} | changes))
    full = RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.")
    told = told_of_memory(recipe, Ranks(), torch.device("cpu"))
    with pytest.raises(ModelError, match=re.escape(said)), told:
        raise full
    with (
        pytest.raises(RuntimeError, match="another"),
        told_of_memory(recipe, Ranks(), torch.device("cpu")),
    ):
        raise RuntimeError("another fault")


def test_a_fixed_trunk_stays_as_it_is_and_the_head_learns(
    squares: Path, finished, tmp_path: Path
) -> None:
    start = finished[1].checkpoint
    recipe = replace(SHORT, init_trunk=str(start), fixed_trunk=True, precise_norm_clips=8)
    train_baseline("i3d_tiny", squares, tmp_path / "run", recipe, runtime(finished[0]))
    before, after = (load_network(one).network.state_dict() for one in (start, tmp_path / "run"))
    assert all(torch.equal(before[key], after[key]) for key in before if "backbone" in key)
    assert not torch.equal(before["head.logits.weight"], after["head.logits.weight"])


def test_a_trunk_that_has_learnt_nothing_is_not_kept(squares: Path, tmp_path: Path) -> None:
    recipe = replace(SHORT, fixed_trunk=True)
    with pytest.raises(ModelError, match=r"fixed_trunk leaves the trunk .* --init, or from"):
        train_baseline("i3d_tiny", squares, tmp_path / "run", recipe, runtime(tmp_path))


def test_slowfast_cannot_start_from_pictures(squares: Path, finished, tmp_path: Path) -> None:
    wrong = replace(SHORT, init_2d="weights.pt")
    with pytest.raises(ModelError, match="SlowFast cannot start from 2-D weights; I3D, ResNet"):
        train_baseline("slowfast_tiny", squares, tmp_path / "run", wrong, runtime(finished[0]))


def test_a_killed_log_forgets_what_comes_after_its_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    with RunLog(tmp_path, first_step=2) as log:
        log.write(3, {"loss": 0.5})
    assert [line["step"] for line in read_log(tmp_path / "log.jsonl")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("torch_version", "cudnn_version", "message"),
    [
        pytest.param("2.9.1+cu128", 91900, r"torch 2\.9\.1", id="torch 2.9"),
        pytest.param("2.11.0", 90800, "cuDNN 90800", id="cuDNN 9.8"),
        pytest.param("2.11.0", 91400, "cuDNN 91400", id="cuDNN 9.14"),
    ],
)
def test_wrong_half_precision_is_refused(torch_version, cudnn_version, message) -> None:
    with pytest.raises(ModelError, match=message):
        check_half_precision(torch_version, cudnn_version)


@pytest.mark.parametrize("cudnn_version", [None, 90701, 91501, 92400])
def test_right_half_precision_passes(cudnn_version) -> None:
    check_half_precision("2.11.0", cudnn_version)


def test_an_unknown_device_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gpu0", "meta", "mps"):
        with pytest.raises(ModelError, match="Use auto, cpu, cuda"):
            choose_device(name)
    if not torch.cuda.is_available():
        assert choose_device("auto").type == "cpu"
        with pytest.raises(ModelError, match="Use --device cpu"):
            choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ModelError, match=r"no cuda:2: this machine's last one is cuda:1"):
        choose_device("cuda:2")
