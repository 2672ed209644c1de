"""Questions are shown, answers are stored once."""

import re

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer, Assignment, Vote


def votes(world):
    with reading(world.workspace.engine) as session:
        columns = (Vote.answer, Vote.lasts_whole_clip, Vote.better_name, Vote.seconds)
        return session.execute(select(*columns).order_by(Vote.id)).all()


def test_without_a_login_people_are_sent_there_and_programs_get_401(world) -> None:
    client = world.app().test_client()
    assert client.get("/task").location == "/login"
    assert client.get("/task.json").status_code == 401
    assert client.get("/clips/1.mp4").status_code == 404


def test_the_task_page_names_the_question(world) -> None:
    person = world.client().log_in()
    page = person.browser.get("/task").text
    for text in (
        'data-slot="1"',
        'data-clip="2"',
        'data-label="waving hand"',
        'data-position="1"',
        'data-total="4"',
        "A hand moves to and fro.",
        "saying goodbye",
    ):
        assert text in page


def test_nothing_tells_which_question_is_gold(world) -> None:
    person = world.client().log_in()
    keys = set()
    while slot := person.next():
        page = person.browser.get("/task").text.replace(slot["label"], "")
        assert "gold" not in page
        keys.add(tuple(slot))
        person.answer(slot["slot"])
    assert len(keys) == 1


def test_answers_are_stored_with_all_that_was_said(world) -> None:
    person = world.client().log_in()
    said = [
        {"answer": "yes", "lasts_whole_clip": "no", "seconds": "3.5"},
        {"answer": "no", "better_name": "  opening \x00 bottle ", "seconds": "nan"},
        {"answer": "bad", "seconds": "-1"},
        {"answer": "unsure", "better_name": "x" * 300},
    ]
    for fields in said:
        reply = person.answer(person.next()["slot"], **fields)
        assert reply.json["saved"] is True
    assert votes(world) == [
        (Answer.YES, False, None, 3.5),
        (Answer.NO, None, "opening bottle", None),
        (Answer.BAD, None, None, None),
        (Answer.UNSURE, None, "x" * 100, None),
    ]


def test_the_last_answer_submits_the_task_and_the_next_one_follows(world) -> None:
    person = world.client().log_in()
    first = [person.next()["slot"]]
    for _ in range(3):
        first.append(person.answer(first[-1]).json["next"]["slot"])
    reply = person.answer(first[-1]).json
    assert (reply["next"], reply["done"]) == (None, "/task")
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(Assignment)).one().submitted_at is not None
    second = person.next()
    assert second["slot"] not in first
    assert (second["position"], second["total"]) == (1, 3), "its gold was answered before"


def test_the_same_answer_again_is_saved_as_before(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    first, again = person.answer(slot, "yes"), person.answer(slot, "yes")
    assert first.json == again.json
    assert len(votes(world)) == 1


def test_another_answer_is_refused_and_says_what_is_stored(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.answer(slot, "yes")
    for other in ({"answer": "no"}, {"answer": "yes", "lasts_whole_clip": "no"}):
        reply = person.answer(slot, **other)
        assert reply.status_code == 409
        assert reply.json["saved"] is False
        stored = reply.json["stored"]
        assert (stored["answer"], stored["lasts_whole_clip"]) == ("yes", True)
        assert reply.json["next"]["position"] == 2
    assert [vote.answer for vote in votes(world)] == [Answer.YES]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"answer": "maybe"}, "not one of yes, no, unsure, bad", id="unknown answer"),
        pytest.param(
            {"answer": "yes", "lasts_whole_clip": ""}, "a yes needs it", id="yes without follow-up"
        ),
    ],
)
def test_a_wrong_field_is_refused_with_what_is_allowed(world, fields, message) -> None:
    person = world.client().log_in()
    reply = person.answer(person.next()["slot"], **fields)
    assert reply.status_code == 400
    assert message in reply.json["message"]
    assert not votes(world)


def test_questions_of_others_cannot_be_answered_or_watched(world) -> None:
    app = world.app()
    mine, other = world.client(0, app=app).log_in(), world.client(1, app=app).log_in()
    slot, foreign = mine.next(), other.next()
    assert slot["slot"] != foreign["slot"]
    assert mine.answer(foreign["slot"]).status_code == 404
    assert mine.answer(999).status_code == 404
    assert mine.browser.get(f"/clips/{foreign['clip']}.mp4").status_code == 404
    assert mine.browser.get(f"/clips/{slot['clip']}.mp4", buffered=True).status_code == 200
    assert not votes(world)


