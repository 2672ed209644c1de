"""Following people in a real browser: with the mouse, with keys alone, with a finger on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import func, select, update

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import BoxAnswer, KeyFrame, LinkAnswer, TrackedBox
from pipelines.verifying.assign_frames import assign_frames
from tests.annotation_ui.conftest import World
from tests.annotation_ui.driving import (
    complaints,
    find_on,
    log_in_again,
    position,
    press,
    resize,
    text_of,
    wait,
    wait_until_saved,
)
from tests.annotation_ui.links.conftest import SWITCHED_AT

pytestmark = pytest.mark.browser

MakeStrips = Callable[..., World]
TWO_STRIPS = "\n[assign]\nstretch_frames = 5\n"

# A strip whose pictures have been there for longer than a blink: then the page takes answers.
_TAKES_ANSWERS = """
const main = document.querySelector("main.links[data-ready]");
if (!main || typeof Strips === "undefined" || !Strips.isReady()) return false;
const since = window.seen === main.dataset.slot ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [main.dataset.slot, since];
return performance.now() - since > 300;
"""
# An answer to a question about boxes, as their page leaves it in this browser.
_LEAVE_AN_ANSWER_ABOUT_BOXES = """
const done = arguments[0];
fetch("/task.json?kind=boxes").then((reply) => reply.json()).then(({ next, worker }) => {
  const fields = { kind: "boxes", boxes: JSON.stringify(next.boxes), seconds: "3" };
  Outbox.put({ slot: next.slot, revision: 0, name: worker, label: "a picture", fields });
  done(worker);
});
"""
_ROWS = """
return [...document.querySelectorAll(".person")].map(
  (row) => [...row.querySelectorAll(".crop")].map((crop) => Number(crop.dataset.box)));
"""
# Whether the left edge of a picture can be touched, beside the rows' numbers, which stay in sight.
_IS_UNCOVERED = """
const at = arguments[0].getBoundingClientRect();
return arguments[0].contains(document.elementFromPoint(at.left + 4, at.top + at.height / 2));
"""
# Random rows, changed at random: what is wrong with them afterwards, and how often each change is.
_CHANGES = """
let seed = 1;
const random = (below) => { seed = (seed * 48271) % 2147483647; return seed % below; };
const timeOf = (box) => Math.floor(box / 5);
const faults = [];
const done = {};
for (let trial = 0; trial < 400; trial += 1) {
  let rows = Array.from({ length: 5 }, (_, index) => ({ number: index + 1, boxes: [] }));
  for (let time = 0; time < 7; time += 1) {
    const free = [...rows];
    for (let place = random(5); place < 5; place += 1) {
      free.splice(random(free.length), 1)[0].boxes.push(5 * time + place);
    }
  }
  rows = rows.filter((row) => row.boxes.length);
  const all = rows.flatMap((row) => row.boxes).sort((a, b) => a - b);
  for (let step = 0; step < 8; step += 1) {
    const name = ["cut", "alone", "join", "give"][random(4)];
    const [box, other] = [all[random(all.length)], all[random(all.length)]];
    const { rows: found, reason } = Tracks[name](rows, box, other, timeOf);
    if (found === null) { if (!reason) faults.push([name, "no reason"]); continue; }
    done[name] = (done[name] || 0) + 1;
    const kept = found.flatMap((row) => row.boxes).sort((a, b) => a - b);
    if (String(kept) !== String(all)) faults.push([name, "boxes lost or doubled"]);
    for (const row of found) {
      const times = row.boxes.map(timeOf);
      const isOrdered = times.every((time, at) => !at || time > times[at - 1]);
      if (!times.length || !isOrdered) faults.push([name, "no order"]);
    }
    const numbers = new Set(found.map((row) => row.number));
    if (numbers.size !== found.length) faults.push([name, "numbers"]);
    const isOne = Tracks.rowOf(found, box) === Tracks.rowOf(found, other);
    if (name === "join" && !isOne) faults.push([name, "not one person"]);
    const [to, its] = [Tracks.rowOf(rows, other).number, Tracks.rowOf(found, box).number];
    if (name === "give" && to !== its) faults.push([name, "not in that row"]);
    rows = found;
  }
}
return [faults.slice(0, 5), done];
"""


# Random strips laid on grids of random width: what is wrong with where the pictures lie, and how
# many lines there are where people of four shots would have had a line each.
_LAID = """
let seed = 7;
const random = (below) => { seed = (seed * 48271) % 2147483647; return seed % below; };
const faults = [];
for (let trial = 0; trial < 300; trial += 1) {
  const numBefore = random(4);
  const frames = Array.from({ length: numBefore + 1 + random(20) }, (_, index) => (
    { is_before: index < numBefore, is_cut: index > numBefore && !random(6) }));
  const timeOf = (box) => Math.floor(box / 10);
  const rows = Array.from({ length: 1 + random(8) }, (_, number) => (
    { number, boxes: frames.flatMap((frame, time) => (random(3) ? [] : [10 * time + number])) }
  )).filter((row) => row.boxes.length);
  const wide = 3 + random(30);
  const laid = Bands.lay(frames, rows, timeOf, wide);
  const { bands, pictures, numbers, numColumns, numLines, heads } = laid;
  const taken = new Set();
  const take = (what, column, line) => {
    const cell = `${column}/${line}`;
    if (taken.has(cell)) faults.push([trial, what, "on another"]);
    const isOff = column < 1 || column > numColumns || line > numLines || heads.has(line);
    if (isOff) faults.push([trial, what, "off the grid"]);
    taken.add(cell);
  };
  for (const [box, { column, line }] of pictures) {
    take(box, column, line);
    take(box, column + 1, line);
  }
  for (const { row, column, line } of numbers) {
    take("number", column, line);
    const places = row.boxes.map((box) => pictures.get(box));
    const isFirst = (place) => place.line === line && place.column === column + 1;
    if (!places.some(isFirst)) faults.push([trial, row.number, "a number before nobody"]);
  }
  const all = rows.flatMap((row) => row.boxes);
  const isWhole = pictures.size === all.length && all.every((box) => pictures.has(box));
  if (!isWhole) faults.push([trial, "lost"]);
  const most = Math.max(...bands.map((band) => band.lead));
  const widest = Math.max(wide, 1 + 2 * (most + 1), 1 + 2 * numBefore);
  if (numColumns > widest) faults.push([trial, "too wide", numColumns, wide]);
}
const shots = Array.from({ length: 20 }, (_, time) => (
  { is_before: false, is_cut: time > 0 && time % 5 === 0 }));
