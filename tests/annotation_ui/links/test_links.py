"""Links over the page's addresses: what is asked, taken, refused, shown and kept from others."""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from annotation_ui.security import owner_code
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import LinkAnswer, LinkEdit, PersonBox, Task, TrackedBox
from tests.annotation_ui.conftest import Person, World

MakeStrips = Callable[..., World]


def log_in(world: World, number: int = 0) -> Person:
    """Log in as somebody who has read the instructions about links."""
    person = world.client(number).log_in(read_instructions=False)
    form = {"csrf_token": person.token("/instructions/2?kind=links")}
    assert person.browser.post("/instructions?kind=links", data=form).status_code == 302
    return person


def ask(person: Person) -> dict[str, Any]:
    reply = person.browser.get("/task.json?kind=links")
    assert reply.status_code == 200, reply.text
    person.csrf = reply.json["csrf_token"]
    found: dict[str, Any] = reply.json["next"]
    return found


def say(person: Person, slot: int, tracks: object, **fields: str) -> Any:
    text = tracks if isinstance(tracks, str) else json.dumps(tracks)
    return person.browser.post(
        f"/slots/{slot}/answer",
        data={"kind": "links", "tracks": text, **fields},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )


def told(world: World) -> set[tuple[int, int, bool]]:
    """Return what linking is told."""
    with reading(world.workspace.engine) as session:
        query = select(LinkEdit.box_id, LinkEdit.other_id, LinkEdit.is_same)
        return {tuple(row) for row in session.execute(query)}


def links_of(tracks: list[list[int]]) -> set[tuple[int, int, bool]]:
    return {(a, b, True) for track in tracks for a, b in itertools.pairwise(track)}


def test_a_strip_comes_with_its_rows_and_nothing_of_the_film(make_strips: MakeStrips) -> None:
    world = make_strips()
    person = log_in(world)
    shown = ask(person)
    assert shown["label"] == "15:02 to 15:09"
    assert [frame["at"] for frame in shown["frames"]] == [f"15:0{n}" for n in range(2, 10)]
    assert [frame["is_cut"] for frame in shown["frames"]] == [n == 5 for n in range(8)]
    assert [len(track) for track in shown["tracks"]] == [8, 8]
    boxes = {box["box"]: box for box in shown["boxes"]}
    left, top, wide, tall = boxes[shown["tracks"][0][0]]["crop"]
    assert wide / tall == pytest.approx(0.75, abs=0.01)
    assert left <= 0.1 * 320 and left + wide >= 0.25 * 320 and top <= 0.2 * 240
    page = person.browser.get("/task?kind=links")
    assert page.status_code == 200 and "one person, from start to end" in page.text
    assert "A walk" not in page.text and "stills/0.jpg" not in page.text


def test_what_is_said_becomes_links_in_the_same_breath(make_strips: MakeStrips) -> None:
    world = make_strips()
    person = log_in(world)
    reply = say(person, ask(person)["slot"], world.tracks, seconds="7.5")
    assert reply.status_code == 200 and reply.json["saved"] and reply.json["next"] is None
    assert links_of(world.tracks) <= told(world)
    with reading(world.workspace.engine) as session:
        (answer,) = session.scalars(select(LinkAnswer)).all()
        assert (answer.is_as_shown, answer.seconds, answer.revision) == (False, 7.5, 0)
        assert len(session.scalars(select(TrackedBox.track)).all()) == 16
        assert session.scalar(select(Task.is_finished))


def test_rows_that_are_all_right_are_told_so(make_strips: MakeStrips) -> None:
    world = make_strips(whose=lambda person, number: person)
    person = log_in(world)
    shown = ask(person)
    assert shown["tracks"] == world.tracks
    assert say(person, shown["slot"], shown["tracks"][::-1]).json["saved"]
    with reading(world.workspace.engine) as session:
        assert session.scalars(select(LinkAnswer.is_as_shown)).all() == [True]
    assert told(world) >= links_of(world.tracks)


def test_an_answer_is_changed_by_the_next_revision_alone(make_strips: MakeStrips) -> None:
    world = make_strips()
    person = log_in(world)
    shown = ask(person)
    slot = shown["slot"]
    assert say(person, slot, shown["tracks"]).json["saved"]
    assert say(person, slot, [t[::-1] for t in shown["tracks"]]).json["saved"], "said again"
    assert say(person, slot, world.tracks).status_code == 409
    reply = say(person, slot, world.tracks, revision="1")
    assert reply.json["stored"]["answer"] == world.tracks
    assert {edit for edit in told(world) if edit[2]} == links_of(world.tracks)
    earlier = person.browser.get("/task.json?kind=links").json["earlier"]
    assert [(one["said"], one["answer"], one["revision"]) for one in earlier] == [
        ("2 people", world.tracks, 1)
    ]
    assert "2 people" in person.browser.get("/earlier?kind=links").text
    assert person.browser.get(f"/earlier/{slot}").status_code == 200


