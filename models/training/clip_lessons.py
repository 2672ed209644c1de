"""Learning to tell clips apart: one label each, from a release of Kinetics' kind."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.metrics.classification import top_k_accuracy
from models.clips.blending import drawn_blend
from models.clips.choice import ALL, Choice
from models.clips.dataset import Batch, TrainingClips, collate
from models.clips.disturbing import Disturbance
from models.clips.opening import CachePolicy, OpenFrames, open_frames
from models.clips.plan import Shares, balanced
from models.clips.release import BrokenClip, Release
from models.clips.transforms import Augmentation
from models.evaluation.predict import Predictor, label_numbers, predict_shared
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.lessons import Answer, Learnt, Progress, Validated
from models.training.means import Means


@dataclass(frozen=True)
class ClipCourse:
    """A release of clips."""

    release: Release
    choice: Choice = ALL

    @property
    def folder(self) -> Path:
        """Return where it lies."""
        return self.release.folder

    @property
    def labels(self) -> tuple[str, ...]:
        """Return its labels."""
        return self.release.labels

    @property
    def sha256(self) -> str:
        """Return the hash of its manifest and labels, and of what is chosen of it."""
        if not (chosen := self.choice.sha256):
            return self.release.sha256
        return hashlib.sha256(f"{self.release.sha256} {chosen}".encode()).hexdigest()

    @property
    def train(self) -> list[ManifestRow]:
        """Return the rows that are learnt from."""
        return self.choice.of(self.release.split("train"))

    @property
    def num_clips(self) -> int:
        """Return the clips that are learnt from."""
        return len(self.train)

    def check(self, recipe: Recipe) -> None:
        """Raise ModelError where no clip is to be learnt from."""
        if not self.train:
            raise ModelError(f"{self.folder}: no clip is in the split 'train'.")

    def open(
        self, spec: NetworkSpec, recipe: Recipe, policy: CachePolicy, progress: Progress
    ) -> "ClipLessons":
        """Open the clips' frames; raise ModelError where none of the training is readable."""
        frames = open_frames(self.release, spec.sampling, policy, progress)
        rows = frames.usable(tuple(self.train))
        if not rows:
            raise ModelError(f"{self.folder}: no clip of the split 'train' is readable.")
        augmentation = Augmentation(
            short_sides=recipe.short_sides,
            crop_size=spec.sampling.crop_size,
            flip_probability=recipe.flip_probability,
            area=recipe.crop_area,
        )
        disturbance = Disturbance(
            num_ops=recipe.rand_augment,
            magnitude=recipe.rand_magnitude,
            spread=recipe.rand_spread,
            op_chance=recipe.rand_chance,
            colour_chance=recipe.colour_jitter,
            grey_chance=recipe.grey,
            erasing_chance=recipe.erasing,
        )
        if disturbance and spec.sampling.modality != "rgb":
            raise ModelError(
                f"recipe: rand_augment, colour_jitter, grey and erasing are of pictures, and "
                f"{spec.name} eats {spec.sampling.modality.replace('_', ' ')}; set them to 0."
            )
        source, sampling = frames.source, spec.sampling
        return ClipLessons(
            dataset=TrainingClips(rows, self.labels, source, sampling, augmentation, disturbance),
            spec=spec,
            release=self.release,
            frames=frames,
            choice=self.choice,
        )


@dataclass(frozen=True, kw_only=True)
class ClipLessons:
    """Random stretches of clips, and the label of each."""

    dataset: TrainingClips
    spec: NetworkSpec
    release: Release
    frames: OpenFrames
    choice: Choice = ALL
    collate: Callable[..., Batch] = collate

    @property
    def num_train(self) -> int:
        """Return the clips that are learnt from."""
        return len(self.dataset.rows)

    def shares(self, balance: float) -> Shares | None:
        """Return how often each clip comes, by how rare its class is, and by where it lies."""
        by_class = balanced([row.label for row in self.dataset.rows], balance)
        by_folder = self.choice.shares(self.dataset.rows)
        if by_class is None or by_folder is None:
            return by_class or by_folder
        both = by_class.per_clip * by_folder.per_clip
        return Shares(both * (len(both) / both.sum()))

    @property
    def num_validate(self) -> int:
        """Return the readable clips of the validation split."""
        return len(self._validation)

    @property
    def is_cached(self) -> bool:
        """Tell whether the clips are decoded."""
        return self.frames.is_cached

    @property
    def broken(self) -> Sequence[BrokenClip]:
        """Return the clips of both splits that are known to be broken."""
        train = self.choice.of(self.release.split("train"))
        return self.frames.broken_of((*train, *self.release.split("validate")))

    @property
    def _validation(self) -> list[ManifestRow]:
        return self.frames.usable(self.release.split("validate"))

    def learn(self, answer: Answer, batch: Batch, recipe: Recipe) -> Learnt:
        """Return the cross-entropy of the labels, of both where clips are blended.

        A network that answers at each moment (logits_BKT) learns from all of them
        (arXiv:1705.07750, section 2.1); its last answer is counted.
        """
        blend = drawn_blend(len(batch), recipe.mixup, recipe.cutmix)
        logits_BK = answer(batch.frames_BTHWC if blend is None else blend.of(batch.frames_BTHWC))
        labels_B = batch.labels_B.to(logits_BK.device, non_blocking=True)
        loss = _crossed(logits_BK, labels_B, recipe)
        if blend is not None:
            others = _crossed(logits_BK, labels_B[blend.others_B.to(labels_B.device)], recipe)
            loss = blend.share * loss + (1 - blend.share) * others
        last_BK = logits_BK[..., -1] if logits_BK.ndim > 2 else logits_BK
        return Learnt(loss, (last_BK.argmax(1) == labels_B).sum(), len(labels_B))

    def validate(self, network: nn.Module, means: Means) -> Validated:
        """Measure top-1 and top-5, if there are clips to measure on."""
        predictor = Predictor(
            network=network,
            spec=self.spec,
            source=self.dataset.source,
            device=means.device,
            num_workers=means.num_workers,
        )
        said = predict_shared(predictor, self._validation, means.ranks)
        if not said.rows:
            return Validated({}, said.broken, {})
        truth = label_numbers(said.rows, list(self.dataset.numbers))
        values = {f"top{k}": top_k_accuracy(said.scores_NK, truth, k) for k in (1, 5)}
        read_share = len(said.rows) / len(self.release.split("validate"))
        counted = {name: value * read_share for name, value in values.items()}
        return Validated(values, said.broken, counted)


def _crossed(logits_BK: torch.Tensor, labels_B: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return the mean cross-entropy, over all moments where there are several."""
    if logits_BK.ndim > 2:
        labels_B = labels_B[:, None].expand(-1, logits_BK.shape[2])
    return F.cross_entropy(logits_BK, labels_B, label_smoothing=recipe.label_smoothing)
