"""The page in a real browser: keys, clips, changes of mind, settings, escaping."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select, update

from annotation_ui.security import load_secret, owner_code
from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Label, PassedSlot, Video
from tests.annotation_ui.driving import (
    come_in_by_forms,
    complaints,
    find_on,
    log_in,
    position,
    prefer,
    press,
    say_everything,
    stored,
    text_of,
    wait,
    wait_for_clip,
    wait_for_position,
    wait_for_question,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=document.title='pwned'>"
YES, NO, UNSURE, BAD = Answer


def click_at(browser, selector: str, milliseconds: float) -> None:
    """Click at a time of the page's clock, however long the machine takes."""
    browser.execute_script(
        """
        const now = performance.now;
        performance.now = () => arguments[1];
        document.querySelector(arguments[0]).click();
        performance.now = now;
        """,
        selector,
        milliseconds,
    )


def clip(browser, what: str):
    script = f"const v = document.querySelector('video.is-current'); return v && v.{what}"
    return browser.execute_script(script)


def close_keys(browser) -> None:
    press(browser, Keys.ESCAPE)
    wait(browser, lambda: not browser.find_element(By.ID, "keys").is_displayed())


def press_place(browser, code: str, key: str) -> None:
    """Press the key at a place of the keyboard that gives another character."""
    browser.execute_script(
        """
        const event = {code: arguments[0], key: arguments[1], bubbles: true, cancelable: true};
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
        """,
        code,
        key,
    )


def test_every_answer_is_one_key(browser, make_world) -> None:
    world = make_world([6])
    with serving(world.workspace) as address:
        come_in_by_forms(browser, address, world)
        say_everything(browser, world, "12345")


@pytest.mark.parametrize(
    ("code", "key", "said"),
    [
        pytest.param("Digit1", "&", YES, id="a French keyboard"),
        pytest.param("Digit3", "३", NO, marks=pytest.mark.long, id="a Hindi keyboard"),
        pytest.param("Numpad4", "End", UNSURE, marks=pytest.mark.long, id="a keypad unlocked"),
        pytest.param("", "5", BAD, marks=pytest.mark.long, id="a keyboard on a screen"),
    ],
)
def test_keys_go_by_their_place(browser, make_world, code, key, said) -> None:
    world = make_world([2])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press_place(browser, code, key)
        wait_for_position(browser, "2 of 2")
        wait_until_saved(browser)
    assert [answer for answer, *_ in stored(world)] == [said]


@pytest.mark.long
def test_letters_go_by_their_place_too(browser, make_world) -> None:
    world = make_world([1])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press_place(browser, "KeyT", "е")  # noqa: RUF001 (a Russian keyboard)
        wait(browser, browser.find_element(By.ID, "better-name").is_displayed)


@pytest.mark.long
def test_other_parts_of_a_split_class_are_there_to_be_chosen(browser, make_world) -> None:
    world = make_world([2])
    with writing(world.workspace.engine) as session:
        waving, clapping, jumping = session.scalars(select(Label).order_by(Label.id))
        waving.part_of_id = clapping.part_of_id = jumping.id
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "t")
        wait(browser, browser.find_element(By.ID, "parts").is_displayed)
        shown = [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#parts button")]
        asked = text_of(browser, "label")
        other = {"waving hand": "clapping", "clapping": "waving hand"}[asked]
        assert shown == [other]
        browser.find_element(By.CSS_SELECTOR, "#parts button").click()
        wait_for_position(browser, "2 of 2")
        press(browser, "3")
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert stored(world) == [(NO, None, other), (NO, None, None)]


@pytest.mark.long
def test_single_keys_can_be_switched_off_and_stay_off(browser, make_world) -> None:
    world = make_world([2])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "?")
        wait(browser, browser.find_element(By.ID, "single-keys").is_displayed)
        browser.find_element(By.ID, "single-keys").click()
        close_keys(browser)
        browser.refresh()
        wait_for_question(browser)
        press(browser, "3", "t", "?")
        assert not browser.find_element(By.ID, "keys").is_displayed()
        assert not browser.find_element(By.ID, "better-name").is_displayed()
        assert not browser.find_element(By.CSS_SELECTOR, "#answers kbd").is_displayed()
        browser.find_element(By.CSS_SELECTOR, "#answers button[value=unsure]").click()
        wait_for_position(browser, "2 of 2")
        browser.find_element(By.ID, "show-keys").click()
        browser.find_element(By.ID, "single-keys").click()
        close_keys(browser)
        press(browser, "3")
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert [answer for answer, *_ in stored(world)] == [UNSURE, NO]


