"""The page on which a film is looked at: in a browser, from a file, by mouse and by keys."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from kinetics_builder.video.reading.probe import probe
from pipelines.ava.watching import view as viewing
from pipelines.cli import group
from tests.annotation_ui.driving import complaints, press, resize, text_of, wait

LEFT, MIDDLE, RIGHT = "0.1,0.2,0.3,0.8", "0.4,0.2,0.6,0.8", "0.7,0.2,0.9,0.8"

# The colour of the canvas over the film, at shares of its width and height; "" where clear.
_COLOUR = """
const canvas = document.getElementById("over"), [x, y] = arguments;
const place = [Math.round(x * canvas.width), Math.round(y * canvas.height)];
const [red, green, blue, ink] = canvas.getContext("2d").getImageData(...place, 1, 1).data;
return ink < 128 ? "" : red > 150 && green < 80 ? "red" : green > 150 && red < 80 ? "green" : "?";
"""


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "run_limited", lambda function, *args, limits: function(*args))


def view(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["ava", "view", *map(str, arguments)])


@pytest.fixture
def film(films: Any, draw_scene: Callable[..., Any]) -> Path:
    """Eight seconds of a room."""
    films.draw("a film", draw_scene(8))
    found: Path = films.folder / "a film.mkv"
    return found


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """One walks from the left to the right and is detected; another sits, and is not."""
    walk = [
        f"a film,{100 + t},{box},12,1"
        for t, box in zip((2, 3, 4), (LEFT, MIDDLE, RIGHT), strict=True)
    ]
    sit = [f"a film,{100 + t},0.45,0.7,0.55,0.95,{action},2" for t in (2, 6) for action in (11, 80)]
    truth, found = tmp_path / "truth.csv", tmp_path / "found.csv"
    truth.write_text("\n".join([*walk, *sit, "a film,105"]))
    scores = zip((102, 103, 104), (LEFT, MIDDLE, RIGHT), (0.9, 0.4, 0.8), strict=True)
    found.write_text("\n".join(f"a film,{t},{box},14,{score}" for t, box, score in scores))
    return ["--truth", str(truth), "--detections", str(found), "--start", "100"]


@pytest.fixture
def page(browser: Any, film: Path, sources: list[str], tmp_path: Path) -> Any:
    """The page in a browser, at its first key frame."""
    out = tmp_path / "pages" / "seen.html"
    result = view(film, out, *sources)
    assert result.exit_code == 0, result.output
    resize(browser, 1366, 768)
    browser.get(out.as_uri())
    wait(browser, lambda: place(browser) == "102 s: key frame 1 of 5")
    yield browser
    resize(browser, 0, 0)


def place(browser: Any) -> str:
    return text_of(browser, "place")


def people(browser: Any) -> list[str]:
    return [
        one.text.replace("\n", ": ") for one in browser.find_elements(By.CSS_SELECTOR, "#people li")
    ]


def colour(browser: Any, x: float, y: float) -> str:
    found: str = browser.execute_script(_COLOUR, x, y)
    return found


@pytest.mark.browser
def test_keys_go_from_key_frame_to_key_frame_and_boxes_stand_where_the_files_say(page: Any) -> None:
    assert people(page) == [
        "person 1, truth: stand",
        "person 2, truth: sit, watch (a person)",
        "detections: walk 0.90",
    ]
    assert colour(page, 0.302, 0.6) == "" and colour(page, 0.2, 0.6) == ""
    assert colour(page, 0.1035, 0.6) == "red" or colour(page, 0.102, 0.6) == "green"
    press(page, Keys.ARROW_RIGHT)
    wait(page, lambda: place(page) == "103 s: key frame 2 of 5")
    assert people(page) == ["person 1, truth: stand"]
    assert colour(page, 0.402, 0.6) == "red" and colour(page, 0.102, 0.6) == ""
    press(page, Keys.END)
    wait(page, lambda: place(page) == "106 s: key frame 5 of 5")
    press(page, Keys.ARROW_LEFT)
    wait(page, lambda: place(page) == "105 s: key frame 4 of 5")
    assert people(page) == [] and "Nobody is shown here" in text_of(page, "people")
    press(page, Keys.HOME)
    wait(page, lambda: place(page) == "102 s: key frame 1 of 5")
    assert not [said for said in complaints(page) if "getImageData" not in said]  # ours, above


@pytest.mark.long
@pytest.mark.browser
def test_who_is_linked_moves_between_key_frames_and_others_stay_at_theirs(page: Any) -> None:
    page.execute_script("document.getElementById('film').currentTime = 102.5 - 100.5")
    wait(page, lambda: colour(page, 0.252, 0.6) == "red")
    assert colour(page, 0.102, 0.6) == "" and colour(page, 0.452, 0.9) == ""


@pytest.mark.long
@pytest.mark.browser
def test_score_action_and_person_choose_what_is_shown_everywhere(page: Any) -> None:
    def rows() -> list[str]:
        found = page.find_elements(By.CSS_SELECTOR, ".row > span")
        return [one.get_attribute("title") for one in found]

    everything = ["key frames", "person 1, truth", "stand", "person 2, truth", "sit"]
    assert rows() == [*everything, "watch (a person)", "detections, not linked", "walk"]
    slider = page.find_element(By.ID, "threshold")
    page.execute_script("arguments[0].focus()", slider)
    for _ in range(15):
        slider.send_keys(Keys.ARROW_LEFT)
    assert text_of(page, "least") == "0.35" and place(page).startswith("102 s")
    page.execute_script("arguments[0].blur()", slider)
    press(page, Keys.ARROW_RIGHT)
    wait(page, lambda: people(page)[1:] == ["detections: walk 0.40"])
    Select(page.find_element(By.ID, "action")).select_by_visible_text("sit")
    assert rows() == ["key frames", "person 2, truth", "sit"]
    page.execute_script("document.activeElement.blur()")
    with_shift = ActionChains(page).key_down(Keys.SHIFT).send_keys(Keys.ARROW_RIGHT)
    with_shift.key_up(Keys.SHIFT).perform()  # passes over key frames where nobody sits
    wait(page, lambda: place(page) == "106 s: key frame 5 of 5")
    Select(page.find_element(By.ID, "action")).select_by_visible_text("all")
    Select(page.find_element(By.ID, "person")).select_by_visible_text("person 1, truth")
    assert rows() == ["key frames", "person 1, truth", "stand"]
    page.find_element(By.ID, "show-truth").click()
    assert rows() == ["key frames"]


@pytest.mark.browser
def test_the_time_line_is_clicked_and_the_film_plays(page: Any) -> None:
    bars = page.find_elements(By.CSS_SELECTOR, ".lane i.truth")
    assert [bar.get_attribute("title") for bar in bars[:2]] == [
        "102 to 104 s",
        "stand: 102 to 104 s",
    ]
    page.execute_script(
        "const b = arguments[0].getBoundingClientRect(); arguments[0].dispatchEvent("
        "new MouseEvent('click', {bubbles: true, clientX: b.right - 1, clientY: b.top + 2}))",
        bars[0],
    )
    wait(page, lambda: place(page) == "104 s: key frame 3 of 5")
    press(page, Keys.HOME)
    press(page, " ")
    time = "return document.getElementById('film').currentTime"
    wait(page, lambda: page.execute_script(time) > 2)
    press(page, " ")
    wait(page, lambda: page.execute_script("return document.getElementById('film').paused"))


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height", "touch"), [(1366, 768, False), (360, 740, True)])
def test_nothing_stands_outside_the_screen(width: int, height: int, touch: bool, page: Any) -> None:
    resize(page, width, height, touch=touch)
    wait(page, lambda: page.execute_script("return innerWidth") == width)
    fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    wait(page, lambda: page.execute_script(fits))
    for name in ("before", "play", "after", "threshold", "action", "person"):
        box = page.find_element(By.ID, name).rect
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, name
    frame = page.find_element(By.ID, "frame").rect
    assert frame["width"] > 0.5 * width * (0.6 if width > 1000 else 1)
    assert frame["y"] + frame["height"] < height


def test_the_page_holds_all_but_the_film_and_names_say_nothing_to_the_browser(
    film: Path, tmp_path: Path
) -> None:
    name = "</script><b>{{ 7 * 7 }}"
    (tmp_path / "names.csv").write_text(f'id,name\n1,"{name}"\n2,sit\n')
    (tmp_path / "truth.csv").write_text(f"a film,3,{LEFT},1,5\n")
    options = ["--truth", tmp_path / "truth.csv", "--label-map", tmp_path / "names.csv"]
    assert view(film, tmp_path / "seen.html", *options).exit_code == 0
    text = (tmp_path / "seen.html").read_text()
    assert not re.search(r'(?:src|href)="(?!seen\.film\.mp4")', text) and name not in text
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    assert data["names"] == [name] and data["moments"] == [3.0] and data["start"] == 1.5
    assert probe(tmp_path / "seen.film.mp4").duration_seconds == pytest.approx(3.0, abs=0.02)


def test_a_folder_gets_a_page_for_each_film_and_a_list(
    films: Any, draw_scene: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("one & only", "index"):
        films.draw(name, draw_scene(4))
    (films.folder / "torn.mkv").write_bytes(b"no film")
    rows = [f"{name},2,{LEFT},12,1\n" for name in ("one & only", "index", "torn")]
    (tmp_path / "truth.csv").write_text("".join(rows))
    result = view(films.folder, tmp_path / "out", "--truth", tmp_path / "truth.csv")
    assert result.exit_code == 1 and "torn.mkv: cannot be opened" in result.stderr
    pages = sorted(path.name for path in (tmp_path / "out").glob("*.html"))
    assert pages == ["index.html", "index.mkv.html", "one & only.html"]
    text = (tmp_path / "out" / "index.html").read_text()
    assert 'href="one%20%26%20only.html"' in text and 'href="index.mkv.html"' in text
    assert "cannot be opened" in text


def test_the_film_itself_is_never_written_over(film: Path, tmp_path: Path) -> None:
    named = film.with_name("a film.film.mp4")
    film.rename(named)
    before = named.read_bytes()
    (tmp_path / "truth.csv").write_text(f"a film.film,2,{LEFT},12,1\n")
    options = ["--truth", tmp_path / "truth.csv", "--force"]
    result = view(named, named.with_name("a film.html"), *options)
    assert result.exit_code == 1 and "is the film to read" in result.output
    assert np.array_equal(named.read_bytes(), before) and not list(film.parent.glob("*.html"))
