"""Whoever has met a task's gold elsewhere is asked other gold in its place, while there is any."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from annotation_ui.answers import Outcome, Sender, store_all
from annotation_ui.desk_rows import Seat, read_desk
from annotation_ui.handout import take_task
from annotation_ui.kinds import actions, boxes, clip, links, questionnaire, segments, verification
from annotation_ui.kinds.kind import Kind
from annotation_ui.kinds.registry import KINDS
from kinetics_builder.config import Config
from kinetics_builder.crowd import people
from kinetics_builder.crowd.agreeing import read_answers
from kinetics_builder.crowd.gold_cover import gold_warnings
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.crowd.records import keep, read_standings, remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    Answer,
    Assignment,
    BoxFlag,
    Clip,
    ClipFile,
    DecisionTree,
    Gold,
    GoldAction,
    GoldTrack,
    KeyFrame,
    Label,
    LinkStretch,
    Media,
    Method,
    PersonBox,
    Task,
    TaskSlot,
    Timeline,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.crowd_news import crowd_news
from pipelines.verifying.assign_frames import mix_frames_gold_in
from pipelines.verifying.assign_links import mix_links_gold_in
from pipelines.verifying.assign_paths import mix_paths_gold_in
from pipelines.verifying.assign_segments import mix_segments_gold_in
from pipelines.verifying.gold_slots import mix_gold_in
from pipelines.verifying.people import mix_people_gold_in
from tests.annotation_ui.conftest import Person, World

NOW = 1_000_000.0
ACTION = 12
SUBJECTS: Mapping[str, Any] = {
    "clip": lambda n: {"clip_id": n, "label_id": 1},
    "boxes": lambda n: {"key_frame_id": n},
    "links": lambda n: {"stretch_id": n},
    "actions": lambda n: {"key_frame_id": n, "person_box_id": n},
    "verification": lambda n: {"key_frame_id": n, "person_box_id": n, "action_id": ACTION},
    "questionnaire": lambda n: {"clip_id": n, "tree_id": 1},
    "segments": lambda n: {"timeline_id": n},
}
"""By kind: the columns that say what the n-th question is about."""
REPLIES: Mapping[str, Any] = {
    "clip": lambda question: clip.replies.Reply(said(question), said(question) is Answer.YES),
    "boxes": lambda question: boxes.replies.Reply(()),
    "links": lambda question: links.replies.Reply(question.tracks),
    "actions": lambda question: (
        actions.replies.Reply((ACTION,))
        if said(question) is Answer.YES
        else actions.replies.Reply(flag=BoxFlag.WRONG_BOX)
    ),
    "verification": lambda question: verification.replies.Reply(said(question)),
    "segments": lambda question: segments.replies.Reply(()),
    "questionnaire": lambda question: questionnaire.replies.Reply((("q", said(question).value),)),
}
"""By kind: what is said of a question, and right of gold where that says something."""
TREE = json.dumps(
    {
        "name": "hands",
        "first": "q",
        "nodes": [
            {
                "key": "q",
                "text": "Waving?",
                "examples": [],
                "group": "hands",
                "yes": ["class", "waving"],
                "no": ["none", "none of these"],
            }
        ],
    }
)
OTHER_SORT = {"boxes": None, "segments": None, "actions": Answer.BAD}
MIX_IN: Mapping[str, Any] = {
    "clip": lambda session, config: mix_gold_in(session, Config(assign=config)),
    "boxes": mix_frames_gold_in,
    "links": mix_links_gold_in,
    "actions": lambda session, config: mix_people_gold_in(session, config, "actions"),
    "verification": lambda session, config: mix_people_gold_in(session, config, "verification"),
    "questionnaire": lambda session, config: mix_paths_gold_in(session, Config(assign=config)),
    "segments": mix_segments_gold_in,
}


def said(question: Any) -> Answer:
    """Return yes of every second thing."""
    return Answer.NO if question.subject[0] % 2 else Answer.YES


@dataclass
class Crowd:
    """Workers before tasks of one kind, each with one question, and two of gold behind it."""

    kind: Kind
    workspace: Workspace

    def take(self, worker: int, now: float = NOW) -> Any:
        with writing(self.workspace.engine) as session:
            return take_task(self.kind, session, worker, self.workspace.config, now)

    def answer(self, worker: int, questions: Any) -> list[Outcome]:
        sent = [(Sender(worker, q.slot_id, NOW), REPLIES[self.kind.name](q)) for q in questions]
        with writing(self.workspace.engine) as session:
            receipts = store_all(session, sent, self.workspace.config.verify)
            keep(session, self.workspace.config.verify)
        return [receipt.outcome for receipt in receipts]

    def work(self, worker: int, num_tasks: int) -> list[list[int]]:
        """Answer so many tasks; return the gold that each asked."""
        found = []
        for _ in range(num_tasks):
            asked = self.take(worker).remaining()
            assert [q.is_gold for q in asked] in ([True, False, True], [False])
            assert set(self.answer(worker, asked)) == {Outcome.SAVED}
            found.append([question.subject[0] for question in asked if question.is_gold])
        return found

    def rows(self, *columns: Any) -> list[Any]:
        with reading(self.workspace.engine) as session:
            return list(session.execute(select(*columns).order_by(columns[0])).all())


def add(session: Session, table: Any, numbers: Iterable[int], row: Any) -> None:
    """Write a row for each number, which is its id unless the row says otherwise."""
    session.execute(insert(table), [row(n) for n in numbers])


def fill_films(session: Session, numbers: Sequence[int]) -> None:
    """Write as many clips, and key frames of a film with a person at each, linked in pairs."""
    more = [*numbers, len(numbers) + 1]
    told = {"source": "test", "url": "", "title": ""}
    still = {"shown_seconds": 0.0, "shot_number": 0, "width": 64, "height": 48, "bytes": 1}
    still |= {"file": "stills/one.jpg", "sha256": "0" * 64, "is_withdrawn": False}
    file = {"file": "clips/one.mp4", "bytes": 1, "sha256": "0" * 64, "duration_seconds": 10.0}
    file |= {"width": 64, "height": 48, "frames_per_second": 25.0, "num_frames": 250}
    span = {"start_seconds": 0.0, "end_seconds": 10.0, "method": Method.MOTION, "score": 0.5}
    span |= {"label_id": 1, "rank": 0}
    corners = {"x1": 0.1, "y1": 0.1, "x2": 0.4, "y2": 0.9, "person": 1}
    add(session, DecisionTree, [1], lambda n: {"id": n, "name": "hands", "told": TREE})
    add(session, Label, [1], lambda n: {"id": n, "name": "waving", "tree_id": 1})
    add(session, Video, more, lambda n: {"id": n, "video_id": f"v{n:010}", **told})
    add(session, Clip, numbers, lambda n: {"id": n, "video_id": n, **span})
    add(session, ClipFile, numbers, lambda n: {"clip_id": n, **file})
    moment = {"video_id": 1, **still}
    add(session, KeyFrame, more, lambda n: {"id": n, "timestamp_seconds": float(n), **moment})
    add(session, PersonBox, more, lambda n: {"id": n, "key_frame_id": n, **corners})
    add(
        session,
        LinkStretch,
        numbers,
        lambda n: {"id": n, "video_id": 1, "start_seconds": float(n), "end_seconds": n + 1.0},
    )
    media = {"file": "media/one.mp4", "bytes": 1, "sha256": "0" * 64, "duration_seconds": 10.0}
    media |= {"width": 64, "height": 48, "frames_per_second": 25.0, "has_audio": False}
    add(session, Media, numbers, lambda n: {"video_id": n, "codec": "h264", **media})
    add(session, Timeline, numbers, lambda n: {"id": n, "video_id": n, "label_id": 1})
    proposed = {"action_id": ACTION, "num_proposed": 1}
    add(session, ActionCandidate, numbers, lambda n: {"person_box_id": n, **proposed})


def fill(workspace: Workspace, kind: str, num_gold: int, num_tasks: int, num_workers: int) -> None:
    """Write gold about the first things, every second of the other sort; then tasks of one each."""
    about, sorts = SUBJECTS[kind], (Answer.YES, OTHER_SORT.get(kind, Answer.NO))
    golds, tasks = range(1, num_gold + 1), range(1, num_tasks + 1)
    with writing(workspace.engine) as session:
        fill_films(session, range(1, num_gold + num_tasks + 1))
        workers = range(1, num_workers + 1)
        add(session, Worker, workers, lambda n: {"id": n, "code_hash": str(n), "name": f"w{n}"})
        if kind in ("boxes", "segments"):
            sorts = (None, None)
        add(session, Gold, golds, lambda n: {"id": n, "expected": sorts[n % 2], **about(n)})
        if kind == "questionnaire":
            session.execute(update(Gold).where(Gold.expected == Answer.YES).values(element_id=1))
        if kind == "links":
            shown = {"person": 1, "shown": 0}
            for offset in (0, 1):
                track = [{"gold_id": n, "person_box_id": n + offset, **shown} for n in golds]
                session.execute(insert(GoldTrack), track)
        if kind == "actions":
            add(session, GoldAction, golds[1::2], lambda n: {"gold_id": n, "action_id": ACTION})
        add(session, Task, tasks, lambda n: {"id": n, "kind": kind, "round": 0})
        slots = []
        for task in tasks:
            slots.append(
                {"position": 1, "task_id": task, "gold_id": None, **about(num_gold + task)}
            )
            for offset, place in enumerate((0, 2)):
                known = (2 * task + offset) % num_gold + 1
                slots.append({"position": place, "task_id": task, "gold_id": known, **about(known)})
        session.execute(insert(TaskSlot), slots)


@pytest.fixture
def make_crowd(tmp_path: Path) -> Any:
    """Make a crowd of a kind: gold, tasks, workers, settings."""
    made = []

    def make(
        kind: Kind, num_gold: int = 6, num_tasks: int = 12, num_workers: int = 3, settings: str = ""
    ) -> Crowd:
        text = f"{settings}[verify]\nhaste_seconds = 0.0\ngold_min_answers = 1000\n"
        text += "segment_answers = 1\n"
        workspace = Workspace.create(tmp_path / f"workspace{len(made)}", text)
        made.append(workspace)
        fill(workspace, kind.name, num_gold, num_tasks, num_workers)
        return Crowd(kind, workspace)

    yield make
    for workspace in made:
        workspace.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """Settings of either database."""
    if request.param == "sqlite":
        return ""
    return f'database = "{request.getfixturevalue("postgresql")(f"gold{uuid.uuid4().hex}")}"\n'


@pytest.mark.few("sqlite", "postgresql-clip", "postgresql-links")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_task_holds_gold_that_its_worker_has_not_met_as_long_as_there_is_any(
    make_crowd: Any, address: str, kind: Kind
) -> None:
    crowd = make_crowd(kind, settings=address)
    for worker in (1, 2, 3):
        asked = crowd.work(worker, 4)
        assert [len(some) for some in asked] == [2, 2, 2, 0], asked
        assert sorted(n for some in asked for n in some) == [1, 2, 3, 4, 5, 6], "each once"
        if kind.name not in ("boxes", "segments"):
            assert all(sum(some) % 2 for some in asked[:3]), "one of each sort"
    own = crowd.rows(TaskSlot.worker_id, TaskSlot.instead_of_id, TaskSlot.position)
    for worker, other, position in (row for row in own if row[0] is not None):
        assert worker in (1, 2, 3) and other is not None and position < 0
    with writing(crowd.workspace.engine) as session:
        kept = read_standings(session, crowd.workspace.config.verify, kind.crowd)
        assert [one.num_gold for one in kept.values()] == [6, 6, 6]
        remake(session, crowd.workspace.config.verify)
        again = read_standings(session, crowd.workspace.config.verify, kind.crowd)
        assert again == kept
        compared = read_answers(kind.crowd, session)
        assert {len(rows) for about, rows in compared.items() if about[0] <= 6} == {3}


@pytest.mark.long
def test_twelve_workers_meet_twenty_four_golds_two_a_task_and_each_once(make_crowd: Any) -> None:
    crowd = make_crowd(KINDS[1], num_gold=24, num_tasks=480, num_workers=12)
    # In turns, as people come: no two of them have the same tasks.
    asked: dict[int, list[list[int]]] = {worker: [] for worker in range(1, 13)}
    for _ in range(40):
        for worker in asked:
            asked[worker] += crowd.work(worker, 1)
    for tasks in asked.values():
        assert [len(some) for some in tasks] == [2] * 12 + [0] * 28
        assert sorted(n for some in tasks for n in some) == list(range(1, 25))
    orders = {tuple(n for some in tasks for n in some) for tasks in asked.values()}
    assert len(orders) == 12, "nobody can tell another what comes"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_gold_of_one_worker_is_nobody_elses(make_crowd: Any, kind: Kind) -> None:
    crowd = make_crowd(kind, num_gold=4, num_tasks=5, num_workers=4)
    crowd.work(1, 1)
    crowd.work(2, 1)
    ahead = crowd.take(1)
    own = [q for q in ahead.questions if q.slot_id > 15]
    assert own
    with reading(crowd.workspace.engine) as session:
        seat = Seat(ahead.task_id, 3, NOW)
        beside = read_desk(kind, session, seat, crowd.workspace.config.verify)
        assert [q.slot_id for q in beside.questions] == sorted(
            (q.slot_id for q in beside.questions),
            key=lambda slot: dict(crowd.rows(TaskSlot.id, TaskSlot.position))[slot],
        )
        assert not {q.slot_id for q in own} & {q.slot_id for q in beside.questions}
    assert crowd.take(3) is not None
    assert crowd.answer(3, own[:1]) == [Outcome.FOREIGN]
    assert crowd.answer(1, own[:1]) == [Outcome.SAVED]
    assert crowd.answer(1, own[:1]) == [Outcome.SAVED], "the same again"


def status_of(person: Person, path: str) -> int:
    with person.browser.get(path) as reply:
        return reply.status_code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_it_shows_is_shown_to_its_worker_alone(
    make_crowd: Any, clip_bytes: bytes, kind: Kind
) -> None:
    crowd = make_crowd(kind, num_tasks=1, num_workers=1)
    for folder in ("clips", "stills", "media"):
        (crowd.workspace.root / folder).mkdir(exist_ok=True)
    for folder in ("clips", "media"):
        (crowd.workspace.root / folder / "one.mp4").write_bytes(clip_bytes)
    (crowd.workspace.root / "stills" / "one.jpg").write_bytes(b"a still")
    with writing(crowd.workspace.engine) as session:
        world = World(crowd.workspace, make_invitations(session, 2))
    one, other = (world.client(number).log_in() for number in (0, 1))
    with writing(crowd.workspace.engine) as session:
        own = {"worker_id": 2, "instead_of_id": 2, "position": -1, "task_id": 1, "gold_id": 6}
        session.execute(insert(TaskSlot), {**own, **SUBJECTS[kind.name](6)})
        taken = [{"task_id": 1, "worker_id": worker, "expires_at": NOW} for worker in (2, 3)]
        session.execute(insert(Assignment), taken)
    path = {
        **dict.fromkeys(("clip", "questionnaire"), "/clips/{}.mp4"),
        "segments": "/videos/{}",
    }.get(kind.name, "/stills/{}.jpg")
    paths = {number: path.format(number) for number in (4, 6)}
    told = [[status_of(person, paths[n]) for n in (4, 6)] for person in (one, other)]
    assert told == [[200, 200], [200, 404]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_mixed_in_later_leaves_it_where_it_stands_and_counts_it_for_no_task(
    make_crowd: Any, kind: Kind
) -> None:
    crowd = make_crowd(kind, num_gold=8, num_tasks=9)
    crowd.work(1, 1)
    crowd.work(2, 3)
    desk = crowd.take(1)
    places = {
        slot: other for slot, other in crowd.rows(TaskSlot.id, TaskSlot.instead_of_id) if other
    }
    own = [q.slot_id for q in desk.questions if q.slot_id in places]
    assert own
    num_open = len([one for (one,) in crowd.rows(Task.is_finished) if not one])
    config = crowd.workspace.config
    with writing(crowd.workspace.engine) as session:
        assert MIX_IN[kind.name](session, config.assign) == 0, "every task has its two"
    with writing(crowd.workspace.engine) as session:
        more = replace(config.assign, gold_per_task=4)
        assert MIX_IN[kind.name](session, more) == 2 * num_open
    with reading(crowd.workspace.engine) as session:
        now = read_desk(kind, session, Seat(desk.task_id, 1, NOW), config.verify)
        found = [q.slot_id for q in now.questions]
    assert {found.index(slot) - found.index(places[slot]) for slot in own} == {1}
    positions = [place for (place,) in crowd.rows(TaskSlot.position)]
    assert (min(positions), max(positions)) == (-len(own), 4), "no gaps, however often"


def test_many_at_once_are_each_given_their_own_once(make_crowd: Any, address: str) -> None:
    crowd = make_crowd(KINDS[0], num_gold=8, num_tasks=12, num_workers=4, settings=address)
    for worker in range(1, 5):
        crowd.work(worker, 1)
    with ThreadPoolExecutor(8) as threads:
        desks = list(threads.map(crowd.take, [1, 2, 3, 4] * 4))
    for desk in desks:
        same = [one for one in desks if one.worker_id == desk.worker_id]
        assert all(one.questions == desk.questions for one in same), "one task each"
        assert sum(question.is_gold for question in desk.remaining()) == 2
    own = [row for row in crowd.rows(TaskSlot.worker_id, TaskSlot.instead_of_id) if row[0]]
    assert len(own) == len(set(own))


def test_what_a_worker_was_shown_stays_what_it_is(make_crowd: Any) -> None:
    crowd = make_crowd(KINDS[1], num_gold=8, num_tasks=5, num_workers=2)
    first = crowd.take(1)
    crowd.answer(1, [q for q in first.remaining() if q.is_gold][:1])
    again = crowd.take(1, NOW + 1e6)
    assert again.questions == first.questions and len(again.remaining()) == 2
    with writing(crowd.workspace.engine) as session:
        session.execute(update(Assignment).values(submitted_at=func.now()))
    crowd.work(2, 3)
    asked = crowd.take(1)
    assert [q.subject for q in asked.remaining()][2] == first.questions[2].subject
    crowd.answer(1, asked.remaining())
    rest = crowd.take(1)
    assert rest.task_id == first.task_id and rest.questions == first.questions
    assert [q.is_gold for q in rest.remaining()] == [False], "its gold was met, here and elsewhere"


@pytest.mark.few("clip", "links")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_number_that_a_browser_hears_tells_it_for_gold(make_crowd: Any, kind: Kind) -> None:
    crowd = make_crowd(kind, num_gold=6, num_tasks=9, num_workers=1)
    with writing(crowd.workspace.engine) as session:
        world = World(crowd.workspace, make_invitations(session, 2))
    person = world.client(0).log_in()
    with writing(crowd.workspace.engine) as session:
        session.execute(update(Task).where(Task.id.not_in([1, 4, 7])).values(is_finished=True))
    told = set()
    for _ in range(30):
        found = person.browser.get(f"/task.json?kind={kind.name}").json
        asked = [one for one in (found["next"], *found["following"], *found["earlier"]) if one]
        told |= {one["slot"] for one in asked}
        if (shown := found["next"]) is None:
            break
        before = len(answered(crowd, 2))
        reply = send(person, found["csrf_token"], kind, shown)
        assert reply["outcome"] == "saved" and len(answered(crowd, 2)) == before + 1
        if reply["graded"] is not None:
            with person.browser.get(f"/graded/{shown['slot']}?kind={kind.name}") as page:
                assert page.status_code == 200
        again = send(person, found["csrf_token"], kind, shown)
        assert again["outcome"] == "saved" and len(answered(crowd, 2)) == before + 1
    own = {slot for slot, worker in crowd.rows(TaskSlot.id, TaskSlot.worker_id) if worker == 2}
    assert len(own) == 4 and own <= set(answered(crowd, 2)), "all were answered"
    assert told and max(told) <= 27, "known by slots of the tasks as they were dealt"


def answered(crowd: Crowd, worker: int) -> list[int]:
    """Return the slots in which a worker has answered."""
    answers = crowd.kind.crowd.answers
    return [slot for slot, one in crowd.rows(answers.slot_id, answers.worker_id) if one == worker]


def send(person: Person, token: str, kind: Kind, shown: dict[str, Any]) -> dict[str, Any]:
    """Answer a question as a script does."""
    forms = {
        "boxes": {"boxes": "[]"},
        "links": {"tracks": json.dumps(shown.get("tracks"))},
        "actions": {"flag": "wrong_box"},
        "questionnaire": {"path": '[["q", "no"]]'},
        "segments": {"marks": "[]"},
    }
    form = {"kind": kind.name, **forms.get(kind.name, {"answer": "no"})}
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    reply = person.browser.post(f"/slots/{shown['slot']}/answer", data=form, headers=headers)
    found: dict[str, Any] = reply.json
    return found


def test_a_worker_has_the_gold_of_those_who_were_joined_to_them(make_crowd: Any) -> None:
    crowd = make_crowd(KINDS[0], num_gold=6, num_tasks=6, num_workers=3)
    crowd.work(2, 1)
    crowd.work(3, 2)
    own = [q for q in crowd.take(2).remaining() if q.slot_id > 18]
    assert len(own) == 2
    with writing(crowd.workspace.engine) as session:
        rows = [session.get_one(Worker, n) for n in (1, 2)]
        people.join(session, *rows, crowd.workspace.config.verify)
    assert crowd.answer(1, own[:1]) == [Outcome.SAVED], "what waited in the other's browser"
    asked = [q.subject for q in crowd.take(1).remaining() if q.is_gold]
    assert len(asked) == 2 and own[0].subject not in asked
    met = {number for number, worker in crowd.rows(Vote.clip_id, Vote.worker_id) if worker == 2}
    assert met.isdisjoint(number for number, _ in asked)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_owner_hears_who_has_met_all_gold_before_nothing_tests_them(
    make_crowd: Any, kind: Kind
) -> None:
    crowd = make_crowd(kind, num_tasks=12, num_workers=4)

    def said() -> list[str]:
        with reading(crowd.workspace.engine) as session:
            news = crowd_news(session, crowd.workspace.config)
            assert set(gold_warnings(session, crowd.workspace.config.assign)) <= set(news)
            return [one for one in news if "are left for" in one]

    for worker in (1, 2):
        crowd.work(worker, 2)
    assert said() == [], "two each are left: what a task holds"
    crowd.work(1, 1)
    of = "" if kind.name == "clip" else f" of {kind.name}"
    (line,) = said()
    assert line.startswith(f"Fewer than 2 of the 6 gold questions{of} are left for 1 worker")
    assert "kbuild gold" in line
    crowd.work(2, 1)
    assert "are left for 2 workers" in said()[0]
    with writing(crowd.workspace.engine) as session:
        people.exclude(session, session.get_one(Worker, 2), crowd.workspace.config.verify)
        session.execute(insert(Gold), {"expected": Answer.YES, **SUBJECTS[kind.name](18)})
    assert "1 worker" in said()[0], "who is excluded answers nothing more"
    with writing(crowd.workspace.engine) as session:
        more = {"expected": Answer.YES, **SUBJECTS[kind.name](17)}
        session.execute(insert(Gold), more)
    assert said() == []


def test_gold_that_is_asked_no_more_is_nobodys_own(make_crowd: Any) -> None:
    crowd = make_crowd(KINDS[1], num_gold=6, num_tasks=8)
    crowd.work(1, 2)
    met = Counter(n for some in crowd.work(2, 1) for n in some)
    with writing(crowd.workspace.engine) as session:
        for frame in session.scalars(select(KeyFrame).where(KeyFrame.id <= 6)):
            frame.is_withdrawn = frame.id not in met
    tasks = crowd.work(2, 2)
    own = {
        frame
        for frame, worker in crowd.rows(TaskSlot.key_frame_id, TaskSlot.worker_id)
        if worker == 2
    }
    assert not own, tasks
