import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.text.matching.matcher import Matcher, TitleMatch

NAMES = (
    "catching a ball",
    "playing guitar",
    "playing bass guitar",
    "skiing (not slalom or crosscountry)",
    "passing American football (in game)",
    "passing American football (not in game)",
    "waving hand",
    "pull ups",
)
MATCHER = Matcher(ClassEntry(name=name) for name in NAMES)


def only(title: str, matcher: Matcher = MATCHER) -> TitleMatch:
    (match,) = matcher.match(title)
    return match


@pytest.mark.parametrize(
    ("title", "label", "score", "words"),
    [
        ("Waving hand", "waving hand", 1.0, "Waving hand"),
        ("Me, CATCHING  the Ball!!", "catching a ball", 1.0, "CATCHING  the Ball"),
        ("he caught balls :-)", "catching a ball", 0.8924, "caught balls"),
        ("catching the big ball", "catching a ball", 0.75, "catching the big ball"),
        ("a Guitar-Player of 9", "playing guitar", 0.75, "Guitar-Player"),
        ("skiing", "skiing (not slalom or crosscountry)", 1.0, "skiing"),
        ("Pull up your sleeves", "pull ups", 0.97, "Pull up"),
        ("10 PULLUPS", "pull ups", 0.92, "PULLUPS"),
        ("a pull-up", "pull ups", 0.97, "pull-up"),
        (
            "Wa\u0301ving \uff28\uff21\uff2e\uff24",
            "waving hand",
            0.98,
            "W\u00e1ving \uff28\uff21\uff2e\uff24",
        ),
    ],
)
def test_a_title_names_a_class(title: str, label: str, score: float, words: str) -> None:
    match = only(title)
    assert (match.label, match.score, match.words) == (label, pytest.approx(score), words)


@pytest.mark.parametrize(
    "title",
    [
        *("", "!!!", "waving", "handwaving", "shorthand waver", "ball", "guitarist"),
        *("catchingball2", "pull", "ups", "pull upses"),
    ],
)
def test_parts_of_words_and_of_names_are_no_match(title: str) -> None:
    assert MATCHER.match(title) == ()


def test_a_name_inside_a_longer_one_counts_less() -> None:
    bass, guitar = MATCHER.match("Playing bass guitar")
    assert (bass.label, guitar.label) == ("playing bass guitar", "playing guitar")
    assert guitar.score < 0.8 * bass.score


def test_brackets_decide_between_two_names() -> None:
    match = only("passing an American football in the game")
    assert (match.label, match.score) == ("passing American football (in game)", 1.0)
    both = MATCHER.match("passing an American football")
    assert [found.score for found in both] == [1.0, 0.95]
    assert both[0].label == "passing American football (not in game)"


SPORTS = Matcher(
    ClassEntry(name=name)
    for name in (
        *("skiing (not slalom or crosscountry)", "skiing crosscountry", "skiing slalom", "situp"),
        *("throwing ball (not baseball or American football)", "hugging (not baby)"),
        *("curling (sport)", "curling hair", "punching [indoors, not a bag, nor with gloves]"),
    )
)


@pytest.mark.parametrize(
    ("title", "labels"),
    [
        ("skiing in the Alps", ["skiing (not slalom or crosscountry)"]),
        ("Sarah cross country skiing", ["skiing crosscountry"]),
        ("cross-country skiing in Norway", ["skiing crosscountry"]),
        ("crosscountry skiing", ["skiing crosscountry"]),
        ("skiing, slalom", ["skiing slalom"]),
        ("slaloms and skiing", ["skiing slalom"]),
        ("skiing, no slaloms of 9 x y z gates", ["skiing slalom"]),
        ("sit ups", ["situp"]),
        ("100 Sit-Ups!", ["situp"]),
        ("throwing a ball at an American school", [SPORTS.entries[4].name]),
        ("throwing a ball, American football", []),
        ("throwing balls: baseballs", []),
        ("hugging mum", ["hugging (not baby)"]),
        ("hugging two babies", []),
        ("curling", ["curling (sport)"]),
        ("hair curling tutorial", ["curling hair"]),
        ("hair curling, the sport", ["curling (sport)", "curling hair"]),
        ("punching indoors", [SPORTS.entries[8].name]),
        ("punching bags", []),
        ("punching with the gloves on", []),
    ],
)
def test_qualifiers_and_split_names_are_understood(title: str, labels: list[str]) -> None:
    assert [match.label for match in SPORTS.match(title)] == labels


