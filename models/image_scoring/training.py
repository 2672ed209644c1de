"""Train the image classifier that scores frames.

Shapes, as name suffixes: N pictures, K labels.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from kinetics_builder.files import file_sha256
from kinetics_builder.metrics.average_precision import mean_precision_at_hits
from models.checkpoints.files import write_whole
from models.clips.release import BrokenClip
from models.image_scoring.folder import read_images
from models.image_scoring.learning import Learning, started
from models.image_scoring.networks import BY_WORDS, build_classifier
from models.image_scoring.pictures import Pictures, of_folder
from models.image_scoring.recipe import ScorerRecipe
from models.image_scoring.scorer import ImageScorer, ScorerCard
from models.layers.inflation import read_2d_weights
from models.training.alone import alone, state_file
from models.training.attending import Attending
from models.training.runtime import Runtime
from models.training.stopping import watched_stops

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class ScorerReport:
    """What training a scorer came to."""

    scorer: Path
    labels: tuple[str, ...]
    num_images: int
    num_rejected: int = 0
    """Of them, those that people said do not show their label."""
    num_holdout: int
    holdout_accuracy: float | None
    """Top-1 on the pictures kept back that show a label; None if there were none."""
    average_precision: dict[str, float] = field(default_factory=dict)
    """By label, of all pictures kept back ranked by it; labels of which none was are left out."""
    train_loss: float
    seconds: float
    broken: tuple[BrokenClip, ...]


def train_scorer(
    images: Path,
    out: Path,
    recipe: ScorerRecipe | None = None,
    labels: Sequence[str] | None = None,
    progress: Progress = lambda line: None,
) -> ScorerReport:
    """Train on `images/<class>/*.jpg` and leave the scorer in the folder `out`.

    Classes count alike however many pictures they have. `labels` are the workspace's, which
    the folders must fit.
    """
    recipe = recipe or ScorerRecipe()
    data = of_folder(read_images(images, recipe.size, labels))
    return train_on(data, out, recipe, progress=progress)


def train_on(
    data: Pictures,
    out: Path,
    recipe: ScorerRecipe,
    runtime: Runtime | None = None,
    progress: Progress = lambda line: None,
) -> ScorerReport:
    """Train on pictures and leave the scorer, its card and `log.jsonl` in the folder `out`.

    A training that was stopped or killed goes on where `OUT.last` has it, and ends with the same
    weights.

    Raises:
        ModelError: The weights are of another backbone, the loss is no number, `OUT.last` is of
            another training, or another process trains there.

    """
    begun, runtime = time.perf_counter(), runtime or Runtime(device="cpu")
    torch.set_num_threads(recipe.num_threads)
    torch.manual_seed(recipe.seed)
    progress(f"{len(data.numbers_N)} pictures of {len(data.labels)} classes")
    with alone(out):
        learning = started(_network(data, recipe), data, recipe, progress)
        if runtime.fresh:
            state_file(out).unlink(missing_ok=True)
        learning.resume(state_file(out))
        if learning.step:
            progress(f"going on from step {learning.step}")
        with watched_stops() as stops:
            _train(learning, Attending(out, runtime, stops, progress))
        report = _finish(learning, out, time.perf_counter() - begun)
        state_file(out).unlink(missing_ok=True)
    return report


def _network(data: Pictures, recipe: ScorerRecipe) -> nn.Module:
    network = build_classifier(recipe.backbone, len(data.labels))
    if recipe.weights is not None:
        load_fitting(network, read_2d_weights(recipe.weights), recipe.weights)
    return network


def load_fitting(network: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Load all tensors whose name and shape fit; the classifier of other classes does not."""
    own = network.state_dict()
    fitting = {k: v for k, v in state.items() if k in own and v.shape == own[k].shape}
    if len(fitting) < 0.9 * len(own):
        raise ModelError(
            f"Only {len(fitting)} of {len(own)} tensors of {source} fit: "
            "these are the weights of another network. Check --backbone."
        )
    network.load_state_dict(own | fitting)


