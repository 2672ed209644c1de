"""A network asked about pictures, clips and windows of long videos."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from kinetics_builder.errors import ItemFailed, ModelError
from kinetics_builder.intervals import Interval
from models.checkpoints.store import Card, TrainedNetwork, save_network
from models.clips.release import read_release
from models.clips.sources import DecodedFrames
from models.evaluation.predict import Predictor
from models.evaluation.teacher import Teacher, describe, weights_of
from models.network import build_network
from models.spec import Views
from models.zoo import network_spec
from tests.models.conftest import STEPS, encode, randomise

LABELS = tuple(sorted(STEPS))


def save(folder: Path, name: str, **changed: object) -> Path:
    spec = replace(network_spec(name), **changed)
    card = Card(spec=spec, labels=LABELS, release_sha256="0", recipe={}, metrics={})
    network = build_network(spec, len(LABELS))
    randomise(network)
    save_network(folder, network, card)
    return folder


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    views = Views(num_clips=2, num_crops=3)
    folder = save(tmp_path_factory.mktemp("run") / "r", "i3d_tiny", views=views)
    return Teacher.load(folder, describe(folder)[1])


def test_a_whole_clip_is_scored_as_an_evaluation_scores_it(taught: Teacher, squares: Path) -> None:
    release = read_release(squares)
    row = release.rows[0]
    predictor = Predictor(
        network=taught.trained.network,
        spec=taught.trained.card.spec,
        source=DecodedFrames(release, taught.trained.card.spec.sampling.short_side),
        device=torch.device("cpu"),
    )
    said_SK = taught.of_stretches(release.path(row), [Interval(0.0, row.duration_seconds)])
    assert said_SK == pytest.approx(predictor.predict([row]).scores_NK, abs=1e-6)
    assert said_SK.sum() == pytest.approx(1)


class Brightness(nn.Module):
    """Names the quarter of a clip that is brightest."""

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        return 8 * x_BCTHW.mean((1, 3, 4)).unflatten(1, (4, -1)).mean(2)


def test_a_window_is_scored_like_a_file_of_that_stretch(taught: Teacher, tmp_path: Path) -> None:
    lights = np.random.default_rng(1).integers(0, 255, 12).astype(np.uint8)
    frames = np.broadcast_to(np.repeat(lights, 10)[:, None, None, None], (120, 72, 96, 3))
    encode(tmp_path / "long.mp4", frames)
    watching = Teacher(TrainedNetwork(Brightness(), taught.trained.card))
    windows = [Interval(0.0, 4.0), Interval(4.0, 8.0), Interval(8.0, 12.0)]
    long_SK = watching.of_stretches(tmp_path / "long.mp4", windows)
    for place, window in enumerate(windows):
        encode(tmp_path / f"{place}.mp4", frames[int(10 * window.start) : int(10 * window.end)])
        part_SK = watching.of_stretches(tmp_path / f"{place}.mp4", [Interval(0.0, 4.0)])
        assert long_SK[place] == pytest.approx(part_SK[0], abs=0.02)
    assert np.abs(long_SK[0] - long_SK[2]).max() > 0.2


def test_a_picture_is_a_clip_in_which_nothing_moves(taught: Teacher, tmp_path: Path) -> None:
    picture = np.random.default_rng(2).integers(0, 255, (72, 96, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "p.png")
    still = np.repeat(picture[np.newaxis], 40, 0)
    encode(tmp_path / "still.mp4", still // 2 + 60)
    Image.fromarray(still[0] // 2 + 60).save(tmp_path / "q.png")
    said_SK = taught.of_picture(tmp_path / "q.png")
    assert said_SK.shape == (1, 4) and said_SK.sum() == pytest.approx(1)
    filmed_SK = taught.of_stretches(tmp_path / "still.mp4", [Interval(0.0, 4.0)])
    assert said_SK == pytest.approx(filmed_SK, abs=0.05)


def test_a_picture_that_lies_on_its_side_is_turned(taught: Teacher, tmp_path: Path) -> None:
    picture = Image.fromarray(np.random.default_rng(2).integers(0, 255, (72, 96, 3), np.uint8))
    picture.save(tmp_path / "p.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    said = [taught.of_picture(tmp_path / name) for name in ("p.png", "turned.png")]
    assert said[0] == pytest.approx(said[1], abs=1e-6)


@pytest.mark.parametrize("name", ["p.jpg", "missing.jpg"])
def test_what_is_no_picture_fails_alone(taught: Teacher, tmp_path: Path, name: str) -> None:
    (tmp_path / "p.jpg").write_bytes(b"\xff\xd8 no picture")
    with pytest.raises(ItemFailed, match="broken: no picture that can be read"):
        taught.of_picture(tmp_path / name)


def test_networks_of_single_frames_teach_as_those_of_clips_do(tmp_path: Path) -> None:
    sampling = replace(network_spec("tsn_r50").sampling, crop_size=32, short_side=32)
    folder = save(tmp_path / "run", "tsn_r50", sampling=sampling, views=Views(num_clips=1))
    Image.new("RGB", (80, 60), "red").save(tmp_path / "p.png")
    said_SK = Teacher.load(folder, describe(folder)[1]).of_picture(tmp_path / "p.png")
    assert said_SK.shape == (1, 4) and said_SK.sum() == pytest.approx(1)


def test_networks_that_see_something_else_cannot_teach(tmp_path: Path) -> None:
    detector = save(tmp_path / "det", "slowfast_tiny_det")
    with pytest.raises(ModelError, match="slowfast_tiny_det, which is asked about boxes"):
        describe(detector)


def test_weights_that_are_others_by_now_are_refused(tmp_path: Path) -> None:
    folder = save(tmp_path / "run", "i3d_tiny")
    sha256 = describe(folder)[1]
    weights_of(folder).write_bytes(b"other")
    with pytest.raises(ModelError, match="no longer the network that was named"):
        Teacher.load(folder, sha256)
