"""Who is asked about which clip next, where the policy says what an answer is worth."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, update

from annotation_ui.answers import Outcome, Sender, store
from annotation_ui.desk import Desk
from annotation_ui.desk_rows import Seat
from annotation_ui.handout import current_desk, take_ahead, take_task
from annotation_ui.kinds.clip.kind import CLIP
from annotation_ui.kinds.clip.looking import look_if_due
from annotation_ui.page import Page
from annotation_ui.writer import Writer
from kinetics_builder.crowd import records
from kinetics_builder.crowd.class_texts.versions import ClassText, write_version
from kinetics_builder.crowd.kinds.clip import CLIP as CROWD
from kinetics_builder.crowd.simulation import CrowdPlan, SimulatedCrowd, draw_crowd
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Assignment,
    Clip,
    ClipBelief,
    Decision,
    Label,
    Task,
    TaskSlot,
    Verdict,
    Vote,
    WorkerBelief,
)
from kinetics_builder.ways import Way

HOUR = 3600.0
MAX_VOTES = 4
SETTINGS = f"""\
[assign]
slots_per_task = 8
gold_per_task = 1
[verify]
haste_seconds = 0.0
policy = "posterior"
purity = 0.9
recall = 0.8
max_votes = {MAX_VOTES}
min_yes = 2
"""
both = pytest.mark.on_both


class Office:
    """Deals tasks and takes answers at a time of its own, without a web page."""

    def __init__(self, world: Any) -> None:
        self.now = 1_000_000.0
        workspace = world.workspace
        self.engine, self.config = workspace.engine, workspace.config
        writer = Writer(self.engine, lambda rows: records.keep(rows, self.config.verify))
        self.page = Page(workspace, writer, lambda: self.now)

    def take(self, worker: int) -> Desk | None:
        with reading(self.engine) as session:
            desk = current_desk(CLIP, session, worker, self.config, self.now)
        if desk is None:
            look_if_due(self.page)
            desk = self.page.write(
                lambda rows: take_task(CLIP, rows, worker, self.config, self.now)
            )
        return desk

    def answer(self, worker: int, question: Any, said: str) -> Outcome:
        reply = CLIP.read_reply({"answer": said, "lasts_whole_clip": "yes"})
        sender = Sender(worker, question.slot_id, self.now)
        return self.page.write(lambda rows: store(rows, sender, reply, self.config.verify).outcome)

    def work(self, worker: int, crowd: SimulatedCrowd) -> int:
        """Have a task answered; return how many answers that were."""
        desk = self.take(worker)
        asked = desk.remaining() if desk else []
        for question in asked:
            is_yes = crowd.ask(question.clip_id % len(crowd.truth_N), worker)
            if question.is_gold:
                is_yes = crowd.ask_gold(2 * question.clip_id, worker)[0]
            self.answer(worker, question, "yes" if is_yes else "no")
        return len(asked)

    def rows(self, *columns: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(select(*columns)))


def asked_in(desk: Desk | None) -> set[int]:
    return {question.subject[0] for question in desk.questions} if desk else set()


def ordinary_in(desk: Desk | None) -> set[int]:
    return {one.subject[0] for one in desk.questions if not one.is_gold} if desk else set()


@pytest.fixture
def office(make_world: Any) -> Office:
    """Forty clips and six gold questions."""
    world = make_world([20, 20], num_gold=6, settings=SETTINGS)
    return Office(world)


@pytest.fixture
def crowd() -> SimulatedCrowd:
    return draw_crowd(CrowdPlan(num_clips=46, num_workers=9))


def finish(office: Office, crowd: SimulatedCrowd) -> None:
    """Let seven people work in turn until nothing is dealt to anybody."""
    with writing(office.engine) as session:
        for clip in session.scalars(select(Clip)):
            clip.score = float(crowd.score_N[clip.id % len(crowd.truth_N)])
    while sum([office.work(worker, crowd) for worker in range(1, 8)]):
        office.now += 60


@both
def test_a_clip_gets_no_more_answers_than_its_policy_can_use(
    office: Office, crowd: SimulatedCrowd
) -> None:
    finish(office, crowd)
    votes = select(TaskSlot.clip_id, Vote.worker_id).join(Vote, Vote.slot_id == TaskSlot.id)
    with reading(office.engine) as session:
        given = session.execute(votes.where(TaskSlot.gold_id.is_(None))).all()
        num_open = session.scalar(select(func.count(Task.id)).where(~Task.is_finished))
    assert len(set(given)) == len(given)
    num_of = Counter(clip for clip, _ in given)
    assert len(num_of) == 40
    assert max(num_of.values()) <= MAX_VOTES
    assert sum(num_of.values()) < 40 * 3
    assert num_open == 0


@pytest.mark.on_both(is_long=True)
def test_decisions_of_a_page_that_has_just_looked_are_those_made_anew(
    office: Office, crowd: SimulatedCrowd
) -> None:
    finish(office, crowd)
    config = office.config.verify
    kept = [Decision.clip_id, Decision.verdict, Decision.num_yes, Decision.num_no]
    beliefs = [ClipBelief.clip_id, ClipBelief.probability, ClipBelief.worth]
    with writing(office.engine) as session:
        CROWD.remake(session, config)
    first, thought = office.rows(*kept), office.rows(*beliefs)
    with writing(office.engine) as session:
        CROWD.decide(session, [clip for clip, *_ in thought], config)
    assert sorted(office.rows(*kept)) == sorted(first)
    assert sorted(office.rows(*beliefs)) == sorted(thought)
    with writing(office.engine) as session:
        records.remake(session, config)
    assert sorted(office.rows(*kept)) == sorted(first)
    assert {verdict for _, verdict, *_ in first} == {Verdict.ACCEPTED, Verdict.REJECTED}


def test_a_clip_lies_before_one_worker_at_a_time(office: Office) -> None:
    first, second = office.take(1), office.take(2)
    assert len(ordinary_in(first)) == len(ordinary_in(second)) == 7
    assert not ordinary_in(first) & ordinary_in(second)
    assert asked_in(office.take(1)) == asked_in(first)


def test_what_nobody_answered_in_time_goes_to_others(office: Office) -> None:
    kept_from_others = ordinary_in(office.take(1))
    dealt = set[int]()
    for worker in range(2, 7):
        dealt |= ordinary_in(office.take(worker))
    assert len(dealt) == 40 - len(kept_from_others)
    assert not dealt & kept_from_others
    assert office.take(7) is None
    office.now += HOUR + 1
    assert ordinary_in(office.take(7)) <= kept_from_others | dealt
    assert kept_from_others <= set().union(*(ordinary_in(office.take(w)) for w in range(1, 8)))


def test_what_a_browser_cannot_play_goes_to_others_at_once(office: Office) -> None:
    desk = office.take(1)
    lost = next(one for one in desk.remaining() if not one.is_gold)
    dealt = set[int]()
    for worker in range(2, 7):
        dealt |= ordinary_in(office.take(worker))
    assert lost.clip_id not in dealt
    assert office.answer(1, lost, "unplayable") is Outcome.SAVED
    assert ordinary_in(office.take(7)) == {lost.clip_id}
    office.now += HOUR + 1
    assert lost.clip_id not in ordinary_in(office.take(1))


def test_an_answer_is_taken_while_it_is_worth_something(office: Office) -> None:
    late = next(one for one in office.take(1).remaining() if not one.is_gold)
    office.now += HOUR + 1
    other = next(one for one in office.take(2).remaining() if not one.is_gold)
    known = next(one for one in office.take(2).remaining() if one.is_gold)
    assert office.answer(1, late, "no") is Outcome.SAVED
    with writing(office.engine) as session:
        session.execute(update(ClipBelief).values(worth=0.0))
    assert office.answer(2, other, "no") is Outcome.CLOSED
    assert office.answer(2, known, "yes") is Outcome.SAVED


@both
def test_several_at_once_are_dealt_different_clips(office: Office) -> None:
    look_if_due(office.page)
    with ThreadPoolExecutor(5) as pool:
        desks = list(pool.map(office.take, range(1, 6)))
    dealt = [clip for desk in desks for clip in ordinary_in(desk)]
    assert len(dealt) == len(set(dealt)) == 35
    assert len(office.rows(Assignment.id)) == 5


def test_a_task_more_holds_other_clips_and_other_gold(office: Office) -> None:
    first = office.take(1)
    seat = Seat(first.task_id, 1, office.now)
    more = office.page.write(lambda rows: take_ahead(CLIP, rows, seat, office.config))
    assert len(asked_in(more)) == 8
    assert not asked_in(more) & asked_in(first)


def test_classes_are_mixed_and_the_share_of_gold_is_kept(office: Office) -> None:
    desk = office.take(1)
    labels = [question.label for question in desk.questions]
    assert all(one != next_one for one, next_one in pairwise(labels))
    assert [sum(one.is_gold for one in desk.questions), desk.way] == [1, Way.CLIP]


def test_a_grid_holds_clips_of_one_class(make_world: Any) -> None:
    settings = SETTINGS.replace("[verify]", '[verify]\nway = "grid"\ngrid_size = 12')
    office = Office(make_world([20, 20], num_gold=6, settings=settings))
    with writing(office.engine) as session:
        session.execute(update(Task).values(way=Way.GRID))
    desks = [office.take(worker) for worker in (1, 2, 3)]
    assert {desk.way for desk in desks} == {Way.GRID}
    for desk in desks:
        assert len({question.label for question in desk.questions}) == 1
        assert len(desk.questions) == 12
        assert sum(question.is_gold for question in desk.questions) == 2


def test_who_tells_too_little_waits_while_others_are_about(
    office: Office, crowd: SimulatedCrowd
) -> None:
    for worker in range(1, 5):
        for question in office.take(worker).remaining():
            is_yes = bool(crowd.truth_N[question.clip_id % 46]) or question.is_gold
            is_yes = is_yes if worker < 4 else not question.clip_id % 2
            office.answer(worker, question, "yes" if is_yes else "no")
    with writing(office.engine) as session:
        CROWD.remake(session, office.config.verify)
        session.execute(update(WorkerBelief).values(is_asked=WorkerBelief.worker_id != 4))
    assert office.take(1) is not None
    office.now += 1
    assert office.take(4) is None
    office.now += HOUR + 1
    assert office.take(4) is not None


def test_answers_decide_as_they_come(office: Office) -> None:
    look_if_due(office.page)
    first = office.take(1)
    (question,) = [one for one in first.remaining() if not one.is_gold][:1]
    office.answer(1, question, "yes")
    with reading(office.engine) as session:
        row = session.get(Decision, question.clip_id)
        belief = session.get(ClipBelief, question.clip_id)
        assert row.num_yes == 1
        assert belief.probability > belief.prior


def test_nothing_is_dealt_of_a_class_that_has_what_it_wants(
    office: Office, crowd: SimulatedCrowd
) -> None:
    with writing(office.engine) as session:
        write_version(session, session.get_one(Label, 1), ClassText(target=2), why="two are enough")
        others = set(session.scalars(select(Clip.id).where(Clip.label_id != 1)))
    finish(office, crowd)
    of_class = (Clip.label_id == 1, Decision.verdict == Verdict.ACCEPTED)
    with reading(office.engine) as session:
        decided = select(func.count(Decision.clip_id)).join(Clip, Clip.id == Decision.clip_id)
        num_accepted = session.scalar(decided.where(*of_class))
        assert session.get_one(Label, 1).is_full and num_accepted >= 2
    assert {clip for (clip,) in office.rows(Vote.clip_id)} > others, "the others go on"
    assert ordinary_in(office.take(8)) <= others
    with writing(office.engine) as session:
        write_version(session, session.get_one(Label, 1), ClassText(), why="all of them")
    office.now += HOUR
    assert ordinary_in(office.take(8)) - others, "what was left is dealt again"
