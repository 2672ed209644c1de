"""Learning who does what: key frames, boxes and actions of a folder of AVA's files.

Shapes, as name suffixes: R boxes of a batch, K classes, N boxes of a key frame; 4 is x1, y1,
x2, y2.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from kinetics_builder.metrics.ava.boxes import overlaps
from models.clips.opening import CachePolicy
from models.clips.release import BrokenClip
from models.clips.transforms import Augmentation
from models.detection.dataset import BoxBatch, Clips, KeyFrameClips, collate_boxes
from models.detection.films import film_at
from models.detection.folder import AvaFolder, Boxes, KeyFrame, read_folder
from models.detection.frames import open_films
from models.detection.predict import Detector, Said
from models.detection.questions import Question
from models.detection.remembered import Bank
from models.detection.rows import NOTHING
from models.detection.validation import frame_map
from models.heads.proposing import Regions
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.lessons import Answer, Learnt, Progress, Validated, refuse_single_label
from models.training.means import Means
from models.training.ranks import work_shared


@dataclass(frozen=True)
class AvaCourse:
    """A folder of AVA's files."""

    data: AvaFolder

    @classmethod
    def read(cls, folder: Path) -> "AvaCourse":
        """Return the course of `folder`."""
        return cls(read_folder(folder))

    @property
    def folder(self) -> Path:
        """Return where it lies."""
        return self.data.folder

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the actions' names, in the order of the label map."""
        return self.data.names

    @property
    def sha256(self) -> str:
        """Return the hash of all annotations."""
        return self.data.sha256

    @property
    def num_clips(self) -> int:
        """Return the key frames of the split 'train' that have a box."""
        return sum(bool(len(one.boxes_N4)) for one in self.data.split("train"))

    def check(self, recipe: Recipe) -> None:
        """Raise ModelError where there are no films, no box, or no proposals that are wanted."""
        _ = self.data.films
        refuse_single_label(recipe, "detectors do not learn so")
        if recipe.proposal_overlap is not None:
            self.data.find_proposals("train")
        key_frames = self.data.split("train")
        if not any(len(key_frame.boxes_N4) for key_frame in key_frames):
            raise ModelError(
                f"{self.folder}: none of the {len(key_frames)} key frames of the split 'train' "
                "has a box: there is nothing to learn from."
            )
        if not any(key_frame.actions_NK.any() for key_frame in key_frames):
            raise ModelError(
                f"{self.folder}: nobody in the split 'train' does any action of "
                f"{self.data.files.labels.name}. Does it belong to these rows?"
            )

    def open(
        self, spec: NetworkSpec, recipe: Recipe, policy: CachePolicy, progress: Progress
    ) -> "AvaLessons":
        """Open the films; raise ModelError where no key frame of the training can be seen."""
        if spec.sampling.modality != "rgb":
            raise ModelError(
                f"The network eats {spec.sampling.modality.replace('_', ' ')}, but the films of "
                f"{self.folder} give RGB only."
            )
        if spec.finds_people and recipe.proposal_overlap is not None:
            raise ModelError(
                f"{spec.name} finds people itself and learns from people's boxes: leave out "
                "--proposals."
            )
        opened = open_films(self.folder, self.data.films, spec.sampling, policy, progress)
        clips = Clips(self.data.films, opened, spec.sampling)
        train, broken = _usable(self._training(recipe), clips)
        if not train:
            first = broken[0]
            raise ModelError(
                f"{self.folder}: none of the {len(broken)} key frames of the split 'train' can be "
                f"seen, for instance {first.file}: {first.reason}."
            )
        listed = self.data.split("validate")
        validate, unseen = _usable(listed, clips)
        is_seen = {one.moment for one in validate}
        augmentation = Augmentation(
            short_sides=recipe.short_sides,
            crop_size=spec.sampling.crop_size,
            flip_probability=recipe.flip_probability,
        )
        return AvaLessons(
            dataset=KeyFrameClips(train, self.labels, clips, augmentation),
            spec=spec,
            clips=clips,
            validation=validate,
            unseen=[one for one in listed if one.moment not in is_seen],
            broken=(*broken, *unseen),
        )

    def _training(self, recipe: Recipe) -> list[KeyFrame]:
        """Return the key frames with a box; with proposals, where the recipe takes them."""
        key_frames = self.data.split("train")
        if recipe.proposal_overlap is not None:
            proposals = self.data.proposals("train", 0.0)
            none = np.empty((0, 4))
            key_frames = tuple(
                with_proposals(
                    key_frame,
                    proposals.get(key_frame.moment, none),
                    recipe.proposal_overlap,
                )
                for key_frame in key_frames
            )
        return [key_frame for key_frame in key_frames if len(key_frame.boxes_N4)]


def with_proposals(key_frame: KeyFrame, proposed_N4: Boxes, min_overlap: float) -> KeyFrame:
    """Return the key frame with those proposals too that overlap a true box by `min_overlap`.

    Each does what that person does (arXiv:1812.03982, section 5.1; there above 0.9).
    """
    boxes, actions, persons = [key_frame.boxes_N4], [key_frame.actions_NK], [key_frame.persons_N]
    for box_4 in proposed_N4 if len(key_frame.boxes_N4) else ():
        shares_N = overlaps(np.broadcast_to(box_4, key_frame.boxes_N4.shape), key_frame.boxes_N4)
        best = int(np.nan_to_num(shares_N).argmax())
        if shares_N[best] >= min_overlap:
            boxes.append(box_4[None])
            actions.append(key_frame.actions_NK[best][None])
            persons.append(key_frame.persons_N[best][None])
    return replace(
        key_frame,
        boxes_N4=np.concatenate(boxes),
        actions_NK=np.concatenate(actions),
        persons_N=np.concatenate(persons),
    )


