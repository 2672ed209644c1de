"""A detector of persons: what it is told, what it learns, what it finds again."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image, ImageDraw

from kinetics_builder.ava.boxes import Found, overlap
from kinetics_builder.ava.key_frames import still_name
from kinetics_builder.errors import ModelError
from kinetics_builder.formats.boxes.pixels import Corners
from models.detection.people import training
from models.detection.people.detector import DetectorCard, TrainedDetector, prepared
from models.detection.people.examples import Example
from models.detection.people.loss import loss_of, targets_of
from models.detection.people.network import STRIDE, PeopleNetwork, places
from models.detection.people.pictures import packed, shrunk, unpacked
from models.detection.people.recipe import DetectorRecipe
from models.detection.people.scoring import (
    Judged,
    Point,
    curve_of,
    judged,
    operating_point,
)
from models.detection.people.training import split, train_detector
from models.detection.people.varying import varied
from models.training.alone import alone, state_file
from models.training.runtime import Runtime
from pipelines.cli import group


def picture_of(rng: np.random.Generator) -> tuple[Image.Image, list[Corners]]:
    """Return a street of up to three upright figures, among rectangles that are none."""
    picture = Image.fromarray(rng.integers(90, 140, (60, 80, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(3):
        x, y = rng.uniform(0, 60), rng.uniform(0, 45)
        draw.rectangle((x, y, x + 16, y + 8), fill=tuple(rng.integers(0, 255, 3).tolist()))
    boxes = []
    for place in rng.permutation(4)[: int(rng.integers(0, 4))]:
        x, y, height = 20 * int(place) + rng.uniform(0, 6), rng.uniform(4, 14), rng.uniform(28, 42)
        width = 0.3 * height
        draw.rectangle((x, y + width, x + width, y + height), fill=(220, 40, 40))
        draw.ellipse((x + 1, y, x + width - 1, y + width), fill=(240, 210, 180))
        corners = (x / 80, y / 60, min(1.0, (x + width + 1) / 80), min(1.0, (y + height + 1) / 60))
        boxes.append(Corners(*corners))
    return picture, boxes


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> tuple[Path, dict[str, dict[float, list[Corners]]]]:
    folder, drawn = tmp_path_factory.mktemp("stills"), {}
    rng = np.random.default_rng(1)
    for film in ("one", "two", "three", "four", "five"):
        (folder / film).mkdir()
        drawn[film] = {}
        for seconds in range(12):
            picture, boxes = picture_of(rng)
            picture.save(folder / film / still_name(float(seconds)), quality=95)
            drawn[film][float(seconds)] = boxes
    return folder, drawn


RECIPE = DetectorRecipe(
    long_side=80, width=8, num_steps=160, batch_size=8, max_zoom=1.2, least_precision=0.9
)


@pytest.fixture(scope="module")
def trained(world, tmp_path_factory):
    folder, drawn = world
    out = tmp_path_factory.mktemp("detector") / "detector.pt"
    return train_detector(drawn, folder, out, RECIPE)


def test_it_learns_people_of_films_that_it_never_saw(trained) -> None:
    assert trained.num_films == 5
    assert len(trained.held_out) == 1
    assert trained.num_held_out == 12
    assert trained.point is not None
    assert trained.point.precision >= 0.9
    assert trained.point.recall >= 0.8


def test_the_file_finds_the_same_again_whatever_the_size_of_the_picture(trained) -> None:
    detector = TrainedDetector.load(trained.detector)
    rng = np.random.default_rng(99)
    num_drawn = num_found = 0
    for _ in range(10):
        picture, boxes = picture_of(rng)
        large = np.asarray(picture.resize((400, 300)))
        found = detector.find(large)
        assert found == TrainedDetector.load(trained.detector).find(large)
        assert found == sorted(found, key=lambda one: -one.score)
        sure = [one.corners for one in found if one.score >= trained.point.min_score]
        num_drawn += len(boxes)
        num_found += sum(any(overlap(box, one) >= 0.5 for one in sure) for box in boxes)
    assert num_found >= 0.8 * num_drawn > 5


def test_equal_seeds_learn_equal_weights(world, tmp_path: Path) -> None:
    folder, drawn = world
    recipe = DetectorRecipe(long_side=80, width=4, num_steps=3, batch_size=2)
    states = []
    for name in ("a.pt", "b.pt"):
        train_detector(drawn, folder, tmp_path / name, recipe)
        states.append(TrainedDetector.load(tmp_path / name).network.state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


SHORT = DetectorRecipe(long_side=64, width=4, num_steps=7, batch_size=2)
KILL = """
import os, signal, sys
from models.detection.people import training
take, steps = training._take_step, []
def killed(*arguments):
    steps.append(arguments)
    if len(steps) == 6:
        os.kill(os.getpid(), signal.{signal})
    take(*arguments)