@pytest.mark.long
def test_the_next_three_clips_wait_with_their_first_picture(browser, make_world) -> None:
    world = make_world([6])
    ready = """
    const there = [...document.querySelectorAll(".stage video")].filter((v) => v.readyState >= 2);
    return there.map((v) => Number(v.src.match(/(\\d+)\\.mp4/)[1])).sort();
    """
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        wait(browser, lambda: browser.execute_script(ready) == [1, 2, 3, 4])
        assert clip(browser, "src").endswith("/clips/1.mp4")
        press(browser, "4")
        wait_for_position(browser, "2 of 6")
        wait(browser, lambda: browser.execute_script(ready) == [1, 2, 3, 4, 5])
        assert clip(browser, "src").endswith("/clips/2.mp4")
        wait(browser, lambda: clip(browser, "currentTime") > 0)
        flags = [clip(browser, name) for name in ("muted", "loop", "paused", "playsInline")]
        assert flags == [True, True, False, True]


@pytest.mark.long
def test_the_next_clip_is_seen_before_the_answer_is_saved(browser, make_world) -> None:
    world = make_world([6])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        wait_for_position(browser, "1 of 6")
        browser.execute_script("window.fetch = () => new Promise(() => {})")
        for number in range(2, 5):
            press(browser, "3")
            wait_for_position(browser, f"{number} of 6")
            assert text_of(browser, "saved") == f"Saving {number - 1}"
        assert not stored(world)


@pytest.mark.long
def test_between_two_clips_the_stage_is_black(browser, make_world) -> None:
    """In every frame that the browser draws there is a picture, or the black behind it."""
    world = make_world([5])
    watch = """
    window.drawn = new Set();
    const look = () => {
      const shown = [...document.querySelectorAll(".stage video")].filter(
        (v) => getComputedStyle(v).visibility === "visible");
      window.drawn.add(`${shown.length} ${shown.every((v) => v.readyState >= 2 || v.seeking)}`);
      requestAnimationFrame(look);
    };
    look();
    return getComputedStyle(document.querySelector(".stage")).backgroundColor;
    """
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        wait(
            browser,
            lambda: browser.execute_script(
                "return [...document.querySelectorAll('video')].every((v) => v.readyState >= 2)"
            ),
        )
        assert browser.execute_script(watch) == "rgb(0, 0, 0)"
        for number in range(2, 5):
            press(browser, "3")
            wait_for_position(browser, f"{number} of 5")
        assert browser.execute_script("return [...window.drawn]") == ["1 true"]


@pytest.mark.long
def test_the_second_half_of_a_double_click_answers_nothing(browser, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        button = "#answers button[value=bad]"
        browser.find_element(By.CSS_SELECTOR, button).click()
        wait_for_position(browser, "2 of 3")
        since = browser.execute_script("return performance.now()") - 60_000
        click_at(browser, button, since)
        assert position(browser) == "2 of 3"
        browser.find_element(By.CSS_SELECTOR, button).click()
        wait_for_position(browser, "3 of 3")
        wait_until_saved(browser)
    assert len(stored(world)) == 2


def test_no_page_stands_between_two_tasks(browser, make_world) -> None:
    world = make_world([2, 2])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        browser.execute_script("window.isTheSamePage = true")
        press(browser, "3")
        wait_for_position(browser, "2 of 2")
        press(browser, "3")
        wait_for_position(browser, "1 of 2")
        assert browser.execute_script("return window.isTheSamePage")
    assert len(stored(world)) == 2


def test_an_answer_is_taken_back_and_the_work_goes_on_where_it_was(browser, make_world) -> None:
    world = make_world([4])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "1")
        wait_for_position(browser, "2 of 4")
        press(browser, "3")
        wait_for_position(browser, "3 of 4")
        press(browser, Keys.ARROW_LEFT)
        wait_for_clip(browser, 2)
        assert text_of(browser, "said") == "No"
        press(browser, Keys.BACKSPACE)
        wait_for_clip(browser, 1)
        assert text_of(browser, "said") == "Yes, all the time"
        assert text_of(browser, "label") == "waving hand"
        pressed = browser.find_elements(By.CSS_SELECTOR, "#answers [aria-pressed=true]")
        assert [button.get_attribute("value") for button in pressed] == ["yes-all"]
        press(browser, "5")
        wait_for_clip(browser, 3)
        assert position(browser) == "3 of 4"
        assert not browser.find_element(By.ID, "review").is_displayed()
        press(browser, "4")
        wait_for_position(browser, "4 of 4")
        wait_until_saved(browser)
    assert [answer for answer, *_ in stored(world)] == [YES, NO, BAD, UNSURE]


