"""Ask a trained detector about one split of a folder of AVA's files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import nms

from kinetics_builder.errors import ModelError, OtherLabelsError
from kinetics_builder.metrics.ava.frames import CAPACITY
from kinetics_builder.metrics.ava.prior import by_lot
from models.checkpoints.store import TrainedNetwork, load_network
from models.clips.opening import CachePolicy
from models.clips.release import BrokenClip
from models.detection.bank import Filling
from models.detection.dataset import Clips
from models.detection.folder import NOBODY, AvaFolder, Boxes, KeyFrame, read_folder
from models.detection.frames import open_films
from models.detection.kinds import BANK, REMEMBERING
from models.detection.looks import Look, looks_of
from models.detection.predict import Detector, Said
from models.detection.prior import frequencies
from models.detection.questions import Question, of_proposals
from models.detection.rows import (
    Answer,
    Detections,
    of_each,
    strongest,
    write_detections,
    write_left_out,
    write_with_tracks,
)
from models.network import channels_last
from models.spec import NetworkSpec
from models.training.device import choose_device
from models.training.lost_rank import lost_rank_told
from models.training.means import Means
from models.training.ranks import Ranks, join_ranks, work_shared
from models.training.runtime import Runtime

BoxKind = Literal["truth", "proposals", "own"]
"""People's boxes, those of a detector of persons, or those that the network itself finds."""
DETECTIONS, TRACKS, PRIOR = "detections.csv", "tracks.csv", "prior.csv"
LEFT_OUT = "left_out.csv"
MIN_OVERLAP = 0.6
"""Of two boxes that a network found, of one person."""
People = tuple[KeyFrame, Boxes, NDArray[np.floating]]
"""A key frame, the boxes of people there, and how sure it is that each is one."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a detector was asked, and where its answers lie."""

    network: str
    split: str
    boxes: BoxKind
    """Whose boxes were asked about."""
    num_key_frames: int
    num_boxes: int
    detections: Path
    tracks: Path | None
    """The detections with the person of each box, where asked for."""
    prior: Path | None
    """The same boxes scored by how often each action is done in training; None without any."""
    broken: tuple[BrokenClip, ...]
    """Key frames that could not be seen: nothing is detected there."""
    left_out: Path | None
    """Key frames that do not count, where those are left out; None: all of them count."""
    missing: str
    """What becomes of them: a `Missing`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquiry:
    """Which key frames and boxes a detector is asked about."""

    split: str = "validate"
    boxes: BoxKind | None = None
    """None takes a network's own where it finds people, else proposals where there are any."""
    min_score: float | None = None
    """Of a proposal that is asked about; None takes what the folder says, else 0.8."""
    with_tracks: bool = False
    """Whether to say of each box which person it is: of true boxes alone."""
    short_sides: tuple[int, ...] = ()
    """Sizes at which the pictures are looked at, pixels; empty: the network's own."""
    with_mirror: bool = False
    """Whether mirror images are looked at, too."""

    @property
    def looks(self) -> tuple[Look, ...]:
        """Return how often, and how, the pictures are looked at."""
        return looks_of(self.short_sides, with_mirror=self.with_mirror)


@lost_rank_told()
def ask_checkpoint(
    checkpoint: Path,
    folder: Path,
    out: Path,
    inquiry: Inquiry,
    runtime: Runtime,
    progress: Callable[[str], None],
) -> Asked:
    """Write what the network in `checkpoint` says, and the prior beside it, into `out`.

    Under torchrun every rank calls this and asks about its share; the first one writes.
    """
    ranks = join_ranks()
    torch.set_num_threads(runtime.num_threads)
    trained, data = load_network(checkpoint), read_folder(folder)
    _check(trained, data, checkpoint)
    boxes, questions = _questions(trained.card.spec, data, inquiry)
    if inquiry.with_tracks:
        _check_persons(questions, boxes, data)
    place = Place(checkpoint, data, inquiry, ranks)
    detector = _detector(trained, place, runtime, progress)
    heard = Heard()
    answers = heard.answers(_said(detector, questions, ranks), by_itself=boxes == "own")
    if ranks.is_first:
        out.mkdir(parents=True, exist_ok=True)
        if inquiry.with_tracks:
            write_with_tracks(out / DETECTIONS, out / TRACKS, answers, data.labels)
        else:
            write_detections(out / DETECTIONS, answers, data.labels)
    asked = [(one.key_frame, one.boxes_N4) for one in questions if one.boxes_N4 is not None]
    people = heard.people or [(key, boxes_N4, np.ones(len(boxes_N4))) for key, boxes_N4 in asked]
    most = CAPACITY if boxes == "own" else None
    return Asked(
        network=trained.card.spec.name,
        split=inquiry.split,
        boxes=boxes,
        num_key_frames=len(questions),
        num_boxes=sum(len(boxes_N4) for _, boxes_N4, _ in people),
        detections=out / DETECTIONS,
        tracks=out / TRACKS if inquiry.with_tracks else None,
        prior=_write_prior(out / PRIOR, data, people, most) if ranks.is_first else None,
        broken=tuple(heard.broken),
        left_out=None if runtime.counts_missing else _write_left_out(out, place, heard, questions),
        missing=runtime.missing.value,
    )


