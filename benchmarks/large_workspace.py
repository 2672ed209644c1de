"""A workspace as a long collect has left it, written down in bulk.

    python -m benchmarks.large_workspace FOLDER NUM_VIDEOS [--files]

Of five listed videos four name a class, and of ten of these one could not be fetched. Each that
came has one clip. `--files` also makes the files of which the rows speak: of the promised size,
with nothing in them.
"""

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    FrameScores,
    Item,
    Label,
    LabelTerm,
    Media,
    Method,
    SearchHit,
    Standing,
    State,
    Term,
    Video,
)
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.runner import run_stage
from pipelines.stages import MODULES, build_stage

NUM_CLASSES = 700
NUM_QUERIES = 4
"""Of a class: its name, and others."""
PER_QUERY = 100
BYTES = 1000
MODIFIED_NS = 1_700_000_000 * 10**9
_AT_ONCE = 20_000
_LOST = (Reason.REMOVED, Reason.PRIVATE, Reason.GEO, Reason.NETWORK)


def fill(workspace: Workspace, num_videos: int) -> None:
    """Write the rows of every stage up to `deduplicate`."""
    numbers = range(1, num_videos + 1)
    candidates = [n for n in numbers if n % 5]
    fetched = [n for n in candidates if n % 10 != 9]
    few = range(1, NUM_CLASSES + 1)
    _insert(workspace, Label, ({"id": n, "name": f"class {n:03}"} for n in few))
    terms = (
        {"label_id": n, "kind": Term.QUERY, "language": "en", "text": text}
        for n in few
        for text in queries(n)[1:]
    )
    _insert(workspace, LabelTerm, terms)
    _insert(workspace, Video, map(_video, numbers))
    _insert(workspace, SearchHit, map(_hit, numbers))
    _insert(workspace, Candidate, map(_candidate, candidates))
    _insert(workspace, Media, map(_media, fetched))
    _insert(workspace, FrameScores, map(_scores, fetched))
    _insert(workspace, Clip, map(_clip, fetched))
    _insert(workspace, ClipFile, map(_clip_file, fetched))
    _insert(workspace, ClipPlace, ({"clip_id": n, "standing": Standing.KEPT} for n in fetched))
    for name in MODULES:
        if name != "search":
            _insert(workspace, Item, _items(workspace, name))
    for name in MODULES:
        if name != "search":
            run_stage(workspace, replace(build_stage(name, workspace), promises=None))


def queries(number: int) -> list[str]:
    """Return what is asked for a class."""
    return [f"class {number:03}", *(f"class {number:03} q{n}" for n in range(1, NUM_QUERIES))]


def make_files(workspace: Workspace, num_videos: int) -> None:
    """Make the files of videos and clips, as large and as old as their rows say."""
    for n in range(1, num_videos + 1):
        if n % 5 and n % 10 != 9:
            for path in (workspace.root / f"media/{_name(n)}.mp4", workspace.root / _clip_name(n)):
                path.touch()
                os.truncate(path, BYTES)
                os.utime(path, ns=(MODIFIED_NS, MODIFIED_NS))


def _name(n: int) -> str:
    return f"v{n:09}"


def _class(n: int) -> int:
    return n // (PER_QUERY * NUM_QUERIES) % NUM_CLASSES + 1


def _video(n: int) -> dict[str, Any]:
    title = f"class {_class(n):03} at home {n}" if n % 5 else f"a quiet day {n}"
    url = f"https://www.youtube.com/watch?v={_name(n)}"
    return {
        "id": n,
        "video_id": _name(n),
        "source": "search:ytsearch",
        "url": url,
        "site": "youtube",
        "title": title,
    }


def _hit(n: int) -> dict[str, Any]:
    query = queries(_class(n))[n // PER_QUERY % NUM_QUERIES]
    return {"video_id": n, "label_id": _class(n), "query": query, "rank": n % PER_QUERY}


def _candidate(n: int) -> dict[str, Any]:
    label = _class(n)
    said = {"score": 1.0, "matched": f"class {label:03}", "variant": f"class {label:03}"}
    return {"id": n, "video_id": n, "label_id": label} | said


def _file(n: int, file: str) -> dict[str, Any]:
    known = {"bytes": BYTES, "modified_ns": MODIFIED_NS, "sha256": f"{n:064x}"}
    return {"file": file, "width": 640, "height": 360, "frames_per_second": 25.0} | known


def _media(n: int) -> dict[str, Any]:
    seen = {"duration_seconds": 60.0, "has_audio": True, "codec": "h264"}
    return {"video_id": n} | _file(n, f"media/{_name(n)}.mp4") | seen


def _scores(n: int) -> dict[str, Any]:
    curve = {"times_seconds": [0.0, 5.0], "scores": [0.1, 0.9]}
    return {"candidate_id": n, "method": Method.CLASSIFIER} | curve


def _clip(n: int) -> dict[str, Any]:
    where = {"start_seconds": 10.0, "end_seconds": 20.0, "rank": 0}
    judged = {"method": Method.CLASSIFIER, "score": n * 7919 % 1000 / 1000}
    return {"id": n, "video_id": n, "label_id": _class(n)} | where | judged


def _clip_name(n: int) -> str:
    return f"clips/{_name(n)}_000010_000020.mp4"


def _clip_file(n: int) -> dict[str, Any]:
    made = {"clip_id": n, "duration_seconds": 10.0, "num_frames": 250}
    return made | _file(n, _clip_name(n)) | {"fingerprint": b"\0"}


def _items(workspace: Workspace, name: str) -> Iterator[dict[str, Any]]:
    """Yield what the runner would have left of every item of a stage."""
    stage = build_stage(name, workspace)
    same = {"stage": name, "settings_hash": stage.settings_hash, "attempts": 1}
    is_lost: dict[str, Callable[[int], Reason | None]] = {
        "match": lambda n: None if n % 5 else Reason.NO_MATCH,
        "download": lambda n: _LOST[n // 10 % len(_LOST)] if n % 10 == 9 else None,
    }
    with reading(workspace.engine) as session:
        pages = list(stage.pages(session))
    for page in pages:
        with reading(workspace.engine) as session:
            keys = [key for key, _ in stage.items(session, page)]
        for key in keys:
            reason = is_lost[name](int(key[1:10])) if name in is_lost else None
            failed = {"state": State.FAILED, "reason": reason, "message": "is gone"}
            done = {"state": State.DONE, "reason": None, "message": None}
            yield same | {"key": key} | (failed if reason else done)


def _insert(workspace: Workspace, kind: Any, rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    while some := list(islice(rows, _AT_ONCE)):
        with writing(workspace.engine) as session:
            session.execute(insert(kind.__table__), some)


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
