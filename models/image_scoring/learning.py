"""A scorer while it learns: what a step does, how it is put down and taken up again.

Shapes, as name suffixes: B batch, N pictures, D features, H height, W width, C channels (RGB),
K labels, R rejected pictures.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from models.checkpoints.states import state_to_resume
from models.checkpoints.torch_files import save_torch
from models.image_scoring.networks import last_layer
from models.image_scoring.normalising import normalise_images
from models.image_scoring.pictures import FREE, KEPT, Pictures
from models.image_scoring.recipe import ScorerRecipe

_PARTS = {"identity", "step", "network", "optimiser", "schedule", "random", "all_random", "log"}
_REJECTED_SHARE = 4
"""One in so many pictures of a step is one that people rejected, beside the batch."""
_AT_ONCE = 64
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Dealt:
    """Places of pictures, by what they are for."""

    training: list[NDArray[np.int64]]
    """Those that show a label, label by label."""
    rejected: NDArray[np.int64]
    """Those to learn from that do not show theirs."""
    held_out: NDArray[np.int64]


def dealt(data: Pictures, recipe: ScorerRecipe) -> Dealt:
    """Part the pictures: listed ones as they are listed, the others by chance, label by label."""
    random = np.random.default_rng((recipe.seed, 0))
    training, held_out = [], []
    for number in range(len(data.labels)):
        mine = (data.numbers_N == number) & data.shows_N
        places = random.permutation(np.flatnonzero(mine & (data.places_N == FREE)))
        num_kept = min(round(len(places) * recipe.holdout_share), max(0, len(places) - 1))
        held_out += [places[:num_kept], np.flatnonzero(mine & (data.places_N == KEPT))]
        listed = np.flatnonzero(mine & (data.places_N != FREE) & (data.places_N != KEPT))
        training.append(np.concatenate([places[num_kept:], listed]))
    rejected = ~data.shows_N
    held_out.append(np.flatnonzero(rejected & (data.places_N == KEPT)))
    return Dealt(
        training, np.flatnonzero(rejected & (data.places_N != KEPT)), np.concatenate(held_out)
    )


class Judge(Protocol):
    """Gives the logits of pictures while a network learns."""

    def logits(self, places: NDArray[np.int64]) -> Tensor:
        """Return logits_BK of the pictures at `places`, each varied by chance."""


class WholeNetwork:
    """All of the network learns."""

    def __init__(
        self, network: nn.Module, data: Pictures, recipe: ScorerRecipe, random: torch.Generator
    ) -> None:
        self.network = network.to(memory_format=torch.channels_last).train()
        self.data, self.recipe, self.random = data, recipe, random

    def logits(self, places: NDArray[np.int64]) -> Tensor:
        """Decode, vary, judge."""
        x_NCHW = normalise_images(torch.from_numpy(self.data.pixels_NHWC[places]))
        logits_BK: Tensor = self.network(vary(x_NCHW, self.recipe, self.random))
        return logits_BK


class LastLayer:
    """The last layer alone learns: what comes before it is worked out once for each picture."""

    def __init__(
        self, network: nn.Module, data: Pictures, random: torch.Generator, progress: Progress
    ) -> None:
        self.random, self.last = random, last_layer(network)
        network.requires_grad_(False).eval()
        self.last.requires_grad_(True)
        self.features_2ND = features_of(network, self.last, data, progress)

    def logits(self, places: NDArray[np.int64]) -> Tensor:
        """Take a picture or its mirror image, by chance."""
        mirrored = torch.randint(2, (len(places),), generator=self.random)
        logits_BK: Tensor = self.last(self.features_2ND[mirrored, torch.from_numpy(places)])
        return logits_BK


@torch.no_grad()
def features_of(network: nn.Module, last: nn.Linear, data: Pictures, progress: Progress) -> Tensor:
    """Return features_2ND, what the last layer is given for each picture and its mirror image."""
    taken: list[Tensor] = []
    hook = last.register_forward_pre_hook(lambda _, given: taken.append(given[0]))
    count = len(data.numbers_N)
    for mirror in (False, True):
        for start in range(0, count, _AT_ONCE):
            pixels = torch.from_numpy(data.pixels_NHWC[start : start + _AT_ONCE])
            x_NCHW = normalise_images(pixels)
            network(x_NCHW.flip(3) if mirror else x_NCHW)
            if start // _AT_ONCE % 10 == 0:
                progress(f"features of {start + count * mirror} of {2 * count} pictures")
    hook.remove()
    return torch.cat(taken).view(2, count, -1)


@dataclass(kw_only=True)
class Learning:
    """All that the next step depends on."""

    identity: str
    """Of the recipe and all pictures: what is taken up must be of the same."""
    network: nn.Module
    judge: Judge
    data: Pictures
    dealt: Dealt
    recipe: ScorerRecipe
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    random: torch.Generator
    """How pictures are varied."""
    step: int = 0
    log: list[dict[str, float]] = field(default_factory=list)

    def batches(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pictures of each step that is left: those that show labels, and rejected."""
        return islice(_batches(self.dealt, self.recipe), self.step, None)

    def take_step(self, shown: NDArray[np.int64], rejected: NDArray[np.int64]) -> None:
        """Learn from a batch."""
        logits_BK = self.judge.logits(np.concatenate([shown, rejected]))
        numbers = torch.from_numpy(self.data.numbers_N[shown])
        logits_shown = logits_BK[: len(shown)]
        smoothing = self.recipe.label_smoothing
        loss = F.cross_entropy(logits_shown, numbers, label_smoothing=smoothing)
        if len(rejected):
            others = torch.from_numpy(self.data.numbers_N[rejected])
            loss = loss + rejection(logits_BK[len(shown) :], others) / _REJECTED_SHARE
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        if self.step % 25 == 0 or self.step == self.recipe.num_steps:
            right = float((logits_shown.argmax(1) == numbers).float().mean())
            self.log.append({"step": self.step, "loss": float(loss.detach()), "accuracy": right})

    def save(self, path: Path) -> None:
        """Write all of it, or what was there before stays."""
        data = {
            "identity": self.identity,
            "step": self.step,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": self.random.get_state(),
            "all_random": torch.get_rng_state(),
            "log": self.log,
        }
        save_torch(path, data)

    def resume(self, path: Path) -> None:
        """Take up what `save` wrote, if anything.

        Raises ModelError where it is of another recipe or other pictures.
        """
        data = state_to_resume(path, _PARTS, self.identity, "recipe or pictures")
        if data is None:
            return
        self.network.load_state_dict(data["network"])
        self.optimiser.load_state_dict(data["optimiser"])
        self.schedule.load_state_dict(data["schedule"])
        self.random.set_state(data["random"])
        torch.set_rng_state(data["all_random"])
        self.step, self.log = data["step"], list(data["log"])


