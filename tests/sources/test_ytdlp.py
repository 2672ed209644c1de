"""Real searching and downloading with yt-dlp, from a site on loopback."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yt_dlp
from yt_dlp.networking.exceptions import HTTPError

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.running.notes import noting
from pipelines.sources.search import SearchSource
from pipelines.sources.source import Found, Limits
from pipelines.sources.spec import open_source
from pipelines.sources.urls import UrlsSource
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import instance
from tests.sources.conftest import LOOPBACK, Answer

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**6)


def search(site: Any, **changes: object) -> SearchSource:
    source = open_source("search:kbdemo", site.config(**changes))
    assert isinstance(source, SearchSource)
    return source


def test_a_search_lists_ids_titles_and_lengths(site: Any) -> None:
    site.pages = {
        "aaaaaaaaaaA": "Waving <i>hand</i> & smiling",
        "-bbbbbbbbbB": "hand stand",
        "cccccccccC_": "yoga",
    }
    first, second = search(site).search("waving hand", 10)
    assert first == Found(
        video_id="aaaaaaaaaaA",
        url=f"{site.base}/watch?v=aaaaaaaaaaA",
        title="Waving <i>hand</i> & smiling",
        duration_seconds=2.0,
        uploader="me",
    )
    assert second.video_id == "-bbbbbbbbbB"
    assert len(list(search(site).search("waving hand", 1))) == 1
    assert list(search(site).search("swimming", 10)) == []


def test_fetching_gives_a_file_and_what_is_known_of_it(site: Any, tmp_path: Path) -> None:
    site.pages = {"aaaaaaaaaaA": "../../../etc/passwd"}
    fetched = search(site).fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, LIMITS)
    assert fetched.file == tmp_path / "video.mp4"
    assert fetched.file.read_bytes() == site.film
    assert (fetched.uploader, fetched.licence) == ("me", "CC BY 4.0")
    assert (fetched.upload_date, fetched.language) == ("2020-01-31", "en")


@pytest.mark.parametrize(
    ("status", "excuse", "reason"),
    [
        (404, "Video unavailable. This video has been removed by the uploader", Reason.REMOVED),
        (403, "Private video. Sign in if you have been granted access", Reason.PRIVATE),
        (451, "The uploader has not made this video available in your country", Reason.GEO),
        (403, "Sign in to confirm your age", Reason.SIGN_IN),
        (429, "", Reason.RATE_LIMITED),
        (503, "", Reason.NETWORK),
    ],
)
def test_a_video_that_cannot_be_had_has_a_reason(
    site: Any, tmp_path: Path, status: int, excuse: str, reason: Reason
) -> None:
    site.excuses = {"aaaaaaaaaaA": (status, excuse)}
    with pytest.raises(ItemFailed) as failure:
        search(site).fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, LIMITS)
    assert failure.value.reason is reason
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(max_duration_seconds=1, max_bytes=10**6), Reason.TOO_LONG),
        (Limits(max_duration_seconds=60, max_bytes=100), Reason.TOO_LARGE),
    ],
)
def test_limits_are_kept(site: Any, tmp_path: Path, limits: Limits, reason: Reason) -> None:
    with pytest.raises(ItemFailed) as failure:
        search(site).fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, limits)
    assert failure.value.reason is reason


def test_no_connection_stays_open_behind_a_failure(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    responses: list[Any] = []
    plain = yt_dlp.YoutubeDL.urlopen

    def noted(self: Any, request: Any) -> Any:
        try:
            responses.append(plain(self, request))
        except HTTPError as error:
            responses.append(error.response)
            raise
        return responses[-1]

    monkeypatch.setattr(yt_dlp.YoutubeDL, "urlopen", noted)
    site.excuses["bbbbbbbbbbB"] = (404, "gone")
    for video, limits in (("bbbbbbbbbbB", LIMITS), ("aaaaaaaaaaA", replace(LIMITS, max_bytes=100))):
        with pytest.raises(ItemFailed):
            search(site).fetch(f"{site.base}/watch?v={video}", tmp_path, limits)
    assert len(responses) >= 3
    assert all(response.closed for response in responses)


def test_the_ffmpeg_that_is_found_now_joins_streams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = instance(Options())._instance.params["ffmpeg_location"]
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        find_ffmpeg.cache_clear()
        assert instance(Options())._instance.params["ffmpeg_location"] == str(program)
    find_ffmpeg.cache_clear()
    assert instance(Options())._instance.params["ffmpeg_location"] == found


def test_a_search_whose_site_is_down_stops_in_one_line(site: Any, closed_port: int) -> None:
    down = DownloadConfig(
        extractors=site.config().extractors,
        extractor_args={"kbdemo": {"base": [f"http://127.0.0.1:{closed_port}"]}},
        allow_private=LOOPBACK,
    )
    with pytest.raises(SourceError, match="does not answer") as error:
        list(open_source("search:kbdemo", down).search("yoga", 5))
    assert "\n" not in str(error.value)


def test_an_address_whose_site_is_down_costs_only_itself(tmp_path: Path, closed_port: int) -> None:
    source = UrlsSource(tmp_path / "urls.txt", Options(allow_private=LOOPBACK))
    with pytest.raises(ItemFailed) as failure:
        list(source.search(f"http://127.0.0.1:{closed_port}/film.mp4", 1))
    assert failure.value.reason is Reason.NETWORK


def test_a_plain_address_of_a_film_is_listed_and_fetched(site: Any, tmp_path: Path) -> None:
    source = UrlsSource(tmp_path / "urls.txt", Options(allow_private=LOOPBACK))
    (found,) = source.search(f"{site.base}/films/yoga.mp4", 1)
    assert found.video_id.startswith("yoga-")
    assert found.title == "yoga"
    (tmp_path / "media").mkdir()
    assert source.fetch(found.url, tmp_path / "media", LIMITS).file.read_bytes() == site.film


def test_a_prefix_that_yt_dlp_does_not_know_is_named() -> None:
    with pytest.raises(SourceError, match="knows no search prefix 'nosuchsearch'"):
        list(open_source("search:nosuchsearch", DownloadConfig()).search("yoga", 5))


def test_yt_dlp_is_hardened(tmp_path: Path) -> None:
    parameters = instance(Options(allow_private=LOOPBACK))._instance.params
    assert parameters["usenetrc"] is False
    assert parameters["cachedir"] is False
    assert parameters["restrictfilenames"] is True
    assert parameters["outtmpl"]["default"] == "video.%(ext)s"
    assert not parameters.get("cookiefile") and not parameters.get("cookiesfrombrowser")
    assert not parameters.get("enable_file_urls")
    assert parameters["external_downloader"] == {"default": "native"}
    source = UrlsSource(tmp_path / "urls.txt", Options(allow_private=LOOPBACK))
    with pytest.raises(ItemFailed, match="file"):
        source.fetch("file:///etc/passwd", tmp_path, LIMITS)


def test_warnings_are_noted_without_the_video_that_they_are_about() -> None:
    log = instance(Options(allow_private=LOOPBACK))._log
    with noting() as notes:
        log.warning("[youtube] dQw4w9WgXcQ: Some formats may be missing")
        log.warning("[youtube] No supported JavaScript runtime could be found")
        log.warning("[generic] Falling back on generic information extractor")
        log.warning("ffmpeg is old")
    assert notes == [
        ("yt-dlp warns: [youtube] Some formats may be missing", "dQw4w9WgXcQ"),
        ("yt-dlp warns: [youtube] No supported JavaScript runtime could be found", ""),
        ("yt-dlp warns: ffmpeg is old", ""),
    ]


@pytest.mark.parametrize(("limit", "num_notes"), [(5, 1), (11, 1), (12, 0), (50, 0)])
def test_a_page_that_lists_more_than_is_taken_is_noted(
    site: Any, tmp_path: Path, limit: int, num_notes: int
) -> None:
    items = (f"<item><title>{n}</title><link>{site.base}/{n}.mp4</link></item>" for n in range(12))
    site.answers["/feed"] = Answer(
        f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode(), "text/xml"
    )
    source = UrlsSource(tmp_path / "urls.txt", Options(allow_private=LOOPBACK))
    with noting() as notes:
        assert len(list(source.search(f"{site.base}/feed", limit))) == min(limit, 12)
    about = [note.about for note in notes if "more videos than were taken" in note.text]
    assert about == [f"{site.base}/feed lists 12, taken {limit}"] * num_notes


def test_a_site_that_refuses_a_country_is_asked_once(site: Any, tmp_path: Path) -> None:
    site.excuses = {
        "aaaaaaaaaaA": (451, "The uploader has not made this available in your country")
    }
    with noting() as notes, pytest.raises(ItemFailed) as failure:
        search(site).fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, LIMITS)
    assert failure.value.reason is Reason.GEO
    assert site.num_asked("/watch?v=aaaaaaaaaaA") == 1
    assert notes == []
