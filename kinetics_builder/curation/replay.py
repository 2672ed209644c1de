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
from kinetics_builder.curation.judged import JudgedClip
from kinetics_builder.curation.log import live_edits
from kinetics_builder.curation.part_questions import Unsettled, split_clips
from kinetics_builder.text.normalise import normalise


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


@dataclass(frozen=True, slots=True)
class Replayed:
    """What edits make of clips."""

    clips: list[JudgedClip]
    """Those that are accepted and left, with their labels then."""
    unsettled: list[Unsettled]
    """Those of split classes of which nobody has said which part they are."""


def apply(
    edits: Sequence[Edit], clips: Iterable[JudgedClip], *, max_per_video: int = 1
) -> list[JudgedClip]:
    """Return the accepted clips that are left after all edits, see `replay`."""
    return replay(edits, clips, max_per_video=max_per_video).clips


def replay(
    edits: Sequence[Edit], clips: Iterable[JudgedClip], *, max_per_video: int = 1
) -> Replayed:
    """Return what all edits make of clips.

    Args:
        edits: All that were recorded, in their order, undone ones and undos included.
        clips: Rejected clips too: they tell how doubtful a label is. Undecided ones are asked
            which part of a split class they are.
        max_per_video: Clips of a video that `filter min_clips` counts for a label at most.

    """
    left, unsettled = list(clips), dict[Hashable, Unsettled]()
    for _, edit in live_edits(edits):
        if isinstance(edit, Filter):
            left = _filtered(edit, left, max_per_video)
        elif isinstance(edit, SplitLabel):
            left = _split(edit, left, unsettled)
        elif isinstance(edit, Drop):
            for clip in left:
                if clip.label == edit.source:
                    unsettled.pop(clip.key, None)
            left = [clip for clip in left if clip.label != edit.source]
        elif not isinstance(edit, Move):
            left = list(map(_change(edit), left))
    return Replayed([clip for clip in left if clip.is_accepted], list(unsettled.values()))


def _split(
    edit: SplitLabel, clips: list[JudgedClip], unsettled: dict[Hashable, Unsettled]
) -> list[JudgedClip]:
    """Return the clips after a split, and note which of them it leaves unsettled.

    What an earlier split asks about a clip goes before.
    """
    after, found = split_clips(edit, clips)
    for before, clip in zip(clips, after, strict=True):
        if before.label != clip.label:
            unsettled.pop(clip.key, None)
    for one in found:
        unsettled.setdefault(one.clip.key, one)
    return after


def _change(edit: Edit) -> Callable[[JudgedClip], JudgedClip]:
    """Return what gives a clip its label after `edit`."""
    match edit:
        case Merge(sources, target):
            return lambda clip: _labelled(clip, target) if clip.label in sources else clip
        case Rename(source, target):
            return lambda clip: _labelled(clip, target) if clip.label == source else clip
        case _:
            raise AssertionError(f"{edit} changes no clip")


def _labelled(clip: JudgedClip, label: str) -> JudgedClip:
    return replace(clip, label=label) if label != clip.label else clip


def _filtered(edit: Filter, clips: list[JudgedClip], max_per_video: int) -> list[JudgedClip]:
    videos: dict[str, Counter[str]] = defaultdict(Counter)
    num_yes: Counter[str] = Counter()
    num_votes: Counter[str] = Counter()
    for clip in clips:
        if clip.is_undecided:
            continue
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
