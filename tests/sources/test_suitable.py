"""The extractor of an address is the first that takes it, found without asking them all."""

import re
from typing import Any

import pytest
from yt_dlp.extractor.common import InfoExtractor

from pipelines.sources.sites import _extractors, site_of
from pipelines.sources.suitable import Extractors, texts_needed, texts_of

EVERY = 23
"""Of the extractors, one in so many is asked for its addresses: to ask all takes a minute."""


def first_of_all(extractors: Extractors, address: str) -> Any:
    return next((one for one in extractors.all if one.suitable(address)), None)


def test_every_address_is_for_whom_asking_all_would_find() -> None:
    known = _extractors(())
    some = known.all[:10] + known.all[::EVERY]
    addresses = [case["url"] for one in some for case in one.get_testcases(True)][::3]
    addresses += ["https://example.org/1", "https://youtu.be/dQw4w9WgXcQ", "ytsearch9:yoga", "x"]
    assert len(addresses) > 60
    found = {address: known.first_for(address) for address in addresses}
    assert found == {address: first_of_all(known, address) for address in addresses}
    assert len({one for one in found.values() if one is not None}) > 40


def test_few_are_asked_about_a_page_of_nobody() -> None:
    known = _extractors(())
    assert len(known.all) > 1000
    assert len(known._likely("https://films.example.org/watch/1234")) < 30


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"https?://(?:www\.)?films\.org/(?P<id>\d+)", {"films.org/"}),
        (r"https?://(?:a\.example|b\.example)/", {"a.example", "b.example"}),
        (r"(?i)https?://FILMS\.org", {"://films.org"}),
        ("(?x)https?:// films # of all\n \\.org", {"://films.org"}),
        (r"(?:films:)?\d+", None),
        (r"https?://(?:www\.)?[a-z]+/", None),
        (r"films\.org|.*", None),
        (r"(?:films\.org){0,3}", None),
        (r"(?!films\.org)https?://.*", None),
        (r"filmé\.org", {"film"}),
    ],
)
def test_texts_without_which_a_pattern_matches_nothing(
    pattern: str, texts: set[str] | None
) -> None:
    assert re.compile(pattern)
    assert texts_of(pattern) == texts


class Own(InfoExtractor):
    """Takes what its pattern does not match."""

    _VALID_URL = r"https://own\.example/"

    @classmethod
    def suitable(cls, url: str) -> bool:
        return url.endswith(".mine")


class Several(InfoExtractor):
    _VALID_URL = (r"https://one\.example/", r"https://two\.example/")


class Never(InfoExtractor):
    _VALID_URL = False


def test_one_that_judges_in_its_own_way_is_always_asked() -> None:
    assert texts_needed(Own) is None
    assert texts_needed(Several) == {"https://one.example/", "https://two.example/"}
    assert texts_needed(Never) == frozenset()
    mine = Extractors([Several, Own])
    assert mine.first_for("https://films.example/a.mine") is Own
    assert mine.first_for("https://TWO.example/".lower()) is Several
    assert mine.first_for("https://three.example/") is None


def test_an_address_of_other_letters_is_shown_to_all() -> None:
    assert Extractors([Several]).first_for("https://two.example/é") is Several
    assert site_of("https://filmé.example/1") == "filmé.example"
