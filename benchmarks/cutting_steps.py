"""Steps of `benchmarks/cutting.py`, each in a process of its own, with the packages of some commit.

    python benchmarks/cutting_steps.py make FOLDER SETTINGS [VIDEO START,END ...] ...
    python benchmarks/cutting_steps.py work FOLDER
    python benchmarks/cutting_steps.py stage FOLDER

`work` calls what the stage's children call, in this process, and prints its seconds of CPU;
`stage` runs the stage with its children. Both print the hash of each file's decoded pictures.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import av

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Candidate, Clip, Label, Media, Method, Video
from kinetics_builder.files import FileMark
from kinetics_builder.storage.storage import require_writable
from kinetics_builder.video.reading.probe import probe
from kinetics_builder.workspace import Workspace
from pipelines.running.paging import EVERYTHING
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage


def make(folder: Path, settings: str, windows: dict[str, list[tuple[float, float]]]) -> None:
    """Write a workspace of videos, and of clips that wait to be cut from them."""
    workspace = Workspace.create(folder, settings)
    with writing(workspace.engine) as session:
        label = Label(name="waving")
        session.add(label)
        session.flush()
        for file, stretches in windows.items():
            path = workspace.media / Path(file).name
            path.hardlink_to(file)
            session.add(video := _video(path))
            session.flush()
            row = Candidate(video_id=video.id, label_id=label.id, score=1.0)
            row.matched = row.variant = label.name
            session.add(row)
            for rank, (start, end) in enumerate(stretches):
                session.add(
                    Clip(
                        video_id=video.id,
                        label_id=label.id,
                        start_seconds=start,
                        end_seconds=end,
                        method=Method.MOTION,
                        score=1.0,
                        rank=rank,
                    )
                )


def _video(path: Path) -> Video:
    info = probe(path)
    video = Video(video_id=path.stem, source="benchmark", url=path.name, title=path.stem)
    video.media = Media(
        file=f"media/{path.name}",
        **asdict(FileMark.of(path)),
        duration_seconds=info.duration_seconds,
        width=info.width,
        height=info.height,
        frames_per_second=info.frames_per_second,
        has_audio=info.has_audio,
        codec=info.codec,
    )
    return video


def work(workspace: Workspace) -> float:
    """Cut all clips as a child would; return the seconds of CPU."""
    stage = build_stage("cut", workspace)
    for folder in stage.writes:
        require_writable(folder)
    with reading(workspace.engine) as session:
        items = [item for _, item in stage.items(session, EVERYTHING)]
    begun = time.process_time()
    for _, some in groupby(items, key=lambda item: item.video_id):
        together = list(some)
        with _opened(stage, together[0]) as cut:
            for item in together:
                cut(item)
    return time.process_time() - begun


@contextmanager
def _opened(stage: Any, first: Any) -> Iterator[Callable[[Any], Any]]:
    """Give the work for clips of one video, of commits that know such, and of those before."""
    if together := getattr(stage, "together", None):
        with together.opened(first) as cut:
            yield cut
    else:
        yield stage.work


def pictures_of(folder: Path) -> dict[str, list[str]]:
    """Return each file's hash, and that of its decoded pictures and their times."""
    found = {}
    for path in sorted(folder.glob("*.mp4")):
        pictures = hashlib.sha256()
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                pictures.update(str(frame.pts).encode())
                pictures.update(frame.to_ndarray().tobytes())
        found[path.name] = [FileMark.of(path).sha256, pictures.hexdigest()]
    return found


def main() -> None:
    """Do what the command line says, and print what came of it as JSON."""
    step, folder = sys.argv[1], Path(sys.argv[2])
    if step == "make":
        asked = json.loads(sys.stdin.read())
        make(folder, asked["settings"], asked["windows"])
        print("{}")
        return
    workspace = Workspace.open(folder)
    if step == "files":
        print(json.dumps(pictures_of(workspace.clips)))
    elif step == "work":
        print(json.dumps({"cpu_seconds": work(workspace)}))
    else:
        report = run_stage(workspace, build_stage("cut", workspace))
        print(json.dumps({"done": report.num_done, "failures": report.failures}))


if __name__ == "__main__":
    main()