training._take_step = killed
from pipelines.cli import main
main()
"""


def words_of(world, out: Path) -> list[str]:
    """Return the command that trains `out`."""
    folder, drawn = world
    rows = [
        f"{film},{seconds:04.0f},{','.join(map(str, box))},1,{person}"
        for film, moments in drawn.items()
        for seconds, boxes in moments.items()
        for person, box in enumerate(boxes)
    ]
    boxes = out.parent / "boxes.csv"
    boxes.write_text("".join(f"{row}\n" for row in rows))
    words = ["train-detector", "--boxes", boxes, "--format", "ava", "--media", folder, "--out", out]
    numbers = ["--steps", 7, "--batch-size", 2, "--long-side", 64, "--checkpoint-every", 2]
    return [str(word) for word in [*words, *numbers]]


@pytest.fixture(scope="module")
def uncut(world, tmp_path_factory) -> Path:
    """A detector whose training nothing happened to."""
    out = tmp_path_factory.mktemp("uncut") / "whole.pt"
    result = CliRunner().invoke(group, words_of(world, out))
    assert result.exit_code == 0, result.output
    return out


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "reached"),
    [
        pytest.param("SIGKILL", 4, id="killed, from the last state on the disk"),
        pytest.param("SIGTERM", 6, id="asked to stop, from the step that it ended"),
    ],
)
def test_a_training_that_was_cut_off_goes_on_to_the_same_weights(
    world, uncut: Path, start_child, tmp_path: Path, name: str, reached: int
) -> None:
    cut = tmp_path / "cut.pt"
    program = KILL.format(signal=name)
    ended = start_child(
        [sys.executable, "-c", program, *words_of(world, cut)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    _, said = ended.communicate(timeout=290)
    assert ended.returncode not in (0, 1), said
    assert not cut.exists()
    assert len(torch.load(tmp_path / "cut.pt.last")["losses"]) == reached
    again = CliRunner().invoke(group, words_of(world, cut))
    assert again.exit_code == 0, again.output
    assert f"going on from step {reached}" in again.output
    assert not (tmp_path / "cut.pt.last").exists()
    assert cut.read_bytes() == uncut.read_bytes()


def test_what_was_put_down_of_another_training_is_refused_or_thrown_away(
    world, tmp_path: Path, monkeypatch
) -> None:
    folder, drawn = world
    out, how = tmp_path / "a.pt", Runtime(device="cpu", checkpoint_every=1)

    def stopped(self, step, num_steps, loss, save):
        save(state_file(out))
        raise RuntimeError("cut off")

    monkeypatch.setattr(training.Attending, "after_step", stopped)
    with pytest.raises(RuntimeError, match="cut off"):
        train_detector(drawn, folder, out, SHORT, how)
    monkeypatch.undo()
    for changed in (replace(SHORT, seed=1), replace(SHORT, num_steps=9)):
        with pytest.raises(ModelError, match="is of another training: its recipe, pictures or"):
            train_detector(drawn, folder, out, changed, how)
    other = {0.0: [Corners(0.1, 0.1, 0.5, 0.9)]}
    moved = {film: moments | other for film, moments in drawn.items()}
    with pytest.raises(ModelError, match="is of another training"):
        train_detector(moved, folder, out, SHORT, how)
    state_file(out).write_bytes(state_file(out).read_bytes()[:-500])
    with pytest.raises(ModelError, match="is damaged"):
        train_detector(drawn, folder, out, SHORT, how)
    train_detector(drawn, folder, out, SHORT, replace(how, fresh=True))
    assert TrainedDetector.load(out).card.recipe["num_steps"] == 7
    assert not state_file(out).exists()


def test_two_trainings_do_not_write_one_detector(world, tmp_path: Path) -> None:
    folder, drawn = world
    out = tmp_path / "a.pt"
    with alone(out), pytest.raises(ModelError, match="is being trained by process"):
        train_detector(drawn, folder, out, SHORT)


def test_targets_have_their_tops_in_the_middles_and_right_edges_cost_nothing() -> None:
    boxes_N4 = torch.tensor([[8.0, 8.0, 24.0, 56.0], [40.0, 10.0, 60.0, 62.0]])
    targets = targets_of([boxes_N4, torch.zeros(0, 4)], (64, 80))
    assert targets.heat_Bhw.shape == (2, 16, 20)
    tops = torch.nonzero(targets.heat_Bhw == 1).tolist()
    assert tops == [[0, 8, 4], [0, 9, 12]]
    assert targets.weight_Bhw[1].sum() == 0 == targets.heat_Bhw[1].sum()
    x_hw, y_hw = places(16, 20)
    x1, y1, x2, y2 = targets.boxes_B4hw.unbind(1)
    exact = torch.stack([x_hw - x1, y_hw - y1, x2 - x_hw, y2 - y_hw], dim=1)
    sure = torch.where(targets.heat_Bhw == 1, 12.0, -12.0)
    assert loss_of(sure, exact, targets) < 1e-3
    worse = loss_of(sure, exact + 6.0, targets)
    unsure = loss_of(torch.zeros_like(sure), exact, targets)
    assert worse > 0.1 < unsure


def test_boxes_go_where_the_picture_goes() -> None:
    random = torch.Generator().manual_seed(0)
    num_seen = 0
    for _ in range(40):
        x_CHW = torch.zeros(3, 64, 96)
        x_CHW[:, 20:50, 30:44] = 1.0
        box_14 = torch.tensor([[30.0, 20.0, 44.0, 50.0]])
        moved_CHW, boxes_N4 = varied(x_CHW, box_14, random, max_zoom=1.5)
        light_HW = moved_CHW[0] > moved_CHW[0].median() + 0.5
        for box in boxes_N4.tolist():
            rows, columns = np.nonzero(light_HW.numpy())
            edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert np.abs(np.array(edges) - box).max() <= 2.0
            num_seen += 1
    assert num_seen > 30


def test_pictures_of_other_sizes_are_padded_at_the_right_and_below() -> None:
    wide, high = np.full((20, 40, 3), 128, np.uint8), np.full((40, 20, 3), 128, np.uint8)
    x_B3HW = prepared([wide, high])
    assert x_B3HW.shape == (2, 3, 48, 48)
    assert x_B3HW[0, :, 20:].abs().sum() == 0 == x_B3HW[1, :, :, 20:].abs().sum()
    logits_Bhw, distances_B4hw = PeopleNetwork(4).eval()(x_B3HW)
    assert logits_Bhw.shape == (2, 48 // STRIDE, 48 // STRIDE)
    assert distances_B4hw.shape == (2, 4, 48 // STRIDE, 48 // STRIDE)
    assert (distances_B4hw > 0).all()


def test_a_picture_keeps_its_shape_and_is_brought_to_one_length() -> None:
    assert shrunk(np.zeros((100, 200, 3), np.uint8), 50).shape == (25, 50, 3)
    assert shrunk(np.zeros((40, 20, 3), np.uint8), 80).shape == (80, 40, 3)
    assert unpacked(packed(np.full((64, 32, 3), 77, np.uint8), 32)).shape == (32, 16, 3)


def test_each_drawn_box_counts_once_and_the_surest_takes_it() -> None:
    box = Corners(0.1, 0.1, 0.5, 0.9)
    near, far = Corners(0.12, 0.1, 0.5, 0.9), Corners(0.6, 0.1, 0.9, 0.9)
    found = [Found(box, 0.6), Found(near, 0.8), Found(far, 0.7)]
    verdicts = [Judged(0.8, True), Judged(0.7, False), Judged(0.6, False)]
    assert judged(found, [box]) == verdicts
    assert curve_of(verdicts, 2) == [
        Point(0.8, 1.0, 0.5),
        Point(0.7, 0.5, 0.5),
        Point(0.6, pytest.approx(1 / 3), 0.5),
    ]


@pytest.mark.parametrize(
    ("least", "chosen"),
    [
        pytest.param(0.9, 0.7, id="the highest recall that is precise enough"),
        pytest.param(0.99, 0.9, id="nothing less precise"),
        pytest.param(0.0, 0.2, id="whatever finds most"),
    ],
)
def test_the_operating_point_is_chosen_for_precision(least: float, chosen: float) -> None:
    curve = [Point(0.9, 1.0, 0.2), Point(0.7, 0.95, 0.6), Point(0.2, 0.4, 0.9)]
    point = operating_point(curve, least)
    assert point is not None
    assert point.min_score == chosen


def test_without_a_precise_point_the_most_precise_is_taken_and_none_of_nothing() -> None:
    assert operating_point([Point(0.9, 0.5, 0.2), Point(0.5, 0.7, 0.4)], 0.95) == (0.5, 0.7, 0.4)
    assert operating_point([], 0.95) is None


def example(film: str, seconds: float) -> Example:
    return Example(film, seconds, b"", ())


def test_whole_films_are_kept_back_and_of_one_film_its_end() -> None:
    many = [example(film, float(s)) for film in "abcde" for s in range(4)]
    training, kept = split(many, DetectorRecipe())
    assert len(kept) == 4
    assert {one.film for one in training}.isdisjoint(one.film for one in kept)
    one_film = [example("a", float(s)) for s in range(10)]
    training, kept = split(one_film, DetectorRecipe())
    assert [one.seconds for one in kept] == [8.0, 9.0]
    assert len(training) == 8


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"num_steps": 0}, "num_steps must be above 0"),
        ({"long_side": 16}, "long_side must be 32 or more"),
        ({"max_zoom": 0.5}, "max_zoom must be 1 or more"),
        ({"least_precision": 1.5}, r"least_precision must be in \[0, 1\]"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(change: dict[str, float], expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        DetectorRecipe(**change)


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(lambda path: None, "there is no such detector", id="nothing there"),
        pytest.param(lambda path: path.write_text("hello"), "cannot be read", id="no weights"),
        pytest.param(
            lambda path: torch.save({"model": {}}, path), "found another file", id="another network"
        ),
        pytest.param(
            lambda path: torch.save(
                {"kind": "person detector", "card": {"width": 4, "long_side": 64}, "weights": {}},
                path,
            ),
            "does not hold a whole detector",
            id="half of it",
        ),
    ],
)
def test_a_file_that_is_no_detector_is_named_with_what_to_do(
    tmp_path: Path, write, expected: str
) -> None:
    path = tmp_path / "x.pt"
    write(path)
    with pytest.raises(ModelError, match=expected) as refused:
        TrainedDetector.load(path)
    assert "kbuild train-detector" in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_card_keeps_what_was_learnt_how(trained) -> None:
    card = TrainedDetector.load(trained.detector).card
    assert isinstance(card, DetectorCard)
    assert (card.width, card.long_side) == (8, 80)
    assert card.recipe["num_steps"] == 160
    assert [Point(*point) for point in card.metrics["curve"]] == list(trained.curve)
    assert io.BytesIO(trained.detector.read_bytes()).getbuffer().nbytes < 1_000_000
