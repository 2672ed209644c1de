"""Train the person detector on key frames with boxes that people drew."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.clips.release import BrokenClip
from models.detection.people.detector import DetectorCard, TrainedDetector, prepared
from models.detection.people.examples import Drawn, Example, read_examples
from models.detection.people.learning import Learning, started
from models.detection.people.loss import loss_of, targets_of
from models.detection.people.recipe import DetectorRecipe
from models.detection.people.scoring import Judged, Point, curve_of, judged, operating_point
from models.detection.people.varying import varied
from models.training.alone import alone, state_file
from models.training.attending import Attending
from models.training.device import choose_device
from models.training.runtime import Runtime
from models.training.stopping import watched_stops

Progress = Callable[[str], None]

_MOST_POINTS = 50
"""Of the curve that the card keeps."""


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
    runtime: Runtime | None = None,
    progress: Progress = lambda line: None,
) -> DetectorReport:
    """Learn from the boxes `drawn` on films or stills in `folder`; leave the detector at `out`.

    A training that was stopped or killed goes on where `OUT.last` has it, and ends with the same
    weights.

    Raises:
        ModelError: No picture, or no box on those that are learnt from; `OUT.last` is of another
            training, or another process trains there.

    """
    start = time.perf_counter()
    recipe, runtime = recipe or DetectorRecipe(), runtime or Runtime(device="cpu")
    torch.set_num_threads(runtime.num_threads)
    with alone(out):
        examples = read_examples(drawn, folder, recipe.long_side)
        training, held_out = split(examples.all, recipe)
        num_boxes = sum(len(one.boxes) for one in examples.all)
        progress(f"{len(examples.all)} pictures with {num_boxes} boxes; {len(held_out)} kept back")
        if not any(one.boxes for one in training):
            raise ModelError(
                f"{folder}: not one box on the {len(training)} pictures that are learnt from. "
                "Are the boxes of these films?"
            )
        learning = _taken_up(started(recipe, training, choose_device(runtime.device)), out, runtime)
        if learning.losses:
            progress(f"going on from step {len(learning.losses)}")
        with watched_stops() as stops:
            _train(learning, training, recipe, Attending(out, runtime, stops, progress))
        detector, curve = _measured(learning, held_out, recipe)
        detector.save(out)
        state_file(out).unlink(missing_ok=True)
    return DetectorReport(
        detector=out,
        num_films=len({one.film for one in examples.all}),
        num_pictures=len(examples.all),
        num_boxes=num_boxes,
        held_out=tuple(sorted({one.film for one in held_out})),
        num_held_out=len(held_out),
        point=operating_point(curve, recipe.least_precision),
        curve=tuple(_thinned(curve)),
        train_loss=_last_loss(learning, recipe),
        seconds=time.perf_counter() - start,
        broken=examples.broken,
    )


def _taken_up(learning: Learning, out: Path, runtime: Runtime) -> Learning:
    """Return the training as it was put down, or from its beginning."""
    if runtime.fresh:
        state_file(out).unlink(missing_ok=True)
    learning.resume(state_file(out))
    return learning


def _measured(
    learning: Learning, held_out: Sequence[Example], recipe: DetectorRecipe
) -> tuple[TrainedDetector, list[Point]]:
    """Return the detector with its card, and its curve on the pictures that were kept back."""
    network = learning.network.cpu()
    card = DetectorCard(width=recipe.width, long_side=recipe.long_side)
    curve = measured(TrainedDetector(network, card), held_out)
    loss = _last_loss(learning, recipe)
    card = replace(
        card,
        recipe=asdict(recipe),
        metrics={"curve": [list(one) for one in _thinned(curve)], "train_loss": loss},
    )
    return TrainedDetector(network, card), curve


def _last_loss(learning: Learning, recipe: DetectorRecipe) -> float:
    """Return the mean loss of the last tenth."""
    return float(np.mean(learning.losses[-max(1, recipe.num_steps // 10) :]))


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
    learning: Learning, examples: Sequence[Example], recipe: DetectorRecipe, attending: Attending
) -> None:
    """Train from the step that was reached to the recipe's last."""
    learning.network.train()
    while len(learning.losses) < recipe.num_steps:
        with attending.stops.step():
            _take_step(learning, examples, recipe)
        loss = float(np.mean(learning.losses[-100:]))
        attending.after_step(len(learning.losses), recipe.num_steps, loss, learning.save)


def _take_step(learning: Learning, examples: Sequence[Example], recipe: DetectorRecipe) -> None:
    network = learning.network
    x_B3HW, boxes = _batch(examples, recipe, learning.random, network.device)
    logits_Bhw, distances_B4hw = network(x_B3HW)
    targets = targets_of(boxes, (x_B3HW.shape[2], x_B3HW.shape[3]))
    loss = loss_of(logits_Bhw, distances_B4hw, targets)
    value = float(loss.detach())
    if not math.isfinite(value):
        raise ModelError(
            f"The loss is {value} at step {len(learning.losses) + 1}. Use --fresh and a lower "
            "--rate."
        )
    learning.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    learning.optimiser.step()
    learning.schedule.step()
    learning.losses.append(value)


def _batch(
    examples: Sequence[Example],
    recipe: DetectorRecipe,
    random: torch.Generator,
    device: torch.device,
) -> tuple[Tensor, list[Tensor]]:
    """Return the next varied pictures (B, 3, H, W) and their boxes (N, 4) in pixels."""
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
        boxes.append(moved_N4.to(device))
    return torch.stack(varied_pictures).to(device), boxes


def _thinned(curve: Sequence[Point]) -> list[Point]:
    if len(curve) <= _MOST_POINTS:
        return list(curve)
    places = np.linspace(0, len(curve) - 1, _MOST_POINTS).round().astype(int)
    return [curve[place] for place in places.tolist()]
