"""Pictures that are looked at more than once: boxes go with them, and scores are averaged."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checkpoints.store import Card, save_network
from models.detection.dataset import Clips
from models.detection.evaluate import Inquiry, ask_checkpoint
from models.detection.folder import KeyFrame
from models.detection.lessons import AvaCourse
from models.detection.looks import Look, averaged, looks_of
from models.detection.predict import Detector
from models.detection.questions import Question
from models.network import build_network
from models.spec import UNIT_RANGE, NetworkSpec
from models.training.means import Means
from models.training.runtime import Runtime
from models.zoo import network_spec
from pipelines.cli import group

BOX = np.array([[0.25, 0.5, 0.5, 1.0]])


def test_each_size_is_looked_at_and_each_mirror_image() -> None:
    assert looks_of((), with_mirror=False) == (Look(),)
    assert looks_of((224, 256, 224), with_mirror=True) == (
        *(Look(224), Look(256)),
        *(Look(224, is_mirrored=True), Look(256, is_mirrored=True)),
    )


@pytest.mark.parametrize(("look", "size"), [(Look(24), (24, 48)), (Look(), (16, 32))])
def test_a_box_stays_where_its_person_is(look: Look, size: tuple[int, int]) -> None:
    clip = torch.zeros(1, 2, 16, 32, 3, dtype=torch.uint8)
    clip[:, :, 8:, 8:16] = 240
    for one in (look, replace(look, is_mirrored=True)):
        pictures = one.pictures(clip)
        assert pictures.shape == (1, 2, *size, 3) and pictures.dtype == torch.uint8
        x1, y1, x2, y2 = (one.boxes(BOX)[0] * [*size[::-1], *size[::-1]]).round().astype(int)
        inside = pictures[0, 0, y1 + 1 : y2 - 1, x1 + 1 : x2 - 1]
        assert (inside > 230).all()
        assert pictures[0, 0].float().mean() == pytest.approx(240 / 8, rel=0.1)


def test_mirror_images_do_not_tell_left_from_right() -> None:
    scores = torch.tensor([[[0.2, 0.4]], [[0.6, 0.8]]])
    mean = averaged(scores, looks_of((), with_mirror=True), ["wave", "turn left"])
    torch.testing.assert_close(mean, torch.tensor([[0.4, 0.4]]))


class Bright(nn.Module):
    """Answers by how bright the box is, and how wide the picture."""

    def forward(self, x_BCTHW: Tensor, boxes_R5: Tensor) -> Tensor:
        _, x1, y1, x2, y2 = boxes_R5[0].round().int().tolist()
        bright = x_BCTHW[0, :, :, y1:y2, x1:x2].mean()
        return torch.stack([bright, torch.tensor(x_BCTHW.shape[4] / 100)])[None]


@dataclass(frozen=True)
class OnePicture(Clips):
    """A clip whose left half is bright."""

    def frames(self, key_frame: KeyFrame) -> np.ndarray:
        frames = np.zeros((2, 16, 32, 3), np.uint8)
        frames[:, :, :16] = 255
        return frames


def test_scores_are_averaged_over_looks() -> None:
    spec = replace(network_spec("slowfast_tiny_det"), normalisation=UNIT_RANGE)
    clips = OnePicture({}, None, spec.sampling)  # type: ignore[arg-type]  # it opens no film
    detector = Detector(
        network=Bright(),
        spec=spec,
        clips=clips,
        means=Means(device=torch.device("cpu")),
        looks=looks_of((16, 32), with_mirror=True),
        labels=("be bright", "be wide"),
    )
    left = np.array([[0.0, 0.0, 0.5, 1.0]])
    nobody = np.zeros((1, 2), np.bool_)
    question = Question(KeyFrame("a", 0, left, nobody, np.zeros(1, np.int64)), left)
    (said,) = detector.ask([question])
    wide = torch.tensor([0.32, 0.64]).sigmoid().mean()
    expected = [float(torch.tensor(1.0).sigmoid()), float(wide)]
    assert said.detections.scores_M.tolist() == pytest.approx(expected, abs=0.01)


@pytest.fixture(scope="module")
def run(squares: Path, small: NetworkSpec, tmp_path_factory) -> Path:
    """A detector that has learnt nothing."""
    run = tmp_path_factory.mktemp("looks") / "run"
    labels = AvaCourse.read(squares).labels
    card = Card(spec=small, labels=labels, release_sha256="", recipe={}, metrics={})
    torch.manual_seed(0)
    save_network(run, build_network(small, len(labels)), card)
    return run


def test_the_command_looks_again(run: Path, squares: Path, tmp_path: Path) -> None:
    def asked(*arguments: object) -> str:
        result = CliRunner().invoke(
            group,
            [
                *("evaluate", str(run), "--release", str(squares), "--bootstrap", "0"),
                *("--out", str(tmp_path / "out"), "--cache", str(tmp_path / "frames")),
                *map(str, arguments),
            ],
        )
        assert result.exit_code == 0, result.output
        return (tmp_path / "out" / "detections.csv").read_text()

    once = asked()
    assert asked("--scales", 64) == once
    assert asked("--flip") != once
    assert asked("--scales", "48,64") != once


def test_looks_that_cannot_be_are_refused(run: Path, squares: Path, tmp_path: Path) -> None:
    small = Inquiry(short_sides=(8, 64))
    with pytest.raises(ModelError, match="pictures of 8 pixels have no position"):
        ask_checkpoint(run, squares, tmp_path, small, Runtime(device="cpu"), print)
    spec = network_spec("faster_rcnn_tiny_det")
    labels = AvaCourse.read(squares).labels
    card = Card(spec=spec, labels=labels, release_sha256="", recipe={}, metrics={})
    save_network(tmp_path / "finder", build_network(spec, len(labels)), card)
    with pytest.raises(ModelError, match="finds people itself, and others at each look"):
        ask_checkpoint(
            tmp_path / "finder",
            squares,
            tmp_path,
            Inquiry(with_mirror=True),
            Runtime(device="cpu"),
            print,
        )
    result = CliRunner().invoke(group, ["evaluate", str(run), "--scales", "big"])
    assert result.exit_code == 2 and "as 224,256,320; got big" in result.output