def _train(learning: Learning, attending: Attending) -> None:
    """Train from the step that was reached to the recipe's last."""
    for shown, rejected in learning.batches():
        with attending.stops.step():
            learning.take_step(shown, rejected)
        if learning.log and not math.isfinite(loss := learning.log[-1]["loss"]):
            raise ModelError(
                f"The loss is {loss} at step {learning.step}. Use --fresh and a lower --rate."
            )
        loss = learning.log[-1]["loss"] if learning.log else math.nan
        attending.after_step(learning.step, learning.recipe.num_steps, loss, learning.save)


def _finish(learning: Learning, out: Path, seconds: float) -> ScorerReport:
    """Measure, write the scorer, and report."""
    data, recipe, held_out = learning.data, learning.recipe, learning.dealt.held_out
    card = ScorerCard(
        backbone=recipe.backbone,
        size=recipe.size,
        labels=data.labels,
        recipe=asdict(recipe),
        metrics={},
        broken=tuple((clip.file, clip.reason) for clip in data.broken),
    )
    scorer = ImageScorer(learning.network, card)
    scores_NK = scorer.score(data.pixels_NHWC[held_out])
    accuracy, precisions = measured(data, held_out, scores_NK)
    metrics = {"train_loss": learning.log[-1]["loss"]}
    if accuracy is not None:
        metrics["holdout_accuracy"] = accuracy
    if precisions:
        metrics["mean_average_precision"] = float(np.mean(list(precisions.values())))
    text = "".join(json.dumps(line) + "\n" for line in learning.log)
    write_whole(out / "log.jsonl", lambda part: part.write_text(text, encoding="utf-8"))
    scorer.card.metrics.update(metrics)
    scorer.save(out)
    return ScorerReport(
        scorer=out,
        labels=data.labels,
        num_images=len(data.numbers_N),
        num_rejected=int((~data.shows_N).sum()),
        num_holdout=len(held_out),
        holdout_accuracy=accuracy,
        average_precision=precisions,
        train_loss=learning.log[-1]["loss"],
        seconds=seconds,
        broken=data.broken,
    )


def measured(
    data: Pictures, places: NDArray[np.int64], scores_NK: NDArray[np.float32]
) -> tuple[float | None, dict[str, float]]:
    """Return top-1 of those that show a label, and each label's average precision.

    `scores_NK` are of the pictures at `places`. A label is measured where one of them shows it.
    """
    numbers_N, shows_N = data.numbers_N[places], data.shows_N[places]
    precisions = {}
    for number, label in enumerate(data.labels):
        is_hit = (numbers_N == number) & shows_N
        if is_hit.any():
            order = np.argsort(-scores_NK[:, number], kind="stable")
            precisions[label] = mean_precision_at_hits(is_hit[order], float(is_hit.sum()))
    if not shows_N.any():
        return None, precisions
    is_right = scores_NK.argmax(1)[shows_N] == numbers_N[shows_N]
    return float(is_right.mean()), precisions


@dataclass(frozen=True, kw_only=True)
class WordsReport:
    """A scorer that was made of words."""

    scorer: Path
    labels: tuple[str, ...]


def score_by_words(model: str, weights: Path, labels: Sequence[str], out: Path) -> WordsReport:
    """Leave a scorer in `out` that judges by the names of labels alone: nothing is learnt.

    Args:
        model: Name of a text-image model of open_clip, as ViT-B-32.
        weights: A file of its weights.
        labels: What is looked for; the background comes beside them.
        out: The scorer's folder.

    Raises:
        ModelError: open_clip is missing, knows no such model, or the weights are of another.

    """
    from models.image_scoring.text_image import from_words, labels_of

    network, size = from_words(model, weights, labels)
    card = ScorerCard(
        backbone=f"{BY_WORDS}{model}",
        size=size,
        labels=labels_of(labels),
        recipe={"zero_shot": True, "weights_sha256": file_sha256(weights)},
        metrics={},
    )
    ImageScorer(network, card).save(out)
    return WordsReport(scorer=out, labels=card.labels)
