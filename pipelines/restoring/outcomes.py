"""What has become of the videos of a released file, in the words that papers use."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    Item,
    Media,
    PartialMedia,
    PartialStretch,
    RestoredClip,
    State,
    Video,
)
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.restoring import cut
from pipelines.restoring.released import Released, Row
from pipelines.running.stage import Stage
from pipelines.stages import build_stage


class Outcome(StrEnum):
    """What has become of a row."""

    RESTORED = "restored"
    THERE = "there"
    REMOVED = "removed"
    TERMINATED = "account terminated"
    COPYRIGHT = "copyright claim"
    PRIVATE = "private"
    BLOCKED = "blocked in a country"
    AGE = "age-restricted"
    MEMBERS = "members only"
    SIGN_IN = "sign-in required"
    SHORTER = "ends before the stretch"
    OVER_LIMIT = "over a limit"
    UNSAFE = "unsafe address"
    LICENCE = "other licence"
    TAKEN_DOWN = "taken down"
    UNREADABLE = "unreadable"
    NOT_YET = "not fetched yet"
    NOT_ASKED = "not answered yet"
    NO_ID = "no video's id"


_BY_REASON = {
    Reason.REMOVED: Outcome.REMOVED,
    Reason.PRIVATE: Outcome.PRIVATE,
    Reason.GEO: Outcome.BLOCKED,
    Reason.SIGN_IN: Outcome.SIGN_IN,
    Reason.TOO_SHORT: Outcome.SHORTER,
    Reason.TOO_LONG: Outcome.OVER_LIMIT,
    Reason.TOO_LARGE: Outcome.OVER_LIMIT,
    Reason.LARGE_PICTURE: Outcome.OVER_LIMIT,
    Reason.UNSAFE_ADDRESS: Outcome.UNSAFE,
    Reason.LICENCE: Outcome.LICENCE,
    Reason.TAKEN_DOWN: Outcome.TAKEN_DOWN,
    Reason.BROKEN: Outcome.UNREADABLE,
    Reason.NO_VIDEO: Outcome.REMOVED,
}
"""Every other reason may pass."""

# The first line that fits decides.
_BY_WORDS = (
    (Reason.REMOVED, Outcome.TERMINATED, re.compile(r"terminated|closed their", re.IGNORECASE)),
    (Reason.REMOVED, Outcome.COPYRIGHT, re.compile(r"copyright", re.IGNORECASE)),
    (Reason.SIGN_IN, Outcome.AGE, re.compile(r"\bage\b|inappropriate", re.IGNORECASE)),
    (Reason.SIGN_IN, Outcome.MEMBERS, re.compile(r"members|join this channel", re.IGNORECASE)),
)


def outcome_of(reason: Reason | None, message: str) -> Outcome:
    """Return what a failure means: its reason, and what the site said where that says more.

    >>> outcome_of(Reason.SIGN_IN, "Sign in to confirm your age")
    <Outcome.AGE: 'age-restricted'>
    """
    for known, outcome, words in _BY_WORDS:
        if reason is known and words.search(message):
            return outcome
    return Outcome.NOT_YET if reason is None else _BY_REASON.get(reason, Outcome.NOT_YET)


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a row has given."""

    file: str
    """Path relative to the workspace."""
    bytes: int
    sha256: str
    duration_seconds: float
    width: int
    height: int
    frames_per_second: float
    num_frames: int | None
    """None of a whole video."""
    licence: str


Lost = tuple[Outcome, str]
"""With what was said of it."""


@dataclass
class Outcomes:
    """What has become of the videos and stretches of some rows."""

    lost: dict[str, Lost] = field(default_factory=dict)
    """By video, or by the key of a stretch."""
    videos: dict[str, Made] = field(default_factory=dict)
    clips: dict[str, Made] = field(default_factory=dict)
    """By the key of a stretch."""
    held: set[str] = field(default_factory=set)
    """Keys of stretches of files with holes: what failed is that more of the video was wanted."""

    def of(self, row: Row) -> Made | Lost:
        """Return the file of a row, or why there is none."""
        if row.video_id is None:
            return Outcome.NO_ID, f"{row.named!r} is the id of no video of the web"
        if (lost := self.lost.get(row.video_id)) and not self._holds(row):
            return lost
        if row.stretch is None:
            video = self.videos.get(row.video_id)
            if video is not None and (row.moment or 0.0) > video.duration_seconds:
                return Outcome.SHORTER, f"the video lasts {video.duration_seconds:g} s by now"
            return video or _NOT_YET
        key = cut.stretch_key(row.video_id, *row.stretch)
        return self.lost.get(key) or self.clips.get(key) or _NOT_YET

    def _holds(self, row: Row) -> bool:
        key = cut.stretch_key(row.video_id or "", *row.stretch) if row.stretch else None
        return key in self.held


