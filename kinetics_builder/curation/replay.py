"""Applying class edits to clips, from the first to the last. Pure functions.

Clips are never changed by an edit for good: the edits are replayed from the labels that
annotators saw, so an edit that is undone leaves nothing behind.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from kinetics_builder.curation.edits import (
    MAX_LABEL_LENGTH,
    Drop,
    Edit,
    Filter,
    Merge,
    Move,
    Rename,
    SplitLabel,
)
from kinetics_builder.curation.log import live_edits
from kinetics_builder.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class JudgedClip:
    """A clip about which annotators have decided."""

    key: Hashable
    video: str
    label: str
    is_accepted: bool
    num_yes: int
    num_votes: int
    better_name: str | None = None
    """What most of its annotators who said so would call it, as `normalise` spells it."""
    is_open: bool = False
    """Whether its label was split, and its answers do not say into which part it goes."""


def majority_name(names: Iterable[str]) -> str | None:
    """Return the name given most often, normalised; None for a tie or without names.

    Names that are too long for a label are not heard.

    >>> majority_name(["Surfing", "surfing!", "swimming"])
    'surfing'
    """
    spelled = (name for name in map(normalise, names) if 0 < len(name) <= MAX_LABEL_LENGTH)
    counts = Counter(spelled).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def apply(
    edits: Sequence[Edit], clips: Iterable[JudgedClip], *, max_per_video: int = 1
) -> list[JudgedClip]:
    """Return the accepted clips that are left after all edits, with their labels then.

    Args:
        edits: All that were recorded, in their order, undone ones and undos included.
        clips: Rejected clips too: they tell how doubtful a label is.
        max_per_video: Clips of a video that `filter min_clips` counts for a label at most.

    """
    left = list(clips)
    for _, edit in live_edits(edits):
        if isinstance(edit, Filter):
            left = _filtered(edit, left, max_per_video)
        elif not isinstance(edit, Move):
            change = _change(edit)
            left = [changed for clip in left if (changed := change(clip)) is not None]
    return [clip for clip in left if clip.is_accepted]


def _change(edit: Edit) -> Callable[[JudgedClip], JudgedClip | None]:
    """Return what gives a clip after `edit`, None if it is dropped."""
    match edit:
        case Merge(sources, target):
            return lambda clip: _labelled(clip, target) if clip.label in sources else clip
        case Rename(source, target):
            return lambda clip: _labelled(clip, target) if clip.label == source else clip
        case Drop(source):
            return lambda clip: None if clip.label == source else clip
        case SplitLabel(source, targets):
            spelled = {normalise(target): target for target in targets}
            return lambda clip: _split(clip, spelled) if clip.label == source else clip
        case _:
            raise AssertionError(f"{edit} changes no clip")


def _labelled(clip: JudgedClip, label: str) -> JudgedClip:
    return replace(clip, label=label) if label != clip.label else clip


def _split(clip: JudgedClip, spelled: dict[str, str]) -> JudgedClip:
    """Return a clip of a split label; a rejected clip says nothing about another label."""
    name = clip.better_name if clip.is_accepted else None
    label = name if name and not spelled else spelled.get(name or "")
    is_open = label is None and bool(spelled) and clip.label not in spelled.values()
    return replace(clip, label=label or clip.label, is_open=is_open)


def _filtered(edit: Filter, clips: list[JudgedClip], max_per_video: int) -> list[JudgedClip]:
    videos: dict[str, Counter[str]] = defaultdict(Counter)
    num_yes: Counter[str] = Counter()
    num_votes: Counter[str] = Counter()
    for clip in clips:
        num_yes[clip.label] += clip.num_yes
        num_votes[clip.label] += clip.num_votes
        videos[clip.label][clip.video] += clip.is_accepted
    kept = {
        label
        for label, counts in videos.items()
        if sum(min(num, max_per_video) for num in counts.values()) >= edit.min_clips
        and num_yes[label] >= edit.min_yes_rate * num_votes[label]
    }
    return [clip for clip in clips if clip.label in kept]
