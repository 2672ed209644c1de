import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import get_model

from kinetics_builder.errors import ModelError
from models.image_scoring.folder import read_images
from models.image_scoring.learning import Learning, dealt, rejection, started, vary
from models.image_scoring.listed import (
    DOES_NOT,
    HELD_OUT,
    SHOWS,
    TRAIN,
    Listed,
    read_list,
    write_list,
)
from models.image_scoring.networks import build_classifier, last_layer
from models.image_scoring.pictures import Pictures, of_folder, of_list, together
from models.image_scoring.recipe import ScorerRecipe
from models.image_scoring.scorer import ImageScorer
from models.image_scoring.training import ScorerReport, train_on, train_scorer
from models.training.alone import state_file
from models.training.runtime import Runtime

COLOURS = {"blue ball": (40, 60, 220), "green ball": (40, 200, 60), "nothing": (128, 128, 128)}
QUICK = ScorerRecipe(size=32, num_steps=60, batch_size=16, flip_probability=0.5)


def picture(name: str, random: np.random.Generator) -> np.ndarray:
    """Return (H, W, C): a disc of the class's colour on noise, nothing for "nothing"."""
    pixels = random.integers(90, 160, (48, 64, 3), np.uint8)
    y, x = np.mgrid[:48, :64]
    if name != "nothing":
        centre = random.integers(12, 36), random.integers(12, 52)
        pixels[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 < 100] = COLOURS[name]
    return pixels


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for name in COLOURS:
        (folder / name).mkdir()
        for number in range(40 if name == "nothing" else 12):
            kind = "png" if number % 2 else "jpg"
            Image.fromarray(picture(name, random)).save(folder / name / f"{number}.{kind}")
    return folder


@pytest.fixture(scope="module")
def trained(images: Path, tmp_path_factory) -> ScorerReport:
    return train_scorer(images, tmp_path_factory.mktemp("scorer") / "scorer", QUICK)


def test_a_scorer_learns_what_the_pictures_show(trained: ScorerReport) -> None:
    assert trained.num_images == 64 and trained.num_holdout == 6 and trained.broken == ()
    scorer = ImageScorer.load(trained.scorer)
    assert scorer.labels == ("blue ball", "green ball", "nothing")
    random = np.random.default_rng(1)
    names = [name for name in COLOURS for _ in range(20)]
    scores_NK = scorer.score(np.stack([picture(name, random) for name in names]))
    assert scores_NK.shape == (60, 3) and scores_NK.dtype == np.float32
    assert scores_NK.sum(1) == pytest.approx(1, abs=1e-5)
    said = [scorer.labels[best] for best in scores_NK.argmax(1)]
    assert np.mean([a == b for a, b in zip(said, names, strict=True)]) > 0.8


def test_a_scorer_leaves_a_card_and_a_log(trained: ScorerReport) -> None:
    card = json.loads((trained.scorer / "card.json").read_text())
    assert card["kind"] == "image scorer" and card["recipe"]["num_steps"] == 60
    lines = (trained.scorer / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [25, 50, 60]


def test_equal_pictures_give_equal_scorers(trained, images: Path, tmp_path: Path) -> None:
    train_scorer(images, tmp_path, QUICK)
    for name in ("scorer.safetensors", "card.json"):
        assert (tmp_path / name).read_bytes() == (trained.scorer / name).read_bytes()


def test_no_frames_give_no_scores(trained: ScorerReport) -> None:
    scorer = ImageScorer.load(trained.scorer)
    assert scorer.score(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, 3)


def test_scores_do_not_depend_on_the_batch(trained: ScorerReport) -> None:
    scorer, random = ImageScorer.load(trained.scorer), np.random.default_rng(2)
    frames = np.stack([picture("blue ball", random) for _ in range(5)])
    assert scorer.score(frames, batch_size=2) == pytest.approx(scorer.score(frames), abs=1e-5)


def test_an_unreadable_picture_is_listed(images: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(images, tmp_path / "images")
    (copy / "nothing" / "1.png").write_bytes(b"no picture")
    data = read_images(copy, 32)
    assert [item.file for item in data.broken] == ["nothing/1.png"]
    assert len(data.numbers_N) == 63


def test_a_class_without_pictures_is_an_error(images: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(images, tmp_path / "images")
    (copy / "waving").mkdir()
    with pytest.raises(ModelError, match="waving has no readable picture"):
        read_images(copy, 32)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["blue ball", "green ball", "waving"], "no folder for 1 .* 'waving'"),
        (["blue ball"], "no labels of the workspace, for instance 'green ball'"),
    ],
)
def test_folders_must_fit_the_workspaces_labels(images: Path, labels, message) -> None:
    with pytest.raises(ModelError, match=message):
        read_images(images, 32, labels)


