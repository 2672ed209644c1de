"""Which clips are kept, by how alike they are and what people said of pairs.

Looks at all clips at once: a function of one transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import DeduplicateConfig, settings_hash
from kinetics_builder.curation.duplicates import (
    LikePair,
    Place,
    ProposedClip,
    heard_pairs,
    place_clips,
    sure_pairs,
)
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.changes import changes
from kinetics_builder.database.tables import (
    AlikeClips,
    AlikeOlder,
    Clip,
    ClipFile,
    ClipPlace,
    Label,
    Media,
    OlderClip,
    PairWord,
    Setting,
    Video,
)
from pipelines.kinetics.candidates import listed_clips
from pipelines.kinetics.sounds import heard_shifts


@dataclass(frozen=True, slots=True)
class ListedClip:
    """A clip that is compared with others, and what it is known by."""

    label: str
    name: str
    """Of its file, without the ending: as people name it."""
    sha256: str
    video_sha256: str
    clip: ProposedClip


METHOD = 1
"""Counted up when equal likenesses would no longer give the places that they gave before: clips are
placed anew then, and nothing is compared."""

ALIKE = "alike clips"
"""The name by which it is counted that clips were compared."""

_PLACED = "clips_placed_by"
_READ = (Clip, ClipFile, Label, Media, OlderClip, Video)
"""The tables that clips are placed by, beside likenesses and what people said."""


def place(session: Session, *, config: DeduplicateConfig) -> None:
    """Write the place of every clip, unless that was done by all that is known today.

    Reads what `deduplicate` found, `media` and `pair_word`; writes `clip_place`.
    """
    by = _known_today(session, config)
    placed = session.get(Setting, _PLACED)
    if placed is None or placed.value != by:
        _place_all(session, config)
        session.merge(Setting(key=_PLACED, value=by))


def _known_today(session: Session, config: DeduplicateConfig) -> str:
    """Return the hash of how often what clips are placed by has changed; words are only added."""
    counted = changes(session, [ALIKE, *(table.__tablename__ for table in _READ)])
    last_word = session.scalar(select(func.max(PairWord.id)))
    return settings_hash(config, counted, last_word, method=METHOD)


def _place_all(session: Session, config: DeduplicateConfig) -> None:
    clips = listed(session)
    alike = same_recordings(session, clips, config)
    older = _older(session, clips, config.min_similarity)
    by_label: dict[str, list[ProposedClip]] = defaultdict(list)
    for one in clips.values():
        by_label[one.label].append(one.clip)
    shared: dict[str, dict[frozenset[int], float]] = defaultdict(dict)
    for pair, likeness in alike.items():
        labels = {clips[clip_id].label for clip_id in pair}
        if len(labels) == 1:
            shared[labels.pop()][pair] = likeness
    places = (
        place
        for label, members in by_label.items()
        for place in place_clips(
            members, shared[label], max_per_video=config.max_per_video, older=older
        )
    )
    replace_rows(session, ClipPlace, dict(map(_row, places)))


def _row(place: Place) -> tuple[int, dict[str, Any]]:
    return place.clip_id, {
        "standing": place.standing,
        "duplicate_of_id": place.duplicate_of,
        "older_id": place.older,
        "similarity": place.similarity,
        "because": place.because,
    }


def listed(session: Session) -> dict[int, ListedClip]:
    """Return all clips that are compared, by their rows."""
    rows = session.execute(
        listed_clips(
            Label.name,
            ClipFile.file,
            ClipFile.sha256,
            Media.sha256,
            Clip.id,
            Video.video_id,
            Clip.start_seconds,
            Clip.rank,
            Media.width * Media.height,
            Media.duration_seconds,
            Media.upload_date,
        )
        .join(Media, Media.video_id == Clip.video_id)
        .join(Video, Video.id == Clip.video_id)
    )
    return {row[4]: _listed(*row) for row in rows}


def _listed(label: str, file: str, sha256: str, video_sha256: str, *of_clip: Any) -> ListedClip:
    clip_id, video_id, start, rank, num_pixels, duration, upload_date = of_clip
    clip = ProposedClip(
        clip_id=clip_id,
        video_id=video_id,
        start_seconds=start,
        rank=rank,
        num_pixels=num_pixels,
        duration_seconds=round(duration, 1),
        upload_date=upload_date,
    )
    return ListedClip(label, PurePosixPath(file).stem, sha256, video_sha256, clip)


def same_recordings(
    session: Session, clips: Mapping[int, ListedClip], config: DeduplicateConfig
) -> dict[frozenset[int], float]:
    """Return the similarity of all pairs of clips that show the same, whatever their classes.

    As fingerprints say, equal files, and people, who have the last word.
    """
    words = said(session)
    pairs = [pair for pair in noted(session, clips) if words.get(_names(pair, clips)) is None]
    proposed = {clip_id: one.clip for clip_id, one in clips.items()}
    doubtful = min(config.doubtful_similarity, config.min_similarity)
    alike = sure_pairs(pairs, proposed, least=config.min_similarity, doubtful=doubtful)
    if config.audio:
        alike |= heard_pairs(pairs, heard_shifts(session), least=doubtful)
    alike |= dict.fromkeys(_of_equal_files(clips.values()), 1.0)
    by_name: dict[str, list[int]] = defaultdict(list)
    for clip_id, one in clips.items():
        by_name[one.name].append(clip_id)
    for (name, second), is_same in words.items():
        for pair in (frozenset((a, b)) for a in by_name[name] for b in by_name[second]):
            alike.pop(pair, None)
            if is_same:
                alike[pair] = 1.0
    return alike


def noted(session: Session, clips: Mapping[int, ListedClip]) -> list[LikePair]:
    """Return the pairs of clips that `deduplicate` found to be somewhat alike."""
    rows = session.execute(
        select(
            AlikeClips.clip_id,
            AlikeClips.other_id,
            AlikeClips.similarity,
            AlikeClips.shift_seconds,
            AlikeClips.is_mirrored,
        ).order_by(AlikeClips.clip_id, AlikeClips.other_id)
    )
    return [LikePair(*row) for row in rows if row[0] in clips and row[1] in clips]


def said(session: Session) -> dict[tuple[str, str], bool]:
    """Return what people said last of two clips, by their names in order."""
    rows = session.execute(
        select(PairWord.one, PairWord.other, PairWord.is_same).order_by(PairWord.id)
    )
    return {(one, other): is_same for one, other, is_same in rows}


def doubtful_pairs(
    session: Session, clips: Mapping[int, ListedClip], config: DeduplicateConfig
) -> list[LikePair]:
    """Return the pairs of one class about which nobody knows yet, the most alike first."""
    words, sure = said(session), same_recordings(session, clips, config)
    pairs = [
        pair
        for pair in noted(session, clips)
        if pair.similarity >= config.doubtful_similarity
        and clips[pair.one].label == clips[pair.other].label
        and frozenset((pair.one, pair.other)) not in sure
        and _names(pair, clips) not in words
    ]
    return sorted(pairs, key=lambda pair: (-pair.similarity, _names(pair, clips)))


def _names(pair: LikePair, clips: Mapping[int, ListedClip]) -> tuple[str, str]:
    one, other = sorted((clips[pair.one].name, clips[pair.other].name))
    return one, other


def _of_equal_files(clips: Iterable[ListedClip]) -> Iterator[frozenset[int]]:
    """Yield pairs of clips whose files, or whose videos' files, are equal: each with the first."""
    first: dict[tuple[str, str], ListedClip] = {}
    for one in sorted(clips, key=lambda one: (one.clip.video_id, one.clip.clip_id)):
        for kind in (one.sha256, one.video_sha256):
            other = first.setdefault((one.label, kind), one)
            if other.clip.video_id != one.clip.video_id:
                yield frozenset((one.clip.clip_id, other.clip.clip_id))


def _older(
    session: Session, clips: Mapping[int, ListedClip], least: float
) -> dict[int, tuple[int, float]]:
    """Return the clip of another dataset that each of ours is, by its fingerprint or its video."""
    found: dict[int, tuple[int, float]] = {}
    ids = select(OlderClip.video_id, OlderClip.id).order_by(OlderClip.id.desc())
    rows = {video_id: row for video_id, row in session.execute(ids)}
    for clip_id, one in clips.items():
        if one.clip.video_id in rows:
            found[clip_id] = rows[one.clip.video_id], 1.0
    alike = session.execute(
        select(AlikeOlder.clip_id, AlikeOlder.older_id, AlikeOlder.similarity)
        .where(AlikeOlder.similarity >= least)
        .order_by(AlikeOlder.similarity, AlikeOlder.older_id.desc())
    )
    for clip_id, older_id, similarity in alike:
        if clip_id in clips:
            found.setdefault(clip_id, (older_id, similarity))
    return found