@pytest.mark.parametrize(
    ("tracks", "words"),
    [
        pytest.param("", "not JSON", id="nothing"),
        pytest.param("[" * 5000, "not JSON", id="no end of lists"),
        pytest.param({"a": 1}, "not a list of lists", id="an object"),
        pytest.param([], "not a list of lists", id="nobody"),
        pytest.param([[1], []], "Track 1 is not", id="an empty track"),
        pytest.param([[1, True]], "Track 0 is not", id="a truth"),
        pytest.param([[1, -1]], "Track 0 is not", id="below nothing"),
        pytest.param([[1, 2**40]], "Track 0 is not", id="too large for a row"),
        pytest.param([[1, 99]], "no box 99", id="a box that there is not"),
        pytest.param([[1], [1]], "Box 1 stands in the tracks twice", id="twice"),
        pytest.param([[1, 2]], "Boxes 1 and 2 are of one picture", id="two at once"),
        pytest.param([list(range(5001))], "more than the 5000", id="too many"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_was_expected(
    make_strips: MakeStrips, tracks: object, words: str
) -> None:
    world = make_strips()
    person = log_in(world)
    reply = say(person, ask(person)["slot"], tracks)
    assert reply.status_code == 400 and words in reply.json["message"], reply.json
    with reading(world.workspace.engine) as session:
        assert session.scalar(select(LinkAnswer.id)) is None


def test_without_a_script_numbers_say_who_is_who(make_strips: MakeStrips) -> None:
    world = make_strips()
    person = log_in(world)
    shown = ask(person)
    page = person.browser.get("/task?kind=links").text
    fields = dict(re.findall(r'name="person-(\d+)" value="(\d+)"', page))
    assert len(fields) == 16 and page.count("cut, 15:07") == 2
    assert {int(box) for box, number in fields.items() if number == "1"} == set(shown["tracks"][0])
    form = {f"person-{box}": name for box, name in fields.items()}
    for track, name in zip(world.tracks, (" Ann", "2"), strict=True):
        form |= {f"person-{box}": name for box in track}
    form[f"person-{world.tracks[0][7]}"] = ""
    token = person.token("/task?kind=links")
    data = {"csrf_token": token, "kind": "links", "worker": person.name, **form}
    reply = person.browser.post(f"/slots/{shown['slot']}/answer", data=data)
    assert reply.status_code == 302, reply.text
    one, other = world.tracks
    assert {edit for edit in told(world) if edit[2]} == links_of([one[:7], other])
    page = person.browser.get(f"/earlier/{shown['slot']}").text
    assert 'name="revision" value="1"' in page and "You said: 3 people" in page


def test_pictures_of_a_strip_are_for_those_who_are_asked(make_strips: MakeStrips) -> None:
    world = make_strips()
    person, other = log_in(world), log_in(world, 1)
    shown = ask(person)
    paths = [f"/stills/{frame['frame']}.jpg" for frame in shown["frames"]]
    for path in paths:
        with person.browser.get(path) as reply:
            assert reply.status_code == 200
        assert other.browser.get(path).status_code == 404
    assert say(person, shown["slot"], world.tracks).json["saved"]
    with person.browser.get(paths[3]) as reply:
        assert reply.status_code == 200, "it may still be changed"
    assert other.browser.get(paths[3]).status_code == 404


def test_who_left_before_is_shown_beside_the_strip_and_joined_to_who_comes(
    make_strips: MakeStrips,
) -> None:
    world = make_strips(
        num_frames=10,
        settings="\n[assign]\nstretch_frames = 5\nslots_per_task = 1\ngold_per_task = 0\n",
        whose=lambda person, number: 7 if person and number > 6 else person,
        is_seen=lambda person, number: not person or number not in range(2, 7),
        cut=99,
    )
    one, other = world.tracks
    people = [log_in(world, number) for number in range(3)]
    asked = {shown["label"]: (person, shown) for person in people if (shown := ask(person))}
    (_, first), (person, second), (stranger, third) = (asked[label] for label in sorted(asked))
    assert not any(frame["is_before"] for frame in first["frames"] + third["frames"])
    assert [frame["is_before"] for frame in second["frames"]] == [True, *[False] * 5]
    assert [frame["at"] for frame in second["frames"]][:2] == ["15:03", "15:06"]
    assert second["tracks"] == [[other[1]], one[4:9], other[2:4]]
    assert second["label"] == "15:06 to 15:10", "of the strip alone"
    before = f"/stills/{second['frames'][0]['frame']}.jpg"
    for someone, status in ((person, 200), (stranger, 404)):
        with someone.browser.get(before) as reply:
            assert reply.status_code == status
    assert say(person, second["slot"], [one[4:9], other[1:4]]).json["saved"]
    assert (other[1], other[2], True) in told(world)
    with person.browser.get(before) as reply:
        assert reply.status_code == 200, "it may still be changed"
    page = person.browser.get(f"/earlier/{second['slot']}").text
    assert f'name="person-{other[1]}" value="1"' in page and "2 people" in page


def test_what_most_of_three_say_holds(make_strips: MakeStrips) -> None:
    world = make_strips(settings="link_answers = 3\n")
    people = [log_in(world, number) for number in range(4)]
    shown = [ask(person) for person in people]
    assert [one is not None for one in shown] == [True, True, True, False]
    one, other = world.tracks
    wrong = shown[0]["tracks"]
    slot = shown[0]["slot"]
    assert say(people[0], slot, wrong).json["saved"]
    assert say(people[1], slot, world.tracks).json["saved"]
    assert told(world) == set(), "two of three are too few"
    assert say(people[2], slot, [one, other[:4], other[4:]]).json["saved"]
    # Each link has two who say it: the first takes one for the other only at 15:05, and the third
    # breaks a row only after it.
    assert {edit for edit in told(world) if edit[2]} == links_of(world.tracks)


def test_boxes_that_came_or_went_meanwhile_lose_no_answer(make_strips: MakeStrips) -> None:
    world = make_strips()
    person = log_in(world)
    shown = ask(person)
    one, _other = world.tracks
    with writing(world.workspace.engine) as session:
        gone = session.get_one(PersonBox, one[2])
        gone.is_dropped = True
        new = PersonBox(key_frame_id=gone.key_frame_id, x1=0.4, y1=0.1, x2=0.5, y2=0.3)
        moved = PersonBox(key_frame_id=gone.key_frame_id, replaces_id=gone.id)
        moved.x1, moved.y1, moved.x2, moved.y2 = 0.3, 0.2, 0.46, 0.9
        session.add_all([new, moved])
    assert say(person, shown["slot"], world.tracks).json["saved"]
    assert {e for e in told(world) if e[2]} == links_of(world.tracks)
    again = ask(log_in(world, 1))
    assert again is None
    earlier = person.browser.get("/task.json?kind=links").json["earlier"][0]
    assert sorted(len(track) for track in earlier["answer"]) == [1, 8, 8]


def test_the_owner_sees_how_far_the_strips_are(make_strips: MakeStrips) -> None:
    world = make_strips(settings="\n[assign]\nstretch_frames = 3\n")
    app = world.app()
    person = world.client(app=app).log_in(read_instructions=False)
    form = {"csrf_token": person.token("/instructions/2?kind=links")}
    person.browser.post("/instructions?kind=links", data=form)
    assert say(person, ask(person)["slot"], world.tracks).json["saved"]
    owner = app.test_client()
    found = re.search(r'name="csrf-token" content="([^"]+)"', owner.get("/owner/login").text)
    assert found
    form = {"code": owner_code(b"secret of the tests"), "csrf_token": found[1]}
    assert owner.post("/owner/login", data=form).status_code == 302
    text = " ".join(re.sub(r"<[^>]+>", " ", owner.get("/owner").text).split())
    assert "Follow people Strips of pictures asked about 4 Decided 1 Open 3 Answers 1" in text, text
    assert "links 2 people, as shown A walk at 15:02" in text
    assert "worker 0 1" in text


def test_two_strips_are_sent_ahead_and_none_that_the_page_holds_is_sent_again(
    make_strips: MakeStrips,
) -> None:
    world = make_strips(settings="\n[assign]\nstretch_frames = 2\n")
    person = log_in(world)
    sent = person.browser.get("/task.json?kind=links").json
    slot, following = sent["next"]["slot"], [one["slot"] for one in sent["following"]]
    assert len(following) == 2 and sent["next"]["total"] == 7
    person.csrf = sent["csrf_token"]
    whole = say(person, slot, sent["next"]["tracks"]).json
    assert whole["next"] == {**sent["following"][0], "position": 2}
    assert [bool(one["boxes"]) for one in whole["following"]] == [True, True], "they are whole"
    holds = [one["slot"] for one in (whole["next"], *whole["following"])]
    reply = say(person, holds[0], whole["next"]["tracks"], holds=",".join(map(str, holds))).json
    places = [{"slot": holds[n], "is_held": True, "position": 2 + n, "total": 7} for n in (1, 2)]
    assert [reply["next"], reply["following"][0]] == places
    assert len(reply["following"]) == 2 and reply["following"][1]["boxes"], "what is new is whole"
    bad = say(person, holds[1], whole["following"][0]["tracks"], holds="1,two")
    assert bad.status_code == 400 and "holds='1,two' is not a list" in bad.json["message"]
