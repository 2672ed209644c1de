"""The steps of a large catalogue, one a process: what `benchmarks/catalogue.py` measures.

    python benchmarks/catalogue_steps.py STEP FOLDER NUM_TITLES

The packages are those that Python finds first, so that another build can be measured. Prints the
most bytes of memory that it had, as Linux counts them since it was started: `ru_maxrss` would be
that of the process that started it, where that had more.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    FrameScores,
    Item,
    Label,
    Media,
    Method,
    SearchHit,
    State,
)
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting.listing import add_listed
from pipelines.inspecting.status import status
from pipelines.running.runner import run_stage
from pipelines.sources.source import Found
from pipelines.stages import build_stage

CLASSES = (
    "abseiling",
    "air drumming",
    "arm wrestling",
    "baking cookies",
    "blowing glass",
    "bowling",
    "clean and jerk",
    "juggling balls",
    "playing violin",
    "riding a bike",
    "tying tie",
    "yoga",
)
FORMS = ("{} in the park", "how to: {}", "{} with my brother", "2019 {} compilation", "a quiet day")
PER_QUERY = 200
_AT_ONCE = 5000


def title(number: int) -> str:
    """Return the title of a video: four in five name a class."""
    form = FORMS[number % len(FORMS)]
    return f"{form.format(CLASSES[number // len(FORMS) % len(CLASSES)])} {number}"


def list_videos(workspace: Workspace, num_titles: int) -> None:
    """Write what searches list, an answer at a time, as `search` does."""
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name=name) for name in CLASSES])
        labels = list(session.scalars(select(Label.id)))
    for first in range(0, num_titles, PER_QUERY):
        found = [
            Found(f"v{number:09}", f"https://example.org/{number}", title(number))
            for number in range(first, min(first + PER_QUERY, num_titles))
        ]
        label_id = labels[first // PER_QUERY % len(labels)]
        with writing(workspace.engine) as session:
            hits = [
                {"video_id": row.id, "label_id": label_id, "query": "made up", "rank": rank}
                for rank, row in enumerate(add_listed(session, found, "made up"))
            ]
            session.execute(insert(SearchHit), hits)


def run(workspace: Workspace, *names: str) -> None:
    """Run stages. The files of which their rows speak are not there, and not looked for."""
    for name in names:
        report = run_stage(workspace, replace(build_stage(name, workspace), promises=None))
        assert report.num_items == report.num_done + sum(report.failures.values()), report


def write_media(workspace: Workspace) -> None:
    """Write the rows that `download` and `score` would have left of every candidate."""
    times = [2.0 * n for n in range(30)]
    with reading(workspace.engine) as session:
        videos = session.scalars(select(Candidate.video_id).distinct()).all()
        candidates = session.scalars(select(Candidate.id)).all()
    _insert(workspace, Media, (_media(video) for video in videos))
    _insert(
        workspace,
        FrameScores,
        (
            {
                "candidate_id": number,
                "method": Method.CLASSIFIER,
                "times_seconds": times,
                "scores": [round((number * 37 + n * n * 11) % 97 / 97, 3) for n in range(30)],
            }
            for number in candidates
        ),
    )


def _media(video: int) -> dict[str, Any]:
    file = {"file": f"media/{video}.mp4", "bytes": 1, "sha256": f"{video:064x}", "modified_ns": 1}
    seen = {"width": 640, "height": 360, "frames_per_second": 25.0, "codec": "h264"}
    return {"video_id": video, "duration_seconds": 60.0, "has_audio": True} | file | seen


def _insert(workspace: Workspace, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            with writing(workspace.engine) as session:
                session.execute(insert(table), some)
            some = []
    if some:
        with writing(workspace.engine) as session:
            session.execute(insert(table), some)


def finish(workspace: Workspace, *names: str) -> None:
    """Write that every item of stages is done."""
    for name in names:
        stage = build_stage(name, workspace)
        done = {"stage": name, "settings_hash": stage.settings_hash, "state": State.DONE}
        with reading(workspace.engine) as session:
            pages = list(stage.pages(session))
        for page in pages:
            with reading(workspace.engine) as session:
                keys = [key for key, _ in stage.items(session, page)]
            _insert(workspace, Item, (done | {"key": key, "attempts": 1} for key in keys))


def tell(workspace: Workspace) -> None:
    """Do what `kbuild status` does."""
    for stage in status(workspace).stages:
        assert stage.stage == "search" or not stage.num_pending, stage


STEPS: dict[str, Callable[[Workspace, int], None]] = {
    "search rows": list_videos,
    "match": lambda workspace, _: run(workspace, "match"),
    "match again": lambda workspace, _: run(workspace, "match"),
    "rows of download and score": lambda workspace, _: write_media(workspace),
    "their items": lambda workspace, _: finish(workspace, "download", "score"),
    "propose": lambda workspace, _: run(workspace, "propose"),
    "items of cut": lambda workspace, _: finish(workspace, "cut"),
    "first look": lambda workspace, _: run(workspace, "download", "score", "cut"),
    "second run": lambda workspace, _: run(
        workspace, "match", "download", "score", "propose", "cut"
    ),
    "status": lambda workspace, _: tell(workspace),
}

if __name__ == "__main__":
    step, folder, number = sys.argv[1:]
    there = Path(folder) / "kbuild.toml"
    STEPS[step](
        Workspace.open(Path(folder)) if there.exists() else Workspace.create(Path(folder), ""),
        int(number),
    )
    status_lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in status_lines if line.startswith("VmHWM:"))
    print(int(peak) << 10)
