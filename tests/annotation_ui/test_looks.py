"""How the question looks on every screen: the clip large, all buttons in sight, nothing moving."""

import json
from itertools import pairwise
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import update

from annotation_ui.server import serving
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Label
from kinetics_builder.ways import Way
from tests.annotation_ui.driving import (
    come_in,
    complaints,
    find_on,
    log_in,
    position,
    prefer,
    press,
    resize,
    wait,
    wait_for_clip,
    wait_for_position,
    wait_for_question,
)

pytestmark = pytest.mark.browser

SCREENS = [
    pytest.param(1366, 768, False, 0.65, id="a laptop"),
    pytest.param(1920, 1080, False, 0.65, id="a desk screen"),
    pytest.param(1024, 768, False, 0.6, id="an old screen"),
    pytest.param(683, 384, False, 0.4, id="a laptop at 200 %"),
    pytest.param(640, 512, False, 0.3, id="an old screen at 200 %"),
    pytest.param(360, 640, True, 0.3, id="a small phone"),
    pytest.param(640, 360, True, 0.4, id="a small phone on its side"),
    pytest.param(412, 915, True, 0.3, id="a large phone"),
    pytest.param(915, 412, True, 0.4, id="a large phone on its side"),
    pytest.param(768, 1024, True, 0.5, id="a tablet"),
]


def on_screens(few: tuple[int, ...], many: tuple[int, ...]) -> Any:
    """Let a test see the page on a few of the screens, and if `long` on many."""
    others = [
        pytest.param(*SCREENS[i].values, marks=pytest.mark.long, id=SCREENS[i].id) for i in many
    ]
    names = ("width", "height", "touch", "share")
    return pytest.mark.parametrize(names, [*(SCREENS[i] for i in few), *others])


LONG = "removing a very long word such as Donaudampfschifffahrtsgesellschaft from a sentence aloud"

# Text -> [left, top, right, bottom] of everything that can be clicked.
_CONTROLS = """
const seen = [...document.querySelectorAll("button, a, summary")].filter(
  (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest("dialog, .skip"));
return seen.map((e) => {
  const box = e.getBoundingClientRect();
  return [e.textContent.trim(), [box.left, box.top, box.right, box.bottom].map(Math.round)];
});
"""
_STAGE = """
const box = document.querySelector(".stage").getBoundingClientRect();
return [box.left, box.top, box.right, box.bottom].map(Math.round);
"""

# Buttons beyond the screen, and those out of which something that is written on them stands.
_MISFITS = """
const inside = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1
  && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
const screen = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
const seen = [...document.querySelectorAll(".replies .button, .tools .button")].filter(
  (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest("dialog"));
return seen.filter((e) => {
  const box = e.getBoundingClientRect();
  const parts = [...e.children].filter((part) => part.checkVisibility());
  return !inside(box, screen) || !parts.every((part) => inside(part.getBoundingClientRect(), box));
}).map((e) => e.textContent.trim());
"""

# What is seen of text and edges against what lies behind: [contrast, wanted, what].
_CONTRASTS = """
const channel = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const parse = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
const light = ([r, g, b]) =>
  0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const contrast = (a, b) => {
  const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour[3] === 1) return colour;
  }
  return [255, 255, 255, 1];
};
const opacity = (element) => {
  let product = 1;
  for (let e = element; e; e = e.parentElement) product *= Number(getComputedStyle(e).opacity);
  return product;
};
const found = [];
for (const e of document.querySelectorAll("body *")) {
  if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".skip, script")) continue;
  const style = getComputedStyle(e);
  const name = `${e.tagName} ${e.id} ${e.className} ${e.textContent.trim().slice(0, 20)}`;
  if ([...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    found.push([contrast(parse(style.color), behind(e)) * (opacity(e) === 1), 4.5, name]);
  if (e.matches("button.button, summary.button, input:not([type=hidden], [type=checkbox]), kbd"))
    found.push([contrast(parse(style.borderTopColor), behind(e.parentElement)), 3, `edge ${name}`]);
  if (e.placeholder) {
    const inner = getComputedStyle(e, "::placeholder");
    const seen = contrast(parse(inner.color), behind(e)) * (inner.opacity === "1");
    found.push([seen, 4.5, `placeholder of ${name}`]);
  }
}
return found;
"""


def screen(browser: Any) -> tuple[Any, dict[str, list[int]]]:
    controls = {text: box for text, box in browser.execute_script(_CONTROLS)}
    return browser.execute_script(_STAGE), controls


@pytest.fixture
def own_size(browser: Any) -> Any:
    yield browser
    resize(browser, 0, 0)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.long
@pytest.mark.parametrize("way", [Way.GRID, Way.STREAM])
def test_what_is_written_on_buttons_stays_on_them(own_size, make_grid, way) -> None:
    browser, world = own_size, make_grid([12], way)
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        for one in SCREENS:
            width, height, touch, _ = one.values
            resize(browser, width, height, touch=touch)
            browser.refresh()
            find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")
            if way is Way.STREAM:  # then the last answer can be undone
                answer_no(browser)
            assert browser.execute_script(_MISFITS) == [], one.id


def answer_no(browser: Any) -> None:
    """Answer what the stream shows, and wait for what comes next."""
    wait_for_question(browser)
    before = position(browser)
    press(browser, Keys.ARROW_LEFT)
    wait(browser, lambda: position(browser) != before)
    wait_for_position(browser, position(browser))


def test_the_clip_takes_the_screen_and_no_button_lies_outside(own_size, make_world) -> None:
    world = make_world([3])
    browser = own_size
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "3")
        wait_for_position(browser, "2 of 3")
        for one in SCREENS:
            width, height, touch, share = one.values
            resize(browser, width, height, touch=touch)
            wait(browser, lambda w=width: browser.execute_script("return innerWidth") == w)
            check_places(*screen(browser), (width, height), share)


