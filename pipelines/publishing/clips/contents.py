"""What a release holds: curated clips by column, sorted, some labels at a time."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import select_plain
from kinetics_builder.database.tables import (
    Clip,
    ClipBelief,
    ClipFile,
    CuratedClip,
    Decision,
    Media,
    Video,
)
from kinetics_builder.formats.manifest import HEADER
from kinetics_builder.formats.names import clip_file_name, whole_seconds
from kinetics_builder.intervals import Interval
from kinetics_builder.text.foreign import one_line

Page = dict[str, list[Any]]
"""Some clips: values by column, all of one length."""

_CLIPS_AT_ONCE = 5_000
"""So many are in memory, or those of one label."""
_MOST_LABELS = 400
"""In a page, below SQLite's limit of variables."""
_COLUMNS: Mapping[str, ColumnElement[Any] | Any] = {
    "label": CuratedClip.label,
    "youtube_id": Video.video_id,
    "start_seconds": Clip.start_seconds,
    "end_seconds": Clip.end_seconds,
    "split": CuratedClip.split,
    "bytes": ClipFile.bytes,
    "sha256": ClipFile.sha256,
    "duration_seconds": ClipFile.duration_seconds,
    "width": ClipFile.width,
    "height": ClipFile.height,
    "frames_per_second": ClipFile.frames_per_second,
    "num_frames": ClipFile.num_frames,
    "whole_clip": Decision.lasts_whole_clip,
    "licence": Media.licence,
    "source": ClipFile.file,
    "clip_id": CuratedClip.clip_id,
    "url": Video.url,
    "belief": ClipBelief.probability,
    "num_yes": Decision.num_yes,
    "num_no": Decision.num_no,
    "num_unsure": Decision.num_unsure,
    "num_bad": Decision.num_bad,
    "is_ruled": Decision.is_ruled,
    "site": Video.site,
    "uploader_name": Media.uploader,
    "video_sha256": Media.sha256,
    "video_codec": Media.codec,
    "video_width": Media.width,
    "video_height": Media.height,
    "video_frames_per_second": Media.frames_per_second,
    "has_audio": Media.has_audio,
    "fingerprint": ClipFile.fingerprint,
    "language": Media.language,
    "country": Media.country,
}
_LABEL_AND_VIDEO = itemgetter(*map(list(_COLUMNS).index, ("label", "youtube_id")))


def pages(session: Session, *, are_held_out: bool = False) -> Iterator[Page]:
    """Yield the curated clips, sorted as the manifest has them, with all that rows say of them.

    `source` is the path of the clip's file relative to the workspace, `file` that in the release.
    Held-out clips come alone, if asked for.
    """
    wanted = ~CuratedClip.is_public() if are_held_out else CuratedClip.is_public()
    numbers = select(CuratedClip.label, func.count()).where(wanted).group_by(CuratedClip.label)
    by_label = sorted((label, number) for label, number in session.execute(numbers))
    names = _names_of_namesakes(session) if by_label else {}
    query = (
        select(*(column.label(name) for name, column in _COLUMNS.items()))
        .join(Clip, Clip.id == CuratedClip.clip_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Decision, Decision.clip_id == Clip.id)
        .join(Video, Video.id == Clip.video_id)
        .outerjoin(Media, Media.video_id == Video.id)
        .outerjoin(ClipBelief, ClipBelief.clip_id == Clip.id)
        .where(wanted)
    )
    for labels in _in_pages(by_label):
        rows = [
            row
            for some in select_plain(session, query.where(CuratedClip.label.in_(labels)))
            for row in some
        ]
        if rows:
            rows.sort(key=_LABEL_AND_VIDEO)  # which is most of `_sorted`, by fewer columns
            found = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
            yield _sorted(_named(found, names))


def _in_pages(by_label: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Yield as many labels at a time as a page has room for their clips."""
    some: list[str] = []
    total = 0
    for label, number in by_label:
        if some and (total + number > _CLIPS_AT_ONCE or len(some) == _MOST_LABELS):
            yield some
            some, total = [], 0
        some.append(label)
        total += number
    if some:
        yield some


def _named(page: Page, names: Mapping[int, str]) -> Page:
    """Add the whole seconds and the file of each clip; make one line of each licence."""
    page["time_start"] = list(map(math.floor, page["start_seconds"]))
    page["time_end"] = list(map(math.ceil, page["end_seconds"]))
    for name in ("whole_clip", "is_ruled", "has_audio"):
        page[name] = [None if one is None else bool(one) for one in page[name]]
    clips = (page[name] for name in ("youtube_id", "time_start", "time_end"))
    files = [f"clips/{name}" for name in map(clip_file_name, *clips)]
    if names:
        for at, number in enumerate(page["clip_id"]):
            if number in names:
                files[at] = f"clips/{names[number]}"
    licences = {text: one_line(text) or "" for text in set(page["licence"])}
    return {**page, "file": files, "licence": [licences[text] for text in page["licence"]]}


def _sorted(page: Page) -> Page:
    """Return a page that is in the order of labels and videos in that of the manifest."""
    if len(set(zip(page["label"], page["youtube_id"], strict=True))) == len(page["label"]):
        return page
    keys = list(zip(*(page[name] for name in (*HEADER, "source")), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: _taken(column, order) for name, column in page.items()}


def _taken(column: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return list(itemgetter(*places)(column)) if len(places) > 1 else [column[at] for at in places]


def _names_of_namesakes(session: Session) -> dict[int, str]:
    """Return file names, by clip, for different files that whole seconds cannot tell apart."""
    several = (
        select(Clip.video_id)
        .join(CuratedClip, CuratedClip.clip_id == Clip.id)
        .group_by(Clip.video_id)
        .having(func.count() > 1)
    )
    query = (
        select(Clip.id, Video.video_id, Clip.start_seconds, Clip.end_seconds, ClipFile.sha256)
        .join(CuratedClip, CuratedClip.clip_id == Clip.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Video, Video.id == Clip.video_id)
        .where(Clip.video_id.in_(several))
    )
    rows: Iterable[Any] = session.execute(query)
    by_name: dict[str, dict[int, str]] = defaultdict(dict)
    for clip_id, video_id, start, end, sha256 in rows:
        name = clip_file_name(video_id, *whole_seconds(Interval(start, end)))
        by_name[name][clip_id] = sha256
    return {
        clip_id: f"{name.removesuffix('.mp4')}_{sha256[:8]}.mp4"
        for name, clips in by_name.items()
        if len(set(clips.values())) > 1
        for clip_id, sha256 in clips.items()
    }
