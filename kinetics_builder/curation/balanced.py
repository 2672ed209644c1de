"""Subsets by how many clips a class has: rare classes left out, of common ones a part. Pure."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kinetics_builder.formats.records import Clip


@dataclass(frozen=True, slots=True)
class Balance:
    """How many clips of a class a subset has for training."""

    least: int = 1
    """Classes with fewer are left out, as Gym99 leaves out of Gym288 (arXiv:2004.06704)."""
    most: int | None = None
    """Of a class with more, so many are chosen; None for all."""
    seed: int = 0


def balanced(clips: Sequence[Clip], balance: Balance) -> list[Clip]:
    """Return the clips of a subset, in their order.

    Counted, and chosen among, are the clips of the split "train", or all where no clip names a
    split; of the other splits all clips of the classes that stay are kept. Which are chosen follows
    from the seed and from what a clip says, never from the order of clips. Clips without a label
    are left out.
    """
    trained = _trained(clips)
    counts = Counter(clip.label for clip in trained)
    stay = {label for label, number in counts.items() if label and number >= balance.least}
    is_chosen = _chosen(trained, balance)
    train = {id(clip) for clip in trained}
    return [
        clip
        for clip in clips
        if clip.label in stay and (id(clip) not in train or id(clip) in is_chosen)
    ]


def train_counts(clips: Sequence[Clip]) -> Counter[str]:
    """Return how many clips for training each class has."""
    return Counter(clip.label for clip in _trained(clips) if clip.label)


def _trained(clips: Sequence[Clip]) -> list[Clip]:
    if all(clip.split is None for clip in clips):
        return list(clips)
    return [clip for clip in clips if clip.split == "train"]


def _chosen(clips: Sequence[Clip], balance: Balance) -> set[int]:
    if balance.most is None:
        return {id(clip) for clip in clips}
    by_label: dict[str | None, list[Clip]] = {}
    for clip in clips:
        by_label.setdefault(clip.label, []).append(clip)
    return {
        id(clip)
        for members in by_label.values()
        for clip in sorted(members, key=lambda one: _place(one, balance.seed))[: balance.most]
    }


def _place(clip: Clip, seed: int) -> bytes:
    words = (seed, clip.label, clip.video_id, clip.file, clip.start_seconds, clip.end_seconds)
    return hashlib.sha256("\n".join(map(str, words)).encode()).digest()
