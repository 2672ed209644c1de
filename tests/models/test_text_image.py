"""A text-image model judges frames by the names of the labels; tiny, random, made by the test."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kinetics_builder.errors import ModelError
from models.image_scoring.scorer import ImageScorer
from models.image_scoring.training import score_by_words

open_clip = pytest.importorskip("open_clip")

NAME = "tiny-for-tests"
CONFIG = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
LABELS = ("juggling balls", "waving")


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / f"{NAME}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder)
    torch.manual_seed(3)
    torch.save(open_clip.create_model(NAME).state_dict(), folder / "weights.pt")
    return folder / "weights.pt"


def test_scores_are_those_of_the_model_itself(weights: Path, tmp_path: Path) -> None:
    made = score_by_words(NAME, weights, LABELS, tmp_path / "scorer")
    assert made.labels == (*LABELS, "nothing")
    scorer = ImageScorer.load(tmp_path / "scorer")
    assert scorer.labels == made.labels and scorer.card.size == 32
    frames = np.random.default_rng(0).integers(0, 255, (5, 32, 32, 3), np.uint8)
    scores_NK = scorer.score(frames)
    model = open_clip.create_model(NAME).eval()
    open_clip.load_checkpoint(model, str(weights))
    x = torch.from_numpy(frames).permute(0, 3, 1, 2) / 255
    mean, std = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
    x = (x - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    tokens = open_clip.get_tokenizer(NAME)(
        [f"a photo of a person {LABELS[1]}.", f"a frame of a video of {LABELS[1]}.", "waving."]
    )
    with torch.no_grad():
        text = F.normalize(model.encode_text(tokens, normalize=True).mean(0), dim=0)
        logits = model.logit_scale.exp() * model.encode_image(x, normalize=True) @ text
        ours = scorer.network(x_of(frames))
    assert ours[:, 1].numpy() == pytest.approx(logits.numpy(), abs=1e-3)
    assert scores_NK.sum(1) == pytest.approx(1, abs=1e-5)


def x_of(frames: np.ndarray) -> torch.Tensor:
    from models.image_scoring.normalising import normalise_images

    return normalise_images(torch.from_numpy(frames))


def test_what_cannot_be_taken_is_one_clear_line(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="knows no model 'ViT-Z'"):
        score_by_words("ViT-Z", weights, LABELS, tmp_path / "a")
    with pytest.raises(ModelError, match="cannot be taken as weights of tiny-for-tests"):
        score_by_words(NAME, tmp_path / "none.pt", LABELS, tmp_path / "b")
    torch.save({"x": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(ModelError, match="cannot be taken as weights of tiny-for-tests"):
        score_by_words(NAME, tmp_path / "other.pt", LABELS, tmp_path / "c")
    assert not (tmp_path / "c").exists()