def test_the_background_may_stand_beside_the_labels(images: Path) -> None:
    assert read_images(images, 8, ["green ball", "blue ball"]).labels[-1] == "nothing"


def test_one_class_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no folder"):
        read_images(tmp_path / "none", 8)
    (tmp_path / "waving").mkdir()
    with pytest.raises(ModelError, match="1 class folders, a scorer needs at least two"):
        read_images(tmp_path, 8)


def test_pretrained_weights_fit_but_for_the_classifier(images: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    weights = get_model("shufflenet_v2_x0_5", weights=None).state_dict()
    torch.save(weights, tmp_path / "weights.pt")
    recipe = ScorerRecipe(
        backbone="shufflenet_v2_x0_5",
        weights=str(tmp_path / "weights.pt"),
        size=32,
        num_steps=1,
        batch_size=4,
        peak_rate=1e-9,
        weight_decay=0.0,
    )
    train_scorer(images, tmp_path / "scorer", recipe)
    learnt = ImageScorer.load(tmp_path / "scorer").network.state_dict()
    assert torch.allclose(learnt["conv1.0.weight"], weights["conv1.0.weight"], atol=1e-6)
    assert learnt["fc.weight"].shape[0] == 3


def test_weights_of_another_backbone_are_refused(images: Path, tmp_path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "weights.pt")
    recipe = ScorerRecipe(weights=str(tmp_path / "weights.pt"), size=16)
    with pytest.raises(ModelError, match=r"Only 0 of \d+ tensors .* Check --backbone"):
        train_scorer(images, tmp_path / "scorer", recipe)


@pytest.mark.parametrize(
    "name", ["tiny", "resnet18", "mobilenet_v3_small", "squeezenet1_1", "googlenet"]
)
def test_backbones_by_name(name) -> None:
    network = build_classifier(name, 5).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 5)


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(ModelError, match="no classifier 'resnet17'"):
        build_classifier("resnet17", 2)


def test_a_folder_without_a_scorer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no image scorer"):
        ImageScorer.load(tmp_path)
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(ModelError, match="is no card of an image scorer"):
        ImageScorer.load(tmp_path)


def test_variation_keeps_shape_and_follows_its_seed() -> None:
    x = torch.rand(3, 3, 16, 16)
    first = vary(x, QUICK, torch.Generator().manual_seed(1))
    assert first.shape == x.shape
    assert torch.equal(first, vary(x, QUICK, torch.Generator().manual_seed(1)))
    assert not torch.equal(first, vary(x, QUICK, torch.Generator().manual_seed(2)))


@pytest.mark.parametrize("change", [{"size": 0}, {"holdout_share": 1.0}])
def test_a_scorer_recipe_that_cannot_be_is_refused(change) -> None:
    with pytest.raises(ModelError, match="scorer: "):
        ScorerRecipe(**change)


def judged(images: Path) -> Pictures:
    """The pictures as a list gives them: the last of each kept back, balls rejected as other."""
    rows = []
    for path in sorted(images.glob("*/*")):
        name, file = path.parent.name, path.relative_to(images).as_posix()
        split = HELD_OUT if path.stem in ("3", "7") else TRAIN
        if name == "nothing":
            rows += [Listed(label, file, DOES_NOT, split) for label in ("blue ball", "green ball")]
        else:
            rows.append(Listed(name, file, SHOWS, split))
    return of_list(images, rows, 32)


def test_what_was_rejected_teaches_what_a_label_is_not(images: Path, tmp_path: Path) -> None:
    data = judged(images)
    assert data.labels == ("blue ball", "green ball", "nothing")
    report = train_on(data, tmp_path / "scorer", replace(QUICK, num_steps=120))
    assert (report.num_images, report.num_rejected, report.num_holdout) == (104, 80, 8)
    assert set(report.average_precision) == {"blue ball", "green ball"}
    assert min(report.average_precision.values()) > 0.8
    scorer, random = ImageScorer.load(report.scorer), np.random.default_rng(4)
    empty = np.stack([picture("nothing", random) for _ in range(20)])
    assert (scorer.score(empty)[:, :2].max(1) < 0.5).mean() > 0.8


def test_a_rejection_says_nothing_of_what_is_there_instead() -> None:
    logits = torch.tensor([[5.0, 0.0, 0.0], [-5.0, 0.0, 0.0]])
    right, wrong = (
        rejection(logits[1:], torch.tensor([0])),
        rejection(logits[:1], torch.tensor([0])),
    )
    assert float(right) < 0.01 < 1 < float(wrong)
    swapped = rejection(torch.tensor([[-5.0, 3.0, -3.0]]), torch.tensor([0]))
    again = rejection(torch.tensor([[-5.0, -3.0, 3.0]]), torch.tensor([0]))
    assert float(swapped) == pytest.approx(float(again))


