"""What people get wrong when they train and measure: one line says what, and what to type."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from kinetics_builder.errors import ModelError
from models.checkpoints.store import Card, save_network
from models.clips.decode import Frames
from models.clips.release import release_sha256
from models.detection.dataset import Clips
from models.detection.folder import KeyFrame
from models.detection.predict import Asker
from models.detection.questions import Question
from models.evaluation.at_once import AtOnce
from models.evaluation.predict import Asking
from models.network import build_network
from models.recipes.registry import default_recipe
from models.spec import UNIT_RANGE
from models.training.loop import Loop
from models.training.means import Means
from models.training.memory import check_room
from models.training.ranks import ALONE
from models.zoo import network_spec
from pipelines.cli import group
from pipelines.learnt.known_release import told_of_release


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that knows other classes than the squares."""
    run, spec = tmp_path_factory.mktemp("bad") / "run", network_spec("i3d_tiny")
    card = Card(spec=spec, labels=("a", "moving up"), release_sha256="", recipe={}, metrics={})
    save_network(run, build_network(spec, 2), card)
    return run


def said(*words: object) -> str:
    """Return the one line of an error."""
    result = CliRunner().invoke(group, [str(word) for word in words])
    assert result.exit_code == 1, result.output
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert result.stderr.endswith(f"{line}\n")
    return line


def trained(release: Path, out: Path, model: object = "i3d_tiny", *more: str) -> tuple[object, ...]:
    small = ("--steps", "1", "--batch-size", "2", "--device", "cpu")
    return ("train-baseline", "--model", model, "--release", release, "--out", out, *small, *more)


def test_a_checkpoint_of_another_class_list(run: Path, squares: Path) -> None:
    line = said("evaluate", run, "--release", squares)
    assert "only the release has 'moving down', 'moving left', 'moving right'" in line
    assert "only the network knows 'a'" in line and f"--release {squares} --init RUN`" in line


def test_what_a_network_has_learnt_from_is_named_if_it_is_at_hand(
    squares: Path, make_release: Callable[..., Path], tmp_path: Path
) -> None:
    spec, known = network_spec("i3d_tiny"), make_release(tmp_path / "known", train=1)
    card = Card(
        spec=spec, labels=("a",), release_sha256=release_sha256(known), recipe={}, metrics={}
    )
    save_network(tmp_path / "run", build_network(spec, 1), card)
    at_hand = [tmp_path, squares, known]
    assert told_of_release(tmp_path / "run", at_hand) == f"It has learnt from {known}."
    assert told_of_release(tmp_path / "run", at_hand[:2]) == ""


def test_results_that_no_folder_takes_are_told_of_before_the_work(
    run: Path, squares: Path, tmp_path: Path
) -> None:
    """Whoever read the release first would speak of its classes."""
    (tmp_path / "file").write_text("")
    for command, out in (
        (("evaluate", run, "--release", squares), "file/results"),
        (("features", squares, "--model", run), "file/it.npz"),
    ):
        line = said(*command, "--out", tmp_path / out)
        assert f"{tmp_path}/file cannot be written: Not a directory." in line


def test_flow_that_is_not_there(squares: Path, tmp_path: Path) -> None:
    line = said(*trained(squares, tmp_path / "run", "i3d_flow_tiny"))
    assert "eats flow" in line and f"has no flow: `kbuild flow {squares}" in line
    command = [str(word) for word in trained(squares, tmp_path / "run")]
    assert CliRunner().invoke(group, command).exit_code == 0, "a run that learnt nothing holds none"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "num_frames = 1\n",
            "mine: sampling.num_frames: 1 frames cannot be split by alpha=4; 4 would fit",
        ),
        ("num_frame = 8\n", "sampling: unknown key 'num_frame'. Did you mean 'num_frames'?"),
    ],
)
def test_a_network_of_ones_own_that_cannot_eat_its_clip(
    squares: Path, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'base = "slowfast_tiny"\n[sampling]\n{text}')
    line = said(*trained(squares, tmp_path / "run", path))
    assert line.startswith(f"Error: {path}: {told}")


