"""Train the person detector on key frames with boxes that people drew."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.clips.release import BrokenClip
from models.detection.people.detector import DetectorCard, TrainedDetector, prepared
from models.detection.people.examples import Drawn, Example, read_examples
from models.detection.people.loss import loss_of, targets_of
from models.detection.people.network import PeopleNetwork
from models.detection.people.scoring import Judged, Point, curve_of, judged, operating_point
from models.detection.people.varying import varied

Progress = Callable[[str], None]

_MOST_POINTS = 50
"""Of the curve that the card keeps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorRecipe:
    """How a detector is trained. The defaults learn from scratch in minutes of one core."""

    long_side: int = 256
    """Pixels of a picture's longer side when it is looked at."""
    width: int = 16
    """Channels of the network's first layer."""
    num_steps: int = 1000
    batch_size: int = 8
    peak_rate: float = 3e-3
    weight_decay: float = 0.05
    max_zoom: float = 1.4
    """By how much pictures are made larger or smaller."""
    holdout_share: float = 0.2
    """Part of the films that is kept back to measure with; of one film, its last part."""
    least_precision: float = 0.95
    """What the operating point is chosen for."""
    num_threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("long_side", "width", "num_steps", "batch_size", "peak_rate"):
            if not getattr(self, name) > 0:
                raise ModelError(f"detector: {name} must be above 0, got {getattr(self, name)}.")
        if self.long_side < 32:
            raise ModelError(f"detector: long_side must be 32 or more, got {self.long_side}.")
        if not self.max_zoom >= 1:
            raise ModelError(f"detector: max_zoom must be 1 or more, got {self.max_zoom}.")
        for name in ("holdout_share", "least_precision"):
            if not 0 <= getattr(self, name) <= 1:
                value = getattr(self, name)
                raise ModelError(f"detector: {name} must be in [0, 1], got {value}.")


@dataclass(frozen=True, kw_only=True)
class DetectorReport:
    """What training a detector came to."""

    detector: Path
    num_films: int
    num_pictures: int
    num_boxes: int
    held_out: tuple[str, ...]
    """Films that were kept back; a film's name twice: its last part."""
    num_held_out: int
    """Their pictures."""
    point: Point | None
    """The operating point on the pictures kept back, by IoU 0.5; None if there were none."""
    curve: tuple[Point, ...]
    train_loss: float
    seconds: float
    broken: tuple[BrokenClip, ...]


def train_detector(
    drawn: Drawn,
    folder: Path,
    out: Path,
    recipe: DetectorRecipe | None = None,
    progress: Progress = lambda line: None,
) -> DetectorReport:
    """Learn from the boxes `drawn` on films or stills in `folder`; leave the detector at `out`.

    Raises:
        ModelError: No picture, or no box on those that are learnt from.

    """
    started = time.perf_counter()
    recipe = recipe or DetectorRecipe()
    torch.set_num_threads(recipe.num_threads)
    torch.manual_seed(recipe.seed)
    examples = read_examples(drawn, folder, recipe.long_side)
    training, held_out = split(examples.all, recipe)
    num_boxes = sum(len(one.boxes) for one in examples.all)
    progress(f"{len(examples.all)} pictures with {num_boxes} boxes; {len(held_out)} kept back")
    if not any(one.boxes for one in training):
        raise ModelError(
            f"{folder}: not one box on the {len(training)} pictures that are learnt from. "
            "Are the boxes of these films?"
        )
    network = PeopleNetwork(recipe.width)
    loss = _train(network, training, recipe, progress)
    unmeasured = TrainedDetector(
        network, DetectorCard(width=recipe.width, long_side=recipe.long_side)
    )
    curve = measured(unmeasured, held_out)
    point = operating_point(curve, recipe.least_precision)
    card = DetectorCard(
        width=recipe.width,
        long_side=recipe.long_side,
        recipe=asdict(recipe),
        metrics={"curve": [list(one) for one in _thinned(curve)], "train_loss": loss},
    )
    TrainedDetector(network, card).save(out)
    return DetectorReport(
        detector=out,
        num_films=len({one.film for one in examples.all}),
        num_pictures=len(examples.all),
        num_boxes=num_boxes,
        held_out=tuple(sorted({one.film for one in held_out})),
        num_held_out=len(held_out),
        point=point,
        curve=tuple(_thinned(curve)),
        train_loss=loss,
        seconds=time.perf_counter() - started,
        broken=examples.broken,
    )


