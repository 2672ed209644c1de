"""`kbuild queries`: what is asked for each class, and the forms that titles are matched by."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.matcher import Matcher
from kinetics_builder.workspace import Workspace
from pipelines.cli import group

CLASSES = """
- name: catching or throwing frisbee
  queries: {pt: [jogar frisbee], pt-BR: [frisbee], fr: [lancer de frisbee]}
  synonyms: [ultimate]
  negative_words: [dog]
- hurling (sport)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "classes.yaml"
    path.write_text(CLASSES)
    return path


def queries(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(group, ["-C", str(folder), "queries", *arguments])


def test_each_language_has_its_queries_and_the_forms_of_them(tmp_path: Path, file: Path) -> None:
    found = json.loads(queries(tmp_path, "--classes", str(file), "--json").stdout)
    frisbee, hurling = found
    asked = {spoken["language"]: spoken["asked"] for spoken in frisbee["languages"]}
    assert asked == {
        "en": ["catching frisbee", "throwing frisbee"],
        "pt": ["jogar frisbee"],
        "pt-BR": ["frisbee"],
        "fr": ["lancer de frisbee"],
    }
    english = {form["text"]: form["score"] for form in frisbee["languages"][0]["forms"]}
    assert english["throw frisbees"] < english["throwing frisbee"] == 0.95
    assert english["ultimate"] == 0.9
    assert hurling["languages"][0]["asked"] == ["hurling sport"]
    assert "hurler" in [form["text"] for form in hurling["languages"][0]["forms"]]
    assert frisbee["negative_words"] == ["dog"]


def test_each_form_is_one_that_the_match_finds(tmp_path: Path, file: Path) -> None:
    found = json.loads(queries(tmp_path, "--classes", str(file), "--json").stdout)
    (hurling,) = (one for one in found if one["name"] == "hurling (sport)")
    matcher = Matcher([ClassEntry(name="hurling (sport)")])
    for form in hurling["languages"][0]["forms"]:
        (match,) = matcher.match(f"some {form['text']} here")
        assert match.score == pytest.approx(form["score"], abs=1e-4)


def test_people_see_the_surest_forms_and_can_name_languages(tmp_path: Path, file: Path) -> None:
    said = queries(tmp_path, "--classes", str(file)).output
    assert "  fr: lancer de frisbee\n    in titles: lancer de frisbee; lancer de frisbees" in said
    assert "; and " in said and "  never: dog\n" in said
    only = queries(tmp_path, "--classes", str(file), "--language", "PT").output
    assert "pt-BR: frisbee" in only and "fr:" not in only
    none = queries(tmp_path, "--classes", str(file), "--language", "de")
    assert none.exit_code == 1
    assert (
        "no class has a query in 'de'. There are some in 'en', 'fr', 'pt', 'pt-BR'" in none.output
    )


def test_what_the_settings_leave_out_is_said(tmp_path: Path, file: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "[search]\nlanguages = ['pt']\n")
    said = queries(workspace.root, "--classes", str(file)).output
    assert "  en, not asked: catching frisbee; throwing frisbee\n" in said
    assert "  pt-BR: frisbee\n" in said
    empty = queries(workspace.root)
    assert empty.exit_code == 1
    assert (
        "found no classes in the workspace. Write `kbuild queries --classes FILE`" in empty.output
    )
