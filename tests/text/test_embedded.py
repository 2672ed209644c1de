import socket
from typing import NoReturn

import pytest

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.embedded import EmbeddedMatcher
from kinetics_builder.text.matching.scored import ScoredMatcher

ENTRIES = [
    ClassEntry(name=name)
    for name in (
        *("playing trombone", "presenting weather forecast", "bouncing on trampoline"),
        *("washing dishes", "tango dancing", "tapping guitar", "shaking hands", "washing hands"),
    )
]


@pytest.fixture(scope="module")
def matcher() -> EmbeddedMatcher:
    return EmbeddedMatcher(ENTRIES)


def test_a_part_of_a_name_is_a_match_where_the_title_means_the_class(
    matcher: EmbeddedMatcher,
) -> None:
    for title, label in (
        ("Concerto For Alto Trombone", "playing trombone"),
        ("Tom's WPTZ weather forecast", "presenting weather forecast"),
        ("Argentine Tango Steps", "tango dancing"),
    ):
        assert ScoredMatcher(ENTRIES).match(title) == ()
        (found,) = matcher.match(title)
        assert found.label == label
        assert 0.5 <= found.score < 0.8


def test_what_is_sure_stays_as_it_is_and_what_says_nothing_stays_out(
    matcher: EmbeddedMatcher,
) -> None:
    for title in ("he was washing his hands", "guitar tapping", "", "an orchestra of brass"):
        assert matcher.match(title) == ScoredMatcher(ENTRIES).match(title)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("the model must come out of the package")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert EmbeddedMatcher(ENTRIES[:1], least=0.3).match("trombone")


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinetics_builder.text.matching.embedded.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'kinetics-builder\[embeddings\]'"):
        EmbeddedMatcher(ENTRIES)
