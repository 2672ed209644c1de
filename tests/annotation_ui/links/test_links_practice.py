"""Who is who beside the truth: what was right, mended and left, in words and in the browser."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.owner.progress import read_progress
from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.workspace import Workspace
from pipelines.ava.boxes_file import BoxesFile
from pipelines.verifying.assign_links import assign_links
from pipelines.verifying.gold_links import add_gold_links
from tests.annotation_ui.conftest import World
from tests.annotation_ui.driving import complaints, press, resize, wait
from tests.annotation_ui.links.conftest import TRUE, corners_of
from tests.annotation_ui.links.test_links import ask, log_in, say
from tests.annotation_ui.links.test_links_browser import begin, rows, takes_answers

SETTINGS = "link_answers = 2\n\n[assign]\nstretch_frames = 7\ngold_per_task = 1\n"
_FITS = """
const dialog = document.getElementById("graded");
const at = dialog.getBoundingClientRect();
const button = dialog.querySelector("button").getBoundingClientRect();
return at.left >= 0 && at.right <= innerWidth && at.bottom <= innerHeight
  && dialog.scrollWidth <= dialog.clientWidth && button.bottom <= innerHeight
  && dialog.querySelectorAll("dd svg").length;
"""


def add_gold(workspace: Workspace) -> None:
    """Make gold of the first seven key frames: an error is shown in it."""
    path = Path(workspace.root / "truth.csv")
    path.write_text(
        "".join(
            f"film,{902 + n:04},{x1},{y1},{x2},{y2},12,{person}\n"
            for n in range(7)
            for person in TRUE
            for x1, y1, x2, y2 in [corners_of(person, n)]
        )
    )
    with writing(workspace.engine) as session:
        add_gold_links(session, BoxesFile(path=path, format="ava"), workspace.config)


@pytest.fixture
def known(make_strips) -> World:
    """The first stretch is gold, the second is asked about."""
    world: World = make_strips(num_frames=10, settings=SETTINGS, before=add_gold)
    return world


def gold_of(person: Any, world: Any) -> tuple[dict[str, Any], list[list[int]]]:
    """Answer until the gold question is asked; return it and the truth."""
    truth = [track[:7] for track in world.tracks]
    shown = ask(person)
    while shown["label"] != "15:02 to 15:08":
        shown = say(person, shown["slot"], shown["tracks"]).json["next"]
    return shown, truth


def test_what_was_shown_wrong_and_is_so_still_is_said_with_both_pictures(known) -> None:
    person = log_in(known)
    shown, truth = gold_of(person, known)
    assert sorted(map(sorted, shown["tracks"])) != sorted(truth), "an error is shown"
    graded = say(person, shown["slot"], shown["tracks"]).json["graded"]
    assert graded["is_right"] is False
    assert graded["words"] == "10 of 12 links are right; 2 that were shown wrong are so still."
    assert graded["html"].count("✗ Not one person") == graded["html"].count("○ One person") == 2
    assert graded["html"].count("<svg") == 8
    assert "A walk" not in graded["html"]
    page = person.browser.get(f"/graded/{shown['slot']}")
    assert page.status_code == 200 and "10 of 12 links are right" in page.text


def test_whoever_mends_it_is_told_so_and_a_slip_costs_a_link(known) -> None:
    first, second = log_in(known), log_in(known, 1)
    shown, truth = gold_of(first, known)
    graded = say(first, shown["slot"], truth).json["graded"]
    assert (graded["is_right"], graded["words"]) == (True, "12 of 12 links are right.")
    assert "<svg" not in graded["html"]
    shown, truth = gold_of(second, known)
    one, other = truth
    graded = say(second, shown["slot"], [one[:1], one[1:], other]).json["graded"]
    assert (graded["is_right"], graded["words"]) == (True, "11 of 12 links are right.")
    assert graded["html"].count("○ One person") == 1


@pytest.mark.long
def test_all_of_it_is_so_in_postgresql(make_strips, postgresql) -> None:
    address = postgresql(f"strips{uuid.uuid4().hex}")
    world = make_strips(num_frames=10, settings=SETTINGS, before=add_gold, database=address)
    person = log_in(world)
    shown, truth = gold_of(person, world)
    path = f"/stills/{shown['frames'][0]['frame']}.jpg"
    with person.browser.get(path) as reply:
        assert reply.status_code == 200
    assert log_in(world, 1).browser.get(path).status_code == 404
    assert say(person, shown["slot"], truth).json["graded"]["is_right"]
    while left := ask(person):
        assert say(person, left["slot"], left["tracks"]).json["saved"]
    with reading(world.workspace.engine) as session:
        (progress,) = read_progress(session, world.workspace.config).kinds
        assert (progress.total.num_asked, progress.total.num_votes) == (1, 1)
    with writing(world.workspace.engine) as session:
        report = assign_links(session, world.workspace.config)
    assert (report.num_questions, report.num_asked_before) == (0, 1)


@pytest.mark.long
@pytest.mark.browser
def test_the_truth_is_seen_over_the_next_strip_on_a_phone_too(browser: Any, known) -> None:
    with serving(known.workspace) as address:
        try:
            begin(browser, address, known)
            resize(browser, 360, 640, touch=True)
            dialog = browser.find_element(By.ID, "graded")
            is_shown = dialog.is_displayed
            while wait(browser, lambda: is_shown() or takes_answers(browser)) == "answers":
                before = rows(browser)
                press(browser, Keys.ENTER)
                wait(browser, lambda seen=before: is_shown() or rows(browser) != seen)
            wait(browser, lambda: browser.execute_script(_FITS) == 8)
            assert "2 that were shown wrong are so still" in dialog.text
            wait(browser, lambda: press(browser, Keys.ENTER) or not dialog.is_displayed())
            assert not complaints(browser)
        finally:
            resize(browser, 0, 0)
