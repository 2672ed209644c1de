"""A workspace with many accepted clips, written down in bulk, for `release.py`.

Each clip is of a video of its own; three videos have one uploader. Each has three answers of which
two or three are yes, and a file of a few bytes, so that no media need be there.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, text

from kinetics_builder.database.bulk import batches
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClipFile
from kinetics_builder.workspace import Workspace

NUM_CLASSES = 700
NUM_WORKERS = 500
NUM_ANSWERS = 3

_EVERY = "WITH RECURSIVE every(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM every WHERE n < :num_{})"
_ROWS = (
    f"""
    INSERT INTO label (id, name, is_retired)
    {_EVERY.format("classes")} SELECT n, printf('class %03d', n), 0 FROM every
    """,
    f"""
    INSERT INTO worker (id, name, code_hash)
    {_EVERY.format("workers")} SELECT n, printf('worker %03d', n), printf('%064x', n) FROM every
    """,
    f"""
    INSERT INTO video (id, video_id, source, url, site, title)
    {_EVERY.format("clips")}
    SELECT n, printf('v%010d', n), 'search:ytsearch',
        printf('https://www.youtube.com/watch?v=v%010d', n), 'youtube', 'a title' FROM every
    """,
    """
    INSERT INTO media (video_id, file, bytes, sha256, modified_ns, duration_seconds, width, height,
        frames_per_second, has_audio, codec, uploader, licence, language)
    SELECT id, printf('media/v%010d.mp4', id), 1000, printf('%064x', id), 0, 60.0, 640, 360, 25.0,
        1, 'h264', printf('uploader %d', id / 3), CASE id % 3 WHEN 0 THEN 'CC BY 4.0' END,
        CASE id % 5 WHEN 0 THEN 'en' WHEN 1 THEN 'pt' END
    FROM video
    """,
    """
    INSERT INTO clip (id, video_id, label_id, start_seconds, end_seconds, method, score, rank,
        is_withdrawn)
    SELECT id, id, id % :num_classes + 1, 10.0, 20.0, 'classifier', id * 7919 % 1000 / 1000.0, 0, 0
    FROM video
    """,
    "INSERT INTO clip_place (clip_id, standing) SELECT id, 'kept' FROM clip",
    """
    INSERT INTO decision (clip_id, verdict, num_yes, num_no, num_unsure, num_bad, num_set_aside,
        lasts_whole_clip, is_ruled)
    SELECT id, 'accepted', 3 - (id % 4 = 0), id % 4 = 0, 0, 0, 0, 1, 0 FROM clip
    """,
    """
    INSERT INTO task (id, kind, round, is_finished)
    SELECT DISTINCT id / 20, 'clip', 0, 1 FROM clip
    """,
    """
    INSERT INTO task_slot (id, task_id, position, clip_id, label_id)
    SELECT id, id / 20, id % 20, id, label_id FROM clip
    """,
    f"""
    INSERT INTO vote (worker_id, clip_id, label_id, slot_id, answer, lasts_whole_clip, revision)
    SELECT (clip.id * 7 + k * 131) % :num_workers + 1, clip.id, clip.label_id, clip.id,
        CASE WHEN clip.id % 4 = 0 AND k = 0 THEN 'no' ELSE 'yes' END, 1, 0
    FROM clip, (SELECT value k FROM json_each('{list(range(NUM_ANSWERS))}'))
    """,
)


def fill(workspace: Workspace, num_clips: int) -> None:
    """Write the rows of so many accepted clips, and their files."""
    known = {"num_clips": num_clips, "num_classes": NUM_CLASSES, "num_workers": NUM_WORKERS}
    for words in _ROWS:
        with writing(workspace.engine) as session:
            session.execute(text(words), {k: v for k, v in known.items() if f":{k}" in words})
    workspace.clips.mkdir(exist_ok=True)
    for some in batches(_files(workspace, num_clips), 5000):
        with writing(workspace.engine) as session:
            session.execute(insert(ClipFile), some)


def _files(workspace: Workspace, num_clips: int) -> Iterator[dict[str, Any]]:
    """Make the clips' files, and yield their rows."""
    for number in range(1, num_clips + 1):
        name = f"clips/v{number:010}_000010_000020.mp4"
        data = name.encode()
        (workspace.root / name).write_bytes(data)
        yield {
            "clip_id": number,
            "file": name,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "duration_seconds": 10.0,
            "width": 640,
            "height": 360,
            "frames_per_second": 25.0,
            "num_frames": 250,
            "fingerprint": data,
        }
