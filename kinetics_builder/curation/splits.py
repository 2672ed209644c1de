"""Dealing clips out to train, validate, test and held-out. Pure functions."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from kinetics_builder.config import CurateConfig
from kinetics_builder.database.tables.values import Split

_FIRST = (Split.TEST, Split.HELD_OUT, Split.VALIDATE)
"""Which split gets its clips first."""

Labels = Mapping[str, int]
"""Clips by class."""


@dataclass(frozen=True, slots=True)
class SplitItem:
    """A clip to deal out."""

    key: Hashable
    video: str
    label: str
    group: str | None = None
    """What must not be torn apart, one name for all videos of it; None for the video alone."""

    @property
    def whole(self) -> str:
        """Return the name of what must not be torn apart."""
        return self.group if self.group is not None else self.video


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a video was put before."""

    split: Split
    is_fixed: bool = False
    """Whether it was released there, so that it may be nowhere else."""


@dataclass(frozen=True, slots=True)
class Torn:
    """A group whose videos were put into several splits before they were known to be one."""

    group: str
    home: Split
    """Where all of it goes now."""
    moved: tuple[str, ...]
    """Videos that were elsewhere, but never released there."""
    left_out: tuple[str, ...]
    """Videos that were released elsewhere, and are in no split now."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A split of a class with fewer or more clips than it should have."""

    label: str
    split: Split
    num_wanted: int
    num_clips: int
    num_largest: int
    """Clips of the class in that group of it which has most."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """What each clip's split is, and what could not be as it should."""

    splits: Mapping[Hashable, Split]
    """Without the clips of what is left out."""
    torn: tuple[Torn, ...] = ()
    missed: tuple[Missed, ...] = ()


def split_clips(
    items: Iterable[SplitItem],
    config: CurateConfig,
    placed: Mapping[str, Placement] | None = None,
) -> Dealt:
    """Return the split of each clip by its key.

    All clips of a group go to one split, whatever their labels. A group of which a video was
    placed before goes there, all of it; one that was placed in several splits goes to the one
    with most of its clips, those that were released there counting first, and test before
    held-out, validation and training where there are equally many. What was released elsewhere
    is then left out, and what was only placed moves.

    Of what is new, a class never gets more than its `targets`, and gets fewer only where its
    groups are too large or are shared with classes that have theirs already. Groups are taken
    in the order of a hash of seed and name: the order of `items` does not matter.

    Args:
        items: The clips.
        config: How many go where.
        placed: Where videos were put before.

    """
    known = list(items)
    homes, torn = homes_of(known, placed or {})
    gone = {video for one in torn for video in one.left_out}
    dealt = [item for item in known if item.video not in gone]
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for item in dealt:
        labels = groups[item.whole]
        labels[item.label] = labels.get(item.label, 0) + 1
    sizes = Counter(item.label for item in dealt)
    wanted = {label: targets(size, config) for label, size in sizes.items()}
    need = {label: dict(by_split) for label, by_split in wanted.items()}
    for group in homes.keys() & groups.keys():
        _give(groups[group], homes[group], need)
    for group in sorted(groups.keys() - homes.keys(), key=lambda name: _order(config.seed, name)):
        homes[group] = _choose(groups[group], need)
        _give(groups[group], homes[group], need)
    splits = {item.key: homes[item.whole] for item in dealt}
    return Dealt(splits, tuple(torn), tuple(_missed(need, wanted, groups)))


def targets(num_clips: int, config: CurateConfig) -> Mapping[Split, int]:
    """Return how many of a class's clips go to the test, to the held-out set and to validation.

    Together they take at most `max_held_out_share` of the clips, rounded down; a small class
    gets a smaller share of each, in the same proportion, rounded down, and what is left over
    goes one each to those that lost most by that; the test is first of equals, validation last.

    >>> targets(100, CurateConfig(max_held_out_share=0.4))
    {<Split.TEST: 'test'>: 27, <Split.HELD_OUT: 'held_out'>: 0, <Split.VALIDATE: 'validate'>: 13}
    """
    numbers = (config.num_test, config.num_held_out, config.num_validate)
    wanted = sum(numbers)
    most = min(wanted, int(num_clips * config.max_held_out_share + 1e-9))
    shares = [divmod(most * number, wanted) if wanted else (0, 0) for number in numbers]
    left_over = most - sum(whole for whole, _ in shares)
    by_loss = sorted(range(len(shares)), key=lambda at: -shares[at][1])
    more = set(by_loss[:left_over])
    return {split: shares[at][0] + (at in more) for at, split in enumerate(_FIRST)}


def homes_of(
    items: Iterable[SplitItem], placed: Mapping[str, Placement]
) -> tuple[dict[str, Split], list[Torn]]:
    """Return the splits of groups that were placed, and which of these were torn."""
    clips = Counter((item.whole, item.video) for item in items if item.video in placed)
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for (group, video), number in sorted(clips.items()):
        groups[group][video] = number
    homes, torn = {}, []
    for group, videos in groups.items():
        home = homes[group] = _home(videos, placed)
        others = [video for video in videos if placed[video].split is not home]
        if others:
            left_out = tuple(video for video in others if placed[video].is_fixed)
            moved = tuple(video for video in others if not placed[video].is_fixed)
            torn.append(Torn(group, home, moved, left_out))
    return homes, torn


def _home(videos: Mapping[str, int], placed: Mapping[str, Placement]) -> Split:
    fixed = {video: number for video, number in videos.items() if placed[video].is_fixed}
    counts: dict[Split, int] = {}
    for video, number in (fixed or videos).items():
        split = placed[video].split
        counts[split] = counts.get(split, 0) + number
    if len(counts) == 1:
        return next(iter(counts))
    order = (*_FIRST, Split.TRAIN)
    return max(counts, key=lambda split: (counts[split], -order.index(split)))


def _choose(labels: Labels, need: dict[str, dict[Split, int]]) -> Split:
    for split in _FIRST:
        if all(need[label][split] >= number for label, number in labels.items()):
            return split
    return Split.TRAIN


def _give(labels: Labels, split: Split, need: dict[str, dict[Split, int]]) -> None:
    if split is not Split.TRAIN:
        for label, number in labels.items():
            need[label][split] -= number


def _missed(
    need: Mapping[str, Mapping[Split, int]],
    wanted: Mapping[str, Mapping[Split, int]],
    groups: Mapping[str, Labels],
) -> Iterable[Missed]:
    largest: dict[str, int] = {}
    for labels in groups.values():
        for label, number in labels.items():
            if number > largest.get(label, 0):
                largest[label] = number
    for label in sorted(need):
        for split, left in need[label].items():
            if left:
                number = wanted[label][split]
                yield Missed(label, split, number, number - left, largest[label])


def _order(seed: int, name: str) -> tuple[str, str]:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest(), name
