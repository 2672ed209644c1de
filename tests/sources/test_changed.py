"""A film that changes on its site between two tries: never half of one and half of the other."""

from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from pipelines.sources.source import Limits
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video
from tests.sources.conftest import LOOPBACK, Answer, small_film

LIMITS = Limits(max_duration_seconds=60.0, max_bytes=10_000_000)
OLD = small_film(40, format="mpegts")
NEW = small_film(40, grey=90, format="mpegts")
OLD_VERSION, NEW_VERSION = {"ETag": '"1"'}, {"ETag": '"2"'}


class Films:
    """Shows one film, which can be exchanged; serves ranges, and breaks off when told to."""

    def __init__(self, site: Any) -> None:
        self._site = site
        site.answer = self._answer
        self.address = f"{site.base}/film.ts"
        self.body, self.version = OLD, OLD_VERSION
        self.breaks_after: int | None = len(OLD) // 2

    def show(self, body: bytes, version: dict[str, str]) -> None:
        self.body, self.version, self.breaks_after = body, version, None

    @property
    def ranges(self) -> list[str]:
        return list(self._site.ranges)

    def _answer(self, path: str) -> Answer:
        asked = self._site.ranges[-1]
        start = int(asked.removeprefix("bytes=").partition("-")[0] or 0) if asked else 0
        size = len(self.body)
        if start >= size:
            return Answer(status=416, headers={"Content-Range": f"bytes */{size}"})
        headers = dict(self.version)
        if asked:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        answer = Answer(self.body[start:], "video/mp2t", 206 if asked else 200, headers)
        if self.breaks_after is not None:
            answer.sent = self.body[start : self.breaks_after]
        return answer


@pytest.fixture
def films(site: Any) -> Films:
    return Films(site)


def tried(films: Films, folder: Path) -> bytes | ItemFailed:
    try:
        return fetch_video(
            Options(allow_private=LOOPBACK), films.address, folder, LIMITS
        ).file.read_bytes()
    except ItemFailed as failure:
        return failure


def broken_off(films: Films, folder: Path) -> int:
    """Try in vain, and return the size of the part that is left."""
    failure = tried(films, folder)
    assert isinstance(failure, ItemFailed)
    assert failure.reason is Reason.NETWORK
    [part] = folder.glob("*.part")
    assert 0 < part.stat().st_size < len(OLD)
    return part.stat().st_size


@pytest.mark.parametrize(
    "version", [OLD_VERSION, {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}]
)
def test_a_part_of_the_same_file_is_gone_on_with(
    films: Films, tmp_path: Path, version: dict[str, str]
) -> None:
    films.version = version
    part = broken_off(films, tmp_path)
    films.show(OLD, version)
    assert tried(films, tmp_path) == OLD
    assert f"bytes={part}-" in films.ranges


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (OLD_VERSION, NEW_VERSION),
        (OLD_VERSION, {}),
        ({}, {}),
        ({"ETag": 'W/"1"'}, {"ETag": 'W/"1"'}),
        (
            {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"},
            {"Last-Modified": "Wed, 21 Oct 2015 07:28:01 GMT"},
        ),
    ],
    ids=["another ETag", "no ETag now", "no versions", "weak ETags", "another date"],
)
@pytest.mark.parametrize("size", ["equal", "smaller", "about the part's"])
def test_a_part_of_what_may_be_another_file_is_thrown_away(
    films: Films, tmp_path: Path, before: dict[str, str], now: dict[str, str], size: str
) -> None:
    films.version = before
    part = broken_off(films, tmp_path)
    new = {
        "equal": NEW + OLD[: max(0, len(OLD) - len(NEW))],
        "smaller": small_film(4, grey=90, format="mpegts"),
        "about the part's": NEW[: part - part % 188],
    }[size]
    films.show(new, now)
    outcome = tried(films, tmp_path)
    if isinstance(outcome, ItemFailed):  # the next try, after a pause, begins anew
        assert outcome.reason is Reason.INCOMPLETE
        outcome = tried(films, tmp_path)
    assert outcome == new


def test_a_finished_half_of_an_earlier_try_is_fetched_again(films: Films, tmp_path: Path) -> None:
    films.show(NEW, NEW_VERSION)
    for name in ("video.ts", "video.mp4", "video.ts.ytdl", "video.f1.mp4", "video.ts.part-Frag3"):
        (tmp_path / name).write_bytes(OLD)
    assert tried(films, tmp_path) == NEW
    assert [file.name for file in tmp_path.glob("video*")] == ["video.ts"]
