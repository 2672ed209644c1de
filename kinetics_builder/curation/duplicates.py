"""Which of the clips of one class show the same thing, and which of them to keep.

Kinetics keeps one clip of a video and one video of those that show the same
(arXiv:1705.06950, 2.4). Pure functions of values; nothing depends on the order of clips.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, groupby

from kinetics_builder.database.tables import Standing, Survival

Alike = Mapping[frozenset[int], float]
"""Similarity in [0, 1] of pairs of clips; a pair that is not there is not alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedClip:
    """A clip of a class, with what decides between it and others."""

    clip_id: int
    """Names the clip in the answer; decides nothing."""

    video_id: str
    start_seconds: float
    rank: int
    """0 for the best window of its video."""

    num_pixels: int
    """Of the video's picture."""

    duration_seconds: float
    """Of the video."""

    upload_date: str | None
    """YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip stands among the clips of its class."""

    clip_id: int
    standing: Standing
    duplicate_of: int | None = None
    similarity: float | None = None
    """To the clip it is a duplicate of; None if only another clip of its video is alike."""
    because: Survival | None = None
    """Why the other is kept, and not this one."""
    older: int | None = None
    """The clip of another dataset that it is a duplicate of."""


@dataclass(frozen=True, slots=True)
class LikePair:
    """Two clips of different videos that may show the same."""

    one: int
    other: int
    similarity: float
    shift_seconds: float = 0.0
    """By how much later the second shows what both show."""
    is_mirrored: bool = False


SAME_SHIFT_SECONDS = 0.5
"""Shifts of two pairs of clips that are nearer to each other may be one."""


def sure_pairs(
    pairs: Iterable[LikePair],
    clips: Mapping[int, ProposedClip],
    *,
    least: float,
    doubtful: float,
) -> dict[frozenset[int], float]:
    """Return the similarity of the pairs that are the same recording.

    Those at least `least` alike; and those that are doubtful each, where two of them say the
    same of two videos: other windows of the two, as much later in one as in the other. Equal
    chance resemblances would lie at other times.
    """
    sure, perhaps = {}, defaultdict(list)
    for pair in pairs:
        if pair.similarity >= least:
            sure[frozenset((pair.one, pair.other))] = pair.similarity
        elif pair.similarity >= doubtful:
            one, other = clips[pair.one], clips[pair.other]
            perhaps[tuple(sorted((one.video_id, other.video_id)))].append(pair)
    for found in perhaps.values():
        for pair, second in combinations(found, 2):
            if _say_the_same(pair, second, clips):
                for sure_one in (pair, second):
                    sure[frozenset((sure_one.one, sure_one.other))] = sure_one.similarity
    return sure


def heard_pairs(
    pairs: Iterable[LikePair], shifts: Mapping[frozenset[int], tuple[int, float]], *, least: float
) -> dict[frozenset[int], float]:
    """Return the similarity of the pairs that sound makes sure.

    Those at least so much alike whose sounds are equal as much later as what they show. Equal
    sound alone is no evidence: a song lies under many videos.

    Args:
        pairs: What clips show.
        shifts: Of pairs that sound the same, one of the two, and by how much later the other has
            what both have, in seconds.
        least: Similarity of what is shown.

    """
    sure = {}
    for pair in pairs:
        both = frozenset((pair.one, pair.other))
        if pair.similarity < least or both not in shifts:
            continue
        first, later = shifts[both]
        later = later if first == pair.one else -later
        if abs(later - pair.shift_seconds) <= SAME_SHIFT_SECONDS:
            sure[both] = pair.similarity
    return sure


def _say_the_same(a: LikePair, b: LikePair, clips: Mapping[int, ProposedClip]) -> bool:
    if {a.one, a.other} & {b.one, b.other} or a.is_mirrored != b.is_mirrored:
        return False
    apart = _shift_of_videos(a, clips) - _shift_of_videos(b, clips)
    return abs(apart) <= SAME_SHIFT_SECONDS


def _shift_of_videos(pair: LikePair, clips: Mapping[int, ProposedClip]) -> float:
    """Return by how much later the video that is last by id shows what both show."""
    one, other = clips[pair.one], clips[pair.other]
    later = other.start_seconds - one.start_seconds + pair.shift_seconds
    return later if one.video_id < other.video_id else -later


