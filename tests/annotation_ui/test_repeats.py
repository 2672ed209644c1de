"""Clips that a worker is asked about once more: when, where, how often; and nothing follows."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from annotation_ui.answers import Outcome, Sender, store_all
from annotation_ui.desk_rows import Seat, read_desk
from annotation_ui.handout import current_desk, take_task
from annotation_ui.kinds.clip.kind import CLIP
from annotation_ui.kinds.clip.replies import Reply
from kinetics_builder.crowd import people
from kinetics_builder.crowd.panels.visits import tally_of
from kinetics_builder.crowd.records import keep, read_standings, remake
from kinetics_builder.crowd.repeats import read_consistency
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Base,
    Task,
    TaskSlot,
    Vote,
    Worker,
)
from kinetics_builder.ways import Way
from tests.annotation_ui.conftest import UNHURRIED

REPEATS = "repeats = 0.25\nrepeats_after = 5\n"
OFTEN = f"{UNHURRIED}{REPEATS}"


class Play:
    """A crowd that takes turns, a task at a time; what each says follows from clip and worker."""

    def __init__(self, world: Any) -> None:
        self.workspace, self.config = world.workspace, world.workspace.config
        self.engine = world.workspace.engine
        self.now = 1_000_000.0
        self.asked: dict[int, list[Any]] = {}

    def take(self, worker: int) -> Any:
        with writing(self.engine) as session:
            held = current_desk(CLIP, session, worker, self.config, self.now)
            return held or take_task(CLIP, session, worker, self.config, self.now)

    def answer(
        self, worker: int, question: Any, said: Answer | None = None, **more: Any
    ) -> Outcome:
        self.now += 3.0
        reply = Reply(said or said_by(worker, question), **more)
        with writing(self.engine) as session:
            sender = Sender(worker, question.slot_id, self.now)
            (receipt,) = store_all(session, [(sender, reply)], self.config.verify)
            keep(session, self.config.verify)
        return receipt.outcome

    def turn(self, worker: int) -> bool:
        """Answer all of a task; tell whether there was one."""
        desk = self.take(worker)
        if desk is None:
            return False
        for question in desk.remaining():
            outcome = self.answer(worker, question)
            assert outcome is Outcome.SAVED or not question.is_repeat
            if outcome is Outcome.SAVED:
                self.asked.setdefault(worker, []).append(question)
        return True

    def all(self, *workers: int) -> None:
        while any([self.turn(worker) for worker in workers]):
            pass

    def rows(self, query: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(query).all())


def said_by(worker: int, question: Any) -> Answer:
    """Return what a worker says of a clip at first; the second time it is often another word."""
    if question.is_gold:
        return Answer.YES
    noise = (question.clip_id * 7 + worker * 3 + 5 * question.is_repeat) % 10
    return (Answer.NO, Answer.UNSURE, Answer.BAD, Answer.YES, Answer.NO)[noise % 5]


def repeats_of(play: Play, worker: int) -> list[Any]:
    return [one for one in play.asked[worker] if one.is_repeat]


def test_a_worker_is_asked_a_share_once_more_and_long_enough_after(make_world) -> None:
    play = Play(make_world([8] * 20, num_gold=2, settings=OFTEN))
    play.all(1)
    asked = play.asked[1]
    again = repeats_of(play, 1)
    first = {one.clip_id: place for place, one in enumerate(asked) if not one.is_repeat}
    assert 15 <= len(again) <= 40, "a quarter of 160, but for the last ones"
    assert max(Counter(one.clip_id for one in again).values()) == 1, "never a third time"
    for place, one in enumerate(asked):
        if one.is_repeat:
            between = asked[first[one.clip_id] + 1 : place]
            assert sum(not other.is_repeat for other in between) >= 5 and not one.is_gold
    runs = "".join("ra"[not one.is_repeat] for one in asked)
    assert "rr" not in runs and not runs.startswith("r"), "among the others, each behind one"
    gold = {one.clip_id for one in asked if one.is_gold}
    assert gold.isdisjoint(one.clip_id for one in again), "what is known is not asked again"


def test_nobody_is_asked_anything_twice_unless_that_is_set(make_world) -> None:
    play = Play(make_world([8] * 5, num_gold=2))
    play.all(1, 2)
    for asked in play.asked.values():
        assert max(Counter(one.clip_id for one in asked).values()) == 1


def test_the_seed_says_which_clips_are_asked_of_whom(make_world) -> None:
    found = []
    world = make_world([8] * 10, settings=OFTEN)
    play = Play(world)
    play.all(1, 2)
    found = [{one.clip_id for one in repeats_of(play, worker)} for worker in (1, 2)]
    assert found[0] != found[1] and all(found)
    twice = play.rows(select(TaskSlot.worker_id, TaskSlot.clip_id).where(TaskSlot.behind_id > 0))
    assert {(w, c) for w, c in twice} == {(w, c) for w in (1, 2) for c in found[w - 1]}


def _state(engine: Any) -> dict[str, list[Any]]:
    """Return all rows but repeats, times, and numbers that only say in which order rows came."""
    left_out = {"last_vote_id", "last_answered_at", "answered_at", "created_at", "expires_at"}
    left_out |= {"id", "slot_id", "instead_of_id", "value"}
    left_out |= {"taken_at", "submitted_at", "measured_at", "code_hash", "invited_at", "acted_at"}
    found = {}
    with reading(engine) as session:
        for table in Base.metadata.sorted_tables:
            columns = [c for c in table.columns if c.name not in left_out]
            query = select(*columns)
            if table.name == "vote":
                ordered = func.row_number().over(order_by=table.c.id)
                columns = [c for c in columns if c.name != "occasion"]
                query = select(ordered, *columns).where(table.c.occasion == 1)
            elif table.name == "task_slot":
                query = query.where(table.c.behind_id.is_(None))
            found[table.name] = sorted(map(repr, session.execute(query).all()))
    return found


@pytest.mark.few("posterior", "make_grid")
@pytest.mark.parametrize(
    ("policy", "make", "tasks"),
    [
        ("three_of_five", "make_world", [8] * 4),
        ("three_of_five", "make_grid", [16] * 2),
        ("posterior", "make_world", [8] * 4),
    ],
)
def test_a_crowd_decides_the_same_with_repeats_and_without(request, policy, make, tasks) -> None:
    states, asked = [], []
    for number, more in enumerate(("", REPEATS)):
        settings = f'{UNHURRIED}policy = "{policy}"\ngate_clips = 6\n{more}'
        world = request.getfixturevalue(make)(
            tasks, num_gold=2, settings=settings, folder=f"w{number}"
        )
        play = Play(world)
        if policy == "posterior":
            with writing(play.engine) as session:
                remake(session, play.config.verify)
        play.all(1, 2, 3, 4)
        states.append(_state(play.engine))
        with writing(play.engine) as session:
            remake(session, play.config.verify)
        states.append(_state(play.engine))
        asked.append(
            {w: [q.clip_id for q in of if not q.is_repeat] for w, of in play.asked.items()}
        )
    assert sum(map(len, (repeats_of(play, worker) for worker in play.asked))) >= 4
    kept, remade, kept_beside, remade_beside = states
    assert {name for name in kept if kept[name] != kept_beside[name]} == set()
    assert {name for name in remade if remade[name] != remade_beside[name]} == set()
    if policy == "three_of_five":
        assert kept["worker_standing"] == remade["worker_standing"]
        assert kept["hour_tally"] == remade["hour_tally"]
    assert asked[0] == asked[1]


def test_an_answer_to_a_repeat_can_be_sent_again_and_changed_as_any_other(make_world) -> None:
    play = Play(make_world([8] * 10, settings=OFTEN))
    while True:
        desk = play.take(1)
        mine = next((one for one in desk.remaining() if one.is_repeat), None)
        for question in desk.remaining():
            if question is mine:
                break
            play.answer(1, question)
        if mine is not None:
            break
    before = play.rows(select(Vote.answer).where(Vote.clip_id == mine.clip_id, Vote.stands()))
    assert play.answer(1, mine, Answer.BAD) is Outcome.SAVED
    assert play.answer(1, mine, Answer.BAD) is Outcome.SAVED, "it was sent again"
    assert play.answer(1, mine, Answer.NO) is Outcome.CONFLICT
    with reading(play.engine) as session:
        earlier = CLIP.read_earlier(session, 1)[-1]
        assert (earlier.slot_id, earlier.subject) == (
            mine.slot_id,
            (mine.clip_id, mine.label_id, 2),
        )
    assert play.answer(1, mine, Answer.YES, revision=1) is Outcome.SAVED
    said = select(Vote.occasion, Vote.revision, Vote.answer).where(Vote.clip_id == mine.clip_id)
    assert sorted(play.rows(said))[1:] == [(2, 0, Answer.BAD), (2, 1, Answer.YES)]
    stands = select(Vote.answer).where(Vote.clip_id == mine.clip_id, Vote.stands())
    assert play.rows(stands) == before, "the first answer stands"
    with reading(play.engine) as session:
        (pair,) = read_consistency(session)[1].pairs
        assert (pair.clip_id, pair.is_yes) == (mine.clip_id, True)
        assert read_standings(session, play.config.verify)[1].num_votes + 1 == _num_said(session)
        assert tally_of(session, 1).num_answers == _num_said(session), "it is work, and paid"


def _num_said(session: Any) -> int:
    return session.scalar(select(func.count(Vote.id)).where(Vote.revision == 0))


def test_a_repeat_that_does_not_play_is_asked_no_more(make_world) -> None:
    play = Play(make_world([8] * 10, settings=OFTEN))
    while not (found := [one for one in play.take(1).remaining() if one.is_repeat]):
        play.turn(1)
    assert play.answer(1, found[0], Answer.BAD, unplayed_by="a browser") is Outcome.SAVED
    assert found[0].slot_id not in {one.slot_id for one in play.take(1).remaining()}
    assert not play.rows(select(Vote.id).where(Vote.occasion == 2))


def test_a_grid_repeats_clips_of_its_class_alone(make_grid) -> None:
    world = make_grid([12] * 4, settings=OFTEN)
    with writing(world.workspace.engine) as session:
        for table in (TaskSlot,):
            for slot in session.scalars(select(table).where(table.task_id.in_([1, 4]))):
                slot.label_id = slot.clip.label_id = 2
    play = Play(world)
    play.all(1)
    again = repeats_of(play, 1)
    rows = play.rows(select(TaskSlot.id, TaskSlot.task_id, Task.way).join(Task))
    task = {slot_id: task_id for slot_id, task_id, way in rows if way is Way.GRID}
    assert again and {one.label_id == 2 for one in again} == {True, False}
    assert all((one.label_id == 2) == (task[one.slot_id] in (1, 4)) for one in again)


def test_a_repeat_lies_before_its_worker_alone_and_keeps_no_task_open(make_world) -> None:
    play = Play(make_world([8] * 3, settings=f"{OFTEN}max_votes = 1\nmin_yes = 1\n"))
    while not (desk := play.take(1)) or not any(one.is_repeat for one in desk.questions):
        play.turn(1)
    with writing(play.engine) as session:
        seat = Seat(desk.task_id, 2, play.now)
        others = read_desk(CLIP, session, seat, play.config.verify)
        assert not any(one.is_repeat for one in others.questions)
    for one in desk.remaining():
        if not one.is_repeat:
            play.answer(1, one)
    (left,) = [one for one in play.take(1).remaining() if one.is_repeat]
    assert play.rows(select(Task.is_finished).where(Task.id == desk.task_id)) == [(True,)]
    assert play.take(1).task_id == desk.task_id, "what is before the worker stays to be answered"
    assert play.answer(1, left) is Outcome.SAVED
    assert play.take(2) is None or play.take(2).task_id != desk.task_id


def test_who_is_joined_keeps_the_first_answers_and_is_asked_no_repeat_of_the_other(
    make_world,
) -> None:
    play = Play(make_world([8] * 6, settings=OFTEN))
    while not repeats_of(play, 1) if 1 in play.asked else True:
        play.turn(1)
    with writing(play.engine) as session:
        one, two = session.get_one(Worker, 1), session.get_one(Worker, 2)
        one.name, two.name = "one", "two"
        people.join(session, two, one, play.config.verify)
    copied = play.rows(select(Vote.occasion).where(Vote.worker_id == 2))
    assert copied and {occasion for (occasion,) in copied} == {1}
    play.all(2)
    assert max(Counter(one.subject for one in play.asked[2]).values()) == 1


def test_a_programs_answer_to_a_repeat_goes_through_the_page(make_world) -> None:
    world = make_world([8] * 6, settings=OFTEN)
    person = world.client(0).log_in()
    asked = person.answer_all("no")
    twice = [clip for clip, times in Counter(one["clip"] for one in asked).items() if times == 2]
    assert twice and len(asked) == 48 + len(twice)
    slots = [one["slot"] for one in asked]
    assert len(slots) == len(set(slots))
    with reading(world.workspace.engine) as session:
        found = read_consistency(session)[1]
    assert (found.num, found.share, found.kappa) == (len(twice), 1.0, None)
