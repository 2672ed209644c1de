"""Boxes over the page's addresses: what is asked, taken, refused, shown and kept from others."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from annotation_ui.choosing import _WAITING
from annotation_ui.security import owner_code
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Assignment,
    BoxAnswer,
    Briefing,
    DrawnBox,
    Gold,
    PersonBox,
    Task,
    TaskSlot,
    Vote,
)
from pipelines.takedown.takedown import takedown
from tests.annotation_ui.boxes.conftest import FOUND
from tests.annotation_ui.conftest import Person, World

MakeFilm = Callable[..., World]
NEW = [0.8, 0.1, 0.9, 0.4, None]


def log_in(world: World, number: int = 0) -> Person:
    """Log in as somebody who has read the instructions about boxes."""
    person = world.client(number).log_in(read_instructions=False)
    form = {"csrf_token": person.token("/instructions/2?kind=boxes")}
    assert person.browser.post("/instructions?kind=boxes", data=form).status_code == 302
    return person


def ask(person: Person) -> dict[str, Any] | None:
    reply = person.browser.get("/task.json?kind=boxes")
    assert reply.status_code == 200, reply.text
    person.csrf = reply.json["csrf_token"]
    found: dict[str, Any] | None = reply.json["next"]
    return found


def say(person: Person, slot: int, boxes: object, **fields: str) -> Any:
    text = boxes if isinstance(boxes, str) else json.dumps(boxes)
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "boxes", "boxes": text, **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def standing(world: World) -> list[list[tuple[float, ...]]]:
    """Return the boxes that stand, frame by frame."""
    query = select(
        PersonBox.key_frame_id, PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2
    ).where(PersonBox.stands())
    frames: dict[int, list[tuple[float, ...]]] = {}
    with reading(world.workspace.engine) as session:
        for frame, *box in session.execute(query):
            frames.setdefault(frame, []).append(tuple(box))
    return [sorted(frames[frame]) for frame in sorted(frames)]


def test_a_frame_comes_with_its_boxes_and_nothing_of_the_film(make_film: MakeFilm) -> None:
    person = log_in(make_film())
    shown = ask(person)
    assert shown is not None
    assert [tuple(box[:4]) for box in shown["boxes"]] == list(FOUND)
    assert (shown["width"], shown["height"]) == (320, 240)
    assert (shown["position"], shown["total"]) == (1, 3)
    page = person.browser.get("/task?kind=boxes")
    assert page.status_code == 200
    assert "A walk" not in page.text and "film.mp4" not in page.text


def test_answers_are_stored_and_the_boxes_stand(make_film: MakeFilm) -> None:
    world = make_film()
    person = log_in(world)
    shown = ask(person)
    first, second = shown["boxes"]
    moved = [0.6, 0.3, 0.8, 0.95, second[4]]
    reply = say(person, shown["slot"], [first, moved, NEW], seconds="2.5")
    assert reply.status_code == 200 and reply.json["saved"]
    assert reply.json["next"]["position"] == 2
    assert say(person, reply.json["next"]["slot"], []).json["outcome"] == "saved"
    assert standing(world) == [
        sorted([tuple(first[:4]), tuple(moved[:4]), tuple(NEW[:4])]),
        list(FOUND),
    ], "of the second frame nothing stands, nobody is there"
    with reading(world.workspace.engine) as session:
        answers = session.scalars(select(BoxAnswer).order_by(BoxAnswer.id)).all()
        assert [answer.seconds for answer in answers] == [2.5, None]
        begun = session.scalars(select(DrawnBox.began_as_id).order_by(DrawnBox.number)).all()
        assert begun == [first[4], second[4], None]
        assert not session.scalars(select(Vote.id)).all()


def test_an_answer_sent_again_changes_nothing_and_a_later_one_takes_its_place(
    make_film: MakeFilm,
) -> None:
    world = make_film(num_frames=1)
    person = log_in(world)
    slot = ask(person)["slot"]
    assert say(person, slot, [NEW]).json["saved"]
    assert say(person, slot, [NEW]).json["saved"], "a browser may repeat itself"
    assert say(person, slot, []).status_code == 409, "another answer needs the next revision"
    assert say(person, slot, [], revision="1").json["stored"]["said"] == "nobody"
    assert standing(world) == []
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(BoxAnswer.revision)).all() == [0, 1]
        assert session.scalar(select(Task.is_finished))
        assert session.scalar(select(Assignment.submitted_at)) is not None
    work = person.browser.get("/task.json?kind=boxes").json
    assert work["next"] is None
    assert [(one["said"], one["answer"], one["revision"]) for one in work["earlier"]] == [
        ("nobody", [], 1)
    ]
    assert "nobody" in person.browser.get("/earlier?kind=boxes").text
    assert person.browser.get(f"/earlier/{slot}").status_code == 200


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        pytest.param("", "not JSON", id="nothing"),
        pytest.param("[" * 5000, "not JSON", id="no end of lists"),
        pytest.param({"a": 1}, "not a list", id="an object"),
        pytest.param([[0, 0, 0.1, 0.1, None]] * 101, "100 boxes or fewer", id="too many"),
        pytest.param([[0, 0, 1]], "Box 0 is not", id="too short"),
        pytest.param([NEW, [0, 0, 1, 1.01, None]], "Box 1: .* shares", id="out of the picture"),
        pytest.param("[[0,0,1,NaN,null]]", "shares", id="no number"),
        pytest.param([[True, 0, 1, 1, None]], "shares", id="a truth"),
        pytest.param([["0", 0, 1, 1, None]], "shares", id="a text"),
        pytest.param([[0.5, 0, 0.5, 1, None]], "is no box", id="without width"),
        pytest.param([[0, 0, 1, 1, "x"]], "no number of a box", id="begun as a text"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_was_expected(
    make_film: MakeFilm, boxes: object, words: str
) -> None:
    world = make_film(num_frames=1)
    person = log_in(world)
    reply = say(person, ask(person)["slot"], boxes)
    assert reply.status_code == 400
    assert re.search(words, reply.json["message"]), reply.json
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(BoxAnswer.id)) is None


def test_a_box_that_began_as_none_of_the_frame_was_drawn(make_film: MakeFilm) -> None:
    world = make_film(num_frames=2)
    person = log_in(world)
    shown = ask(person)
    for number in (999_999, shown["boxes"][0][4] + 2):
        reply = say(person, shown["slot"], [[*FOUND[0], number]])
        assert reply.status_code in (200, 409)
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(DrawnBox.began_as_id)).all() == [None]


def test_a_vote_is_no_answer_about_boxes_nor_the_other_way_round(make_film: MakeFilm) -> None:
    world = make_film(clips=(2,))
    person = world.client().log_in()
    form = {"csrf_token": person.token("/instructions/2?kind=boxes")}
    person.browser.post("/instructions?kind=boxes", data=form)
    frame = ask(person)
    clip = person.browser.get("/task.json?kind=clip").json["next"]
    assert say(person, clip["slot"], [NEW]).status_code == 404
    assert person.answer(frame["slot"]).status_code == 404
    assert say(person, frame["slot"], [NEW], kind="dances").status_code == 400
    assert person.browser.get("/task?kind=dances").status_code == 404
    assert say(person, frame["slot"], [NEW]).json["saved"]
    assert person.answer(clip["slot"]).json["saved"]


def test_stills_and_loops_are_for_those_who_are_asked(make_film: MakeFilm) -> None:
    world = make_film(num_frames=1)
    person, other = log_in(world), log_in(world, 1)
    shown = ask(person)
    paths = [f"/stills/{shown['frame']}.jpg", f"/loops/{shown['frame']}.mp4"]
    for path, start in zip(paths, (b"\xff\xd8", b"\x00\x00"), strict=True):
        reply = person.browser.get(path, headers={"Range": "bytes=0-99"})
        assert reply.status_code == 206 and reply.data.startswith(start)
        assert "private" in reply.headers["Cache-Control"]
        reply.close()
        assert other.browser.get(path).status_code == 404
        assert world.client(2).browser.get(path).status_code == 404
    assert say(person, shown["slot"], []).json["saved"]
    for path in paths:
        with person.browser.get(path) as reply:
            assert reply.status_code == 200, "it may still be changed"
        assert other.browser.get(path).status_code == 404


def test_an_answer_changed_often_hides_no_other(make_film: MakeFilm) -> None:
    person = log_in(make_film(num_frames=2))
    first = ask(person)
    assert say(person, first["slot"], [NEW]).json["saved"]
    second = ask(person)
    for number in range(21):
        boxes = [NEW] if number % 2 else []
        assert say(person, second["slot"], boxes, revision=str(number)).json["saved"]
    for path in (f"/stills/{first['frame']}.jpg", f"/loops/{first['frame']}.mp4"):
        with person.browser.get(path) as reply:
            assert reply.status_code == 200


def test_whoever_has_several_kinds_of_work_chooses(make_film: MakeFilm) -> None:
    world = make_film(clips=(2,))
    person = world.client().log_in()
    reply = person.browser.get("/task")
    assert reply.status_code == 302 and reply.location == "/work"
    page = person.browser.get("/work").text
    assert 'href="/task?kind=clip"' in page and 'href="/task?kind=boxes"' in page
    assert person.browser.get("/task?kind=clip").status_code == 200
    reply = person.browser.get("/task?kind=boxes")
    assert reply.location == "/instructions/1?kind=boxes", "each kind has its own instructions"
    assert "every person" in person.browser.get(reply.location).text
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(Briefing.kind)).all() == ["clip"]


def test_the_only_kind_there_is_needs_no_choice(make_film: MakeFilm) -> None:
    person = log_in(make_film())
    assert person.browser.get("/work").location == "/task"
    page = person.browser.get("/task")
    assert page.status_code == 200 and "A box around every person" in page.text
    assert person.browser.get("/task.json").json["next"]["boxes"]


def test_two_annotators_are_asked_where_two_are_wanted(make_film: MakeFilm) -> None:
    world = make_film(num_frames=1, settings="box_answers = 2\n")
    people = [log_in(world, number) for number in range(3)]
    shown = [ask(person) for person in people]
    assert [one is not None for one in shown] == [True, True, False]
    near = [0.82, 0.1, 0.92, 0.4, None]
    assert say(people[0], shown[0]["slot"], [NEW]).json["saved"]
    assert standing(world) == [list(FOUND)]
    assert say(people[1], shown[1]["slot"], [near, shown[1]["boxes"][0]]).json["saved"]
    assert standing(world) == [[(0.81, 0.1, 0.91, 0.4)]]


def test_the_owner_sees_how_far_the_boxes_are_and_how_each_worker_stands_in_each_kind(
    make_film: MakeFilm,
) -> None:
    world = make_film(clips=(2,))
    app = world.app()
    person = world.client(app=app).log_in()
    form = {"csrf_token": person.token("/instructions/2?kind=boxes")}
    person.browser.post("/instructions?kind=boxes", data=form)
    clip = person.browser.get("/task.json?kind=clip").json["next"]
    shown = ask(person)
    assert say(person, shown["slot"], [NEW]).json["saved"]
    assert person.answer(clip["slot"]).json["saved"]
    owner = app.test_client()
    found = re.search(r'name="csrf-token" content="([^"]+)"', owner.get("/owner/login").text)
    assert found
    form = {"code": owner_code(b"secret of the tests"), "csrf_token": found[1]}
    assert owner.post("/owner/login", data=form).status_code == 302
    text = " ".join(re.sub(r"<[^>]+>", " ", owner.get("/owner").text).split())
    assert "Draw boxes Pictures asked about 3 Decided 1 Open 2 Answers 1" in text
    assert "worker 0 Confirm clips 1" in text and "worker 0 Draw boxes 1" in text


@pytest.mark.of_sqlite  # whose plans do not change with what tables hold
def test_what_waits_is_read_from_an_index_however_much_it_is(make_film: MakeFilm) -> None:
    world = make_film(num_frames=1)
    query = _WAITING.compile(world.workspace.engine, compile_kwargs={"literal_binds": True})
    with reading(world.workspace.engine) as session:
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    steps = [step for step in plan if "task" in step]
    assert steps and all("ix_task_left_of_kind (kind=?)" in step for step in steps), plan


def test_the_login_says_what_the_work_is_in_one_sentence(make_film: MakeFilm) -> None:
    assert "about clips and films" in make_film(clips=(2,)).client().browser.get("/login").text


def test_of_a_film_that_was_taken_down_nothing_is_shown_not_even_gold(
    make_film: Callable[..., World], tmp_path: Path
) -> None:
    world = make_film(3)
    with writing(world.workspace.engine) as session:
        for slot in session.scalars(select(TaskSlot)).all()[:2]:
            gold = Gold(key_frame_id=slot.key_frame_id)
            session.add(gold)
            session.flush()
            slot.gold_id = gold.id
    person = log_in(world)
    frame = ask(person)["frame"]
    pages = [f"/stills/{frame}.jpg", f"/loops/{frame}.mp4"]
    for page in pages:
        with person.browser.get(page) as reply:
            assert reply.status_code == 200
    path = tmp_path / "takedown.txt"
    path.write_text("film | 2026-11-03 | asked\n")
    takedown(world.workspace, path)
    for name in ("0.jpg", "film.mp4"):
        (world.workspace.stills / name).write_bytes(b"a copy that came back")
    assert [person.browser.get(page).status_code for page in pages] == [404, 404]
    assert person.browser.get("/task.json?kind=boxes").json["next"] is None