_NOT_YET: Lost = (Outcome.NOT_YET, "")


class Lookup:
    """Tells what the stages have made of what rows ask for, some rows at a time."""

    def __init__(self, session: Session, workspace: Workspace, released: Released) -> None:
        self._session = session
        name = "ava download" if released.is_of_films else "download"
        self._download, self._cut = (build_stage(one, workspace) for one in (name, cut.NAME))

    def of(self, rows: Sequence[Row]) -> Outcomes:
        """Return what has become of rows."""
        names = sorted({row.video_id for row in rows if row.video_id is not None})
        found = Outcomes()
        self._add_lost(found, self._download, {name: name for name in names})
        hashes: dict[str, str] = {}
        for chunk in chunks(names):
            hashes |= self._add_made(found, chunk)
        keys: dict[str, str] = {}
        for row in rows:
            if row.stretch is not None and row.video_id in hashes:
                key = cut.stretch_key(row.video_id, *row.stretch)
                keys[cut.item_key(key, hashes[row.video_id])] = key
        self._add_lost(found, self._cut, keys)
        return found

    def _add_made(self, found: Outcomes, names: Sequence[str]) -> dict[str, str]:
        """Add the files of videos and their stretches; return the hashes of those of videos."""
        hashes: dict[str, str] = {}
        licences: dict[str, str | None] = {}
        media = select(Video.video_id, Media).join(Media, Media.video_id == Video.id)
        for name, row in self._session.execute(media.where(Video.video_id.in_(names))):
            licences[name], hashes[name] = row.licence, row.sha256
            found.videos[name] = _made(row, None, row.licence)
        held = select(
            Video.video_id,
            *(PartialMedia.sha256, PartialMedia.licence),
            *(PartialStretch.start_seconds, PartialStretch.end_seconds),
        )
        held = held.join(PartialMedia, PartialMedia.video_id == Video.id)
        held = held.join(PartialStretch, PartialStretch.video_id == Video.id)
        rows = self._session.execute(held.where(Video.video_id.in_(names)))
        for name, sha256, licence, start, end in rows:
            licences[name], hashes[name] = licence, sha256
            found.held.add(cut.stretch_key(name, start, end))
        clips = select(Video.video_id, RestoredClip).join(Video, Video.id == RestoredClip.video_id)
        for name, clip in self._session.execute(clips.where(Video.video_id.in_(names))):
            key = cut.stretch_key(name, clip.start_seconds, clip.end_seconds)
            found.clips[key] = _made(clip, clip.num_frames, licences.get(name))
        self._session.expunge_all()
        return hashes

    def _add_lost(self, found: Outcomes, stage: Stage[Any, Any], names: Mapping[str, str]) -> None:
        """Add what failed of the items of these keys, each under its name."""
        failed = select(Item.key, Item.reason, Item.message).where(
            Item.stage == stage.name,
            Item.settings_hash == stage.settings_hash,
            Item.state == State.FAILED,
        )
        for chunk in chunks(list(names)):
            for key, reason, message in self._session.execute(failed.where(Item.key.in_(chunk))):
                found.lost[names[key]] = outcome_of(reason, message or ""), message or ""


def _made(row: Media | RestoredClip, num_frames: int | None, licence: str | None) -> Made:
    return Made(
        file=row.file,
        bytes=row.bytes,
        sha256=row.sha256,
        duration_seconds=row.duration_seconds,
        width=row.width,
        height=row.height,
        frames_per_second=row.frames_per_second,
        num_frames=num_frames,
        licence=licence or "",
    )
