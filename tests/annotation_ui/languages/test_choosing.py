"""Which language a page is in, and that nothing of it is left in another."""

import html
import json
import re
from typing import Any

import pytest

from annotation_ui.languages.catalogues import OURS, TEMPLATE, read_file
from kinetics_builder.errors import ConfigError
from kinetics_builder.ways import Way
from tests.annotation_ui.conftest import UNHURRIED, World

LOGIN = {"en": "Your name", "pt": "Seu nome", "es": "Tu nombre"}


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("setting", "accepted", "chosen", "language"),
    [
        pytest.param("en", None, None, "en", id="nobody asks"),
        pytest.param("pt", None, None, "pt", id="the owner's setting"),
        pytest.param("en", "pt-BR,pt;q=0.9,en;q=0.5", None, "pt", id="the browser's"),
        pytest.param("en", "de,es;q=0.5", None, "es", id="the browser's second"),
        pytest.param("es", "de", None, "es", id="the browser's is not there"),
        pytest.param("en", "pt", "es", "es", id="the worker's choice"),
        pytest.param("pt", "pt", "en", "en", id="the worker chooses English"),
    ],
)
def test_the_page_is_in_the_language_that_is_wanted(
    make_world, setting, accepted, chosen, language
) -> None:
    world = make_world([1], settings=f'[page]\nlanguage = "{setting}"\n{UNHURRIED}')
    person = world.client()
    asks = {"Accept-Language": accepted} if accepted else {}
    if chosen:
        form = {"csrf_token": person.token(), "language": chosen, "back": "/login?as=another"}
        reply = person.browser.post("/language", data=form)
        assert reply.location == "/login?as=another"
    page = person.browser.get("/login", headers=asks).text
    assert language_of(page) == language
    assert LOGIN[language] in page
    refused = {"name": "", "code": "x", "csrf_token": person.token()}
    told = person.browser.post("/login", data=refused, headers=asks).text
    assert ("Type a name" in told) == (language == "en")


def test_the_choice_outlives_a_login_and_a_logout(world) -> None:
    person = world.client()
    form = {"csrf_token": person.token(), "language": "pt", "back": "/login"}
    person.browser.post("/language", data=form)
    person.log_in()
    assert "Dá para ver" in person.browser.get("/task").text
    said = person.browser.post("/logout", data={"csrf_token": person.token("/task")})
    assert "Você saiu. Suas respostas salvas: 0." in person.browser.get(said.location).text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_a_choice_leads_nowhere_else(world, back) -> None:
    person = world.client()
    form = {"csrf_token": person.token(), "language": "pt", "back": back}
    assert person.browser.post("/language", data=form).location == "/"
    assert person.browser.post("/language", data={**form, "language": "xx"}).status_code == 404


def test_the_owners_pages_stay_in_english(world) -> None:
    page = world.client().browser.get("/owner/login", headers={"Accept-Language": "pt"}).text
    assert language_of(page) == "en"
    assert "Skip to the content" in page


def test_a_language_that_is_not_there_is_refused_at_the_start(make_world) -> None:
    with pytest.raises(ConfigError, match=r"page.language must be one of en, es, pt, found 'xx'"):
        make_world([1], settings='[page]\nlanguage = "xx"\n').app()


def english_left(page: str, language: str) -> list[str]:
    """Return the texts of the page that stand in it as they are in English."""
    catalogue = read_file(OURS / language / "LC_MESSAGES" / "messages.po")
    shown = html.unescape(re.sub(r"<script.*?</script>", "", page, flags=re.S))
    texts = [one for one in catalogue if isinstance(one.id, str) and len(one.id) > 6]
    return [one.id for one in texts if one.id != one.string and one.id in shown]


def pages_of(world: World, language: str) -> dict[str, str]:
    person = world.client()
    form = {"csrf_token": person.token(), "language": language, "back": "/login"}
    person.browser.post("/language", data=form)
    found = {"/login": person.browser.get("/login").text}
    person.log_in(read_instructions=False)
    paths = ("/instructions/1", "/instructions/2", "/nowhere", "/warning", "/earlier")
    found |= {path: person.browser.get(path).text for path in paths}
    person.read_instructions()
    return {**found, "/task": person.browser.get("/task").text}


@pytest.mark.parametrize("language", ["pt", "es"])
@pytest.mark.parametrize("way", list(Way))
def test_no_english_is_left_on_a_page(make_grid, language, way) -> None:
    for path, page in pages_of(make_grid([2], way), language).items():
        assert language_of(page) == language, path
        assert english_left(page, language) == [], path


def test_scripts_bring_the_words_of_their_language_alone(world) -> None:
    person = world.client().log_in()

    def brought(language: str) -> Any:
        page = person.browser.get("/task", headers={"Accept-Language": language}).text
        found = re.search(r'id="texts-of-scripts">(.*?)</script>', page)
        return json.loads(found[1]) if found else None

    assert brought("en") is None
    texts, plurals = brought("pt")["texts"], brought("pt")["plurals"]
    assert texts["Saved"] == ["Salvo"]
    assert texts["{number} person"] == ["{number} pessoa", "{number} pessoas"]
    assert plurals[:4] == "0011"
    said = {message.id for message in read_file(TEMPLATE) if message.id}
    assert "Bad clip" in said and "Bad clip" not in texts


@pytest.mark.parametrize(
    ("ways", "first", "second"),
    [
        pytest.param(["clip"], "first second to its last", "goes back to change", id="clip"),
        pytest.param(["grid"], "what is not marked is a Yes", "opens the grid before", id="grid"),
        pytest.param(["stream"], "first second to its last", "or a swipe that way", id="stream"),
        pytest.param(["clip", "grid"], "Yes, all the time", "in more than one way", id="both"),
    ],
)
def test_the_instructions_are_of_the_ways_that_wait(make_ways, ways, first, second) -> None:
    person = make_ways(ways).client().log_in(read_instructions=False)
    screens = [person.browser.get(f"/instructions/{number}").text for number in (1, 2)]
    assert first in screens[0]
    assert second in screens[1]
    is_grid_alone = ways == ["grid"]
    assert ("Strike out each clip" in screens[0]) == is_grid_alone
    assert ("One Yes is for all of the clip" in screens[1]) != is_grid_alone


@pytest.fixture
def make_ways(make_grid) -> Any:
    """Make a world with a task of each of some ways."""
    from sqlalchemy import update

    from kinetics_builder.database.engine import writing
    from kinetics_builder.database.tables import Task

    def make(ways: list[str]) -> World:
        world: World = make_grid([2] * len(ways))
        with writing(world.workspace.engine) as session:
            for number, way in enumerate(ways, 1):
                session.execute(update(Task).where(Task.id == number).values(way=Way(way)))
        return world

    return make
