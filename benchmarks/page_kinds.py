"""How fast the next task and question of each kind comes, beside those of clips, in one run.

    .venv/bin/python -m benchmarks.page_kinds [--frames N] [--answers N] [--out FILE]

A workspace holds as many key frames as clips, ten persons at each, an action of every person to
be named and two to be confirmed, and strips of linked boxes. Workers, each a new one, take a task
of every kind in turn and answer ten questions; the server runs in this process, so its CPU time
is what a request costs. Then the owner's page is asked for, here and in a workspace of a tenth.
At last a browser answers on the real page, and it is seen when its screen shows the next question
(`benchmarks.page_shown`).
"""

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from annotation_ui.app import create_app
from annotation_ui.kinds.registry import KINDS
from annotation_ui.security import owner_code
from benchmarks.page_grids import COLOURS
from benchmarks.page_shown import (
    ANSWER_KEYS,
    LOOK_SECONDS,
    NUM_STILLS,
    ROUND_TRIPS_MS,
    Waits,
    draw_media,
    measure_waits,
)
from benchmarks.report import machine
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionAnswer,
    Clip,
    ClipFile,
    ClipPlace,
    DetectedBox,
    KeyFrame,
    Label,
    Method,
    PersonBox,
    ProposedAction,
    Standing,
    TaskSlot,
    Video,
    Worker,
)
from kinetics_builder.workspace import Workspace
from pipelines.verifying.assign import assign
from pipelines.verifying.assign_frames import assign_frames
from pipelines.verifying.assign_links import assign_links
from pipelines.verifying.people import assign_people

ROOT = Path(__file__).parent.parent
SECRET = b"secret of the benchmark"
PERSONS = 10
NUM_WORKERS = 12
NUM_ANSWERS = 10
FRAMES_A_FILM = 100
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
SETTINGS = "[verify]\nhaste_seconds = 0.0\n"


def make_workspace(
    folder: Path, num_frames: int, num_codes: int = NUM_WORKERS
) -> tuple[Workspace, list[str]]:
    """Return a workspace with questions of every kind, and workers' codes."""
    workspace = Workspace.create(folder, SETTINGS)
    config = workspace.config
    with writing(workspace.engine) as session:
        _add_clips(session, num_frames)
        _add_films(session, num_frames)
        assign_people(session, config.assign)
        _name_actions(session)
        remake(session, config.verify)
        assign(session, config)
        assign_links(session, config)
        assign_frames(session, config)
        codes = make_invitations(session, num_codes)
    return workspace, codes


def _add_clips(session: Session, number: int) -> None:
    numbers = range(1, number + 1)
    told = {"source": "", "url": ""}
    file = {"bytes": 4, "duration_seconds": 10.0}
    shape = {"width": 340, "height": 256, "frames_per_second": 25.0, "num_frames": 250}
    span = {"start_seconds": 0.0, "end_seconds": 10.0, "method": Method.MOTION}
    session.execute(insert(Label), [{"id": n, "name": f"action {n:03}"} for n in range(1, 51)])
    videos = [{"id": n, "video_id": f"v{n:010}", "title": f"Clip {n}", **told} for n in numbers]
    session.execute(insert(Video), videos)
    clips = [
        {"id": n, "video_id": n, "label_id": n % 50 + 1, "score": 0.5, "rank": 0, **span}
        for n in numbers
    ]
    session.execute(insert(Clip), clips)
    files = [
        {"file": f"clips/{n % len(COLOURS)}.mp4", "sha256": f"{n:064d}", **file, **shape}
        for n in numbers
    ]
    rows = [{"clip_id": n, **one} for n, one in zip(numbers, files, strict=True)]
    session.execute(insert(ClipFile), rows)
    places = [{"clip_id": n, "standing": Standing.KEPT} for n in numbers]
    session.execute(insert(ClipPlace), places)


