"""What a run learns from, whatever kind of network it is: a release, and what is right of it.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, R boxes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn
from torch.utils.data import Dataset

from kinetics_builder.errors import ModelError
from models.clips.opening import CachePolicy
from models.clips.plan import Shares
from models.clips.release import BrokenClip, Missing
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.means import Means

Progress = Callable[[str], None]
Answer = Callable[..., Any]
"""From frames_BTHWC, and for detectors boxes_R5, to logits in float32, on the run's device; of
detectors that find people, with boxes_R5 and actions_RK, to what they learn from."""


class Batch(Protocol):
    """Clips of one step, and those that could not be read."""

    @property
    def frames_BTHWC(self) -> Tensor:
        """Return the clips, uint8."""

    @property
    def clips(self) -> tuple[str, ...]:
        """Return what each clip is called."""

    @property
    def broken(self) -> tuple[BrokenClip, ...]:
        """Return what could not be read."""

    @property
    def num_answers(self) -> int:
        """Return how many answers the loss is a mean of."""

    def parts(self, size: int) -> "Sequence[Batch]":
        """Return the clips as batches of at most `size`."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Learnt:
    """What came of one batch."""

    loss: Tensor
    """Mean over the answers."""
    num_right: int | Tensor
    """A tensor where nobody should wait for the device."""
    num_answers: int
    """One for each clip, or for each box of a detector."""


@dataclass(frozen=True)
class Validated:
    """What a network is worth on the validation split."""

    values: dict[str, float]
    """Empty where there is nothing to measure; the main one first."""
    broken: Sequence[BrokenClip]
    counted_wrong: dict[str, float]
    """The values with what could not be read counted wrong, not left out."""

    def counting(self, missing: Missing) -> dict[str, float]:
        """Return the values with what could not be read left out, or counted wrong."""
        return self.counted_wrong if missing is Missing.COUNT_WRONG else self.values


class Lessons(Protocol):
    """A course whose frames are open."""

    @property
    def dataset(self) -> Dataset[Any]:
        """Return the training samples, by the keys of a `BatchPlan`."""

    @property
    def num_train(self) -> int:
        """Return how many samples there are."""

    def shares(self, balance: float) -> Shares | None:
        """Return how often each of them comes, as `balanced` says it; None: once a pass."""

    @property
    def num_validate(self) -> int:
        """Return how many samples of the validation split there are."""

    @property
    def is_cached(self) -> bool:
        """Tell whether frames come out of a cache: then one process is enough."""

    @property
    def broken(self) -> Sequence[BrokenClip]:
        """Return what is known to be unreadable before anything is learnt."""

    @property
    def collate(self) -> Callable[..., Batch]:
        """Return the function that makes samples a batch."""

    def learn(self, answer: Answer, batch: Any, recipe: Recipe) -> Learnt:
        """Return the loss of the network's answers to `batch`."""

    def validate(self, network: nn.Module, means: Means) -> Validated:
        """Measure the network on the validation split; each rank asks about its share.

        All ranks must call it, and all get the same values.
        """


class Course(Protocol):
    """A release, as one kind of network learns from it."""

    @property
    def folder(self) -> Path:
        """Return where it lies."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return its classes, in the order of a network's answers."""

    @property
    def sha256(self) -> str:
        """Return a hash that changes with anything that may be learnt."""

    @property
    def num_clips(self) -> int:
        """Return how many clips, or key frames with a box, the split 'train' has: one epoch."""

    def check(self, recipe: Recipe) -> None:
        """Raise ModelError where there is nothing to learn as `recipe` says; decodes nothing."""

    def open(
        self, spec: NetworkSpec, recipe: Recipe, policy: CachePolicy, progress: Progress
    ) -> Lessons:
        """Open the frames at the size and rate of the network.

        Raises ModelError where nothing is readable.
        """


_OF_ONE_LABEL = (
    *("class_balance", "mixup", "cutmix", "rand_augment", "erasing"),
    *("crop_area", "colour_jitter", "grey"),
)


def refuse_single_label(recipe: Recipe, why: str) -> None:
    """Raise ModelError where a recipe asks for what only clips of one label each allow."""
    for name in _OF_ONE_LABEL:
        if value := getattr(recipe, name):
            raise ModelError(f"recipe: {name} = {value}: {why}; leave it out, or set it to 0.")
