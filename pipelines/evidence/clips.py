"""The clips that would be released, with all that tells whether their labels are right.

Shapes, as name suffixes: V = 2 views (as it is, mirrored), N clips, D numbers, K classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.curation.suspects import Floats, Ints
from kinetics_builder.database.tables import Clip, ClipFile, Decision, Video, VideoLook
from kinetics_builder.video.likeness.fingerprint import Fingerprint
from kinetics_builder.video.likeness.motion_numbers import motion_numbers
from kinetics_builder.video.likeness.motion_words import MotionWords
from pipelines.kinetics.filtering import above
from pipelines.publishing.curating.curate import choose


@dataclass(frozen=True, slots=True)
class ShownClip:
    """One clip that `curate` would choose, after all edits."""

    clip_id: int
    label: str
    video_id: str
    title: str
    start_seconds: float
    end_seconds: float
    num_yes: int
    num_votes: int
    file: str
    duration_seconds: float
    seen: tuple[str, ...] = ()
    """What speaks against it whatever its class: traits of `[filters]` above their thresholds, as
    `still`, `dark`, `text`; `short`, where its file is less than half as long as clips shall be."""


@dataclass(frozen=True, eq=False)
class ShownClips:
    """All of them, by class and id."""

    clips: tuple[ShownClip, ...]
    names: tuple[str, ...]
    """The classes, by name; labels are places here."""
    labels_N: Ints
    numbers_VND: Floats
    """How the clips move; of no numbers where a clip has no fingerprint."""
    words_VND: Floats
    """How much of which small movements is in them, likewise."""

    @property
    def videos(self) -> list[str]:
        """Return the video of each clip."""
        return [clip.video_id for clip in self.clips]


def shown_clips(session: Session, config: Config) -> ShownClips:
    """Return the clips that `curate` would choose now, and change nothing."""
    chosen = choose(session, config).rows
    counted = Decision.num_yes, Decision.num_no, Decision.num_unsure, Decision.num_bad
    rows = session.execute(
        select(Clip.id, Video.video_id, Video.title, Clip.start_seconds, Clip.end_seconds)
        .add_columns(ClipFile.file, ClipFile.duration_seconds, ClipFile.fingerprint)
        .add_columns(Clip.noted, VideoLook.traits, *counted)
        .join(Video, Video.id == Clip.video_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Decision, Decision.clip_id == Clip.id)
        .outerjoin(VideoLook, VideoLook.video_id == Clip.video_id)
    )
    found = []
    for clip_id, video, title, start, end, file, seconds, data, noted, traits, *votes in rows:
        if clip_id in chosen:
            clip = ShownClip(
                clip_id=clip_id,
                label=str(chosen[clip_id]["label"]),
                video_id=video,
                title=title,
                start_seconds=start,
                end_seconds=end,
                num_yes=votes[0],
                num_votes=sum(votes),
                file=file,
                duration_seconds=seconds,
                seen=_seen({**(traits or {}), **(noted or {})}, seconds, config),
            )
            found.append((clip, data))
    found.sort(key=lambda pair: (pair[0].label, pair[0].clip_id))
    clips = tuple(clip for clip, _ in found)
    names = tuple(sorted({clip.label for clip in clips}))
    places = {name: place for place, name in enumerate(names)}
    numbers_VND, words_VND = described([data for _, data in found])
    return ShownClips(
        clips=clips,
        names=names,
        labels_N=np.array([places[clip.label] for clip in clips], np.int64),
        numbers_VND=numbers_VND,
        words_VND=words_VND,
    )


def _seen(traits: Mapping[str, float], seconds: float, config: Config) -> tuple[str, ...]:
    is_short = seconds < config.propose.clip_seconds / 2
    return (*above(traits, config.filters), *(["short"] if is_short else []))


def described(prints: Sequence[bytes | None]) -> tuple[Floats, Floats]:
    """Return the numbers and the words of clips, as they are and mirrored, by their fingerprints.

    There are none at all where a fingerprint is missing.
    """
    known = [Fingerprint.from_bytes(data) for data in prints if data is not None]
    if not known or len(known) < len(prints):
        nothing = np.zeros((2, len(prints), 0))
        return nothing, nothing
    words = MotionWords.learnt_from(known)
    views = known, [print_.mirrored() for print_ in known]
    return (
        np.array([[motion_numbers(print_) for print_ in view] for view in views]),
        np.array([[words.told(print_) for print_ in view] for view in views]),
    )
