"""Stages hold the boxes of few films at a time, however many films there are."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    Film,
    GivenBox,
    KeyFrame,
    Media,
    PersonBox,
    Video,
)
from pipelines.ava.told import BOXES, tell
from pipelines.inspecting.films.operating import operating_points
from pipelines.running.paging import EVERYTHING
from pipelines.running.runner import run_stage
from pipelines.stages import build_stage

NUM_FRAMES, NUM_PEOPLE = 60, 5


def add_films(session: Any, first: int, number: int) -> None:
    """Write films of people who stand still, each with a look of their own."""
    looks = [np.random.default_rng(n).bytes(96) for n in range(NUM_PEOPLE)]
    for film in range(first, first + number):
        video = Video(video_id=f"film{film:07d}", source="test", url="", title="")
        session.add(video)
        session.flush()
        session.add(Film(video_id=video.id, start_seconds=0, end_seconds=NUM_FRAMES + 3))
        media = {"file": f"media/{film}", "bytes": 1, "sha256": "a" * 64, "codec": "h264"}
        media |= {"duration_seconds": NUM_FRAMES + 3, "width": 160, "height": 120}
        session.add(Media(video_id=video.id, frames_per_second=10, has_audio=False, **media))
        for second in range(NUM_FRAMES):
            frame = KeyFrame(video_id=video.id, timestamp_seconds=2.0 + second, shot_number=0)
            frame.shown_seconds, frame.width, frame.height = 2.0 + second, 160, 120
            frame.file, frame.bytes, frame.sha256 = "stills/none.jpg", 1, "b" * 64
            session.add(frame)
            session.flush()
            corners = [
                {"x1": 0.2 * n, "y1": 0.2, "x2": 0.2 * n + 0.1, "y2": 0.9}
                for n in range(NUM_PEOPLE)
            ]
            boxes = [
                DetectedBox(key_frame_id=frame.id, score=0.9, origin="test", look=look, **one)
                for one, look in zip(corners, looks, strict=True)
            ]
            session.add_all(boxes)
            session.flush()
            shown = zip(boxes, corners, strict=True)
            session.execute(
                insert(PersonBox),
                [dict(key_frame_id=frame.id, detected_box_id=b.id, **c) for b, c in shown],
            )
            given = [
                dict(film=video.video_id, timestamp_seconds=2.0 + second, **c) for c in corners
            ]
            extra = {"score": 1.0, "person": None, "place": "line 1"}
            session.execute(insert(GivenBox), [one | extra for one in given])


def peak(films: Any, work: Any) -> int:
    """Return the most bytes that a reading of the database holds in Python."""
    with reading(films.workspace.engine) as session:
        work(session)  # what is kept from the first time on is no part of it
    with reading(films.workspace.engine) as session:
        tracemalloc.start()
        try:
            work(session)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.fixture
def few_then_many(films):
    """Measure with two films, and again with eight."""

    def measure(work: Any) -> tuple[int, int]:
        with writing(films.workspace.engine) as session:
            add_films(session, 0, 2)
        few = peak(films, work)
        with writing(films.workspace.engine) as session:
            add_films(session, 2, 6)
        return few, peak(films, work)

    return measure


@pytest.mark.few("ava link", "ava detect")
@pytest.mark.parametrize("stage", ["ava link", "ava detect", "ava detect from a file"])
def test_films_are_listed_one_at_a_time(films, few_then_many, stage: str) -> None:
    with writing(films.workspace.engine) as session:
        tell(session, {BOXES: "boxes.csv" if "file" in stage else ""})
    items = build_stage(stage.removesuffix(" from a file"), films.workspace).items
    few, many = few_then_many(lambda session: items(session, EVERYTHING))
    assert many < 1.5 * few


def test_operating_points_are_counted_by_the_database(few_then_many) -> None:
    few, many = few_then_many(operating_points)
    assert many < 1.5 * few


def test_every_film_is_linked_with_its_own_boxes(films) -> None:
    with writing(films.workspace.engine) as session:
        add_films(session, 0, 3)
    report = run_stage(films.workspace, build_stage("ava link", films.workspace))
    assert (report.num_done, report.failures) == (3, {})
    persons = films.rows(PersonBox, "person")
    assert persons == [(n,) for n in range(NUM_PEOPLE) for _ in range(3 * NUM_FRAMES)]
    assert len(films.rows(BoxLink, "box_id")) == 3 * NUM_PEOPLE * (NUM_FRAMES - 1)
    assert run_stage(films.workspace, build_stage("ava link", films.workspace)).num_new == 0
