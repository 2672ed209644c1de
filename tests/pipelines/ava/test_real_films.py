"""Real films go the whole way, from a folder to linked boxes."""

from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    BoxLink,
    DetectedBox,
    Film,
    KeyFrame,
    PersonBox,
    Shot,
    Video,
)
from pipelines.inspecting.check import check
from pipelines.inspecting.status import status

LAST = {"people_walking_by": 135, "basketball": 5, "arm_wrestling_demo": 5, "video4": 20}
"""The last key frame of each, at one every five seconds."""


@pytest.fixture
def real(films, shared: Path):
    """A folder with links to four real films."""
    for name in LAST:
        file = shared / "videos" / "actions" / f"{name}.mp4"
        (films.folder / file.name).symlink_to(file)
    films.set("[keyframes]\nevery_seconds = 5\n[detect]\nmin_score = 0.5\n")
    return films


def test_real_films_go_the_whole_way(real) -> None:
    report = real.collect()
    assert [one.stage for one in report.stages][-1] == "ava link"
    with reading(real.workspace.engine) as session:
        lengths = session.scalars(select(Film.end_seconds)).all()
        assert sorted(round(one) for one in lengths) == [10, 11, 22, 139]
        for name, last in LAST.items():
            key_frames = select(KeyFrame.timestamp_seconds).join(
                Video, Video.id == KeyFrame.video_id
            )
            moments = session.scalars(key_frames.where(Video.title == name.replace("_", " "))).all()
            assert sorted(moments) == [float(second) for second in range(5, last + 1, 5)]
        for shown, asked in session.execute(
            select(KeyFrame.shown_seconds, KeyFrame.timestamp_seconds)
        ):
            assert 0 <= asked - shown <= 0.1
        shots = session.scalars(select(Shot.number)).all()
        assert shots.count(0) == 4 and len(shots) < 10
        boxes = session.scalars(select(PersonBox).where(PersonBox.stands())).all()
        assert boxes and all(box.person is not None for box in boxes)
        assert {origin for origin in session.scalars(select(DetectedBox.origin))} == {"hog"}
        assert len(session.scalars(select(BoxLink.box_id)).all()) < len(boxes)
    assert check(real.workspace).is_sound
    reasons = {reason for reason, _ in real.failures("detect").values()}
    assert reasons <= {"no person"}
    assert status(real.workspace).film_counts["boxes shown"] == len(boxes)
    assert [one.num_new for one in real.collect().stages] == [0] * 6
