"""The fast matcher and the rule said plainly give the same matches, to the last digit."""

import csv
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.text.matching.matcher import Matcher
from kinetics_builder.text.matching.phrases import ARTICLES
from kinetics_builder.text.matching.titles import Title
from kinetics_builder.text.normalise import normalise, spaced, split_words, words_of
from tests.text.plain_matcher import PlainMatcher

NAMES = (
    *("catching a ball", "playing guitar", "playing bass guitar", "situp", "curling (sport)"),
    *("hair curling", "hugging (not baby)", "skiing (not slalom or crosscountry)", "ski pole"),
)
OTHERS = (
    ClassEntry(name="waving hand", negative_words=("video game",)),
    ClassEntry(
        name="dancing", queries=(Query("pt", "dan\u00e7a no gelo"), Query("ja", "\u8e0a\u308b"))
    ),
    ClassEntry(name="rock & roll dancing", synonyms=("boogie woogie",)),
)
ENTRIES = (*(ClassEntry(name=name) for name in NAMES), *OTHERS)
FAST, PLAIN = Matcher(ENTRIES), PlainMatcher(ENTRIES)
SAID = """
    catch catching caught ball balls the a my guitar player playing played bass curling hair sport
    situp sit ups up sit-ups skiing ski skis pole poles slalom cross country crosscountry hug hugs
    baby babies waving wave hand hands handwaving video game videogame dancing dan\u00e7a danca no
    gelo \u8e0a\u308b rock roll roll's & and boogie woogie he's and-or x 12 \u00e9t\u00e9 \u2013
    \uff28and Wa\u0301ving \u0939\u093f\u0928 \ufb01n \u00df \u00bd \u20dd \u0301 `quote` \u2019s
"""
WORDS = SAID.split()
TITLES = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from((" ", " ", " ", "  ", "-", "'", "\t", "_")))
).map(lambda pieces: "".join(word + gap for word, gap in pieces))


@settings(max_examples=400)
@given(TITLES)
def test_any_title_gives_what_the_plain_rule_gives(title: str) -> None:
    assert list(map(tuple, FAST.match(title))) == list(map(tuple, PLAIN.match(title)))


@given(st.lists(TITLES | st.text(max_size=20), max_size=12))
def test_many_titles_together_give_what_each_gives_alone(titles: list[str]) -> None:
    assert list(FAST.match_all(titles)) == [FAST.match(title) for title in titles]


@given(st.text(max_size=40) | TITLES)
def test_words_are_those_that_are_read_letter_by_letter(title: str) -> None:
    words = words_of(title)
    assert split_words(title) == [word.text for word in words]
    assert " ".join(split_words(title)) == normalise(title)
    read = Title(title)
    kept = [word for word in words if word.text not in ARTICLES]
    for first in range(len(kept)):
        meant = normalize("NFC", title)[kept[first].start : kept[-1].end]
        assert read.told(first, len(kept) - 1) == meant
    assert spaced(title) is None or len(spaced(title) or "") == len(title)


@pytest.mark.parametrize("name", ["k400", "k700"])
def test_real_titles_give_what_the_plain_rule_gives(shared: Path, name: str) -> None:
    with (shared / "titles" / "kinetics_titles_labelled.csv").open(newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    labels = (shared / "kinetics" / f"label_map_{name}.txt").read_text().splitlines()
    entries = [ClassEntry(name=label) for label in labels if label]
    fast, plain = Matcher(entries), PlainMatcher(entries)
    assert list(fast.match_all(titles)) == [fast.match(title) for title in titles]
    for title in titles:
        assert list(map(tuple, fast.match(title))) == [
            (match.label, match.score, match.words, match.variant) for match in plain.match(title)
        ]