def test_a_post_without_a_token_changes_nothing(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.csrf = "forged"
    reply = person.answer(slot)
    assert (reply.status_code, reply.json["error"]) == (400, "csrf")
    assert not votes(world)


BUTTON = re.compile(r'<button class="button[^"]*" name="answer" value="([^"]+)"')


def test_without_javascript_every_answer_is_one_button(make_world) -> None:
    person = make_world([6]).client().log_in()
    buttons = BUTTON.findall(person.browser.get("/task").text)
    assert buttons == ["yes-all", "yes-partly", "no", "unsure", "bad"]
    for number, button in enumerate(buttons, start=1):
        slot = person.next()["slot"]
        assert person.submit(slot, answer=button).location == "/task"
        assert f'data-position="{number + 1}"' in person.browser.get("/task").text
    assert person.submit(slot, answer="no").status_code == 409
    assert (
        person.submit(person.next()["slot"], answer="no", better_name="dance").location == "/task"
    )
    assert votes(person.world) == [
        (Answer.YES, True, None, None),
        (Answer.YES, False, None, None),
        (Answer.NO, None, None, None),
        (Answer.UNSURE, None, None, None),
        (Answer.BAD, None, None, None),
        (Answer.NO, None, "dance", None),
    ]
    assert "You have answered all there is" in person.browser.get("/task").text


def test_without_javascript_a_last_answer_is_changed_on_a_page_of_its_own(world) -> None:
    person = world.client().log_in()
    slot = person.next()["slot"]
    person.submit(slot, answer="yes-partly")
    assert f'href="/earlier/{slot}"' in person.browser.get("/earlier").text
    page = person.browser.get(f"/earlier/{slot}").text
    assert 'Your earlier answer: <strong id="said">Yes, a part of it</strong>' in page
    assert '<input type="hidden" name="revision" value="1">' in page
    assert person.submit(slot, answer="bad", revision="1").location == "/task"
    assert [vote.answer for vote in votes(world)] == [Answer.YES, Answer.BAD]
    assert person.browser.get("/earlier/3").status_code == 404, "not answered yet"


def test_nobody_learns_which_video_a_clip_is_from_and_where(world) -> None:
    person = world.client().log_in()
    while slot := person.next():
        texts = [person.browser.get(path).text for path in ("/task", "/task.json", "/earlier")]
        reply = person.answer(slot["slot"])
        texts += [reply.text, person.browser.get(f"/earlier/{slot['slot']}").text]
        clip = person.browser.get(f"/clips/{slot['clip']}.mp4", buffered=True)
        texts.append(str(clip.headers))
        for text in texts:
            assert not re.search(r"video\d{6}|Title|2\.0|12\.0", text)


def test_the_questions_that_follow_are_sent_ahead(make_world) -> None:
    person = make_world([6]).client().log_in()
    work = person.browser.get("/task.json").json
    slots = [question["slot"] for question in (work["next"], *work["following"])]
    assert slots == [1, 2, 3, 4]
    assert [question["position"] for question in work["following"]] == [2, 3, 4]
    person.next()
    reply = person.answer(1).json
    assert [question["slot"] for question in (reply["next"], *reply["following"])] == [2, 3, 4, 5]


def test_who_goes_on_hears_of_the_next_task_without_asking(make_world) -> None:
    person = make_world([1, 1]).client().log_in()
    first = person.next()
    reply = person.answer(first["slot"], go_on="1").json
    assert (reply["next"]["slot"], reply["next"]["position"], reply["done"]) == (2, 1, None)
    assert person.answer(first["slot"], "bad", go_on="1", revision="1").json["next"]["slot"] == 2
    last = person.answer(2, go_on="1").json
    assert (last["next"], last["done"]) == (None, "/task")


def test_a_warning_comes_before_the_next_task(make_world) -> None:
    person = make_world([1, 1], num_gold=4).client().log_in()
    while (slot := person.next())["position"] < slot["total"]:
        person.answer(slot["slot"], "no")
    last = person.answer(slot["slot"], "no", go_on="1").json
    assert (last["next"], last["done"]) == (None, "/task")
    assert person.browser.get("/task").location == "/warning"


def test_clips_of_the_last_answers_can_be_seen_again_after_the_task(make_world) -> None:
    person = make_world([12]).client().log_in()
    clips = [slot["clip"] for slot in person.answer_all()]
    seen = [person.browser.get(f"/clips/{clip}.mp4", buffered=True).status_code for clip in clips]
    assert seen == [404, 404, *[200] * 10]


def test_when_nothing_is_left_the_page_says_so(make_world) -> None:
    person = make_world([2]).client().log_in()
    assert len(person.answer_all()) == 2
    assert "No clips are waiting" in person.browser.get("/task").text


def test_every_page_forbids_foreign_scripts_and_frames(world) -> None:
    person = world.client().log_in()
    for path in (
        "/login",
        "/task",
        "/clips/2.mp4",
        "/static/clip/task.js",
        "/nowhere",
        "/owner/login",
    ):
        headers = person.browser.get(path, buffered=True).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
