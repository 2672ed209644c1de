from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lesson, Lessons, learn
from kinetics_builder.text.matching.scored import ScoredMatcher, seen_by

ENTRIES = [
    ClassEntry(name=name) for name in ("playing trombone", "playing flute", "vault", "barbequing")
]
ALL = ScoredMatcher(ENTRIES, least=0.0)


def taught(lessons: Iterable[Lesson], others: Iterable[str] = ()) -> Lessons:
    return learn(seen_by(ALL, lessons), others)


def score(title: str, label: str, lessons: Lessons) -> float:
    found = ScoredMatcher(ENTRIES, 0.0, lessons).match(title)
    return next((match.score for match in found if match.label == label), 0.0)


def test_an_object_alone_becomes_a_match_where_people_accept_it() -> None:
    titles = [
        f"trombone solo number {n} by {name}" for n, name in enumerate("abcdefghijklmnopqrst")
    ]
    yes = taught(Lesson(title, "playing trombone", True) for title in titles)
    no = taught(Lesson(title, "playing trombone", False) for title in titles)
    before = score("Flute Cover", "playing flute", NONE_LEARNT)
    assert before < 0.5 < score("Flute Cover", "playing flute", yes)
    assert score("Flute Cover", "playing flute", no) < before


def test_words_of_accepted_titles_name_the_class_and_words_that_others_share_do_not() -> None:
    lessons = [Lesson(f"hot wings on the bbq, part {n}", "barbequing", True) for n in range(6)]
    lessons += [Lesson(f"flute lesson {n}", "playing flute", True) for n in range(20)]
    known = taught(lessons, others=[f"wings of paper {n}" for n in range(30)])
    (first, *_) = ScoredMatcher(ENTRIES, 0.5, known).match("Gnejna BBQ")
    assert (first.label, first.words, first.variant) == ("barbequing", "BBQ", "bbq")
    assert ScoredMatcher(ENTRIES, 0.5, known).match("a pair of wings, page two") == ()


def test_a_homonym_is_told_by_the_words_beside_it() -> None:
    lessons = [Lesson(f"gymnastics vault {n}", "vault", True) for n in range(12)]
    lessons += [Lesson(f"opening the bank vault {n}", "vault", False) for n in range(12)]
    known = taught(lessons)
    gym, bank = (score(title, "vault", known) for title in ("her gymnastics vault", "bank vault"))
    assert gym > 0.75 > 0.4 > bank


def test_without_decisions_every_score_is_the_untaught_one() -> None:
    known = taught([])
    assert known == NONE_LEARNT
    for title in ("flute", "playing the flute", "vault of a bank", "he barbequed"):
        assert ScoredMatcher(ENTRIES, 0.0, known).match(title) == ALL.match(title)


LESSON = st.builds(
    Lesson,
    st.sampled_from(["flute song", "play flute", "the vault", "bank vault", "trombone and flute"]),
    st.sampled_from([entry.name for entry in ENTRIES]),
    st.booleans(),
)


@given(st.lists(LESSON, max_size=30), st.randoms())
def test_equal_decisions_teach_equal_lessons_in_any_order(
    lessons: list[Lesson], random: object
) -> None:
    turned = sorted(lessons * 2, key=lambda _: random.random())  # type: ignore[attr-defined]
    known = taught(lessons)
    assert taught(turned).text == known.text
    assert Lessons.parse(known.text, "here") == known
    for title in ("flute song", "vault", "the flute and trombone"):
        assert all(0 < m.score <= 1 for m in ScoredMatcher(ENTRIES, 0.0, known).match(title))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"form": "kbuild-title-lessons", "version": 2}',
        '{"form": "kbuild-title-lessons", "version": 1, "evidence": {}, "classes": {}}',
        '{"form": "kbuild-title-lessons", "version": 1, "words": {}, "classes": {}, '
        '"evidence": {"NAME": {"accepted": 3, "decided": 2, "score": 1.0}}}',
    ],
)
def test_a_file_that_is_no_lessons_is_an_error_that_says_what_to_do(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "lessons.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="expected what `kbuild train-matcher` writes"):
        Lessons.read(path)
    with pytest.raises(ConfigError, match=r"gone.json: match.lessons names this file"):
        Lessons.read(tmp_path / "gone.json")