@pytest.mark.long
def test_looking_back_and_keeping_all_changes_nothing(browser, make_world) -> None:
    world = make_world([4])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "1")
        wait_for_position(browser, "2 of 4")
        press(browser, "2")
        wait_for_position(browser, "3 of 4")
        for keys in ([Keys.ARROW_LEFT, Keys.ESCAPE], [Keys.ARROW_LEFT, Keys.ARROW_RIGHT]):
            press(browser, keys[0])
            wait_for_clip(browser, 2)
            press(browser, keys[1])
            wait_for_clip(browser, 3)
        press(browser, Keys.ARROW_LEFT)
        wait_for_clip(browser, 2)
        press(browser, "2")
        wait_for_clip(browser, 3)
        wait_until_saved(browser)
    assert len(stored(world)) == 2


@pytest.mark.long
def test_answers_can_be_taken_back_after_a_reload_and_a_task(browser, make_world) -> None:
    world = make_world([1, 2])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "1")
        wait_for_position(browser, "1 of 2")
        wait_until_saved(browser)
        browser.refresh()
        wait_for_question(browser)
        press(browser, Keys.ARROW_LEFT)
        wait_for_clip(browser, 1)
        press(browser, "3")
        wait_for_clip(browser, 2)
        wait_until_saved(browser)
        assert complaints(browser) == []
    assert [answer for answer, *_ in stored(world)] == [YES, NO]


@pytest.mark.long
def test_a_clip_can_be_paused_replayed_and_sped_up(browser, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, Keys.SPACE)
        wait(browser, lambda: clip(browser, "paused") and text_of(browser, "pause") == "Play")
        browser.find_element(By.ID, "pause").click()
        wait(browser, lambda: not clip(browser, "paused"))
        for rate in (1.5, 2, 3, 3):
            press(browser, Keys.ARROW_UP)
            assert clip(browser, "playbackRate") == rate
        assert text_of(browser, "speed") == "3\u00d7"
        press(browser, "3")
        wait_for_position(browser, "2 of 3")
        assert clip(browser, "playbackRate") == 3, "for the next clip too"
        browser.refresh()
        wait_for_question(browser)
        assert clip(browser, "playbackRate") == 3, "and after a reload"
        browser.find_element(By.ID, "speed").click()
        assert clip(browser, "playbackRate") == 1


@pytest.mark.long
def test_who_wants_no_motion_gets_a_picture_that_stands(browser, make_world) -> None:
    world = make_world([3])
    prefer(browser, reduced_motion="reduce")
    try:
        with serving(world.workspace) as address:
            log_in(browser, address, world)
            press(browser, "3")
            wait_for_position(browser, "2 of 3")
            assert (clip(browser, "paused"), clip(browser, "currentTime")) == (True, 0)
            press(browser, Keys.SPACE)
            wait(browser, lambda: clip(browser, "currentTime") > 0)
            press(browser, "?")
            browser.find_element(By.ID, "self-playing").click()
            close_keys(browser)
            press(browser, "3")
            wait_for_position(browser, "3 of 3")
            wait(browser, lambda: clip(browser, "currentTime") > 0)
    finally:
        prefer(browser)


