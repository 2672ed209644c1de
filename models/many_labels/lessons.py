"""Learning which actions a video shows, several at a time.

Shapes, as name suffixes: B batch, K classes, V videos, P points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch.nn.functional as F
from torch import nn

from kinetics_builder.errors import ModelError
from models.clips.opening import CachePolicy
from models.clips.release import BrokenClip
from models.clips.transforms import Augmentation
from models.many_labels.dataset import ActionClips, ActionsBatch, collate_actions
from models.many_labels.folder import ActionsFolder, Video, read_actions
from models.many_labels.measuring import Judge, judged
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.lessons import Answer, Learnt, Progress, Validated, refuse_single_label
from models.training.means import Means


@dataclass(frozen=True)
class ActionsCourse:
    """A folder of Charades' files."""

    data: ActionsFolder

    @classmethod
    def read(cls, folder: Path) -> "ActionsCourse":
        """Return the course of `folder`."""
        return cls(read_actions(folder))

    @property
    def folder(self) -> Path:
        """Return where it lies."""
        return self.data.folder

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the actions' names, in the order of their numbers."""
        return self.data.labels

    @property
    def sha256(self) -> str:
        """Return the hash of all annotations."""
        return self.data.sha256

    @property
    def num_clips(self) -> int:
        """Return the videos of the split 'train'."""
        return len(self.data.videos["train"])

    def check(self, recipe: Recipe) -> None:
        """Raise ModelError for what is of one label a clip."""
        refuse_single_label(recipe, "videos with several labels are not learnt from so")

    def open(
        self, spec: NetworkSpec, recipe: Recipe, policy: CachePolicy, progress: Progress
    ) -> "ActionLessons":
        """Return the lessons; videos are decoded as they are needed."""
        if spec.sampling.modality != "rgb" or spec.sampling.num_segments != 1:
            raise ModelError(
                f"{spec.name} does not see one stretch of RGB at a time, which learning from "
                "several labels needs. Choose another network (`kbuild models`)."
            )
        augmentation = Augmentation(
            short_sides=recipe.short_sides,
            crop_size=spec.sampling.crop_size,
            flip_probability=recipe.flip_probability,
        )
        train, sampling = self.data.videos["train"], spec.sampling
        return ActionLessons(
            dataset=ActionClips(train, len(self.labels), sampling, augmentation),
            spec=spec,
            validation=self.data.videos["test"],
            absent=self.data.absent["test"],
            broken=self.data.broken,
        )


@dataclass(frozen=True, kw_only=True)
class ActionLessons:
    """Random stretches of videos, and all that is done in each."""

    dataset: ActionClips
    spec: NetworkSpec
    validation: Sequence[Video]
    absent: Sequence[Video]
    """Of the validation split, those that are not there."""
    broken: Sequence[BrokenClip]
    collate: Callable[..., ActionsBatch] = collate_actions

    @property
    def num_train(self) -> int:
        """Return the videos that are learnt from."""
        return len(self.dataset.videos)

    def shares(self, balance: float) -> None:
        """Return that each video comes once a pass: it shows many things."""

    @property
    def num_validate(self) -> int:
        """Return the videos that are measured on."""
        return len(self.validation)

    @property
    def is_cached(self) -> bool:
        """Tell that videos are decoded as they are needed."""
        return False

    def learn(self, answer: Answer, batch: ActionsBatch, recipe: Recipe) -> Learnt:
        """Return the binary cross-entropy of each class, averaged over classes and stretches.

        A stretch is right where its likeliest class is done. A network that answers at each moment
        (logits_BKT) is averaged over them.
        """
        logits_BK = answer(batch.frames_BTHWC)
        logits_BK = logits_BK.mean(2) if logits_BK.ndim > 2 else logits_BK
        done_BK = batch.is_done_BK.to(logits_BK.device, non_blocking=True)
        smooth = recipe.label_smoothing
        loss = F.binary_cross_entropy_with_logits(logits_BK, done_BK * (1 - smooth) + smooth / 2)
        num_right = done_BK.gather(1, logits_BK.argmax(1, keepdim=True)).sum()
        return Learnt(loss, num_right, len(done_BK))

    def validate(self, network: nn.Module, means: Means) -> Validated:
        """Measure the mAP of whole videos, and of their points."""
        found = judged(Judge(network, self.spec, means), self.validation)
        num_classes, gone = self.dataset.num_classes, (*found.unread, *self.absent)
        return Validated(
            found.measured(num_classes), found.broken, found.measured(num_classes, gone)
        )
