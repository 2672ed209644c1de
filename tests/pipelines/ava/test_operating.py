"""The report says how right each operating point of a detector is, by what people left."""

from pathlib import Path

import pytest

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    BoxDecision,
    DetectedBox,
    KeyFrame,
    PersonBox,
    Video,
)
from pipelines.ava.told import SOURCE, tell
from pipelines.inspecting.films.operating import judge, operating_points, precision_curve
from pipelines.inspecting.report import write_report

LEFT, MIDDLE, RIGHT = (0.1, 0.1, 0.3, 0.9), (0.4, 0.1, 0.6, 0.9), (0.7, 0.1, 0.9, 0.9)
Corners = tuple[float, float, float, float]


def box(corners: Corners) -> dict[str, float]:
    return dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True))


@pytest.fixture
def judged(films):
    """Return a function that writes a key frame: what was found, what people left."""
    with writing(films.workspace.engine) as session:
        tell(session, {SOURCE: f"folder:{films.folder}"})
        video = Video(video_id="film0000001", source="test", url="", title="")
        session.add(video)
        session.flush()
        number = video.id

    def add(second: float, found: dict[Corners, float], left: list[Corners], **of) -> None:
        with writing(films.workspace.engine) as session:
            frame = KeyFrame(video_id=number, timestamp_seconds=second, shown_seconds=second)
            frame.shot_number, frame.width, frame.height = 0, 160, 120
            frame.file, frame.bytes, frame.sha256 = "stills/none.jpg", 1, "b" * 64
            session.add(frame)
            session.flush()
            origin = of.get("origin", "test")
            for corners, score in found.items():
                one = DetectedBox(key_frame_id=frame.id, score=score, origin=origin)
                for name, value in box(corners).items():
                    setattr(one, name, value)
                session.add(one)
            session.add_all(PersonBox(key_frame_id=frame.id, **box(one)) for one in left)
            if of.get("is_decided", True):
                session.add(
                    BoxDecision(
                        key_frame_id=frame.id, num_answers=1, num_set_aside=0, is_decided=True
                    )
                )

    add.films = films
    return add


def rates(judged) -> dict[float, tuple[float | None, float | None]]:
    with reading(judged.films.workspace.engine) as session:
        points = operating_points(session, judge(session))
    return {point.min_score: (point.precision, point.recall) for point in points}


def test_found_boxes_are_right_where_people_left_one(judged, tmp_path: Path) -> None:
    moved = (0.12, 0.1, 0.32, 0.9)
    judged(2.0, {LEFT: 0.9, MIDDLE: 0.85, RIGHT: 0.4}, [moved, RIGHT])  # one dropped, one added
    judged(3.0, {MIDDLE: 0.95}, [])  # nobody is there
    judged(4.0, {MIDDLE: 0.99}, [MIDDLE], is_decided=False)
    found = rates(judged)
    assert found[0.3] == (0.5, 1.0)
    assert found[0.5] == (0.3333, 0.5)
    assert found[0.9] == (0.5, 0.5)
    assert found[0.95] == (0.0, 0.0)
    page = write_report(judged.films.workspace, tmp_path / "report.html").read_text()
    assert "on 2 key frames they left" in page.replace("\n", " ")


def test_a_person_is_met_once_and_by_the_surest(judged) -> None:
    near = (0.11, 0.1, 0.31, 0.9)
    judged(2.0, {near: 0.6, LEFT: 0.8}, [LEFT])
    assert rates(judged)[0.8] == (1.0, 1.0)
    assert rates(judged)[0.5] == (0.5, 1.0)


def test_a_box_that_overlaps_by_less_than_half_is_wrong(judged) -> None:
    judged(2.0, {(0.2, 0.1, 0.4, 0.9): 0.8}, [LEFT])
    assert rates(judged)[0.5] == (0.0, 0.0)


def test_boxes_of_a_file_have_no_operating_point(judged) -> None:
    judged(2.0, {LEFT: 1.0}, [LEFT], origin="file")
    assert rates(judged) == {}


def test_without_answers_there_is_nothing_to_judge_by(judged) -> None:
    judged(2.0, {LEFT: 0.9}, [LEFT], is_decided=False)
    assert set(rates(judged).values()) == {(None, None)}
    with reading(judged.films.workspace.engine) as session:
        assert precision_curve(operating_points(session, judge(session))) == ""