@pytest.mark.long
def test_space_on_a_button_is_the_buttons(browser, make_world) -> None:
    world = make_world([2])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        button = browser.find_element(By.CSS_SELECTOR, "#answers button[value=unsure]")
        browser.execute_script("arguments[0].focus()", button)
        press(browser, Keys.SPACE)
        wait_for_position(browser, "2 of 2")
        press(browser, Keys.SPACE)
        wait(browser, lambda: clip(browser, "paused"))
        wait_until_saved(browser)
    assert len(stored(world)) == 1


def test_a_clip_that_does_not_play_is_left_to_others(browser, make_world) -> None:
    world = make_world([2])
    (world.workspace.clips / "one.mp4").write_bytes(b"no film")
    with serving(world.workspace) as address:
        browser.delete_all_cookies()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.annotation_ui.driving.wait_for_question", lambda _: None)
            log_in(browser, address, world)
        find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")
        wait(browser, lambda: "does not play" in text_of(browser, "stage-note"))
        for _ in range(2):
            press(browser, "1")
        assert position(browser) == "1 of 2"
        wait(browser, lambda: press(browser, "5") or position(browser) == "2 of 2")
        wait_until_saved(browser)
    with reading(world.workspace.engine) as session:
        told = session.scalars(select(PassedSlot.browser)).all()
    assert len(told) == 1
    assert "Chrome" in told[0]
    assert stored(world) == []
    browser.get_log("browser")


def test_names_and_titles_are_shown_as_text(browser, make_world) -> None:
    world = make_world([3])
    with writing(world.workspace.engine) as session:
        for number, label in enumerate(session.scalars(select(Label)).all()):
            label.name = f"{EVIL}{number}"
            label.description = label.example = f"</script>{EVIL}"
        session.execute(update(Video).values(title=EVIL))
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        assert EVIL in browser.find_element(By.TAG_NAME, "h1").text
        press(browser, "4")
        wait_for_position(browser, "2 of 3")
        assert text_of(browser, "label") == f"{EVIL}1"
        assert text_of(browser, "description") == f"</script>{EVIL}"
        wait_until_saved(browser)
        browser.get(f"{address}/earlier")
        assert browser.find_element(By.CSS_SELECTOR, ".earlier a").text == f"{EVIL}0"
        browser.get(f"{address}/owner/login")
        code = owner_code(load_secret(world.workspace))
        browser.find_element(By.ID, "code").send_keys(code, Keys.ENTER)
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "td.title"))
        assert EVIL in [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "td.title")]
        assert browser.title == "How the work stands"
        assert not browser.find_elements(By.CSS_SELECTOR, "img[onerror], img[src=x]")
        assert complaints(browser) == []


@pytest.mark.long
def test_going_back_in_the_browser_never_says_that_all_is_done(browser, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, "3")
        wait_for_position(browser, "2 of 3")
        wait_until_saved(browser)
        browser.get(f"{address}/earlier")
        browser.back()
        wait_for_question(browser)
        assert position(browser) == "2 of 3"
        for _ in range(3):
            browser.back()
            words = browser.find_element(By.TAG_NAME, "body").text
            assert "saved" not in words.replace("says what is saved", "")
            assert "done" not in words


def test_without_a_script_the_work_goes_on_by_forms(browser, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            browser.get(f"{address}/task")
            assert not browser.find_element(By.ID, "pause").is_displayed()
            browser.find_element(By.CSS_SELECTOR, "button[value=yes-partly]").click()
            wait(browser, lambda: position(browser) == "2 of 3")
            browser.find_element(By.CSS_SELECTOR, "#naming summary").click()
            name = browser.find_element(By.ID, "better-name")
            wait(browser, name.is_displayed)
            ActionChains(browser).move_to_element(name).click().perform()
            name.send_keys("opening bottle", Keys.ENTER)
            wait(browser, lambda: position(browser) == "3 of 3")
            browser.find_element(By.ID, "back").click()
            find_on(browser, "/earlier", By.CSS_SELECTOR, ".earlier a").click()
            find_on(browser, "/earlier/2", By.CSS_SELECTOR, "button[value=bad]").click()
            find_on(browser, "/task", By.ID, "position")
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert stored(world) == [
        (YES, False, None),
        (NO, None, "opening bottle"),
        (BAD, None, None),
    ]