def check_places(
    stage: list[int], controls: dict[str, list[int]], size: tuple[int, int], share: float
) -> None:
    """Hold the clip's share of the screen, and that all lies on it and side by side."""
    (left, top, right, bottom), (width, height) = stage, size
    assert (right - left) * (bottom - top) / (width * height) >= share, size
    assert len([text for text in controls if text]) >= 12, controls
    for text, box in controls.items():
        assert 0 <= box[0] < box[2] <= width, (size, text, box)
        assert 0 <= box[1] < box[3] <= height, (size, text, box)
        assert box[3] - box[1] >= 24, f"{text}: a target is 24 px high at least (WCAG 2.5.8)"
    boxes = [stage, *(box for text, box in controls.items())]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1], (size, one, other)


@on_screens(few=(5,), many=(3, 4, 6))
def test_no_button_of_the_pages_around_lies_below_the_fold(
    own_size, make_world, width, height, touch, share
) -> None:
    """Coming in, refused, all done, gone, the owner's door: seen whole without scrolling."""
    world = make_world([2])
    browser = own_size
    resize(browser, width, height, touch=touch)

    def check(where: str) -> None:
        wait(browser, lambda: browser.execute_script("return document.readyState") == "complete")
        controls = browser.execute_script(_CONTROLS)
        assert controls, where
        for text, box in controls:
            left, top, right, bottom = box
            assert 0 <= left < right <= width and 0 <= top < bottom <= height, (where, text, box)

    with serving(world.workspace) as address:
        browser.delete_all_cookies()
        for path in ("/login", "/owner", "/nowhere"):
            browser.get(f"{address}{path}")
            check(path)
        browser.get(f"{address}/login")
        browser.find_element(By.ID, "name").send_keys("worker 0")
        browser.find_element(By.ID, "code").send_keys("AAAA-AAAA-AAAA-AAAA", Keys.ENTER)
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".notice.bad"))
        check("a wrong code")
        log_in(browser, address, world)
        press(browser, "3")
        wait_for_position(browser, "2 of 2")
        press(browser, "3")
        wait(browser, lambda: "No clips are waiting" in browser.title)
        check("all done")
        browser.find_element(By.CSS_SELECTOR, "#log-out button").click()
        wait(browser, lambda: "Log in" in browser.title)
        check("logged out")
    said = complaints(browser)
    assert all("404" in line or "401" in line for line in said), said


@on_screens(few=(), many=(0, 3, 5, 6))
def test_nothing_moves_from_clip_to_clip(own_size, make_world, width, height, touch, share) -> None:
    """Whether the action's name is long or short, explained or not; when looking back too."""
    world = make_world([4])
    browser = own_size
    with writing(world.workspace.engine) as session:
        long = {"name": LONG, "description": f"{LONG}. " * 4, "example": LONG}
        session.execute(update(Label).where(Label.name == "clapping").values(long))
    resize(browser, width, height, touch=touch)
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        seen = []
        for number in range(1, 4):
            wait_for_position(browser, f"{number} of 4")
            seen.append(screen(browser))
            press(browser, "3")
        wait_for_position(browser, "4 of 4")
        seen.append(screen(browser))
        press(browser, Keys.ARROW_LEFT)
        wait_for_clip(browser, 3)
        seen.append(screen(browser))
    for (stage, before), (same_stage, after) in pairwise(seen):
        assert stage == same_stage
        shared = before.keys() & after.keys()
        assert {text: before[text] for text in shared} == {text: after[text] for text in shared}
        assert len(shared) >= 10


@pytest.mark.few("light")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_keys_and_fields_stand_out(browser, make_world, scheme) -> None:
    world = make_world([3])
    prefer(browser, color_scheme=scheme)
    try:
        with serving(world.workspace) as address:
            found = []
            browser.delete_all_cookies()
            browser.get(f"{address}/login")
            found += browser.execute_script(_CONTRASTS)
            log_in(browser, address, world)
            press(browser, "3")
            wait_for_position(browser, "2 of 3")
            press(browser, "t")
            wait(browser, browser.find_element(By.ID, "better-name").is_displayed)
            found += browser.execute_script(_CONTRASTS)
            press(browser, Keys.ESCAPE, Keys.ARROW_LEFT)
            wait_for_clip(browser, 1)
            press(browser, "?")
            found += browser.execute_script(_CONTRASTS)
            for path in ("/earlier", "/instructions/1", "/instructions/2"):
                browser.get(f"{address}{path}")
                found += browser.execute_script(_CONTRASTS)
            assert complaints(browser) == []
    finally:
        prefer(browser)
    assert len(found) > 100
    weak = [f"{contrast:.2f} of {wanted}: {what}" for contrast, wanted, what in found]
    assert [line for line, (c, wanted, _) in zip(weak, found, strict=True) if c < wanted] == []


@on_screens(few=(), many=(0, 5))
def test_everything_has_a_name_on_every_screen(
    own_size, make_world, width, height, touch, share
) -> None:
    world = make_world([3])
    browser = own_size
    resize(browser, width, height, touch=touch)
    with serving(world.workspace) as address:
        for path in ("/login", "/task", "/earlier"):
            if path == "/task":
                log_in(browser, address, world)
            browser.get(f"{address}{path}")
            selector = "a, button, summary, input:not([type=hidden]), video, progress, dialog"
            shown = [
                e for e in browser.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()
            ]
            assert len(shown) >= 3
            nameless = [e.get_attribute("outerHTML") for e in shown if not e.accessible_name]
            assert nameless == [], json.dumps(nameless)
        browser.get(f"{address}/task")
        assert browser.find_element(By.CSS_SELECTOR, ".who .name").is_displayed()
