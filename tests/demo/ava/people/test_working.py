"""The crew at the real page: boxes, who is who, what people do, and whether that is true."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    BoxAnswer,
    DetectedBox,
    DrawnBox,
    KeyFrame,
    LinkAnswer,
    LinkStretch,
    PersonBox,
    ProposedAction,
    TrackedBox,
    Video,
    Worker,
)
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.workspace import Workspace
from pipelines.demo.ava import claims
from pipelines.demo.ava.people.confirming import VerificationWork
from pipelines.demo.ava.people.drawing import BoxesWork
from pipelines.demo.ava.people.eyes import Eyes
from pipelines.demo.ava.people.gold import Golds, NumGolds, write_golds
from pipelines.demo.ava.people.linking import LinksWork
from pipelines.demo.ava.people.naming import ActionsWork
from pipelines.demo.ava.tally import SWITCH, owners_of, tally_boxes, tally_labels, tally_links
from pipelines.demo.ava.truth import FilmTruth
from pipelines.demo.crew.annotators import CREW, Skill
from pipelines.demo.crew.turns import Crew, set_aside
from pipelines.demo.crew.work import Work
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage
from tests.demo.ava.people.conftest import film_truth

SETTINGS = """\
[assign]
slots_per_task = 8

[verify]
haste_seconds = 0
link_answers = 3
"""
TRUTHS = [film_truth(f"film{number}") for number in range(3)]
SHORT = [film_truth(num_seconds=44)]
NOWHERE = Corners(0.85, 0.05, 0.95, 0.25)


def fill(workspace: Workspace, truths: Sequence[FilmTruth]) -> None:
    """Write key frames with the boxes of a machine that overlooks and imagines people."""
    Image.new("RGB", (160, 120), (90, 90, 90)).save(workspace.root / "still.jpg")
    with writing(workspace.engine) as session:
        for truth in truths:
            video = Video(video_id=truth.film_id, source="s", url="u", title="t")
            session.add(video)
            session.flush()
            for number, moment in enumerate(truth.key_frames()):
                frame = KeyFrame(
                    video_id=video.id, timestamp_seconds=moment.seconds,
                    shown_seconds=moment.seconds, shot_number=0, width=160, height=120,
                    file="still.jpg", bytes=1, sha256="0",
                )  # fmt: skip
                session.add(frame)
                session.flush()
                found = [one.corners for one in moment.sightings[number % 5 == 0 :]]
                for corners in [*found, *([NOWHERE] if number % 7 == 0 else [])]:
                    add_box(session, frame, corners)


def add_box(session: Any, frame: KeyFrame, corners: Corners) -> None:
    detected = DetectedBox(key_frame_id=frame.id, **corners._asdict(), score=0.9, origin="trained")
    session.add(detected)
    session.flush()
    session.add(PersonBox(key_frame_id=frame.id, **corners._asdict(), detected_box_id=detected.id))


def works(workspace: Workspace, truths: Sequence[FilmTruth]) -> list[Work]:
    golds = Golds(*(workspace.root / f"{kind}.csv" for kind in ("boxes", "links", "people")))
    write_golds(golds, truths, NumGolds(10, 1, 7))
    with reading(workspace.engine) as session:
        eyes = Eyes.open(session, truths)
    config = workspace.config
    return [
        BoxesWork(config, eyes, golds, 0),
        LinksWork(config, eyes, golds, 0),
        ActionsWork(config, eyes, golds, 0),
        VerificationWork(config, eyes, 0),
    ]


def do(workspace: Workspace, work: Work, base: str, progress: Any = None) -> None:
    """Have the crew do one kind of work; links are made before people are asked and after."""
    if work.kind in ("links", "actions"):
        run_stage(workspace, build_stage("ava link", workspace))
    Crew(workspace, base).work(work, progress)


def said(workspace: Workspace) -> Counter[tuple[Any, ...]]:
    """Return all that anybody said, without ids."""
    moment = Video.video_id, KeyFrame.timestamp_seconds
    corners = DrawnBox.x1, DrawnBox.y1, DrawnBox.x2, DrawnBox.y2
    place = PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2
    drawn = (
        select(Worker.name, *moment, *corners)
        .select_from(BoxAnswer)
        .outerjoin(DrawnBox, DrawnBox.answer_id == BoxAnswer.id)
        .join(Worker, Worker.id == BoxAnswer.worker_id)
        .join(KeyFrame, KeyFrame.id == BoxAnswer.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
    )
    named = (
        select(Worker.name, *moment, *place, ActionAnswer.flag, ProposedAction.action_id)
        .select_from(ActionAnswer)
        .outerjoin(ProposedAction, ProposedAction.answer_id == ActionAnswer.id)
        .join(Worker, Worker.id == ActionAnswer.worker_id)
        .join(PersonBox, PersonBox.id == ActionAnswer.person_box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
    )
    confirmed = (
        select(Worker.name, *moment, *place, ActionVote.action_id, ActionVote.answer)
        .join(Worker, Worker.id == ActionVote.worker_id)
        .join(PersonBox, PersonBox.id == ActionVote.person_box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
    )
    followed = (
        select(Worker.name, *moment, *place, TrackedBox.track, LinkStretch.start_seconds)
        .join(LinkAnswer, LinkAnswer.id == TrackedBox.answer_id)
        .join(LinkStretch, LinkStretch.id == LinkAnswer.stretch_id)
        .join(Worker, Worker.id == LinkAnswer.worker_id)
        .join(PersonBox, PersonBox.id == TrackedBox.person_box_id)
        .join(KeyFrame, KeyFrame.id == PersonBox.key_frame_id)
        .join(Video, Video.id == KeyFrame.video_id)
    )
    queries = drawn, followed, named, confirmed
    with reading(workspace.engine) as session:
        return Counter(tuple(row) for query in queries for row in session.execute(query))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path_factory.mktemp("people"), SETTINGS)
    fill(workspace, TRUTHS)
    with serving(workspace) as base:
        for work in works(workspace, TRUTHS):
            do(workspace, work, base)
        yield workspace


@pytest.mark.long
def test_boxes_that_the_machine_missed_are_there_after_review(built: Workspace) -> None:
    with reading(built.engine) as session:
        boxes = claims.standing(session)
    step = tally_boxes("boxes", owners_of(boxes, TRUTHS), TRUTHS)
    assert step.recall >= 0.97  # the machine's: 0.9
    assert step.precision >= 0.97


@pytest.mark.long
def test_people_are_the_same_from_key_frame_to_key_frame(built: Workspace) -> None:
    with reading(built.engine) as session:
        boxes, links = claims.standing(session), claims.links(session)
    step = tally_links("links", links, boxes, owners_of(boxes, TRUTHS), max_gap=2)
    assert step.let_through.get(SWITCH, 0) <= 0.02 * step.num_passed
    assert step.recall >= 0.97


@pytest.mark.long
def test_confirmed_labels_are_right_and_few_are_lost(built: Workspace) -> None:
    with reading(built.engine) as session:
        boxes = claims.standing(session)
        proposed, accepted = claims.proposed(session), claims.accepted(session)
    owners = owners_of(boxes, TRUTHS)
    named = tally_labels("named", proposed, boxes, owners, TRUTHS)
    confirmed = tally_labels("confirmed", accepted, boxes, owners, TRUTHS)
    assert confirmed.precision >= 0.98 > named.precision
    assert confirmed.recall >= 0.9


@pytest.mark.long
@pytest.mark.parametrize("kind", ["boxes", "actions", "verification"])
def test_the_careless_are_set_aside_and_the_careful_are_not(built: Workspace, kind: str) -> None:
    with reading(built.engine) as session:
        aside = set_aside(session, kind)
    assert "malicious-1" in aside
    assert not {a.name for a in CREW if a.skill == Skill.CAREFUL} & aside


@pytest.mark.long
def test_a_crew_that_is_stopped_again_and_again_says_the_same(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop_after(most: int) -> Any:
        begun: list[int] = []

        def progress(num_answers: int) -> None:
            begun.append(num_answers)
            if num_answers - begun[0] > most:
                raise Stopped

        return progress

    whole, stopped = (Workspace.create(tmp_path / name, SETTINGS) for name in ("whole", "stopped"))
    fill(whole, SHORT)
    with serving(whole) as base:
        for work in works(whole, SHORT):
            do(whole, work, base)
    fill(stopped, SHORT)
    num_stops = 0
    for place in range(4):
        for most in (1, 1, 10**9):
            try:
                with serving(stopped) as base:
                    do(stopped, works(stopped, SHORT)[place], base, stop_after(most))
            except Stopped:
                num_stops += 1
    assert num_stops >= 6
    assert said(stopped) == said(whole)
