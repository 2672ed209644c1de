"""Which addresses are of one site."""

import pytest

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ConfigError
from pipelines.running.pace.rates import Rates
from pipelines.sources.sites import searched_by, site_of


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtube"),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "youtube"),
        ("https://www.youtube.com/@films/videos", "youtube"),
        ("https://vimeo.com/76979871", "vimeo"),
        ("https://player.vimeo.com/video/76979871", "vimeo"),
        ("https://dai.ly/x2iuewm", "dailymotion"),
        ("https://archive.org/details/Film", "archive.org"),
        ("https://media.films.org:8080/a.mp4", "films.org"),
        ("https://Films.ORG/b.mp4", "films.org"),
        ("https://cdn.films.co.uk/c.mp4", "films.co.uk"),
        ("http://127.0.0.1:8000/d.mp4", "127.0.0.1"),
        ("http://[::1]:8000/d.mp4", "::1"),
        ("http://localhost:8000/d.mp4", "localhost"),
        ("riding a bike", ""),
        ("yoga: the film", ""),
        ("file:///films/a.mp4", ""),
        ("http://[broken", ""),
    ],
)
def test_an_address_is_of_yt_dlps_family_or_of_its_domain(address: str, site: str) -> None:
    assert site_of(address) == site


def test_ones_own_extractor_names_a_site_and_its_search() -> None:
    own = ("kbdemo-search", "kbdemo")
    assert site_of("http://127.0.0.1:8000/watch?v=dQw4w9WgXcQ", own) == "kbdemo"
    assert searched_by("kbdemo", own) == "kbdemo"
    assert searched_by("ytsearch") == "youtube"
    assert searched_by("nosuch") == "nosuch"


def test_a_rate_is_given_by_name_or_domain() -> None:
    given = {"Vimeo": 60.0, "youtube.com": 0.0, "media.films.org": 7200.0, "localhost": 5.0}
    rates = Rates.of(DownloadConfig(videos_per_hour=given))
    assert [rates.an_hour(site) for site in ("vimeo", "films.org", "localhost")] == [60, 7200, 5]
    assert rates.seconds_apart("films.org") == 0.5
    assert rates.seconds_apart("youtube") == 0.0  # no bound, as somebody asked for


def test_youtube_has_a_bound_where_nothing_is_said_and_others_have_none() -> None:
    rates = Rates.of(DownloadConfig())
    assert rates.seconds_apart("youtube") == 14.4
    assert rates.seconds_apart("vimeo") == 0.0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"yuotube": 100.0}, "'yuotube' is no site. Write a site as yt-dlp calls it"),
        ({"": 100.0}, "'' is no site"),
    ],
)
def test_a_rate_of_what_is_no_site_is_an_error(given: dict[str, float], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        Rates.of(DownloadConfig(videos_per_hour=given))


@pytest.mark.parametrize("value", [-1.0, "many", True, float("nan"), float("inf"), [3]])
def test_a_rate_is_a_number(value: object) -> None:
    with pytest.raises(ConfigError, match="videos_per_hour of 'vimeo' must be a number, 0 or"):
        DownloadConfig(videos_per_hour={"vimeo": value})  # type: ignore[dict-item]