@dataclass
class Heard:
    """What comes out beside the answers."""

    broken: list[BrokenClip] = field(default_factory=list)
    """Key frames that cannot be seen."""
    people: list[People] = field(default_factory=list)
    """Of a network that finds people itself, those that it found."""

    def answers(self, said: Iterable[Said | BrokenClip], by_itself: bool) -> Iterator[Answer]:
        """Yield what was said; ModelError where nothing can be seen."""
        num_said = 0
        for one in said:
            if isinstance(one, BrokenClip):
                self.broken.append(one)
                continue
            num_said += 1
            if by_itself:
                self.people.append((one.key_frame, *apart(one.detections)))
            yield one.key_frame, one.detections
        if not num_said:
            raise ModelError(
                f"None of the {len(self.broken)} key frames can be seen, for instance "
                f"{self.broken[0].file}: {self.broken[0].reason}."
            )


def apart(detections: Detections) -> tuple[Boxes, NDArray[np.floating]]:
    """Return the boxes of different people among the detections, and their best scores.

    No more than can count at one key frame.
    """
    boxes, scores = detections.boxes_M4, detections.scores_M
    kept = nms(torch.from_numpy(boxes), torch.from_numpy(scores).double(), MIN_OVERLAP).numpy()
    return boxes[kept[:CAPACITY]], scores[kept[:CAPACITY]]


def _check(trained: TrainedNetwork, data: AvaFolder, checkpoint: Path) -> None:
    spec, labels = trained.card.spec, trained.card.labels
    if not spec.is_detector:
        raise ModelError(
            f"{checkpoint} holds {spec.name}, which tells clips apart; {data.folder} has boxes. "
            "Train a detector, as slowfast_r50_8x8_det (`kbuild models`)."
        )
    if labels != data.names:
        strange = sorted(set(labels) ^ set(data.names))[:3]
        raise OtherLabelsError(
            f"The detector knows {len(labels)} actions, {data.files.labels} has "
            f"{len(data.names)}; {strange or 'their order'} differs. Evaluate it on a folder with "
            "the actions it was trained on."
        )


def _questions(
    spec: NetworkSpec, data: AvaFolder, inquiry: Inquiry
) -> tuple[BoxKind, list[Question]]:
    """Return whose boxes they are, and a question for each key frame that is listed."""
    _check_looks(spec, inquiry)
    key_frames = data.split(inquiry.split)
    if not key_frames:
        data.files.split(inquiry.split)
        raise ModelError(f"{data.folder}: no key frame of the split {inquiry.split!r} is included.")
    has_proposals = data.files.split(inquiry.split).proposals is not None
    given: BoxKind = "proposals" if has_proposals else "truth"
    kind: BoxKind = inquiry.boxes or ("own" if spec.finds_people else given)
    if kind == "own":
        if not spec.finds_people:
            raise ModelError(
                f"{spec.name} is told where people are and finds nobody itself: --boxes truth, or "
                "proposals."
            )
        return kind, [Question(key_frame, None) for key_frame in key_frames]
    if kind == "truth":
        return kind, [Question(key_frame, key_frame.boxes_N4) for key_frame in key_frames]
    return kind, of_proposals(data, inquiry.split, inquiry.min_score)


