from pathlib import Path

import pytest

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import SourceError
from pipelines.sources.folder import FolderSource
from pipelines.sources.search import SearchSource
from pipelines.sources.source import Asked
from pipelines.sources.spec import normalised_spec, open_source
from pipelines.sources.urls import UrlsSource


def test_three_forms_name_three_sources(tmp_path: Path) -> None:
    config = DownloadConfig(max_height=240)
    search = open_source("search:ytsearchdate", config)
    assert isinstance(search, SearchSource)
    assert (search.prefix, search.options.max_height) == ("ytsearchdate", 240)
    assert open_source(f"folder:{tmp_path}", config) == FolderSource(tmp_path)
    assert isinstance(open_source(f"urls:{tmp_path}/list.txt", config), UrlsSource)


def test_paths_are_remembered_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert normalised_spec("folder:videos") == f"folder:{tmp_path.resolve()}/videos"


@pytest.mark.parametrize("spec", ["", "videos", "search:", "search:yt search", "folder:", "ftp:x"])
def test_anything_else_is_refused_with_what_can_be_written(spec: str) -> None:
    with pytest.raises(SourceError, match=r"is no source\. Write search:PREFIX"):
        normalised_spec(spec)


def test_a_search_asks_each_query_of_each_label() -> None:
    source = open_source("search:ytsearch", DownloadConfig())
    asked = [Asked("yoga", "yoga"), Asked("yoga", "hatha yoga"), Asked("zumba", "x" * 500)]
    requests = source.requests(asked)
    assert [(r.label, r.query) for r in requests] == [(a.label, a.query) for a in asked]
    assert requests[1].key == "yoga: hatha yoga"
    assert all(len(request.key) <= 400 for request in requests)


def urls(tmp_path: Path, text: str | bytes) -> UrlsSource:
    path = tmp_path / "urls.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    source = open_source(f"urls:{path}", DownloadConfig())
    assert isinstance(source, UrlsSource)
    return source


def test_a_list_has_an_address_a_line_and_maybe_a_label(tmp_path: Path) -> None:
    text = "# mine\r\nhttps://a.org/1\r\n\r\nhttps://a.org/2\tYOGA\r\nhttps://a.org/1\n"
    one, two = urls(tmp_path, text).requests([Asked("yoga", "yoga")])
    (three,) = urls(tmp_path, "https://a.org/3\tcafe\u0301").requests([Asked("caf\xe9", "x")])
    assert three.label == "caf\xe9"
    assert (one.query, one.label, one.is_given) == ("https://a.org/1", None, False)
    assert (two.query, two.label, two.is_given) == ("https://a.org/2", "yoga", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no addresses. Write one URL a line"),
        ("file:///etc/passwd", ":1: 'file:///etc/passwd' is no http or https address"),
        ("\nhttps://a.org\tjogging", ":2: 'jogging' is none of the classes"),
        ("https://a.org/1\nhttps://a.org/\x0b2", ":2: 'https://a.org/\\x0b2' holds the control"),
        ("https://a.org/1\tyo\u200bga", ":1: 'https://a.org/1\\tyo\\u200bga' holds the invisible"),
        (b"\xff", "not UTF-8 at offset 0"),
    ],
)
def test_a_bad_list_refuses_with_file_and_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    (request,) = urls(tmp_path, text).requests([Asked("yoga", "yoga")])
    assert request.refusal is not None
    assert message in request.refusal


def test_a_missing_list_refuses(tmp_path: Path) -> None:
    source = open_source(f"urls:{tmp_path}/none.txt", DownloadConfig())
    (request,) = source.requests([])
    assert "No such file" in str(request.refusal)
