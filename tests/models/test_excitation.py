"""What excites a unit, found by following its gradient."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checkpoints.store import Card, save_network
from models.explaining.excitation import Found, Search, excite, of_unit
from models.explaining.excited_film import draw_found
from models.explaining.explain import Asked, explain_run
from models.explaining.units import read_unit
from models.network import build_network
from models.zoo import network_spec
from pipelines.cli import group

TINY = network_spec("i3d_tiny")
SMALL = replace(TINY, sampling=replace(TINY.sampling, num_frames=6, crop_size=12))
FEW = Search(num_steps=15, rate=0.05)


class Motion(nn.Module):
    """Answers how much changes from one frame to the next."""

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        return x_BCTHW.diff(dim=2).square().mean()[None]


def found(**values: float) -> object:
    network = Motion()
    return excite(network, SMALL, lambda x: network(x)[0], replace(FEW, **values))  # type: ignore[arg-type]


def test_a_unit_answers_more_in_the_end_and_less_so_the_slower_it_must_be() -> None:
    fast, slow, slower = found(), found(slowness=3.0), found(slowness=100.0)
    assert fast.after > 10 * fast.before
    assert fast.change > slow.change > slower.change
    assert fast.after > slow.after > slower.after


def test_equal_searches_give_equal_pictures_and_another_seed_others() -> None:
    one, other = found(), found()
    assert (one.pictures_THWC == other.pictures_THWC).all()
    assert (one.pictures_THWC != found(seed=1).pictures_THWC).any()


@pytest.mark.parametrize("loudness", [0.01, 0.3])
def test_what_is_found_can_be_seen_however_faint_it_is(loudness: float) -> None:
    noise_THWC = np.random.default_rng(0).uniform(-1, 1, (4, 12, 12, 3))
    pictures = (128 + 128 * loudness * noise_THWC).round().astype(np.uint8)
    film = draw_found([Found(Search(), pictures, 0.0, 1.0, 0.0)])
    clip, moving = film[:, 22:214], film[1:, 236:]
    for part in (clip, moving):
        assert part.min() < 40 and part.max() > 215


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    card = Card(spec=TINY, labels=("sitting", "standing"), release_sha256="", recipe={}, metrics={})
    folder = tmp_path_factory.mktemp("run")
    save_network(folder, build_network(TINY, 2), card)
    return folder


def test_a_film_of_what_a_class_asks_for_has_equal_bytes(run: Path, tmp_path: Path) -> None:
    searches = [Search(num_steps=1, slowness=one) for one in (0.0, 5.0)]
    films = [
        explain_run(run, Asked(None, "sitting"), searches, tmp_path / name).film.read_bytes()
        for name in ("a.mp4", "b.mp4")
    ]
    assert films[0] == films[1] and len(films[0]) > 1000


def test_the_command_says_how_much_more_a_unit_answers(run: Path) -> None:
    asked = ["explain", str(run), "--unit", "backbone.conv_1a:3", "--steps", "1", "--slowness", "2"]
    result = CliRunner().invoke(group, asked)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("slowness 2: ")
    assert (run / "explained" / "backbone.conv_1a_3.mp4").is_file()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param(
            Asked(None, "siting"), "no class 'siting'. Did you mean 'sitting'", id="class"
        ),
        pytest.param(Asked("backbone.conv_1:0", None), "Did you mean backbone.conv_1a", id="layer"),
        pytest.param(Asked("backbone.conv_1a:16", None), "has 16 units, 0 to 15", id="unit"),
        pytest.param(Asked("backbone.conv_1a", None), "write it as LAYER:N", id="no number"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(run: Path, asked: Asked, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        explain_run(run, asked, [Search(num_steps=1)])


def test_a_unit_is_a_channel_averaged_over_all_positions() -> None:
    network = build_network(TINY, 2).eval()
    clip = torch.randn(1, 3, 16, 64, 64)
    with torch.no_grad():
        whole = network.backbone.conv_1a(clip)
        assert of_unit(network, "backbone.conv_1a", 3)(clip) == pytest.approx(
            float(whole[0, 3].mean()), rel=1e-5
        )
    assert read_unit("head.logits:0") == ("head.logits", 0)


def test_one_of_unit_and_class_must_be_named(run: Path) -> None:
    result = CliRunner().invoke(group, ["explain", str(run)])
    assert result.exit_code == 2 and "Name either --unit" in result.output
