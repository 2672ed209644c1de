"""Who gets which task next, on a database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, select, update

from annotation_ui import handout
from annotation_ui.kinds.clip.kind import CLIP
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    Task,
    Vote,
    WorkerStanding,
)

HOUR = 3600.0
current_desk = partial(handout.current_desk, CLIP)
take_task = partial(handout.take_task, CLIP)


class Office:
    """Hands out tasks and takes answers at a time of its own, without a web page."""

    def __init__(self, world) -> None:
        self.engine = world.workspace.engine
        self.config = world.workspace.config
        self.now = 1_000_000.0

    def take(self, worker: int):
        with reading(self.engine) as session:
            desk = current_desk(session, worker, self.config, self.now)
        if desk is None:
            with writing(self.engine) as session:
                desk = take_task(session, worker, self.config, self.now)
        return desk

    def vote(self, worker: int, answers: str, number: int | None = None) -> int:
        """Answer the task at hand with y and n in turn; return its id."""
        from annotation_ui.answers import Outcome, Sender, store
        from annotation_ui.kinds.clip.replies import Reply

        desk = self.take(worker)
        for index, question in enumerate(desk.remaining()[:number]):
            said = answers[index % len(answers)]
            reply = Reply(Answer.YES, True) if said == "y" else Reply(Answer.NO)
            with writing(self.engine) as session:
                sender = Sender(worker, question.slot_id, self.now)
                receipt = store(session, sender, reply, self.config.verify)
            assert receipt.outcome is Outcome.SAVED
        return desk.task_id

    def num_votes(self) -> Counter[int]:
        with reading(self.engine) as session:
            rows = select(Vote.clip_id, func.count()).group_by(Vote.clip_id)
            return Counter({clip: number for clip, number in session.execute(rows)})


def test_the_task_with_the_fewest_takers_goes_first(make_world) -> None:
    office = Office(make_world([1, 1, 1]))
    assert [office.take(worker).task_id for worker in (1, 2, 3, 4)] == [1, 2, 3, 1]


def test_a_task_counts_who_took_it_and_nobody_twice(make_world) -> None:
    office = Office(make_world([1, 1]))
    for worker in (1, 1, 2, 3):
        office.take(worker)
    with reading(office.engine) as session:
        assert session.scalars(select(Task.num_takers).order_by(Task.id)).all() == [2, 1]


def test_a_task_is_found_behind_many_that_are_not_worth_taking(make_world) -> None:
    office = Office(make_world([1] * 12))
    with writing(office.engine) as session:
        session.execute(update(Clip).where(Clip.id < 12).values(is_withdrawn=True))
    assert office.take(1).task_id == 12


def test_a_worker_keeps_the_task_at_hand(world) -> None:
    office = Office(world)
    first = office.take(1)
    office.vote(1, "n", number=1)
    again = office.take(1)
    assert (first.task_id, again.task_id) == (1, 1)
    assert again.remaining() == first.remaining()[1:]


def test_no_more_workers_hold_a_question_than_votes_can_decide_it(make_world) -> None:
    office = Office(make_world([2]))
    desks = [office.take(worker) for worker in (1, 2, 3, 4)]
    assert [desk is not None for desk in desks] == [True, True, True, False]
    office.vote(1, "y")
    office.vote(2, "n")
    assert office.take(4) is not None, "one yes and one no: two more are needed, one is coming"
    assert office.take(5) is None


def test_decided_questions_are_skipped_and_a_decided_task_is_not_handed_out(make_world) -> None:
    office = Office(make_world([3], num_gold=1))
    for worker, answers in enumerate(("yyny", "yyny", "ynny"), start=1):
        office.vote(worker, answers)
    fourth = office.take(4)
    assert [question.clip_id for question in fourth.remaining()] == [3, 1], (
        "the clip with yes, yes, no, and the gold one"
    )
    office.vote(4, "y")
    assert office.take(5) is None
    assert office.num_votes() == {2: 3, 3: 4, 4: 3, 1: 4}


def test_a_task_that_ran_out_goes_to_others_and_comes_back_last(make_world) -> None:
    office = Office(make_world([1]))
    assert all(office.take(worker) for worker in (1, 2, 3))
    assert office.take(4) is None
    office.now += HOUR
    assert all(office.take(worker) for worker in (4, 5, 6))
    assert office.take(1) is None, "others have the seats now"
    for worker in (4, 5, 6):
        office.vote(worker, "ny"[worker == 4])
    office.now += HOUR
    assert office.take(1) is not None
    office.vote(1, "y")
    assert office.num_votes() == {1: 4}


def test_an_answer_after_the_time_counts_if_it_is_needed(make_world) -> None:
    world = make_world([1])
    office, person = Office(world), world.client().log_in()
    slot = person.next()["slot"]
    with writing(world.workspace.engine) as session:
        session.execute(update(Assignment).values(expires_at=0.0))
    for worker in (2, 3):
        office.vote(worker, "n")
    assert person.answer(slot).json["outcome"] == "saved"
    with writing(world.workspace.engine) as session:
        session.execute(update(Vote).where(Vote.worker_id == 1).values(worker_id=8))
    reply = person.answer(slot)
    assert (reply.status_code, reply.json["outcome"]) == (410, "closed")
    assert office.num_votes() == {1: 3}


def test_who_has_finished_a_task_gets_its_rest_when_that_needs_one_more(make_world) -> None:
    world = make_world([2])
    office = Office(world)
    for worker in (1, 2, 3):
        office.take(worker)
    office.vote(1, "n", number=1)
    with writing(office.engine) as session:
        session.execute(update(Assignment).where(Assignment.worker_id == 1).values(expires_at=0))
    assert office.take(4) is not None
    with writing(office.engine) as session:
        submitted = {"submitted_at": func.now()}
        session.execute(update(Assignment).where(Assignment.worker_id == 1).values(submitted))
    assert office.take(1) is None, "2, 3 and 4 have the seats"
    office.vote(2, "ny")
    office.vote(3, "nn")
    office.vote(4, "nn")
    rest = office.take(1).remaining()
    assert [question.clip_id for question in rest] == [2], "it has yes, no, no by now"
    office.vote(1, "n")
    assert office.take(1) is None
    assert office.num_votes() == {1: 3, 2: 4}


def test_votes_of_set_aside_workers_neither_decide_nor_take_seats(make_world) -> None:
    office = Office(make_world([1]))
    for worker in (1, 2, 3):
        office.vote(worker, "y")
    assert office.take(4) is None
    with writing(office.engine) as session:
        for worker in (1, 2):
            row = WorkerStanding(worker_id=worker, num_gold=4, num_gold_right=0, is_warned=True)
            session.add(row)
    assert all(office.take(worker) for worker in (4, 5))
    assert office.take(6) is None


def test_a_withdrawn_clip_is_not_asked_about(make_world) -> None:
    office = Office(make_world([2]))
    with writing(office.engine) as session:
        session.execute(update(Clip).where(Clip.id == 1).values(is_withdrawn=True))
    assert [question.clip_id for question in office.take(1).remaining()] == [2]


@pytest.mark.few("8")
@pytest.mark.parametrize("num_workers", [3, 8])
def test_threads_at_once_never_give_a_clip_more_votes_than_needed(make_world, num_workers) -> None:
    world = make_world([3] * 5, num_gold=1, num_workers=num_workers)
    app = world.app()

    def work(number: int) -> int:
        person = world.client(number, app=app).log_in()
        asked = person.answer_all("yes" if number % 2 else "no")
        return len({(slot["clip"], slot["label"]) for slot in asked}) - len(asked)

    with ThreadPoolExecutor(num_workers) as pool:
        assert list(pool.map(work, range(num_workers))) == [0] * num_workers
    if num_workers == 8:
        for number in range(num_workers):
            work(number)  # those who left while others held the seats look in again
    by_clip: dict[int, Counter[Answer]] = {}
    with reading(world.workspace.engine) as session:
        for clip, said in session.execute(
            select(Vote.clip_id, Vote.answer).where(Vote.clip_id > 1)
        ):
            by_clip.setdefault(clip, Counter())[said] += 1
    assert len(by_clip) == 15
    assert all(votes.total() <= 5 for votes in by_clip.values())
    if num_workers == 8:
        most = {max(votes.values()) for votes in by_clip.values()}
        assert most == {3}, "every clip stopped at the vote that decided it"
