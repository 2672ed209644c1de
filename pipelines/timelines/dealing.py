"""Dealing marked videos out to train, validate and test, by video, uploader and recording."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.film_splits import KEY_FRAMES, deal_films
from kinetics_builder.curation.splits import SplitItem, homes_of
from kinetics_builder.database.tables import FilmSplit, Split
from pipelines.publishing.curating.dealing import Together, placements
from pipelines.timelines.marked import LeftOut, MarkedVideo


def deal_marked(
    session: Session, videos: Sequence[MarkedVideo], config: Config
) -> tuple[list[MarkedVideo], list[LeftOut]]:
    """Return the videos with their splits, and those that no split may have.

    What `curate.keep_together` names goes to one split, whatever its classes. What was released
    before, or was curated as clips, stays where it is; what is new is dealt so that each split
    comes near its share (`[release]`) of the segments of every class. The order of `videos` does
    not matter.
    """
    rows = [(one.video_id, one.site, one.uploader) for one in videos]
    groups = Together.of(session, config, rows).groups
    items = [_item(one, groups.get(one.video_id)) for one in videos]
    homes, torn = homes_of(items, placements(session, config))
    away = {
        video: f"it belongs to what is in {one.home.value} now, and was released elsewhere"
        for one in torn
        for video in one.left_out
    }
    for item in items:
        if homes.get(item.whole) is Split.HELD_OUT:
            away[item.video] = "clips of it, or of what belongs to it, are held out"
    left = [one for one in videos if one.video_id not in away]
    whole = {item.video: item.whole for item in items}
    splits = deal_films(_counts(left, whole), _public(homes), config.release)
    dealt = [replace(one, split=splits[whole[one.video_id]].value) for one in left]
    return dealt, [LeftOut(video, why) for video, why in sorted(away.items())]


def _item(video: MarkedVideo, group: str | None) -> SplitItem:
    return SplitItem(key=video.video_id, video=video.video_id, label="", group=group)


def _public(homes: dict[str, Split]) -> dict[str, Split]:
    return {group: split for group, split in homes.items() if split is not Split.HELD_OUT}


def _counts(videos: Iterable[MarkedVideo], whole: dict[str, str]) -> dict[str, Counter[int]]:
    """Return how many segments of each class, and videos, a group has; classes are numbers."""
    videos = list(videos)
    labels = sorted({segment.label for one in videos for segment in one.segments})
    numbers = {label: number for number, label in enumerate(labels, start=1)}
    counts: dict[str, Counter[int]] = {}
    for one in videos:
        counted = counts.setdefault(whole[one.video_id], Counter())
        counted[KEY_FRAMES] += 1
        counted.update(numbers[segment.label] for segment in one.segments)
    return counts


def keep_splits(session: Session, videos: Iterable[MarkedVideo], seed: int) -> None:
    """Write down the split of each video, which it keeps in every later release."""
    for one in videos:
        session.merge(FilmSplit(video_id=one.row_id, split=Split(one.split), seed=seed))