const people = Array.from({ length: 12 }, (_, number) => {
  const begins = 5 * Math.floor(number / 3);
  return { number, boxes: [0, 1, 2, 3, 4].map((time) => 100 * (begins + time) + number) };
});
const { numLines, heads } = Bands.lay(shots, people, (box) => Math.floor(box / 100), 26);
return [faults.slice(0, 5), numLines - heads.size];
"""


def begin(browser: Any, address: str, world: World, number: int = 0) -> None:
    """Log in, read the instructions about links, and wait for the first strip."""
    browser.delete_all_cookies()
    log_in_again(browser, address, world, number)
    find_on(browser, "/instructions/1", By.LINK_TEXT, "Next").click()
    find_on(browser, "/instructions/2", By.CSS_SELECTOR, "form.actions button.primary").click()
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def wait_for_strip(browser: Any, text: str) -> None:
    wait(browser, lambda: position(browser) == text and browser.execute_script(_TAKES_ANSWERS))


def takes_answers(browser: Any) -> str:
    """Say "answers" where the strip that is shown takes them, else nothing."""
    return "answers" if browser.execute_script(_TAKES_ANSWERS) else ""


def rows(browser: Any) -> list[list[int]]:
    """Return the boxes of each row."""
    found: list[list[int]] = browser.execute_script(_ROWS)
    return found


def crop(browser: Any, box: int) -> Any:
    """Return the picture of a box, scrolled to where it is seen wholly."""
    found = browser.find_element(By.CSS_SELECTOR, f'.crop[data-box="{box}"]')
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'nearest', inline: 'nearest'})", found
    )
    return found


def push(browser: Any, *names: str) -> None:
    """Click buttons one after another."""
    for name in names:
        browser.find_element(By.ID, name).click()


def tap(browser: Any, element: Any) -> None:
    """Touch the middle of an element with a finger."""
    box = browser.execute_script(
        "const at = arguments[0].getBoundingClientRect();"
        "return [at.left + at.width / 2, at.top + at.height / 2];",
        element,
    )
    point = [{"x": box[0], "y": box[1]}]
    browser.execute_cdp_cmd(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point}
    )
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def stored(world: World) -> list[list[list[int]]]:
    """Return the tracks of all answers in the order they came."""
    with reading(world.workspace.engine) as session:
        ids = session.scalars(select(LinkAnswer.id).order_by(LinkAnswer.id)).all()
        boxes = session.execute(
            select(TrackedBox.answer_id, TrackedBox.track, TrackedBox.person_box_id).order_by(
                TrackedBox.answer_id, TrackedBox.track, TrackedBox.person_box_id
            )
        ).all()
    found = []
    for one in ids:
        tracks: dict[int, list[int]] = {}
        for answer, track, box in boxes:
            if answer == one:
                tracks.setdefault(track, []).append(box)
        found.append(sorted(tracks.values()))
    return found


def num_box_answers(world: World) -> int:
    with reading(world.workspace.engine) as session:
        return session.scalar(select(func.count(BoxAnswer.id))) or 0


def shown_tracks(world: World) -> list[list[int]]:
    """Return the rows as the machine made them: changed over from a key frame on."""
    one, other = world.tracks  # type: ignore[attr-defined]
    at = SWITCHED_AT
    return [one[:at] + other[at:], other[:at] + one[at:]]


@pytest.mark.long
def test_one_key_says_that_all_is_right(browser: Any, make_strips: MakeStrips) -> None:
    world = make_strips(settings=TWO_STRIPS, whose=lambda person, number: person)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        assert text_of(browser, "count") == "All right"
        first = rows(browser)
        press(browser, Keys.ENTER)
        wait_for_strip(browser, "2 of 2")
        second = rows(browser)
        push(browser, "done")
        wait(browser, lambda: len(stored(world)) == 2)
        assert stored(world) == [sorted(first), sorted(second)]
        with reading(world.workspace.engine) as session:
            assert session.scalars(select(LinkAnswer.is_as_shown)).all() == [True, True]
        assert not complaints(browser)


@pytest.mark.long
def test_rows_that_were_mixed_up_are_joined_with_the_mouse(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips()
    one, other = world.tracks  # type: ignore[attr-defined]
    with serving(world.workspace) as address:
        begin(browser, address, world)
        assert rows(browser) == shown_tracks(world)
        crop(browser, one[SWITCHED_AT - 1]).click()
        push(browser, "join")
        assert "is also" in text_of(browser, "note")
        crop(browser, one[SWITCHED_AT]).click()
        assert rows(browser) == [one, other], "they change places"
        assert text_of(browser, "count") == "Done: 2 people"
        crop(browser, one[2]).click()
        push(browser, "join")
        crop(browser, other[2]).click()
        assert "of one picture" in text_of(browser, "note") and rows(browser) == [one, other]
        push(browser, "done")
        wait(browser, lambda: stored(world))
        assert stored(world) == [[one, other]]
        assert not complaints(browser)


@pytest.mark.long
def test_who_left_before_the_strip_is_joined_to_who_comes(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips(
        num_frames=10,
        settings="\n[assign]\nstretch_frames = 5\nslots_per_task = 3\ngold_per_task = 0\n",
        whose=lambda person, number: 7 if person and number > 6 else person,
        is_seen=lambda person, number: not person or number not in range(2, 7),
        cut=99,
    )
    one, other = world.tracks  # type: ignore[attr-defined]
    marked = "return [...document.querySelectorAll('.when.is-before')].map((e) => e.textContent)"
    with serving(world.workspace) as address:
        begin(browser, address, world)
        assert browser.execute_script(marked) == []
        press(browser, Keys.ENTER)
        wait_for_strip(browser, "2 of 3")
        assert browser.execute_script(marked) == ["15:03seen before"]
        assert rows(browser) == [[other[1]], one[4:9], other[2:4]]
        crop(browser, other[1]).click()
        push(browser, "join")
        crop(browser, other[2]).click()
        assert rows(browser) == [other[1:4], one[4:9]]
        push(browser, "done")
        wait_for_strip(browser, "3 of 3")
        wait(browser, lambda: len(stored(world)) == 2)
        assert stored(world)[1] == sorted([one[4:9], other[1:4]])
        assert not complaints(browser)


@pytest.mark.long
def test_rows_are_broken_and_pictures_given_with_the_mouse(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips(whose=lambda person, number: person)
    one, other = world.tracks  # type: ignore[attr-defined]
    with serving(world.workspace) as address:
        begin(browser, address, world)
        crop(browser, other[5]).click()
        push(browser, "cut")
        assert rows(browser) == [one, other[:5], other[5:]]
        push(browser, "alone")
        assert rows(browser) == [one, other[:5], other[6:], other[5:6]]
        push(browser, "undo")
        crop(browser, other[6]).click()
        push(browser, "give")
        crop(browser, one[0]).click()
        given = [*one[:6], other[6], one[7]]
        assert rows(browser) == [given, other[:5], [other[5], one[6], other[7]]], "one comes back"
        push(browser, "undo", "undo")
        assert rows(browser) == [one, other] and text_of(browser, "count") == "All right"
        crop(browser, one[0]).click()
        push(browser, "cut")
        assert "begins with this picture" in text_of(browser, "note")
        assert not complaints(browser)


def test_keys_alone_mend_a_strip_and_go_back(browser: Any, make_strips: MakeStrips) -> None:
    world = make_strips(settings=TWO_STRIPS)
    one, other = (track[:5] for track in world.tracks)  # type: ignore[attr-defined]
    right, down, up = Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_UP
    with serving(world.workspace) as address:
        begin(browser, address, world)
        first = rows(browser)
        assert sorted(first) == sorted(track[:5] for track in shown_tracks(world))
        # From the last picture before they changed over to the first behind, in the other row.
        press(browser, *[right] * SWITCHED_AT, "j", down, right, "j")
        assert sorted(rows(browser)) == sorted([one, other])
        press(browser, "b")
        assert len(rows(browser)) == 3
        press(browser, "z", up, Keys.TAB)
        press(browser, "n")
        assert len(rows(browser)) == 3
        press(browser, "z", "g", down, Keys.ESCAPE)
        assert text_of(browser, "note") == "" and len(rows(browser)) == 2
        press(browser, Keys.ENTER)
        wait_for_strip(browser, "2 of 2")
        press(browser, Keys.BACKSPACE)
        wait(browser, lambda: text_of(browser, "said") == "2 people")
        assert sorted(rows(browser)) == sorted([one, other]), "the earlier answer"
        wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
        press(browser, right, right, "b", Keys.ENTER)
        wait_for_strip(browser, "2 of 2")
        wait_until_saved(browser)
        assert [len(tracks) for tracks in stored(world)] == [2, 3], "the later answer counts"
        press(browser, "?")
        assert "Join" in browser.find_element(By.ID, "keys").text
        assert not complaints(browser)


def test_a_finger_mends_a_strip_on_a_phone_and_all_is_in_sight(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips()
    one, other = world.tracks  # type: ignore[attr-defined]
    with serving(world.workspace) as address:
        try:
            begin(browser, address, world)
            resize(browser, 360, 640, touch=True)
            wait(browser, lambda: browser.find_element(By.ID, "look").rect["width"] <= 360)
            overflow = "return document.documentElement.scrollWidth > 360"
            assert not browser.execute_script(overflow)
            for name in ("done", "cut", "join", "give", "alone", "undo", "look"):
                found = browser.find_element(By.ID, name).rect
                assert found["x"] >= 0 and found["x"] + found["width"] <= 360, name
                assert found["y"] + found["height"] <= 640, name
            size = crop(browser, one[0]).size
            assert size["width"] >= 44 and size["height"] >= 44
            for box in (one[-1], one[0]):
                assert browser.execute_script(_IS_UNCOVERED, crop(browser, box)), "no number on it"
            tap(browser, crop(browser, one[SWITCHED_AT - 1]))
            wait(browser, lambda: browser.find_element(By.ID, "join").is_enabled())
            tap(browser, browser.find_element(By.ID, "join"))
            wait(browser, lambda: "is also" in text_of(browser, "note"))
            tap(browser, crop(browser, one[SWITCHED_AT]))
            wait(browser, lambda: rows(browser) == [one, other])
            tap(browser, browser.find_element(By.ID, "done"))
            wait(browser, lambda: stored(world))
            assert stored(world) == [[one, other]]
        finally:
            resize(browser, 0, 0)


@pytest.mark.long
def test_answers_outlive_a_lost_network_and_a_reload(browser: Any, make_strips: MakeStrips) -> None:
    world = make_strips(settings=TWO_STRIPS)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        browser.set_network_conditions(offline=True, latency=0, throughput=1)
        try:
            press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "b", Keys.ENTER)
            wait(browser, lambda: "not saved yet" in text_of(browser, "saved"))
            assert stored(world) == []
        finally:
            browser.delete_network_conditions()
        browser.get(f"{address}/task?kind=links")
        wait_for_strip(browser, "2 of 2")
        wait_until_saved(browser)
        assert [len(tracks) for tracks in stored(world)] == [3]


def test_strip_after_strip_is_there_when_its_turn_comes_and_all_are_saved(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips(settings="\n[assign]\nstretch_frames = 2\n")
    with serving(world.workspace) as address:
        begin(browser, address, world)
        shown = []
        for number in range(1, 8):
            wait_for_strip(browser, f"{number} of 7")
            shown.append(rows(browser))
            browser.set_network_conditions(offline=True, latency=0, throughput=1)
            press(browser, Keys.ENTER)
            try:
                if number in (3, 7):
                    press(browser, Keys.BACKSPACE)
                    assert rows(browser) == shown[-1] and text_of(browser, "said") == "2 people"
                    press(browser, Keys.ESCAPE)
                elif number < 7:
                    assert browser.execute_script("return Strips.isReady()"), "made ahead"
            finally:
                browser.delete_network_conditions()
        wait(browser, lambda: len(stored(world)) == 7)
        assert stored(world) == [sorted(one) for one in shown]
        assert len({str(one) for one in shown}) == 7


@pytest.mark.long
def test_an_answer_of_another_kind_that_is_sent_from_here_brings_none_of_its_questions(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips(settings=TWO_STRIPS)
    with writing(world.workspace.engine) as session:
        assign_frames(session, world.workspace.config)
    with serving(world.workspace) as address:
        browser.delete_all_cookies()
        log_in_again(browser, address, world)
        find_on(browser, "/work", By.PARTIAL_LINK_TEXT, "Follow people").click()
        find_on(browser, "/instructions/1", By.LINK_TEXT, "Next").click()
        find_on(browser, "/instructions/2", By.CSS_SELECTOR, "form.actions button.primary").click()
        wait_for_strip(browser, "1 of 2")
        assert browser.execute_async_script(_LEAVE_AN_ANSWER_ABOUT_BOXES) == "worker 0"
        wait(browser, lambda: num_box_answers(world) == 1)
        wait_until_saved(browser)
        press(browser, Keys.ENTER)
        wait_for_strip(browser, "2 of 2")
        assert len(rows(browser)) == 2
        press(browser, Keys.ENTER)
        wait(browser, lambda: len(stored(world)) == 2)
        assert not complaints(browser)


@pytest.mark.long
def test_the_whole_picture_shows_who_is_chosen_and_a_cut_is_seen(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips()
    one, _ = world.tracks  # type: ignore[attr-defined]
    with serving(world.workspace) as address:
        begin(browser, address, world)
        chosen = crop(browser, one[6])
        ActionChains(browser).move_to_element(chosen).click().perform()
        look = browser.find_element(By.ID, "look")
        assert "15:08" in look.get_attribute("aria-label")
        assert len(look.find_elements(By.CSS_SELECTOR, "rect.box")) == 2
        assert len(look.find_elements(By.CSS_SELECTOR, "rect.box.is-chosen")) == 1
        cuts = [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".when.is-cut")]
        assert cuts == ["15:07\ncut"]
        assert chosen.get_attribute("aria-selected") == "true"


@pytest.mark.long
def test_no_change_loses_a_picture_or_puts_two_of_a_moment_in_a_row(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips()
    with serving(world.workspace) as address:
        begin(browser, address, world)
        faults, done = browser.execute_script(_CHANGES)
    assert faults == []
    assert min(done[name] for name in ("cut", "alone", "join", "give")) > 200, done


@pytest.mark.long
def test_every_picture_of_a_strip_lies_alone_behind_its_number_and_shots_stand_side_by_side(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips()
    with serving(world.workspace) as address:
        begin(browser, address, world)
        faults, num_lines = browser.execute_script(_LAID)
    assert faults == []
    assert num_lines == 6, "of twelve people in four shots, six at a time"


@pytest.mark.long
def test_a_strip_of_many_shots_has_pictures_where_one_looks_on_a_wide_screen_and_a_phone(
    browser: Any, make_strips: MakeStrips
) -> None:
    world = make_strips(num_frames=12, whose=lambda person, number: person + 2 * (number // 3))
    with writing(world.workspace.engine) as session:
        session.execute(update(KeyFrame).values(shot_number=(KeyFrame.id - 1) / 3))
    filled = """
      const area = document.querySelector("#strips").parentElement;
      const crops = [...area.querySelectorAll(".crop")].map((one) => one.getBoundingClientRect());
      const most = (side, pick) => pick(...crops.map((at) => at[side]));
      const [right, bottom] = [most("right", Math.max), most("bottom", Math.max)];
      const [left, top] = [most("left", Math.min), most("top", Math.min)];
      const own = crops.reduce((sum, at) => sum + at.width * at.height, 0);
      return [own / ((right - left) * (bottom - top)), area.scrollWidth - area.clientWidth];
    """

    def is_filled(found: tuple[float, float]) -> bool:
        share, beyond = found
        return share > 0.4 and beyond <= 0

    with serving(world.workspace) as address:
        try:
            for size in ((1366, 768), (360, 640)):
                resize(browser, *size)
                if size[0] == 1366:
                    begin(browser, address, world)
                wait(browser, lambda: is_filled(browser.execute_script(filled)))
        finally:
            resize(browser, 0, 0)