def started(
    network: nn.Module, data: Pictures, recipe: ScorerRecipe, progress: Progress
) -> Learning:
    """Return a network that has learnt nothing yet of these pictures."""
    random = torch.Generator().manual_seed(recipe.seed)
    judge: Judge
    if recipe.frozen:
        judge = LastLayer(network, data, random, progress)
    else:
        judge = WholeNetwork(network, data, recipe, random)
    optimiser = torch.optim.AdamW(
        [one for one in network.parameters() if one.requires_grad],
        lr=recipe.peak_rate,
        weight_decay=recipe.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.peak_rate, total_steps=recipe.num_steps
    )
    told = json.dumps(asdict(recipe), sort_keys=True) + data.digest()
    return Learning(
        identity=hashlib.sha256(told.encode()).hexdigest(),
        network=network,
        judge=judge,
        data=data,
        dealt=dealt(data, recipe),
        recipe=recipe,
        optimiser=optimiser,
        schedule=schedule,
        random=random,
    )


def rejection(logits_RK: Tensor, numbers_R: Tensor) -> Tensor:
    """Return the mean of -log(1 - p) of the label that each picture does not show.

    Nothing is said of what it shows instead.
    """
    chances_RK = logits_RK.log_softmax(1)
    is_other = torch.ones_like(chances_RK, dtype=torch.bool)
    is_other[torch.arange(len(numbers_R)), numbers_R] = False
    others_R = chances_RK.masked_fill(~is_other, float("-inf")).logsumexp(1)
    return -others_R.mean()


def _batches(
    dealt: Dealt, recipe: ScorerRecipe
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pictures of each step: every label that has some as often as any other."""
    labels = [places for places in dealt.training if len(places)]
    random = np.random.default_rng((recipe.seed, 1))
    for _ in range(recipe.num_steps):
        order = random.permutation(recipe.batch_size) % len(labels)
        offset = random.integers(len(labels))
        numbers = (order + offset) % len(labels)
        shown = np.array([random.choice(labels[number]) for number in numbers])
        num_rejected = recipe.batch_size // _REJECTED_SHARE if len(dealt.rejected) else 0
        rejected = random.choice(dealt.rejected, num_rejected) if num_rejected else shown[:0]
        yield shown, rejected


def vary(x_NCHW: Tensor, recipe: ScorerRecipe, random: torch.Generator) -> Tensor:
    """Return random crops, mirror images and brightness of normalised pictures."""
    count = len(x_NCHW)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=random)

    zoom = uniform(recipe.min_zoom, 1.0)
    mirror = torch.where(uniform(0, 1) < recipe.flip_probability, -1.0, 1.0)
    shift_x, shift_y = uniform(-1, 1) * (1 - zoom), uniform(-1, 1) * (1 - zoom)
    zero = torch.zeros(count)
    theta = torch.stack([zoom * mirror, zero, shift_x, zero, zoom, shift_y], dim=1)
    grid = F.affine_grid(theta.view(count, 2, 3), list(x_NCHW.shape), align_corners=False)
    cropped = F.grid_sample(x_NCHW, grid, padding_mode="reflection", align_corners=False)
    contrast, brightness = uniform(0.8, 1.2), uniform(-0.3, 0.3)
    return cropped * contrast.view(-1, 1, 1, 1) + brightness.view(-1, 1, 1, 1)