def test_an_unknown_recipe_key(squares: Path, tmp_path: Path) -> None:
    line = said(*trained(squares, tmp_path / "run", "i3d_tiny", "--set", "mixpu=0.8"))
    assert "--set: unknown key 'mixpu'. Did you mean 'mixup'?" in line


def test_a_step_whose_pictures_alone_are_more_than_is_free() -> None:
    spec, recipe = network_spec("slowfast_r50_8x8"), default_recipe("slowfast_r50_8x8")
    with pytest.raises(
        ModelError, match=r"1,024 clips alone take 23\.0 GiB, and 8\.0 are free: try"
    ):
        check_room(spec, recipe, ALONE, 8 << 30)
    check_room(spec, recipe.scaled(64), ALONE, 8 << 30)


def test_a_gpu_that_is_full(squares: Path, tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.")

    monkeypatch.setattr(Loop, "_learn", full)
    line = said(*trained(squares, tmp_path / "run"))
    assert "is full with 2 clips at a time: try `--set clips_at_once=1`" in line


def test_a_gpu_that_is_full_while_it_is_asked_takes_fewer_views_at_a_time() -> None:
    class Narrow(torch.nn.Module):
        def forward(self, x_BCTHW: torch.Tensor) -> torch.Tensor:
            if len(x_BCTHW) > 3:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return x_BCTHW.mean((2, 3, 4))

    asking = Asking(Narrow(), UNIT_RANGE, torch.device("cpu"), at_once=AtOnce(8))
    views = [torch.full((2, 4, 4, 3), shade, dtype=torch.uint8) for shade in range(9)]
    asking.take(views)
    assert asking.averaged(9).shape == (9, 3) and asking.at_once.num == 2


class Blank(Clips):
    """Films in which nothing is to be seen."""

    def frames(self, key_frame: KeyFrame) -> Frames:
        return np.zeros((2, 4, 4, 3), np.uint8)


class OfNarrowMemory(Asker[str]):
    """Is asked about three clips at once, and has memory for so many."""

    most = 1

    def answers(self, questions: list[Question], frames_BTHWC: torch.Tensor) -> Iterator[str]:
        yield from (one.key_frame.video_id for one in questions[: self.most])
        if len(questions) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    def nothing(self, question: Question) -> str:
        return "nobody"


def asked_of_narrow_memory() -> OfNarrowMemory:
    spec = network_spec("i3d_tiny")
    clips, means = Blank({}, None, spec.sampling), Means(device=torch.device("cpu"))
    return OfNarrowMemory(
        network=torch.nn.Identity(), spec=spec, clips=clips, means=means, at_once=AtOnce(3, "clip")
    )


def questions_about(names: str) -> list[Question]:
    nobody, nothing = np.empty(0, np.int64), np.empty((0, 1), np.bool_)
    return [Question(KeyFrame(one, 0, np.ones((1, 4)), nothing, nobody), None) for one in names]


def test_a_gpu_that_is_full_while_a_detector_is_asked_takes_fewer_clips_at_a_time() -> None:
    asker = asked_of_narrow_memory()
    assert list(asker.ask(questions_about("abcdefg"))) == list("abcdefg")
    assert asker.at_once.num == 1


def test_a_gpu_that_takes_not_one_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfNarrowMemory, "most", 0)
    with pytest.raises(ModelError, match=r"full with one clip at a time: .*--device cpu"):
        list(asked_of_narrow_memory().ask(questions_about("ab")))


def test_a_release_with_one_clip_a_class(make_release, tmp_path: Path) -> None:
    few = make_release(tmp_path / "v1", train=1, validate=0, test=0)
    result = CliRunner().invoke(group, [str(word) for word in trained(few, tmp_path / "run")])
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stderr.splitlines() if "'validate' has no clip" in line]
    assert "nothing says how well it learns" in line and "curate.max_held_out_share" in line
    line = said("evaluate", tmp_path / "run", "--release", few)
    assert "has no clip of the split 'test', but 4 in train" in line