def _add_films(session: Session, num_frames: int) -> None:
    films = range(-(-num_frames // FRAMES_A_FILM))
    told = {"source": "", "url": ""}
    rows = [{"video_id": f"film{n:07}", "title": f"Film {n}", **told} for n in films]
    ids = session.scalars(insert(Video).returning(Video.id, sort_by_parameter_order=True), rows)
    video_ids = list(ids)
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 640, "height": 480, "bytes": 1}
    still |= {"is_withdrawn": False}
    frames = [
        {
            "video_id": video_ids[n // FRAMES_A_FILM],
            "timestamp_seconds": 902.0 + n % FRAMES_A_FILM,
            "file": f"stills/{n % NUM_STILLS}.jpg",
            "sha256": f"{n:064d}",
            **still,
        }
        for n in range(num_frames)
    ]
    made = insert(KeyFrame).returning(KeyFrame.id, sort_by_parameter_order=True)
    frame_ids = list(session.scalars(made, frames))
    corners = {"y1": 0.2, "y2": 0.9}
    boxes = [
        {"key_frame_id": frame, "x1": person / 10, "x2": round(person / 10 + 0.08, 6), **corners}
        for frame in frame_ids
        for person in range(PERSONS)
    ]
    found = insert(DetectedBox).returning(DetectedBox.id, sort_by_parameter_order=True)
    detected = session.scalars(found, [{**box, "score": 0.9, "origin": "made"} for box in boxes])
    shown = [
        {**box, "detected_box_id": number, "person": place % PERSONS}
        for place, (box, number) in enumerate(zip(boxes, detected, strict=True))
    ]
    session.execute(insert(PersonBox), shown)


def _name_actions(session: Session) -> None:
    """Have two workers name the actions of half of the persons: two of each wait for raters."""
    slots = session.execute(
        select(TaskSlot.id, TaskSlot.person_box_id).order_by(TaskSlot.id.desc())
    ).all()
    workers = [{"code_hash": name, "name": name} for name in ("ann", "ben")]
    made = insert(Worker).returning(Worker.id, sort_by_parameter_order=True)
    for worker, actions in zip(
        session.scalars(made, workers).all(), ((12,), (12, 79)), strict=True
    ):
        rows = [
            {"worker_id": worker, "person_box_id": box, "slot_id": slot, "answered_at": 1e9}
            for slot, box in slots[: len(slots) // 2]
        ]
        answer = insert(ActionAnswer).returning(ActionAnswer.id, sort_by_parameter_order=True)
        answers = session.scalars(answer, rows).all()
        named = [{"answer_id": one, "action_id": action} for one in answers for action in actions]
        session.execute(insert(ProposedAction), named)


ANSWERS: Mapping[str, Callable[[dict[str, Any]], dict[str, str]]] = {
    "clip": lambda question: {"answer": "no"},
    "boxes": lambda question: {"boxes": json.dumps(question["boxes"])},
    "links": lambda question: {"tracks": json.dumps(question["tracks"])},
    "actions": lambda question: {"pose": "stand"},
    "verification": lambda question: {"answer": "yes"},
}
"""What is answered to a question of each kind."""
MEASURED = tuple(kind for kind in KINDS if kind.name in ANSWERS)
"""The kinds that all of the workspace's things can be asked by."""


class Clock:
    """Times of requests in milliseconds of CPU, and of the wall, by name."""

    def __init__(self) -> None:
        self.cpu: dict[str, list[float]] = defaultdict(list)
        self.wall: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        begun = time.process_time(), time.perf_counter()
        yield
        self.cpu[name].append(1000 * (time.process_time() - begun[0]))
        self.wall[name].append(1000 * (time.perf_counter() - begun[1]))


def log_in(browser: FlaskClient, name: str, code: str) -> None:
    """Log in as somebody who has read all instructions."""
    token = TOKEN.search(browser.get("/login").text)
    assert token
    form = {"name": name, "code": code, "csrf_token": token[1]}
    assert browser.post("/login", data=form).status_code == 302
    for kind in MEASURED:
        token = TOKEN.search(browser.get(f"/instructions/1?kind={kind.name}").text)
        assert token
        browser.post(f"/instructions?kind={kind.name}", data={"csrf_token": token[1]})


def work(browser: FlaskClient, kind: str, clock: Clock) -> None:
    """Take a task, and answer ten of its questions, as the page does: it holds what comes next."""
    with clock.timing(f"{kind} task"):
        reply = browser.get(f"/task.json?kind={kind}")
    shown = reply.json
    headers = {"Accept": "application/json", "X-CSRFToken": shown["csrf_token"]}
    held: dict[int, dict[str, Any]] = {}
    for _ in range(NUM_ANSWERS):
        if shown["next"] is None:
            break
        told = (shown["next"], *shown["following"])
        held = {one["slot"]: held[one["slot"]] if "is_held" in one else one for one in told}
        question, *following = held.values()
        holds = ",".join(str(one["slot"]) for one in following)
        form = {"kind": kind, "seconds": "2.5", "holds": holds, **ANSWERS[kind](question)}
        with clock.timing(f"{kind} question"):
            reply = browser.post(f"/slots/{question['slot']}/answer", data=form, headers=headers)
        assert reply.status_code == 200, reply.text
        shown = reply.json


def measure(num_frames: int, clock: Clock, name: str) -> None:
    """Measure one workspace: all kinds in turn, and the owner's page under `name`."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, codes = make_workspace(Path(folder) / "w", num_frames)
        app = create_app(workspace, secret=SECRET)
        for number, code in enumerate(codes):
            browser = app.test_client()
            log_in(browser, f"worker {number}", code)
            for kind in MEASURED:
                work(browser, kind.name, clock)
        owner = app.test_client()
        token = TOKEN.search(owner.get("/owner/login").text)
        assert token
        form = {"code": owner_code(SECRET), "csrf_token": token[1]}
        assert owner.post("/owner/login", data=form).status_code == 302
        for _ in range(NUM_WORKERS):
            with clock.timing(name):
                assert owner.get("/owner/progress").status_code == 200
        workspace.engine.dispose()


def look(num_frames: int, num_answers: int) -> list[Waits]:
    """Measure how soon a browser shows the next question of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        num_codes = len(ANSWER_KEYS) * len(ROUND_TRIPS_MS)
        workspace, codes = make_workspace(Path(folder) / "w", num_frames, num_codes)
        draw_media(workspace, PERSONS)
        found = measure_waits(workspace, codes, num_answers)
        workspace.engine.dispose()
    return found


def seen_lines(waits: Sequence[Waits]) -> list[str]:
    """Return the table of what a browser shows."""
    clips = {one.round_trip_ms: one.median for one in waits if one.kind == "clip"}
    return [
        "",
        "From an answer's key to the screen that shows the next question, in Chromium on the same",
        f"machine; {LOOK_SECONDS:.0f} s of looking between two keys; strips have 80 boxes.",
        "The delay is a proxy's on loopback, half of it in each direction.",
        "",
        "| kind | round trip, ms | answers | median, ms | of a clip's | 90th percentile | most |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(one.line(clips[one.round_trip_ms]) for one in waits),
    ]


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000)
    parser.add_argument("--answers", type=int, default=18)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "benchmarks" / "results" / "page_kinds.md"
    )
    options = parser.parse_args()
    load = os.getloadavg()[0]
    few, many = Clock(), Clock()
    measure(options.frames // 10, few, "owner")
    measure(options.frames, many, "owner")
    waits = look(options.frames, options.answers)
    lines = [
        "# Tasks and questions of every kind",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, SQLite.",
        f"Load average when it began: {load:.1f}.",
        f"`python -m benchmarks.page_kinds`: {options.frames:,} clips and key frames,",
        f"{options.frames * PERSONS:,} persons and as many actions to be confirmed. Medians over",
        f"{NUM_WORKERS} workers who take a task of every kind in turn, and answer.",
        "",
        "| kind | a task, CPU ms | of a clip's | next question, CPU ms | of a clip's | wall ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for kind in MEASURED:
        task, question = (_median(many.cpu, f"{kind.name} {what}") for what in ("task", "question"))
        lines.append(
            f"| {kind.name} | {task:.1f} | {task / _median(many.cpu, 'clip task'):.2f} "
            f"| {question:.1f} | {question / _median(many.cpu, 'clip question'):.2f} "
            f"| {_median(many.wall, f'{kind.name} question'):.1f} |"
        )
    lines += ["", "| key frames and clips | owner's page, CPU ms |", "|---:|---:|"]
    for number, clock in ((options.frames // 10, few), (options.frames, many)):
        lines.append(f"| {number:,} | {_median(clock.cpu, 'owner'):.1f} |")
    lines += seen_lines(waits)
    options.out.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def _median(times: Mapping[str, list[float]], name: str) -> float:
    return statistics.median(times[name])


if __name__ == "__main__":
    main()