@pytest.mark.long
@pytest.mark.parametrize("stop", [34, 3, 10, 60])
def test_a_training_that_was_killed_ends_with_the_same_weights(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    data, runtime = judged(images), Runtime(device="cpu", checkpoint_every=10)
    whole = train_on(data, tmp_path / "whole", QUICK, runtime).scorer

    def dies(self, *batch) -> None:
        if self.step + 1 == stop:
            raise OSError("the power is gone")
        step(self, *batch)

    step = Learning.take_step
    monkeypatch.setattr(Learning, "take_step", dies)
    with pytest.raises(OSError, match="power"):
        train_on(data, tmp_path / "killed", QUICK, runtime)
    assert not (tmp_path / "killed" / "card.json").exists()
    monkeypatch.setattr(Learning, "take_step", step)
    lines: list[str] = []
    again = train_on(data, tmp_path / "killed", QUICK, runtime, lines.append).scorer
    reached = (stop - 1) // 10 * 10
    assert (f"going on from step {reached}" in lines) is (reached > 0)
    for name in ("scorer.safetensors", "card.json", "log.jsonl"):
        assert (again / name).read_bytes() == (whole / name).read_bytes()
    assert not state_file(again).exists()


def test_what_was_put_down_of_other_pictures_is_not_taken_up(images: Path, tmp_path: Path) -> None:
    data, runtime = judged(images), Runtime(device="cpu", checkpoint_every=10)
    learning = started(build_classifier("tiny", 3), data, QUICK, lambda line: None)
    learning.save(state_file(tmp_path / "scorer"))
    other = replace(data, shows_N=~data.shows_N)
    with pytest.raises(ModelError, match="of another training: its recipe or pictures differ"):
        train_on(other, tmp_path / "scorer", QUICK, runtime)
    train_on(data, tmp_path / "scorer", replace(QUICK, num_steps=2), replace(runtime, fresh=True))


def test_a_frozen_backbone_stays_as_it_was_and_its_last_layer_learns(
    images: Path, tmp_path: Path
) -> None:
    torch.manual_seed(5)
    weights = get_model("shufflenet_v2_x0_5", weights=None).state_dict()
    torch.save(weights, tmp_path / "weights.pt")
    recipe = ScorerRecipe(
        backbone="shufflenet_v2_x0_5",
        weights=str(tmp_path / "weights.pt"),
        frozen=True,
        size=32,
        num_steps=100,
        peak_rate=3.0,
        weight_decay=0.0,
    )
    report = train_scorer(images, tmp_path / "scorer", recipe)
    learnt = ImageScorer.load(report.scorer).network.state_dict()
    for name, value in weights.items():
        if not name.startswith("fc."):
            assert torch.equal(learnt[name], value), name
    lines = [json.loads(x) for x in (report.scorer / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["loss"] < lines[0]["loss"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "needs --weights"),
        ({"backbone": "squeezenet1_1", "weights": "w"}, "does not end in a linear layer"),
    ],
)
def test_what_cannot_stay_frozen_is_refused(change, message) -> None:
    with pytest.raises(ModelError, match=message):
        recipe = ScorerRecipe(frozen=True, **change)
        last_layer(build_classifier(recipe.backbone, 2))


def test_a_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [
        Listed("waving, twice", 'a"b.jpg', SHOWS, TRAIN, "-x", "Ann"),
        Listed("a", "c.jpg", DOES_NOT, HELD_OUT),
    ]
    write_list(tmp_path / "pictures.csv", rows)
    assert read_list(tmp_path / "pictures.csv") == sorted(rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,file\n", r"pictures\.csv:1: expected the header label,file,shows"),
        ("{}a,b,0,train,,\n", r"pictures\.csv:2: shows must be 1 or -1, got '0'"),
        ("{}a,b,1,test,,\n", r"pictures\.csv:2: split must be train or held-out, got 'test'"),
        ("{}a,b,1\n", r"pictures\.csv:2: expected 6 cells, got 3"),
    ],
)
def test_a_row_that_does_not_fit_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    header = "label,file,shows,split,video_id,uploader\n"
    (tmp_path / "pictures.csv").write_text(text.replace("{}", header))
    with pytest.raises(ModelError, match=message):
        read_list(tmp_path / "pictures.csv")


def test_pictures_of_several_sources_are_learnt_together(images: Path) -> None:
    folder, listed = of_folder(read_images(images, 32)), judged(images)
    both = together([listed, folder])
    assert both.labels == folder.labels and len(both.numbers_N) == 64 + 104
    parts = dealt(both, QUICK)
    sizes = [len(places) for places in parts.training]
    assert sizes == [11 + 10, 11 + 10, 36]  # a tenth of the folder's, and the listed ones
    assert len(parts.rejected) == 76 and len(parts.held_out) == 6 + 4 + 4