def split(
    examples: Sequence[Example], recipe: DetectorRecipe
) -> tuple[list[Example], list[Example]]:
    """Return what is learnt from and what is kept back: whole films, of one film its end."""
    films = sorted({one.film for one in examples})
    if len(films) == 1:
        num_kept = math.floor(len(examples) * recipe.holdout_share)
        cut = len(examples) - num_kept
        return list(examples[:cut]), list(examples[cut:])
    num_kept = min(math.ceil(len(films) * recipe.holdout_share), len(films) - 1)
    order = np.random.default_rng((recipe.seed, 0)).permutation(len(films))
    kept = {films[place] for place in order[:num_kept]}
    training = [one for one in examples if one.film not in kept]
    return training, [one for one in examples if one.film in kept]


def measured(detector: TrainedDetector, examples: Sequence[Example]) -> list[Point]:
    """Return precision and recall of a detector at each score, by IoU 0.5."""
    verdicts: list[Judged] = []
    for one in examples:
        verdicts += judged(detector.find(one.picture()), one.boxes)
    return curve_of(verdicts, sum(len(one.boxes) for one in examples))


def _train(
    network: PeopleNetwork,
    examples: Sequence[Example],
    recipe: DetectorRecipe,
    progress: Progress,
) -> float:
    """Train for the recipe's steps; return the mean loss of the last tenth."""
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.peak_rate, total_steps=recipe.num_steps
    )
    network.train()
    losses: list[float] = []
    for step, (x_B3HW, boxes) in enumerate(_batches(examples, recipe), start=1):
        logits_Bhw, distances_B4hw = network(x_B3HW)
        targets = targets_of(boxes, (x_B3HW.shape[2], x_B3HW.shape[3]))
        loss = loss_of(logits_Bhw, distances_B4hw, targets)
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]):
            raise ModelError(f"The loss is {losses[-1]} at step {step}. Use a lower --rate.")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            progress(f"step {step}/{recipe.num_steps}, loss {np.mean(losses[-100:]):.3f}")
    return float(np.mean(losses[-max(1, recipe.num_steps // 10) :]))


def _batches(
    examples: Sequence[Example], recipe: DetectorRecipe
) -> Iterator[tuple[Tensor, list[Tensor]]]:
    """Yield varied pictures (B, 3, H, W) and their boxes (N, 4) in pixels, for each step."""
    random = torch.Generator().manual_seed(recipe.seed)
    for _ in range(recipe.num_steps):
        chosen = torch.randint(len(examples), (recipe.batch_size,), generator=random).tolist()
        pictures = [examples[place].picture() for place in chosen]
        x_B3HW = prepared(pictures)
        varied_pictures, boxes = [], []
        for place, picture, x_CHW in zip(chosen, pictures, x_B3HW, strict=True):
            height, width = picture.shape[:2]
            shares_N4 = torch.tensor(examples[place].boxes, dtype=torch.float32).view(-1, 4)
            drawn_N4 = shares_N4 * torch.tensor([width, height] * 2)
            x_CHW, moved_N4 = varied(x_CHW, drawn_N4, random, recipe.max_zoom)
            varied_pictures.append(x_CHW)
            boxes.append(moved_N4)
        yield torch.stack(varied_pictures), boxes


def _thinned(curve: Sequence[Point]) -> list[Point]:
    if len(curve) <= _MOST_POINTS:
        return list(curve)
    places = np.linspace(0, len(curve) - 1, _MOST_POINTS).round().astype(int)
    return [curve[place] for place in places.tolist()]