def _check_looks(spec: NetworkSpec, inquiry: Inquiry) -> None:
    """Raise ModelError where a network that finds people would have to look more than once."""
    if spec.finds_people and (inquiry.short_sides or inquiry.with_mirror):
        raise ModelError(
            f"{spec.name} finds people itself, and others at each look: leave out --scales and "
            "--flip, which are of networks that are told where people are."
        )
    if wrong := [side for side in inquiry.short_sides if side < spec.head.map_stride]:
        raise ModelError(
            f"--scales: pictures of {wrong[0]} pixels have no position on a map with one each "
            f"{spec.head.map_stride} pixels; sizes near {spec.sampling.short_side} would fit."
        )


def _check_persons(questions: list[Question], boxes: BoxKind, data: AvaFolder) -> None:
    """Raise ModelError unless every box that is asked about has its person."""
    if boxes != "truth":
        raise ModelError(
            "Tubes are linked by persons, whom neither proposals nor a network's own boxes name: "
            "--boxes truth."
        )
    for question in questions:
        if (question.key_frame.persons_N == NOBODY).any():
            raise ModelError(
                f"{data.folder}: a box of {question.key_frame.name} has no person, and tubes need "
                "one for each: rows of 8 cells."
            )


@dataclass(frozen=True)
class Place:
    """Where a detector lies, and what it is asked about by whom."""

    checkpoint: Path
    data: AvaFolder
    inquiry: Inquiry
    ranks: Ranks

    @property
    def folder(self) -> Path:
        """Return the run's folder."""
        return self.checkpoint if self.checkpoint.is_dir() else self.checkpoint.parent


def _detector(
    trained: TrainedNetwork, place: Place, runtime: Runtime, progress: Callable[[str], None]
) -> Detector:
    policy = CachePolicy(
        folder=runtime.cache or place.folder.parent / "frames",
        max_bytes=runtime.cache_bytes,
        num_workers=max(1, runtime.num_workers),
    )
    spec, device, data = trained.card.spec, choose_device(runtime.device), place.data
    largest = max(place.inquiry.short_sides, default=spec.sampling.short_side)
    sampling = replace(spec.sampling, short_side=largest)
    opened = open_films(data.folder, data.films, sampling, policy, progress)
    means = Means(
        device=device,
        ranks=place.ranks,
        num_workers=0 if opened.is_cached else runtime.num_workers,
    )
    filling = Filling(
        checkpoint=place.folder / BANK, data=data, policy=policy, means=means, progress=progress
    )
    remembers = spec.head.kind == REMEMBERING
    return Detector(
        network=channels_last(trained.network.to(device)),
        spec=spec,
        clips=Clips(data.films, opened, sampling),
        means=means,
        bank=filling.bank(spec.head, (place.inquiry.split,)) if remembers else None,
        looks=place.inquiry.looks,
        labels=trained.card.labels,
    )


def _said(
    detector: Detector, questions: list[Question], ranks: Ranks
) -> Iterable[Said | BrokenClip]:
    """Return the answer to each question; each rank asks its share, and one alone as it writes."""
    if ranks.num_ranks == 1:
        return detector.ask(questions)
    return work_shared(ranks, questions, detector.ask)


def _write_left_out(
    out: Path, place: "Place", heard: Heard, questions: list[Question]
) -> Path | None:
    """Write which key frames do not count, beside those that the folder excludes; None: no other.

    They are the ones that could not be seen.
    """
    if not heard.broken:
        return None
    names = {one.file for one in heard.broken}
    unseen = [one.key_frame for one in questions if one.key_frame.name in names]
    if place.ranks.is_first:
        excluded = place.data.files.split(place.inquiry.split).excluded
        write_left_out(out / LEFT_OUT, unseen, excluded)
    return out / LEFT_OUT


def _write_prior(
    path: Path, data: AvaFolder, people: list[People], most: int | None
) -> Path | None:
    """Write how often each action is done in training, of all boxes.

    Of boxes that a network found, times how sure it is of anything there: the prior knows no action
    by sight, and would else be worse for boxes that nobody believes in. `most` rows of a key frame,
    those that can count; None writes all.
    """
    train = data.split("train")
    if not any(len(key_frame.boxes_N4) for key_frame in train):
        return None
    shares_K, random = frequencies(train, len(data.labels)), np.random.default_rng(0)
    said = (
        (key_frame, of_each(boxes_N4, by_lot(sure_N[:, None] * shares_K, random)))
        for key_frame, boxes_N4, sure_N in people
    )
    answers = said if most is None else ((one, strongest(rows, most)) for one, rows in said)
    write_detections(path, answers, data.labels)
    return path
