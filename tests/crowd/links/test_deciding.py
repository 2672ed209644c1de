"""What stands after answers about stretches, in both databases."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, insert, literal, select

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.links import LINKS_KIND, add_tracks
from kinetics_builder.crowd.people import exclude, join
from kinetics_builder.crowd.records import keep, read_standing, remake
from kinetics_builder.crowd.standing import Record, judge
from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import (
    Answer,
    DetectedBox,
    Gold,
    GoldTrack,
    KeyFrame,
    LinkAnswer,
    LinkDecision,
    LinkEdit,
    LinkStretch,
    PersonBox,
    Task,
    TaskSlot,
    TrackedBox,
    Video,
    Worker,
    WorkTally,
)

# Two people at three key frames: 1, 3, 5 and 2, 4, 6. Stretch 2, of the last two, is gold.
ONE, OTHER = [1, 3, 5], [2, 4, 6]
RIGHT, MIXED = [ONE, OTHER], [[1, 3, 6], [2, 4, 5]]
CONFIG = VerifyConfig(haste_seconds=0.0, link_answers=2, gold_min_answers=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    address = "kbuild.sqlite"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")(f"links{uuid.uuid4().hex}")
    engine = open_database(address, tmp_path)
    with writing(engine) as session:
        _fill(session)
    yield engine
    engine.dispose()


def _fill(session) -> None:
    told = {"source": "test", "url": "", "title": ""}
    session.execute(insert(Video), [{"id": 1, "video_id": "film", **told}])
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 64, "height": 48, "bytes": 1}
    still |= {"file": "stills/one.jpg", "sha256": "0" * 64, "is_withdrawn": False}
    frames = [{"id": n, "video_id": 1, "timestamp_seconds": n, **still} for n in (1, 2, 3, 4)]
    session.execute(insert(KeyFrame), frames)
    corners = {"x1": 0.1, "y1": 0.1, "x2": 0.4, "y2": 0.9}
    boxes = [{"id": n, "key_frame_id": (n + 1) // 2, **corners} for n in range(1, 9)]
    found = {"score": 0.9, "origin": "test", "is_withdrawn": False}
    session.execute(insert(DetectedBox), [{**box, **found} for box in boxes])
    shown = {"is_dropped": False, "is_withdrawn": False}
    people = [
        {**box, **shown, "detected_box_id": box["id"], "person": (box["id"] + 1) % 2}
        for box in boxes
    ]
    session.execute(insert(PersonBox), people)
    session.execute(insert(Worker), [{"id": n, "code_hash": str(n)} for n in range(1, 6)])
    session.add(LinkStretch(id=1, video_id=1, start_seconds=1.0, end_seconds=3.0))
    session.add(LinkStretch(id=2, video_id=1, start_seconds=3.0, end_seconds=4.0))
    session.add(Task(id=1, kind="links", round=0))
    session.flush()
    session.add(Gold(id=1, stretch_id=2, expected=Answer.NO))
    session.flush()
    for box, person, row in ((5, 0, 0), (6, 1, 1), (7, 0, 1), (8, 1, 0)):
        session.add(GoldTrack(gold_id=1, person_box_id=box, person=person, shown=row))
    session.add(TaskSlot(id=1, task_id=1, position=0, stretch_id=1))
    session.add(TaskSlot(id=2, task_id=1, position=1, stretch_id=2, gold_id=1))
    remake(session, CONFIG)


def say(engine: Engine, worker: int, tracks: list[list[int]], *, stretch: int = 1) -> None:
    """Answer as the page does; a later answer of a worker takes the place of the one before."""
    with writing(engine) as session:
        said = select(LinkAnswer).where(
            LinkAnswer.worker_id == worker, LinkAnswer.stretch_id == stretch
        )
        revision = len(session.scalars(said).all())
        answer = LinkAnswer(worker_id=worker, stretch_id=stretch, slot_id=stretch)
        answer.is_as_shown, answer.revision = False, revision
        session.add(answer)
        session.flush()
        add_tracks(session.connection(), answer.id, tracks)
        keep(session, CONFIG)


def links(engine: Engine, stretch: int = 1) -> list[tuple[int, int]]:
    """Return the pairs of which people say that they are one person."""
    query = select(LinkEdit.box_id, LinkEdit.other_id).where(
        LinkEdit.stretch_id == stretch, LinkEdit.is_same
    )
    with reading(engine) as session:
        return sorted(tuple(row) for row in session.execute(query))


def state(engine: Engine) -> list[object]:
    """Return all that follows from the answers."""
    with reading(engine) as session:
        edits = select(LinkEdit.stretch_id, LinkEdit.box_id, LinkEdit.other_id, LinkEdit.is_same)
        decisions = select(*LinkDecision.__table__.columns)
        sums = select(*WorkTally.__table__.columns)
        finished = select(Task.is_finished)
        return [sorted(map(tuple, session.execute(q))) for q in (edits, decisions, sums, finished)]


def is_finished(engine: Engine) -> bool:
    with reading(engine) as session:
        return bool(session.scalar(select(Task.is_finished)))


def test_two_of_two_decide_and_a_changed_answer_is_counted_anew(engine: Engine) -> None:
    say(engine, 1, RIGHT)
    assert links(engine) == [] and not is_finished(engine)
    say(engine, 2, MIXED)
    assert links(engine) == [(1, 3), (2, 4)] and is_finished(engine), "one each is no majority"
    say(engine, 2, RIGHT)
    assert links(engine) == [(1, 3), (2, 4), (3, 5), (4, 6)]
    before = state(engine)
    assert before[2] == [("links", 0, 1, 1, 0, 2, 0)]
    with writing(engine) as session:
        remake(session, CONFIG)
    assert state(engine) == before


def test_who_is_set_aside_decides_nothing_and_the_stretch_is_asked_about_again(
    engine: Engine,
) -> None:
    say(engine, 1, RIGHT)
    say(engine, 2, RIGHT)
    assert is_finished(engine)
    with writing(engine) as session:
        exclude(session, session.get_one(Worker, 2), CONFIG)
    assert links(engine) == [] and not is_finished(engine)
    say(engine, 3, RIGHT)
    assert len(links(engine)) == 4 and is_finished(engine)


def test_gold_is_graded_by_identity_and_its_truth_holds_from_the_first_answer(
    engine: Engine,
) -> None:
    say(engine, 1, [[5, 7], [6, 8]], stretch=2)
    say(engine, 2, [[5, 8], [6, 7]], stretch=2)
    say(engine, 3, [[5], [6], [7], [8]], stretch=2)
    with reading(engine) as session:
        standings = [read_standing(session, n, CONFIG, LINKS_KIND) for n in (1, 2, 3)]
    assert [(one.num_gold_right, one.counts) for one in standings] == [
        (1, True),
        (0, False),
        (0, False),
    ]
    assert links(engine, 2) == [(5, 7), (6, 8)]
    before = state(engine)
    with writing(engine) as session:
        remake(session, CONFIG)
    assert state(engine) == before


def test_strips_that_are_left_as_they_are_say_nothing_of_who_leaves_them(engine: Engine) -> None:
    say(engine, 1, RIGHT)
    with reading(engine) as session:
        rows = session.execute(
            select(
                LinkAnswer.id,
                LinkAnswer.is_as_shown,
                literal(None).label("gold_id"),
                LinkAnswer.answered_at,
                literal(None).label("taken_at"),
            )
        ).all()
        (changed,) = LINKS_KIND.givens(session.connection(), rows, CONFIG)
        left_rows = [SimpleNamespace(**{**row._mapping, "is_as_shown": True}) for row in rows]
        (left,) = LINKS_KIND.givens(session.connection(), left_rows, CONFIG)
    found = []
    for given in (changed, left):
        record = Record()
        for _ in range(CONFIG.straight_answers):
            record.add(given, CONFIG)
        found.append(judge(record, CONFIG).is_straight)
    assert found == [True, False]


def test_who_is_joined_to_another_takes_the_answers_along(engine: Engine) -> None:
    say(engine, 1, RIGHT)
    with writing(engine) as session:
        join(session, session.get_one(Worker, 4), session.get_one(Worker, 1), CONFIG)
    with reading(engine) as session:
        copied = select(TrackedBox.person_box_id, TrackedBox.track).join(
            LinkAnswer, LinkAnswer.id == TrackedBox.answer_id
        )
        rows = session.execute(copied.where(LinkAnswer.worker_id == 4)).all()
    assert sorted(tuple(row) for row in rows) == sorted([(b, b % 2 == 0) for b in range(1, 7)])
    say(engine, 2, RIGHT)
    assert len(links(engine)) == 4, "of two persons' answers two count"