def place_clips(
    clips: Iterable[ProposedClip],
    alike: Alike,
    *,
    max_per_video: int = 1,
    older: Mapping[int, tuple[int, float]] | None = None,
) -> list[Place]:
    """Return the place of every clip of one class, in the order of videos and ranks.

    Videos are gone through from the best on: largest picture, then longest, then earliest
    upload, then id. A video of which a clip is alike to one of a video kept before is that
    video again, and all its clips are duplicates, since its other windows show the same
    recording; so is one of which a clip is alike to an `older` one, a clip of another dataset
    by its row. Of a video that is kept the first `max_per_video` clips by rank are kept, the
    others held in reserve.
    """
    near = _neighbours(alike)
    kept: dict[int, tuple[int, list[ProposedClip]]] = {}
    places: list[Place] = []
    ordered = sorted(clips, key=_best_first)
    for number, (_, group) in enumerate(groupby(ordered, key=lambda clip: clip.video_id)):
        video = list(group)
        if foreign := _of_older(video, older or {}):
            places += foreign
        elif original := _original(video, kept, near):
            places += [_duplicate(clip, original, alike) for clip in video]
        else:
            kept |= {clip.clip_id: (number, video) for clip in video}
            places += [_own(clip, i < max_per_video) for i, clip in enumerate(video)]
    return places


def _neighbours(alike: Alike) -> dict[int, list[tuple[int, float]]]:
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for pair, likeness in alike.items():
        if len(pair) == 2:
            one, other = sorted(pair)
            near[one].append((other, likeness))
            near[other].append((one, likeness))
    return near


def _video_order(clip: ProposedClip) -> tuple[int, float, str, str]:
    date = clip.upload_date or "9999"
    return -clip.num_pixels, -clip.duration_seconds, date, clip.video_id


def _best_first(clip: ProposedClip) -> tuple[object, ...]:
    return (*_video_order(clip), clip.rank, clip.start_seconds)


def _own(clip: ProposedClip, is_kept: bool) -> Place:
    return Place(clip.clip_id, Standing.KEPT if is_kept else Standing.RESERVE)


def _of_older(
    video: list[ProposedClip], older: Mapping[int, tuple[int, float]]
) -> list[Place] | None:
    """Return the places of a video's clips if one of them is of another dataset."""
    found = [older[clip.clip_id] for clip in video if clip.clip_id in older]
    if not found:
        return None
    best = max(found, key=lambda row: (row[1], -row[0]))
    places = []
    for clip in video:
        row, likeness = older.get(clip.clip_id, (best[0], None))
        duplicate = Standing.DUPLICATE
        places.append(Place(clip.clip_id, duplicate, None, likeness, Survival.OLDER, row))
    return places


def _original(
    video: list[ProposedClip],
    kept: Mapping[int, tuple[int, list[ProposedClip]]],
    near: Mapping[int, list[tuple[int, float]]],
) -> list[ProposedClip] | None:
    """Return the kept video most alike to `video`, the best of equals; None if none is."""
    scored = [
        (likeness, -kept[other][0], other)
        for clip in video
        for other, likeness in near.get(clip.clip_id, ())
        if other in kept
    ]
    return kept[max(scored)[2]][1] if scored else None


def _duplicate(clip: ProposedClip, original: list[ProposedClip], alike: Alike) -> Place:
    nearest = max(original, key=lambda other: (_likeness(clip, other, alike), -other.rank))
    likeness = _likeness(clip, nearest, alike) or None
    because = _why(clip, nearest)
    return Place(clip.clip_id, Standing.DUPLICATE, nearest.clip_id, likeness, because)


def _why(clip: ProposedClip, kept: ProposedClip) -> Survival:
    """Return the first thing by which the kept one's video is better."""
    reasons = (Survival.PIXELS, Survival.LENGTH, Survival.DATE, Survival.ID)
    orders = zip(_video_order(clip), _video_order(kept), reasons, strict=True)
    return next((reason for own, other, reason in orders if own != other), Survival.ID)


def _likeness(a: ProposedClip, b: ProposedClip, alike: Alike) -> float:
    return alike.get(frozenset((a.clip_id, b.clip_id)), 0.0)
