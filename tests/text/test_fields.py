"""Tags and descriptions beside titles, in both ways of matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.config import MatchConfig
from kinetics_builder.errors import ConfigError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.listed_words import (
    LONGEST_DESCRIPTION,
    LONGEST_TAG,
    MOST_TAGS,
    Texts,
    description_of,
    tags_of,
)
from kinetics_builder.text.matching.fields import FieldMatcher
from kinetics_builder.text.matching.matcher import Matcher, TitleMatch
from kinetics_builder.text.matching.scored import ScoredMatcher

ENTRIES = (
    ClassEntry(name="arm wrestling", negative_words=("thumb",)),
    ClassEntry(name="curling (sport)"),
    ClassEntry(name="welding", negative_words=("game",)),
    ClassEntry(name="kneading dough"),
)
MATCHERS = {"binary": Matcher(ENTRIES), "scored": ScoredMatcher(ENTRIES)}


def found(mode: str, video: Texts, *fields: str) -> list[TitleMatch]:
    matcher = FieldMatcher(MATCHERS[mode], ENTRIES, ("title", *fields))
    (matches,) = matcher.match_all([video])
    return list(matches)


@pytest.mark.parametrize("mode", MATCHERS)
@pytest.mark.parametrize(
    ("video", "fields", "expected"),
    [
        (Texts("arm wrestling"), ("tags",), [("arm wrestling", 1.0, "arm wrestling")]),
        (Texts("final", ("arm wrestling",)), (), []),
        (
            Texts("final", ("sport", "arm wrestling")),
            ("tags",),
            [("arm wrestling", 0.8, "arm wrestling (in a tag)")],
        ),
        (Texts("final", (), "My #ArmWrestling"), ("tags",), []),
        (
            Texts("arm wrestling", ("arm wrestling",), "arm wrestling"),
            ("tags", "description"),
            [("arm wrestling", 1.0, "arm wrestling")],
        ),
        (
            Texts("final", (), "All day.\nWe love kneading dough!"),
            ("description",),
            [("kneading dough", 0.6, "kneading dough (in the description)")],
        ),
        (Texts("final", (), "She has a strong arm. Wrestling is next"), ("description",), []),
        (Texts("final", ("arm", "wrestling")), ("tags",), []),
    ],
)
def test_a_name_counts_for_where_it_stands(
    mode: str, video: Texts, fields: tuple[str, ...], expected: list[tuple[str, float, str]]
) -> None:
    assert [(m.label, m.score, m.variant) for m in found(mode, video, *fields)] == expected


@pytest.mark.parametrize("mode", MATCHERS)
def test_a_hashtag_counts_as_a_tag_wherever_it_stands(mode: str) -> None:
    for video in (Texts("final", ("ArmWrestling",)), Texts("final", (), "See #ArmWrestling.")):
        (match,) = found(mode, video, "tags", "description")
        assert (match.label, match.words, 0.6 < match.score < 0.8) == (
            "arm wrestling",
            "ArmWrestling",
            True,
        )


@pytest.mark.parametrize("mode", MATCHERS)
def test_negative_words_of_title_and_tags_hold_for_all_and_a_sentence_for_itself(
    mode: str,
) -> None:
    told = "Best arm wrestling. Give it a thumb!"
    assert found(mode, Texts("arm wrestling", ("thumb wars",)), "tags") == []
    assert found(mode, Texts("arm wrestling", ("ThumbWars",)), "tags") == []
    assert found(mode, Texts("thumb", ("arm wrestling",)), "tags") == []
    assert len(found(mode, Texts("arm wrestling", ("thumb wars",)))) == 1
    assert len(found(mode, Texts("x", (), told), "description")) == 1
    assert found(mode, Texts("x", (), "arm wrestling, with thumbs"), "description") == []


@given(st.lists(st.sampled_from(["arm wrestling", "welding", "game", "x", "#a1", "caf\u00e9"])))
def test_one_by_one_gives_what_all_give_together(words: list[str]) -> None:
    videos = [Texts(word, tuple(words[:n]), ". ".join(words)) for n, word in enumerate(words)]
    for matcher in MATCHERS.values():
        asked = FieldMatcher(matcher, ENTRIES, ("title", "tags", "description"))
        together = list(asked.match_all(videos))
        assert together == [match for video in videos for match in asked.match_all([video])]


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (["#One", "two words", "One", None, " "], ("One", "two words")),
        ('"last week"|"john"', ("last week", "john")),
        ("one; two, three", ("one", "two, three")),
        ("one, two", ("one", "two")),
        ("['one', 'two words']", ("one", "two words")),
        ("#one#two #three", ("one", "two", "three")),
        ("one two", ("one two",)),
        (None, ()),
        (7, ("7",)),
        (["\u200b", "a\nb\x00"], ("a b",)),
    ],
)
def test_tags_are_read_however_they_are_parted(value: object, tags: tuple[str, ...]) -> None:
    assert tags_of(value) == tags


@given(st.lists(st.text(max_size=300), max_size=80), st.text(max_size=5000))
def test_what_is_kept_is_bounded(tags: list[str], description: str) -> None:
    kept, told = tags_of(tags), description_of(description)
    assert len(kept) <= MOST_TAGS
    assert all(0 < len(tag) <= LONGEST_TAG and "\n" not in tag for tag in kept)
    assert told is None or 0 < len(told) <= LONGEST_DESCRIPTION


def test_fields_that_are_none_are_refused() -> None:
    assert MatchConfig(fields=("title", "tags")).fields == ("title", "tags")
    for fields in (("tags",), ()):
        with pytest.raises(ConfigError, match="fields must list 'title', found"):
            MatchConfig(fields=fields)
    with pytest.raises(ConfigError, match="fields: unknown 'comments'"):
        MatchConfig(fields=("title", "comments"))
