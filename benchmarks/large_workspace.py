"""A workspace as a long collect has left it, written down in bulk.

    python -m benchmarks.large_workspace FOLDER NUM_VIDEOS [--files]

Of five listed videos four name a class, and of ten of these one could not be fetched. Each that
came has one clip, with a fingerprint that is none. `--files` also makes the files of which the rows
speak: of the promised size, with nothing in them. The rows are written by SQLite itself, a
statement a table. The keys of items are made up where they are many: what a look at them would
give is written down as it would be.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select, text

from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Item, State
from kinetics_builder.workspace import Workspace
from pipelines.collecting.sites import judge_sites
from pipelines.kinetics.placing import place
from pipelines.running.paging import EVERYTHING
from pipelines.running.surveying import Survey, remember, survey
from pipelines.stages import build_stage

NUM_CLASSES = 700
NUM_QUERIES = 4
"""Of a class: its name, and others."""
PER_QUERY = 100
BYTES = 1000
MODIFIED_NS = 1_700_000_000 * 10**9

_VIDEOS = """
INSERT INTO video (id, video_id, source, url, site, title)
WITH RECURSIVE every(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM every WHERE n < :num_videos)
SELECT n, printf('v%09d', n), 'search:ytsearch',
    printf('https://www.youtube.com/watch?v=v%09d', n), 'youtube',
    CASE WHEN n % 5 THEN printf('class %03d at home %d', {label}, n) ELSE 'a quiet day' END
FROM every
"""
_LABELS = """
INSERT INTO label (id, name, is_retired)
WITH RECURSIVE every(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM every WHERE n < :num_classes)
SELECT n, printf('class %03d', n), 0 FROM every
"""
_TERMS = """
INSERT INTO label_term (label_id, kind, language, text)
WITH RECURSIVE every(q) AS (SELECT 1 UNION ALL SELECT q + 1 FROM every WHERE q < :num_queries - 1)
SELECT id, 'query', 'en', name || ' q' || q FROM label, every
"""
_HITS = """
INSERT INTO search_hit (video_id, label_id, query, rank)
SELECT id, {label}, printf('class %03d', {label}) ||
    CASE WHEN {query} THEN ' q' || {query} ELSE '' END, id % :per_query FROM video
"""
_CANDIDATES = """
INSERT INTO candidate (id, video_id, label_id, score, matched, variant)
SELECT id, id, {label}, 1.0, printf('class %03d', {label}), printf('class %03d', {label})
FROM video WHERE id % 5
"""
_MEDIA = """
INSERT INTO media (video_id, file, bytes, sha256, modified_ns, duration_seconds, width, height,
    frames_per_second, has_audio, codec)
SELECT id, printf('media/v%09d.mp4', id), :bytes, printf('%064x', id), :modified_ns, 60.0, 640, 360,
    25.0, 1, 'h264'
FROM video WHERE id % 5 AND id % 10 <> 9
"""
_SCORES = """
INSERT INTO frame_scores (candidate_id, method, times_seconds, scores)
SELECT video_id, 'classifier', '[0.0, 5.0]', '[0.1, 0.9]' FROM media
"""
_CLIPS = """
INSERT INTO clip (id, video_id, label_id, start_seconds, end_seconds, method, score, rank,
    is_withdrawn)
SELECT id, video_id, label_id, 10.0, 20.0, 'classifier', id * 7919 % 1000 / 1000.0, 0, 0
FROM candidate WHERE id % 10 <> 9
"""
_CLIP_FILES = """
INSERT INTO clip_file (clip_id, file, bytes, sha256, modified_ns, duration_seconds, width, height,
    frames_per_second, num_frames, num_damaged_frames, fingerprint)
SELECT id, printf('clips/v%09d_000010_000020.mp4', id), :bytes, printf('%064x', -id), :modified_ns,
    10.0, 640, 360, 25.0, 250, 0, zeroblob(1)
