import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.text.matching.phrases import parse_phrase
from kinetics_builder.text.matching.variants import MAX_VARIANTS, queries, variants


def texts(name: str) -> dict[str, float]:
    return {variant.text: variant.weight for variant in variants(name)}


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("catching a ball", "catching balls"),
        ("sharpening knives", "sharpened knife"),
        ("throwing axe", "threw axe"),
        ("trimming trees", "tree trimming"),
        ("playing guitar", "guitar player"),
        ("running on treadmill", "treadmill running"),
        ("balloon blowing", "blowing balloons"),
        ("high jump", "high jumping"),
        ("push up", "pushups"),
        ("push up", "push ups"),
        ("catching or throwing frisbee", "throw frisbee"),
        ("hurling (sport)", "hurling"),
        ("skiing (not slalom or crosscountry)", "skiing"),
        ("pull ups", "pull up"),
        ("pull ups", "pullup"),
        ("ice skating", "iceskated"),
        ("playing cards", "playingcard"),
        ("balls juggling", "juggling balls"),
        ("squat", "squatting"),
        ("being excited", "was excited"),
    ],
)
def test_a_title_may_say(name: str, variant: str) -> None:
    assert variant in texts(name)


RIGHT = {
    *("lenses", "contactlenses", "horses", "groominghorses", "pettinghorses"),
    *("pings", "playingpings", "sings", "gospelsings", "swings"),
}
"""Words of English that end as plurals of plurals and of gerunds do."""


@pytest.mark.parametrize("name", ["k400", "k600", "k700"])
def test_no_class_of_kinetics_has_a_plural_of_a_plural_or_of_a_gerund(
    name: str, shared: Path
) -> None:
    labels = (shared / "kinetics" / f"label_map_{name}.txt").read_text().splitlines()
    words = {word for label in labels for variant in variants(label) for word in variant.words}
    silly = re.compile(r"([bcdfghjklmnpqrtvwxyz]ses|ings|psing|psers?)$")
    own = {word for label in labels for word in label.split()}
    assert {word for word in words - own - RIGHT if silly.search(word)} == set()


def test_the_name_weighs_one_and_variants_less() -> None:
    found = variants("playing guitar")
    assert (found[0].text, found[0].weight) == ("playing guitar", 1.0)
    assert all(0 < variant.weight < 1 for variant in found[1:])


def test_brackets_say_what_is_meant_and_what_is_not() -> None:
    assert parse_phrase("passing American football (not in game)").contraries == {("game",)}
    assert parse_phrase("skiing (not slalom or crosscountry)").contraries == {
        ("slalom",),
        ("crosscountry",),
    }
    assert parse_phrase("shooting goal (soccer)").qualifiers == {"soccer"}


def test_other_languages_get_plurals_but_no_verb_forms() -> None:
    found = {variant.text for variant in variants("dobrar papel", is_english=False)}
    assert found >= {"dobrar papel", "dobrar papels"}
    assert not any("dobraring" in text for text in found)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("making a sandwich", ("making a sandwich",)),
        ("hurling (sport)", ("hurling sport",)),
        ("catching or throwing frisbee", ("catching frisbee", "throwing frisbee")),
        ("skiing (not slalom)", ("skiing",)),
    ],
)
def test_queries(name: str, asked: tuple[str, ...]) -> None:
    assert queries(name) == asked


@given(st.lists(st.from_regex(r"[a-z]{1,8}(ing)?", fullmatch=True), min_size=1, max_size=6))
def test_any_name_has_variants_that_weigh_at_most_one(words: list[str]) -> None:
    found = variants(" ".join(words))
    assert 1 <= len(found) <= MAX_VARIANTS * 32
    assert len({variant.words for variant in found}) == len(found)
    assert all(0 < variant.weight <= 1 and all(variant.words) for variant in found)