def test_a_split_name_counts_a_little_less_and_its_words_are_those_of_the_title() -> None:
    (match,) = SPORTS.match("Ten Sit  Ups a day")
    assert (match.words, match.variant) == ("Sit  Ups", "situps")
    assert match.score == pytest.approx(0.97 * 0.92, abs=1e-4)


@given(st.text("abcdef ", max_size=40))
def test_joining_words_never_takes_a_match_away(title: str) -> None:
    names = ("abc def", "abcd", "ab cde", "fed abc")
    found = {match.label for match in Matcher(ClassEntry(name=n) for n in names).match(title)}
    plain = f" {' '.join(word for word in title.split() if word not in ('a',))} "
    assert found >= {name for name in names if f" {name} " in plain}


def test_negative_words_veto() -> None:
    entry = ClassEntry(name="waving hand", negative_words=("video game",))
    matcher = Matcher([entry])
    assert only("waving hand", matcher).score == 1
    assert matcher.match("waving hand in a video-game") == ()
    assert matcher.match("waving hand in VIDEO GAMES") == ()
    assert matcher.match("waving hand in a videogame") == ()
    assert Matcher([ClassEntry(name="waving hand", negative_words=("videogame",))]).match(
        "waving hand in a video game") == ()  # fmt: skip


def test_queries_and_synonyms_match_too_with_or_without_accents() -> None:
    entry = ClassEntry(
        name="dancing", queries=(Query("pt", "dan\u00e7a no gelo"),), synonyms=("boogie",)
    )
    matcher = Matcher([entry])
    assert only("Dan\u00e7a no gelo", matcher).score == pytest.approx(0.95)
    assert only("danca no gelo", matcher).score == pytest.approx(0.931)
    assert only("BOOGIE!", matcher).score == pytest.approx(0.9)


def test_the_order_of_the_list_does_not_matter() -> None:
    turned = Matcher(ClassEntry(name=name) for name in reversed(NAMES))
    for title in ("Playing bass guitar", "passing American football", "waving a ball, catching"):
        assert turned.match(title) == MATCHER.match(title)


@given(st.text(max_size=60))
def test_any_title_gives_scores_between_0_and_1_and_words_of_its_own(title: str) -> None:
    for match in MATCHER.match(title):
        assert 0 < match.score <= 1
        assert match.words


@given(st.sampled_from(NAMES[:3]), st.text("xyz -!", max_size=9), st.text("xyz -!", max_size=9))
def test_a_name_is_found_between_any_other_words(name: str, before: str, after: str) -> None:
    found = MATCHER.match(f"{before} {name} {after}")
    assert found[0].label == name
    assert found[0].score == 1


def test_kinetics_titles_are_matched_as_well_as_measured(shared: Path) -> None:
    """Bars a little below what was measured: recall 0.802, precision 0.942, top-1 0.960."""
    with (shared / "titles" / "kinetics_titles_labelled.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["title"] and row["k400_label"]]
    labels = (shared / "kinetics" / "label_map_k400.txt").read_text().splitlines()
    matcher = Matcher(ClassEntry(name=label) for label in labels if label)
    num_right = num_pairs = num_named = num_first = 0
    for row in rows:
        found = [m for m in matcher.match(row["title"]) if m.score >= 0.5]
        num_pairs += len(found)
        num_named += bool(found)
        num_right += row["k400_label"] in [match.label for match in found]
        num_first += bool(found) and found[0].label == row["k400_label"]
    assert len(rows) == 878
    assert num_right / len(rows) >= 0.80
    assert num_right / num_pairs >= 0.94
    assert num_first / num_named >= 0.955
