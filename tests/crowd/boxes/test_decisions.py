"""What people say of boxes becomes the boxes that stand, and can be taken back."""

from collections.abc import Callable

from sqlalchemy import select

from kinetics_builder.crowd import people
from kinetics_builder.crowd.boxes.policy import Drawn
from kinetics_builder.crowd.kinds.boxes import BOXES
from kinetics_builder.crowd.records import read_standing, remake
from kinetics_builder.crowd.standing import Fault
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import BoxDecision, PersonBox, Worker
from tests.crowd.boxes.conftest import FOUND, Set, found_in

MakeSet = Callable[..., Set]
NEW = Drawn(0.8, 0.2, 0.95, 0.8)


def test_boxes_are_kept_moved_dropped_and_added(make_set: MakeSet) -> None:
    film = make_set()
    first, second = found_in(1)
    moved = Drawn(0.5, 0.1, 0.75, 0.95, second.began_as)
    film.say(1, 1, [first, moved, NEW])
    assert film.standing(1) == [FOUND[0], moved, NEW]
    film.say(1, 2, [])
    assert film.standing(2) == []
    assert film.standing(3) == list(FOUND), "nobody has spoken of it"
    assert film.is_finished()


def test_a_later_answer_takes_the_place_of_an_earlier_one(make_set: MakeSet) -> None:
    film = make_set()
    film.say(1, 1, [NEW])
    film.say(1, 1, found_in(1), revision=1)
    assert film.standing(1) == list(FOUND)
    film.say(1, 1, [NEW], revision=2)
    assert film.standing(1) == [NEW]
    assert len(film.rows()) == 7, "the same box is the same row again"


def test_the_detectors_boxes_stand_until_enough_have_answered(make_set: MakeSet) -> None:
    film = make_set(box_answers=2)
    film.say(1, 1, [NEW])
    assert film.standing(1) == list(FOUND)
    film.say(2, 1, [NEW, found_in(1)[0]])
    assert film.standing(1) == [NEW]
    assert not film.is_finished()


def test_whoever_is_excluded_leaves_no_box_and_the_frame_is_asked_again(make_set: MakeSet) -> None:
    film = make_set()
    for frame in (1, 2):
        film.say(1, frame, [NEW])
    with writing(film.engine) as session:
        people.exclude(session, session.get_one(Worker, 1), film.config)
    assert film.standing(1) == film.standing(2) == list(FOUND)
    assert not film.is_finished()
    film.say(2, 1, [found_in(1)[1]])
    assert film.standing(1) == [FOUND[1]]
    with writing(film.engine) as session:
        people.readmit(session, session.get_one(Worker, 1), film.config)
    assert film.standing(2) == [NEW]


def test_counting_anew_changes_no_row(make_set: MakeSet) -> None:
    film = make_set(box_answers=2)
    film.say(1, 1, [NEW])
    film.say(2, 1, [NEW, found_in(1)[0]])
    film.say(1, 2, [found_in(2)[0]])
    film.say(2, 2, [], revision=0)
    with reading(film.engine) as session:
        decided = session.execute(select(*BoxDecision.__table__.columns)).all()
    before = sorted(map(str, film.rows()))
    with writing(film.engine) as session:
        remake(session, film.config)
    assert sorted(map(str, film.rows())) == before
    with reading(film.engine) as session:
        again = session.execute(select(*BoxDecision.__table__.columns)).all()
        assert sorted(again) == sorted(decided)
        assert (
            session.scalar(select(PersonBox.id).where(PersonBox.replaces_id.is_not(None))) is None
        )


def test_gold_judges_by_overlap_in_this_kind_alone(make_set: MakeSet) -> None:
    film = make_set(gold_min_answers=2, gold_warn_below=0.6)
    film.say(1, 3, [Drawn(0.1, 0.1, 0.3, 0.85)])
    film.say(2, 3, [FOUND[0], NEW])
    with reading(film.engine) as session:
        careful = read_standing(session, 1, film.config, BOXES)
        careless = read_standing(session, 2, film.config, BOXES)
        assert (careful.num_gold, careful.num_gold_right) == (1, 1)
        assert (careless.num_gold, careless.num_gold_right) == (1, 0)
        assert read_standing(session, 2, film.config).num_votes == 0, "of clips nothing was said"
        assert careless.counts, "one gold answer judges nobody"
    strict = Set(film.engine, make_strict(film))
    with writing(film.engine) as session:
        remake(session, strict.config)
    with reading(film.engine) as session:
        standing = read_standing(session, 2, strict.config, BOXES)
        assert standing.faults == (Fault.BOXES,)


def make_strict(film: Set):
    """Return settings under which one gold answer is enough to be judged."""
    from dataclasses import replace

    return replace(film.config, gold_min_answers=1)


def test_two_workers_who_are_one_person_have_one_anothers_boxes(make_set: MakeSet) -> None:
    film = make_set()
    film.say(1, 1, [NEW])
    film.say(2, 2, [found_in(2)[0]])
    with writing(film.engine) as session:
        one, other = (session.get_one(Worker, number) for number in (1, 2))
        assert people.join(session, one, other, film.config) == 1
    assert film.standing(1) == [NEW]
    assert film.standing(2) == [FOUND[0]]
    with reading(film.engine) as session:
        assert read_standing(session, 1, film.config, BOXES).num_votes == 2


def test_a_line_is_of_answers_that_take_no_work(make_set: MakeSet) -> None:
    """Who draws in each frame has not answered alike, as who leaves all as it is has."""
    film = make_set(straight_answers=2)
    for worker, frame_1, frame_2 in ((1, [NEW], [NEW]), (2, found_in(1), found_in(2)), (3, [], [])):
        film.say(worker, 1, frame_1)
        film.say(worker, 2, frame_2)
    with reading(film.engine) as session:
        words = [read_standing(session, worker, film.config, BOXES).words for worker in (1, 2, 3)]
    assert words == [
        "counts",
        "counts; “as shown” 2 times in a row",
        "counts; “nobody” 2 times in a row",
    ]