def _usable(
    key_frames: Sequence[KeyFrame], clips: Clips
) -> tuple[list[KeyFrame], list[BrokenClip]]:
    """Return the key frames whose film is there and opens, and the others."""
    good, broken = [], []
    for key_frame in key_frames:
        film = film_at(clips.films, key_frame.video_id, key_frame.seconds)
        if film is None:
            broken.append(BrokenClip(key_frame.name, clips.why(key_frame)))
        elif (known := clips.opened.broken.get(film.file)) is not None:
            broken.append(BrokenClip(key_frame.name, f"{film.file} {known.reason}"))
        else:
            good.append(key_frame)
    return good, broken


@dataclass(frozen=True, kw_only=True)
class AvaLessons:
    """Random cuts of clips around key frames, and who does what in them."""

    dataset: KeyFrameClips
    spec: NetworkSpec
    clips: Clips
    validation: Sequence[KeyFrame]
    broken: Sequence[BrokenClip]
    unseen: Sequence[KeyFrame] = ()
    """Of the validation split, those whose film is not there or does not open."""
    bank: Bank | None = None
    """What a detector that remembers is told of the films."""
    collate: Callable[..., BoxBatch] = collate_boxes

    @property
    def num_train(self) -> int:
        """Return the key frames that are learnt from."""
        return len(self.dataset.key_frames)

    def shares(self, balance: float) -> None:
        """Return that each key frame comes once a pass: its persons do many things."""

    @property
    def num_validate(self) -> int:
        """Return the key frames of the validation split that can be seen."""
        return len(self.validation)

    @property
    def is_cached(self) -> bool:
        """Tell whether the films are decoded."""
        return self.clips.opened.is_cached

    def learn(self, answer: Answer, batch: BoxBatch, recipe: Recipe) -> Learnt:
        """Return the binary cross-entropy of each action of each box, averaged over both.

        A box is right where its likeliest action is done there. A detector that finds people
        learns to do so as well; its cross-entropies are summed over the actions.
        """
        if self.spec.finds_people:
            return _learnt_regions(
                answer(batch.frames_BTHWC, batch.boxes_R5, batch.actions_RK), recipe
            )
        known = [batch.boxes_R5]
        if self.bank is not None:
            known.append(torch.from_numpy(self.bank.around(batch.moments)))
        logits_RK = answer(batch.frames_BTHWC, *known)
        actions_RK = batch.actions_RK.to(logits_RK.device, non_blocking=True)
        loss = _crossed(logits_RK, actions_RK, recipe).mean()
        return Learnt(loss, _num_right(logits_RK, actions_RK), len(actions_RK))

    def validate(self, network: nn.Module, means: Means) -> Validated:
        """Measure the frame-mAP on the validation split: on true boxes, or on those it finds."""
        detector = Detector(
            network=network, spec=self.spec, clips=self.clips, means=means, bank=self.bank
        )
        told = not self.spec.finds_people
        questions = [Question(one, one.boxes_N4 if told else None) for one in self.validation]
        answers = work_shared(means.ranks, questions, detector.ask)
        said = [one for one in answers if isinstance(one, Said)]
        broken = [one for one in answers if isinstance(one, BrokenClip)]
        names = {one.file for one in broken}
        unread = [one for one in self.validation if one.name in names]
        unsaid = [Said(one, NOTHING) for one in (*unread, *self.unseen)]
        return Validated(_map(said), broken, _map([*said, *unsaid]) if said else {})


def _map(said: Sequence[Said]) -> dict[str, float]:
    """Return the frame-mAP, where anybody does anything."""
    value = frame_map(said) if said else math.nan
    return {} if math.isnan(value) else {"mAP": value}


def _crossed(logits_RK: Tensor, actions_RK: Tensor, recipe: Recipe) -> Tensor:
    """Return the binary cross-entropy of each action of each box (R, K)."""
    smooth = recipe.label_smoothing
    wanted_RK = actions_RK * (1 - smooth) + smooth / 2
    return F.binary_cross_entropy_with_logits(logits_RK, wanted_RK, reduction="none")


def _num_right(logits_RK: Tensor, actions_RK: Tensor) -> Tensor:
    """Return how many boxes' likeliest action is done there."""
    return actions_RK.gather(1, logits_RK.argmax(1, keepdim=True)).sum()


def _learnt_regions(regions: Regions, recipe: Recipe) -> Learnt:
    """Return the losses of the search, the edges and the actions; people alone are answers."""
    logits_SK, actions_SK, is_person_S, loss = regions
    loss = loss + _crossed(logits_SK, actions_SK, recipe).sum(1).mean()
    num_right = _num_right(logits_SK[is_person_S], actions_SK[is_person_S])
    return Learnt(loss, num_right, int(is_person_S.sum()))
