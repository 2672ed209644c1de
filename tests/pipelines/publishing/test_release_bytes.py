"""Every byte of a release of an odd world: equal state gives the bytes of `odd_release.txt`."""

import hashlib
import json
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from sqlalchemy import select

from kinetics_builder.config import Config, CurateConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipBelief,
    ClipFile,
    Decision,
    Setting,
)
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.edits import record_edits
from pipelines.publishing.folders.line_marks import LINES
from pipelines.publishing.release import release
from pipelines.takedown.takedown import takedown
from pipelines.verifying.aggregate import aggregate

GOLDEN = Path(__file__).with_name("odd_release.txt")
LABELS = ("waving", 'tying, knot ("bow")', "dançar forró", "carving ice", "wave, big")
CONFIG = Config(
    curate=CurateConfig(num_test=2, num_validate=2, num_held_out=1, max_held_out_share=0.8)
)


def odd(filler: Any) -> None:
    """Fill a workspace with all that rows may say: none, several, quotes, commas, secrets."""
    numbers = count()
    for n in range(9):
        for at, label in enumerate(LABELS[: 2 + n % 4]):
            clip = filler.clip(f"video_{n % 7}-{n}", label, 1.25 * n + at / 8, score=0.125 * at)
            _say(filler, clip, next(numbers))
            _know(clip, n, at)


def _say(filler: Any, clip: Clip, number: int) -> None:
    """Let some people answer, some of them again, some with a better name."""
    for k, lasts in enumerate(((True, None, False), (None, True, True))[number % 2]):
        filler.vote(clip, f"worker {number * 7 % 5 + k}", lasts_whole_clip=lasts)
    if number % 2:
        answer = (Answer.NO, Answer.UNSURE, Answer.BAD)[number % 3]
        for revision in range(1 + number % 3):
            better_name = ('tying, "bow"', "Bögen\u2028binden", None)[revision]
            row = {"revision": 11 * revision, "better_name": better_name}
            filler.vote(clip, f"worker {8 + number % 5}", answer, **row)
    gold = filler.gold(clip, "swimming", Answer.NO)
    filler.vote(clip, "worker 20", Answer.YES, gold=gold)


def _know(clip: Clip, n: int, at: int) -> None:
    """Let files, videos and their sites be of several sorts."""
    video, media, file = clip.video, clip.video.media, clip.file
    video.url = (
        f"/disk/{n}.mp4",
        f"https://films.org/{n}?token=secret{n}&page=2",
        f"http://anna:pa@ss@Films.example:8080/{n}#part",
        f"https://www.youtube.com/watch?v=token{n}",
    )[n % 4]
    video.site = (None, "films", "youtube")[n % 3]
    media.uploader = (None, "Anna  Smith", "anna smith", " ", 'Bo, "B"')[n % 5]
    licences = (None, "CC BY-NC-SA 2.0", "Creative Commons\r\nAttribution", 'yes, "ask"')
    media.licence = licences[n % 4]
    media.has_audio, media.codec = n % 2 == 0, ("h264", "vp9")[n % 2]
    file.fingerprint = None if n % 3 == 0 else bytes([n, at, 0, 255])
    file.duration_seconds, file.frames_per_second = 10.0 - at / 30, (25.0, 30000 / 1001)[n % 2]
    if n == 4:
        clip.cuts, clip.num_cuts, clip.was_moved = [clip.start_seconds + 2.5], 1, at == 1
        file.faces_by, file.num_blurred_frames = "double 1.0", 3
    if n == 8 and at == 0:
        media.sha256 = hashlib.sha256(b"video_0-0").hexdigest()


@pytest.fixture
def odd_workspace(workspace: Workspace, fill: Any) -> Workspace:
    fill(workspace, odd)
    with writing(workspace.engine) as session:
        aggregate(session, CONFIG.verify)
        for number, clip in enumerate(session.scalars(select(Clip.id).order_by(Clip.id))):
            decision = session.get(Decision, clip)
            decision.is_ruled = number % 6 == 5
            if number % 4 == 1:
                belief = {"prior": 0.5, "probability": 1 / (number + 1), "worth": 0.0}
                session.add(ClipBelief(clip_id=clip, **belief))
        session.merge(Setting(key="pseudonym_key", value="the same for all"))
    (workspace.root / "taken.txt").write_text("video_5-5 | 2026-11-03 | asked\n")
    takedown(workspace, workspace.root / "taken.txt")
    (workspace.root / "edits.txt").write_text("rename waving -> waving about\n")
    with writing(workspace.engine) as session:
        record_edits(session, workspace.root / "edits.txt")
        curate(session, CONFIG)
    return workspace


def told(folder: Path) -> str:
    """Return all of a release's lists as one text; of its table, the rows."""
    parts = []
    for path in sorted(folder.iterdir()):
        if path.name in ("SHA256SUMS", "croissant.json", "clips"):
            continue  # they tell of the table's bytes, and these are those of a version of pyarrow
        text = _rows(path) if path.suffix == ".parquet" else path.read_bytes().decode()
        parts.append(f"======== {path.name}\n{text}")
    return "".join(parts)


def _rows(path: Path) -> str:
    table = pyarrow.parquet.read_table(path)
    rows = table.to_pylist()
    lines = [
        f"{name}: {kind}\n"
        for name, kind in zip(table.schema.names, table.schema.types, strict=True)
    ]
    return "".join([*lines, *(f"{json.dumps(row, default=bytes.hex)}\n" for row in rows)])


def test_a_release_of_an_odd_world_has_the_bytes_that_it_always_had(
    odd_workspace: Workspace,
) -> None:
    folder = release(odd_workspace, "1.0.0").folder
    found = told(folder) + (odd_workspace.root / "held_out" / "1.0.0.csv").read_text()
    assert found == GOLDEN.read_text()


@pytest.mark.long
def test_texts_that_another_process_writes_give_the_same_release(
    odd_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = release(odd_workspace, "1.0.0")
    monkeypatch.setattr("pipelines.publishing.clips.texts.MANY", 1)
    monkeypatch.setattr("pipelines.publishing.release.num_cores", lambda: 2)
    beside = release(odd_workspace, "2.0.0")
    assert beside.content_hash == plain.content_hash
    placed = {path.name: path.read_bytes() for path in (beside.folder / "clips").iterdir()}
    assert placed == {one.name: one.read_bytes() for one in (plain.folder / "clips").iterdir()}
    marks = [odd_workspace.root / LINES / name for name in ("1.0.0", "2.0.0")]
    plain_marks, marks_beside = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in marks
    )
    assert marks_beside == plain_marks
    with reading(odd_workspace.engine) as session:
        file = session.scalars(select(ClipFile.file).order_by(ClipFile.clip_id)).first()
    (odd_workspace.root / file).write_bytes(b"another")
    with pytest.raises(WorkspaceError, match=f"{file} has changed since it was made"):
        release(odd_workspace, "3.0.0")
    assert {path.name for path in odd_workspace.releases.iterdir()} == {".lock", "1.0.0", "2.0.0"}
