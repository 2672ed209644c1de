"""Makes the pictures of docs/annotating.md anew: `python -m docs.pictures.annotating [--all DIR]`.

People of the demo world are drawn who juggle, and some who do not; Chromium then looks at the
workers' page in each of the three ways, and at the owner's pages. `--all DIR` writes every page
at two sizes, light and dark, into a folder instead: to look at before a change is landed.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation_ui.security import load_secret, owner_code
from annotation_ui.server import serving
from docs.pictures.ava_page import press, read_on, wait
from docs.pictures.browser import chromium, keep
from kinetics_builder.crowd.clips.auditing import draw_audit
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.crowd.records import keep as count
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    Gold,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.encode import encode, hum
from pipelines.demo.film import Segment, frames, set_scene

SETTINGS = "[verify]\nhaste_seconds = 0.0\npractice_answers = 0\n[page]\npay_per_hour = 12\n"
CLASSES = (
    ("juggling balls", "The person keeps several balls in the air.", "juggling balls", "walk"),
    (
        "doing squats",
        "The person bends the knees deeply and comes up again.",
        "doing squats",
        "stand",
    ),
)
"""Name, what workers are told, what is mostly done, what is done in some clips."""
NUM_CLIPS, SECONDS = 24, 4.0
"""Clips of a class; seconds of each."""
GRID_SIZE, NUM_KNOWN = 15, 3
PEOPLE = (("Ana", 0.03), ("Bruno", 0.08), ("Clara", 0.04), ("Davi", 0.4))
"""Who answers in Chromium's place, and how often wrongly."""
DESKTOP, PHONE = (1280, 860), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One page as somebody sees it."""

    name: str
    path: str
    act: Callable[[Any], None] = lambda browser: None
    is_owner: bool = True
    is_phone: bool = False


def strike_out(browser: Any) -> None:
    """Mark some clips of a grid."""
    press(browser, Keys.ARROW_RIGHT, Keys.SPACE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "u")


def first_reason(browser: Any) -> None:
    """Begin to decide the first clip."""
    press(browser, Keys.ARROW_RIGHT, "y", "hands are hidden")


PICTURES = (
    Shot("clip", "/task?kind=clip", is_owner=False),
    Shot("stream", "/task?kind=clip", is_owner=False, is_phone=True),
    Shot("grid", "/task?kind=clip", strike_out, is_owner=False),
    Shot("progress", "/owner"),
    Shot("disputes", "/owner/disputes", first_reason),
    Shot("audit", "/owner/audit"),
)
"""What docs/annotating.md shows, as `annotating_NAME.png`. Whoever looks at a grid takes the task
after it, too: so that comes after the other ways."""
OTHERS = (
    Shot("flags", "/owner/flags"),
    Shot("classes", "/owner/classes"),
    Shot("class", "/owner/classes/1"),
    Shot("worker", "/owner/workers/1"),
    Shot("log", "/owner/log"),
)
_SETTLED = """
const videos = [...document.querySelectorAll("main video")].filter((one) => one.checkVisibility());
return document.readyState === "complete" && videos.every((one) => one.readyState > 2);
"""


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        workspace, codes = build(Path(name) / "workspace")
        with serving(workspace) as address, chromium() as browser:
            if chosen.all:
                chosen.all.mkdir(parents=True, exist_ok=True)
                look_at_all(browser, address, workspace, codes, chosen.all)
                return
            for shot in PICTURES:
                come_in(browser, address, workspace, codes, shot)
                file = Path(name) / f"{shot.name}.png"
                take(browser, address, shot, PHONE if shot.is_phone else DESKTOP, file)
                keep(file, Path(__file__).parent / f"annotating_{shot.name}.png")


def look_at_all(
    browser: Any, address: str, workspace: Workspace, codes: dict[str, str], folder: Path
) -> None:
    """Take every page at both sizes, light and dark."""
    for shot in (*PICTURES, *OTHERS):
        come_in(browser, address, workspace, codes, shot)
        for size, named in ((DESKTOP, "desktop"), (PHONE, "phone")):
            for scheme in ("light", "dark"):
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
                take(browser, address, shot, size, folder / f"{shot.name}_{named}_{scheme}.png")


def take(browser: Any, address: str, shot: Shot, size: tuple[int, int], file: Path) -> None:
    """Open a page in a window of that size, and write what is seen of it."""
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": size == PHONE})
    browser.get(f"{address}{shot.path}")
    wait(browser, lambda: browser.execute_script(_SETTLED))
    shot.act(browser)
    browser.execute_async_script("setTimeout(arguments[0], 1500)")
    browser.save_screenshot(str(file))


def come_in(
    browser: Any, address: str, workspace: Workspace, codes: dict[str, str], shot: Shot
) -> None:
    """Log in as the owner, or as the worker who has the task that is shown."""
    browser.delete_all_cookies()
    if shot.is_owner:
        browser.get(f"{address}/owner/login")
        browser.find_element(By.ID, "code").send_keys(
            owner_code(load_secret(workspace)), Keys.ENTER
        )
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".tiles"))
        return
    browser.get(f"{address}/login?as=another")
    browser.find_element(By.ID, "name").send_keys(f"Eva of {shot.name}")
    browser.find_element(By.ID, "code").send_keys(codes[shot.name], Keys.ENTER)
    wait(browser, lambda: browser.find_elements(By.ID, "log-out"))
    browser.get(f"{address}/task?kind=clip")
    while "/instructions/" in browser.current_url:
        read_on(browser)


def build(root: Path) -> tuple[Workspace, dict[str, str]]:
    """Return a workspace of drawn clips with answers, and codes by the way that is shown them."""
    workspace = Workspace.create(root, SETTINGS)
    ways = {Way.CLIP: "clip", Way.STREAM: "stream", Way.GRID: "grid"}
    with writing(workspace.engine) as session:
        clips = [
            clip for number, one in enumerate(CLASSES) for clip in _clips(workspace, number, *one)
        ]
        session.add_all(clips)
        session.flush()
        codes = dict(zip(ways.values(), make_invitations(session, len(ways)), strict=True))
        known = [
            Gold(clip_id=clip.id, label_id=clip.label_id, expected=Answer.YES)
            for clip in clips[:NUM_KNOWN]
        ]
        session.add_all(known)
        workers = [Worker(name=name, code_hash=name) for name, _ in PEOPLE]
        session.add_all(workers)
        session.flush()
        slots = _slots(session, clips[NUM_KNOWN:], known)
        _answer(session, workers, slots, workspace)
        for number, way in enumerate(ways):
            _hand_out(session, way, number + 1, clips)
    with writing(workspace.engine) as session:
        count(session, workspace.config.verify)
        draw_audit(session, 6)
    return workspace, codes


def _clips(
    workspace: Workspace, number: int, name: str, told: str, done: str, other: str
) -> list[Clip]:
    """Draw clips of a class; in every fifth the person does something else."""
    label = Label(name=name, description=told)
    found = []
    for place in range(NUM_CLIPS):
        seed = 100 * number + place
        behaviour = other if place % 5 == 3 else done
        script = [Segment(behaviour, round(SECONDS * FRAMES_PER_SECOND))]
        file = f"clips/{seed}.mp4"
        encode(
            workspace.clips / f"{seed}.mp4",
            frames(set_scene(np.random.default_rng(seed)), script),
            hum(seed, SECONDS),
        )
        video = Video(
            video_id=f"drawn{seed:06d}", source="drawn", url="", title=f"{name}, part {place + 1}"
        )
        clip = Clip(video=video, label=label, start_seconds=2.0, end_seconds=2.0 + SECONDS)
        clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
        shape = {"width": 160, "height": 120, "num_frames": script[0].num_frames}
        clip.file = ClipFile(file=file, bytes=1, sha256=f"{seed:064d}", **shape)
        clip.file.duration_seconds, clip.file.frames_per_second = SECONDS, FRAMES_PER_SECOND
        found.append(clip)
    return found


def _slots(session: Session, clips: Sequence[Clip], known: Sequence[Gold]) -> list[TaskSlot]:
    """Put all clips into one task that everybody has had, gold at its end."""
    task = Task(round=0, num_takers=len(PEOPLE))
    for position, clip in enumerate(clips):
        task.slots.append(TaskSlot(position=position, clip_id=clip.id, label_id=clip.label_id))
    for gold in known:
        slot = TaskSlot(position=len(task.slots), clip_id=gold.clip_id, label_id=gold.label_id)
        slot.gold_id = gold.id
        task.slots.append(slot)
    session.add(task)
    session.flush()
    return list(task.slots)


def _answer(
    session: Session, workers: Sequence[Worker], slots: Sequence[TaskSlot], workspace: Workspace
) -> None:
    """Let three people and a careless one say what each clip shows."""
    chance, at = random.Random(5), 1_790_000_000.0
    for worker, (_, wrong) in zip(workers, PEOPLE, strict=True):
        for slot in slots:
            is_yes = slot.gold_id is not None or (slot.clip_id - 1) % NUM_CLIPS % 5 != 3
            said = Answer.YES if is_yes != (chance.random() < wrong) else Answer.NO
            at += 4.0
            about = {"clip_id": slot.clip_id, "label_id": slot.label_id, "slot_id": slot.id}
            answer = Vote(worker_id=worker.id, answer=said, answered_at=at, seconds=3.1, **about)
            session.add(answer)
    session.flush()


def _hand_out(session: Session, way: Way, number: int, clips: Sequence[Clip]) -> None:
    """Add clips that nobody has answered, in a task that is shown in this way."""
    label = session.scalars(select(Label).order_by(Label.id)).first()
    assert label is not None
    task = Task(round=number, way=way)
    for position, before in enumerate(clips[:GRID_SIZE]):
        assert before.file is not None
        video = Video(video_id=f"more{number}{position:04d}", source="drawn", url="", title="")
        clip = Clip(video=video, label=label, start_seconds=0.0, end_seconds=SECONDS)
        clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
        named = ("file", "bytes", "sha256", "width", "height", "num_frames")
        clip.file = ClipFile(**{name: getattr(before.file, name) for name in named})
        clip.file.duration_seconds, clip.file.frames_per_second = SECONDS, FRAMES_PER_SECOND
        task.slots.append(TaskSlot(position=position, clip=clip, label=label))
    session.add(task)
    session.flush()


if __name__ == "__main__":
    main()