FROM clip
"""
_ITEM = """
INSERT INTO item (stage, key, settings_hash, state, attempts, reason, retryable, message)
SELECT :stage, {key}, :settings_hash, {state}, 1, {reason}, 0, NULL FROM {of}
"""
_NAME = "printf('v%09d', id)"
_LOST = "CASE id / 10 % 3 WHEN 0 THEN 'removed' WHEN 1 THEN 'private' ELSE 'network' END"
_ITEMS = {
    "match": ("video", f"{_NAME} || ' 01234567'", "id % 5 = 0"),
    "download": ("candidate", _NAME, "id % 10 = 9"),
    "score": ("media, (SELECT 0 id)", "file", ""),
    "propose": ("clip", f"{_NAME} || ' class 0123456789abcdef'", ""),
    "cut": ("clip", f"{_NAME} || '_000010_000020.mp4 0123456789abcdef'", ""),
}
"""Of each stage: from what its items are made, their keys, and which fail."""
_REASONS = {"match": "'no title match'", "download": _LOST}


def fill(workspace: Workspace, num_videos: int, *, is_begun: bool = False) -> None:
    """Write the rows of every stage up to `deduplicate`, and what a look at its items gave.

    Args:
        workspace: A new one.
        num_videos: That were listed.
        is_begun: Be in the middle of a first collect: videos were matched, and none was fetched.

    """
    numbers = {"num_videos": num_videos, "num_classes": NUM_CLASSES, "per_query": PER_QUERY}
    known = numbers | {"num_queries": NUM_QUERIES, "bytes": BYTES, "modified_ns": MODIFIED_NS}
    tables = (_LABELS, _TERMS, _VIDEOS, _HITS, _CANDIDATES)
    later = () if is_begun else (_MEDIA, _SCORES, _CLIPS, _CLIP_FILES)
    for statement in (*tables, *later):
        number = "n" if statement is _VIDEOS else "id"
        label = f"({number} / {PER_QUERY * NUM_QUERIES} % {NUM_CLASSES} + 1)"
        query = f"({number} / {PER_QUERY} % {NUM_QUERIES})"
        words = statement.format(label=label, query=query)
        with writing(workspace.engine) as session:
            session.execute(text(words), {k: v for k, v in known.items() if f":{k}" in words})
    judge_sites(workspace)
    for name in ["match"] if is_begun else _ITEMS:
        _add_items(workspace, name)
    for name in ["search"] if is_begun else ["search", "deduplicate"]:
        _add_few_items(workspace, name)
    with writing(workspace.engine) as session:
        place(session, config=workspace.config.deduplicate)


def _add_few_items(workspace: Workspace, name: str) -> None:
    """Write that every query was answered, or every block of clips compared; they are few."""
    stage = build_stage(name, workspace)
    same = {"stage": name, "settings_hash": stage.settings_hash, "state": State.DONE}
    with writing(workspace.engine) as session:
        session.add_all(Item(key=key, **same) for key, _ in stage.items(session, EVERYTHING))
        session.flush()
        remember(session, stage, survey(session, stage))


def _add_items(workspace: Workspace, name: str) -> None:
    """Write how the runner has left the items of a stage."""
    stage = build_stage(name, workspace)
    of, key, fails = _ITEMS[name]
    state = f"CASE WHEN {fails} THEN 'failed' ELSE 'done' END" if fails else "'done'"
    reason = f"CASE WHEN {fails} THEN {_REASONS[name]} END" if fails else "NULL"
    words = _ITEM.format(of=of, key=key, state=state, reason=reason)
    told = {"stage": name, "settings_hash": stage.settings_hash}
    with writing(workspace.engine) as session:
        session.execute(text(words), told)
        unlisted = replace(stage, items=lambda _session, _page: [])
        changes = survey(session, unlisted).changes
        num_items = session.scalar(select(func.count()).where(Item.stage == name)) or 0
        remember(session, stage, Survey(num_items, changes=changes))


def make_files(workspace: Workspace, num_videos: int) -> None:
    """Make the files of videos and clips, as large and as old as their rows say."""
    for folder in (workspace.media, workspace.clips):
        folder.mkdir(exist_ok=True)
    for number in range(1, num_videos + 1):
        if number % 5 and number % 10 != 9:
            for name in (f"media/v{number:09}.mp4", f"clips/v{number:09}_000010_000020.mp4"):
                path = workspace.root / name
                path.touch()
                os.truncate(path, BYTES)
                os.utime(path, ns=(MODIFIED_NS, MODIFIED_NS))


def main() -> None:
    """Make a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("num_videos", type=int)
    parser.add_argument("--files", action="store_true")
    told = parser.parse_args()
    workspace = Workspace.create(told.folder)
    fill(workspace, told.num_videos)
    if told.files:
        make_files(workspace, told.num_videos)


if __name__ == "__main__":
    main()
