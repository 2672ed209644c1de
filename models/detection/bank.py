"""Filling a bank: a trained detector looks at the people of every key frame (arXiv:1812.05038).

A run that remembers keeps that detector in its folder, so that it remembers of other films as
well. What it saw is kept beside the decoded frames.

Shapes, as name suffixes: B clips, T frames, H height, W width, C channels, N boxes of a key frame.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_bytes
from models.checkpoints.store import WEIGHTS, TrainedNetwork, load_network, read_spec
from models.checkpoints.weights import CARD
from models.clips.opening import CachePolicy
from models.clips.release import BrokenClip
from models.detection.dataset import Clips
from models.detection.folder import AvaFolder, Moment
from models.detection.frames import open_films
from models.detection.kinds import BANK, REMEMBERING, TOLD
from models.detection.lessons import AvaLessons
from models.detection.looks import Look
from models.detection.predict import Asker, of_each_question
from models.detection.questions import Question, asked_about
from models.detection.remembered import Bank, Features, Second
from models.heads.config import HeadConfig
from models.heads.regions import RegionsHead
from models.network import channels_last
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec
from models.training.lessons import Lessons, Progress
from models.training.means import Means
from models.training.ranks import gathered, work_shared


@dataclass(frozen=True)
class Described:
    """What was seen of the people at a key frame."""

    moment: Moment
    features_NC: Features


class Describer(Asker[Described]):
    """A detector that is asked what it sees of people, and not what they do."""

    def nothing(self, question: Question) -> Described:
        """Return the answer where nobody is asked about."""
        return Described(question.key_frame.moment, np.empty((0, 0), np.float32))

    def answers(self, questions: list[Question], frames_BTHWC: Tensor) -> Iterator[Described]:
        """Yield what is classified of each box."""
        x_BCTHW, boxes_R5 = self.seen(questions, frames_BTHWC, Look())
        head = self.network.get_submodule("head")
        assert isinstance(head, RegionsHead), "checked before anything is opened"
        features = self.network.get_submodule("backbone")(x_BCTHW)
        seen_RC = head.described(features, boxes_R5).float().cpu().numpy()
        parts = of_each_question(questions, seen_RC)
        for question, features_NC in zip(questions, parts, strict=True):
            yield Described(question.key_frame.moment, features_NC)


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A detector, the films that it is shown, and by what."""

    checkpoint: Path
    """A run's folder, or its weights."""
    data: AvaFolder
    policy: CachePolicy
    means: Means
    progress: Progress

    def bank(self, head: HeadConfig, splits: Sequence[str]) -> Bank:
        """Return what it sees of the people of `splits`: proposals where there are any.

        All ranks must call it, and all get the same.
        """
        trained = load_network(self.checkpoint)
        described = {split: self._split(trained, split) for split in splits}
        seen: dict[Second, list[Features]] = {}
        for one in (one for split in splits for one in described[split]):
            video_id, microseconds = one.moment
            if len(one.features_NC):
                seen.setdefault((video_id, microseconds // 1_000_000), []).append(one.features_NC)
        return Bank({second: np.concatenate(parts) for second, parts in seen.items()}, head)

    def _split(self, trained: TrainedNetwork, split: str) -> list[Described]:
        path = self.policy.folder / f"{BANK}-{self._name_of(split)}.npz"
        if all(gathered(self.means.ranks, path.is_file())):
            return _read(path)
        described = self._computed(trained, split)
        if self.means.ranks.is_first:
            _write(path, described)
        return described

    def _computed(self, trained: TrainedNetwork, split: str) -> list[Described]:
        questions = asked_about(self.data, split) if split in self.data.files.splits else []
        if not questions:
            return []
        num_boxes = sum(len(one.boxes_N4) for one in questions if one.boxes_N4 is not None)
        self.progress(
            f"{trained.card.spec.name}: looking at {num_boxes} people of the split {split!r}"
        )
        spec, films = trained.card.spec, self.data.films
        opened = open_films(self.data.folder, films, spec.sampling, self.policy, self.progress)
        describer = Describer(
            network=channels_last(trained.network.to(self.means.device)),
            spec=spec,
            clips=Clips(films, opened, spec.sampling),
            means=self.means,
        )
        answers = work_shared(self.means.ranks, questions, describer.ask)
        return [one for one in answers if not isinstance(one, BrokenClip)]

    def _name_of(self, split: str) -> str:
        """Return a name that changes with the detector, the films, and who is asked about."""
        weights = self.checkpoint / WEIGHTS if self.checkpoint.is_dir() else self.checkpoint
        digest = hashlib.sha256(weights.read_bytes())
        digest.update(f"\0{self.data.sha256}\0{split}".encode())
        return digest.hexdigest()[:16]


def check_bank(spec: NetworkSpec, recipe: Recipe) -> None:
    """Raise ModelError unless `recipe.bank` is a detector that `spec` can remember by, or None."""
    remembers = spec.head.kind == REMEMBERING
    if recipe.bank is None:
        if remembers:
            raise ModelError(
                f"{spec.name} remembers what another detector has seen of a film: train one that "
                "is told where people are (as slowfast_r50_8x8_det), and name its run by --bank."
            )
        return
    if not remembers:
        raise ModelError(
            f"{spec.name} remembers nothing of a film: leave out --bank, or train one whose head "
            f"is {REMEMBERING!r}."
        )
    theirs = read_spec(_folder_of(recipe.bank))
    if theirs.head.kind not in TOLD or theirs.head.kind == REMEMBERING:
        raise ModelError(
            f"--bank {recipe.bank} holds {theirs.name}, whose head is {theirs.head.kind!r}; "
            f"expected a detector that is told where people are: "
            f"{', '.join(kind for kind in TOLD if kind != REMEMBERING)}."
        )
    with torch.device("meta"):
        width = sum(theirs.backbone.build().feature_widths)  # type: ignore[arg-type]
    if width != spec.head.memory_width:
        raise ModelError(
            f"--bank {recipe.bank} holds {theirs.name}, which sees {width} channels of a person; "
            f"{spec.name} remembers head.memory_width = {spec.head.memory_width}. Choose another "
            "detector, or write the number into a .toml of your own."
        )


def keep_filler(bank: str, out: Path) -> None:
    """Copy the detector `bank` into the run `out`, which can then be taken anywhere."""
    if (out / BANK / CARD).is_file():
        return
    for name in (WEIGHTS, CARD):
        write_bytes(out / BANK / name, (_folder_of(bank) / name).read_bytes())


def with_memory(lessons: Lessons, filling: Filling) -> Lessons:
    """Return a detector's lessons with what is remembered of the films."""
    assert isinstance(lessons, AvaLessons)
    return replace(lessons, bank=filling.bank(lessons.spec.head, ("train", "validate")))


def _folder_of(bank: str) -> Path:
    path = Path(bank)
    return path if path.is_dir() else path.parent


def _write(path: Path, described: Sequence[Described]) -> None:
    """Write what was seen: a row for each person, and how many each key frame has."""
    seen = [one for one in described if len(one.features_NC)]
    buffer = BytesIO()
    np.savez(
        buffer,
        videos=np.array([one.moment[0] for one in seen], np.str_),
        microseconds=np.array([one.moment[1] for one in seen], np.int64),
        people=np.array([len(one.features_NC) for one in seen], np.int64),
        features=np.concatenate([one.features_NC for one in seen])
        if seen
        else np.empty((0, 0), np.float32),
    )
    write_bytes(path, buffer.getbuffer())


def _read(path: Path) -> list[Described]:
    with np.load(path) as stored:
        videos, micros = stored["videos"].tolist(), stored["microseconds"].tolist()
        parts = np.split(stored["features"], np.cumsum(stored["people"])[:-1]) if videos else []
    return [
        Described((video, micro), features)
        for video, micro, features in zip(videos, micros, parts, strict=True)
    ]
