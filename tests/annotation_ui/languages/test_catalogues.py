"""Catalogues of the page's texts: whole, fitting, and up to date with the page."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from annotation_ui.languages.catalogues import OURS, TEMPLATE, read_catalogues, read_file
from annotation_ui.languages.flaws import flaws_of
from kinetics_builder.errors import ConfigError

ROOT = Path(__file__).parents[3]
HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'


def texts_of(catalogue: Catalog) -> set[Any]:
    return {message.id for message in catalogue if message.id}


def test_the_template_holds_what_the_page_says_and_no_more() -> None:
    """Else `make texts` is to be run, and what it finds to be translated."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    found = extract_from_dir(
        ROOT / "annotation_ui",
        [(one["pattern"], one["method"]) for one in settings],
        {one["pattern"]: {"trimmed": one.get("trimmed", "")} for one in settings},
        {**DEFAULT_KEYWORDS, "lazy_gettext": None},
    )
    said = {text for _, _, text, _, _ in found}
    assert said ^ texts_of(read_file(TEMPLATE)) == set()


@pytest.mark.parametrize("language", sorted(path.name for path in OURS.iterdir() if path.is_dir()))
def test_our_catalogues_are_whole_and_know_no_text_that_is_gone(language) -> None:
    catalogue = read_file(OURS / language / "LC_MESSAGES" / "messages.po")
    template = read_file(TEMPLATE)
    assert flaws_of(catalogue, template) == []
    assert texts_of(catalogue) - texts_of(template) == set()


ORIGINAL = HEADER + (
    'msgid "%(n)s of <b>{m}</b>"\nmsgstr ""\n\nmsgid "{n} clip"\nmsgid_plural "{n} clips"\n'
    'msgstr[0] ""\nmsgstr[1] ""\n'
)
GOOD = "<b>{m}</b>: %(n)s"


@pytest.mark.parametrize(
    ("text", "one", "many", "flaw"),
    [
        pytest.param(GOOD, "1 clipe", "{n} clipes", None, id="whole, in another order"),
        pytest.param("", "um", "{n}", "is not translated", id="missing"),
        pytest.param(GOOD, "um", "", "is not translated", id="a form missing"),
        pytest.param(
            "<b>{m}</b>", "um", "{n}", "not the same values .*: %\\(n\\)s$", id="a value lost"
        ),
        pytest.param(f"{GOOD} {{o}}", "um", "{n}", "same values .*: {o}$", id="an alien value"),
        pytest.param("{m}: %(n)s", "um", "{n}", "not the same markup", id="markup lost"),
        pytest.param(f"#, fuzzy {GOOD}", "um", "{n}", "marked as fuzzy", id="doubtful"),
    ],
)
def test_a_flaw_is_told_with_its_line(tmp_path: Path, text, one, many, flaw) -> None:
    mark, _, text = text.rpartition("fuzzy ")
    template, path = tmp_path / "template.pot", tmp_path / "own.po"
    template.write_text(ORIGINAL)
    written = ORIGINAL.replace('msgstr ""\n\nmsgid "{n}', f'msgstr "{text}"\n\nmsgid "{{n}}', 1)
    written = written.replace('[0] ""', f'[0] "{one}"').replace('[1] ""', f'[1] "{many}"')
    if mark:
        written = written.replace('msgid "%', '#, fuzzy\nmsgid "%')
    path.write_text(written)
    found = flaws_of(read_file(path), read_file(template))
    assert len(found) == (flaw is not None)
    assert all(re.match(rf"\d+: '.*{flaw}", line) for line in found), found


def own_language(folder: Path, *, without: str = "") -> Path:
    """Write a catalogue of a language of an owner: ours, in the name of French."""
    path = folder / "fr" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    text = (OURS / "es" / "LC_MESSAGES" / "messages.po").read_text()
    path.write_text(text.replace(f'msgstr "{without}"', 'msgstr ""') if without else text)
    return path


def test_an_owner_adds_a_language(tmp_path: Path) -> None:
    own_language(tmp_path)
    assert list(read_catalogues(tmp_path)) == ["en", "es", "fr", "pt"]


def test_a_text_that_is_missing_in_an_owners_catalogue_is_one_line(tmp_path: Path) -> None:
    path = own_language(tmp_path, without="Salir")
    with pytest.raises(ConfigError) as refused:
        read_catalogues(tmp_path)
    told = rf"{re.escape(str(path))}:\d+: 'Log out' is not translated\."
    assert re.fullmatch(told, str(refused.value))


@pytest.mark.parametrize(
    ("place", "text", "told"),
    [
        ("fr/LC_MESSAGES/messages.po", 'msgid "a\n', "no catalogue that can be read"),
        ("french/LC_MESSAGES/messages.po", HEADER, "'french', which is no language"),
        ("fr.po", HEADER, "has no LANGUAGE/LC_MESSAGES/messages.po"),
    ],
)
def test_what_is_no_catalogue_is_told(tmp_path: Path, place, text, told) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_catalogues(tmp_path)
