"""A released folder's page: made of its table and its clips alone."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.formats import parquet
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import (
    TABLE,
    ReleasedClip,
    columns,
    read_released_clips,
    write_released,
)
from pipelines.cli import group
from pipelines.release_page.counting import count
from pipelines.release_page.page import class_bars, write_release_page
from pipelines.running.reports import SilentReporter
from tests.sources.conftest import small_film

CLIP = ReleasedClip(
    label="yoga",
    youtube_id="aaaaaaaaaaA",
    url="",
    time_start=0,
    time_end=2,
    start_seconds=0.0,
    end_seconds=2.0,
    split="train",
    file="clips/one.mp4",
    bytes=1000,
    sha256="0" * 64,
    duration_seconds=2.0,
    width=320,
    height=240,
    frames_per_second=10.0,
    num_frames=20,
    posterior=0.97,
    num_yes=3,
    num_no=1,
    num_unsure=0,
    num_bad=0,
    agreement=0.75,
    is_ruled=False,
    whole_clip=False,
    licence="CC BY 4.0",
    licence_kind="cc-by",
    uploader="u1",
    group="g1",
    video_sha256="1" * 64,
    video_codec="h264",
    video_width=320,
    video_height=240,
    video_frames_per_second=10.0,
    has_audio=False,
    fingerprint=None,
    language="pt",
)
CLIPS = [
    CLIP,
    replace(CLIP, file="clips/two.mp4", posterior=0.6),  # of the same video: not shown
    replace(CLIP, youtube_id="bbbbbbbbbbB", file="clips/gone.mp4", split="test"),
    replace(
        CLIP, label="<bowling>", file="../one.mp4", posterior=None, licence_kind="", language=""
    ),
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "v1"
    (folder / "clips").mkdir(parents=True)
    (folder / "clips" / "one.mp4").write_bytes(small_film(20))
    (tmp_path / "one.mp4").write_bytes(small_film(20))
    write_released(folder / TABLE, CLIPS)
    (folder / MANIFEST).touch()
    return folder


def test_the_page_counts_the_table_and_shows_the_files(release: Path, tmp_path: Path) -> None:
    text = write_release_page(release, tmp_path / "page.html").read_text()
    assert "<title>v1 " in text
    cards = dict(re.findall(r'<div class="card"><b>(.*?)</b>(.*?)</div>', text))
    assert {"4": "clips", "2": "videos"}.items() <= cards.items()
    assert "3 of" not in text and "2 of 3 clips" in text  # one of each video
    assert text.count("data:image/jpeg") == 1  # the other class's file lies outside
    assert "&lt;bowling&gt;" in text and "<bowling>" not in text
    assert "not stated" in text and "cc-by" in text
    assert "http" not in text.replace("http://www.w3.org", "")


def test_languages_and_countries_are_those_that_sites_tell_and_the_others_are_counted(
    release: Path, tmp_path: Path
) -> None:
    text = write_release_page(release, tmp_path / "page.html").read_text()
    bars = re.findall(r"<h3>(Languages|Countries).*?</h3>\s*<table>(.*?)</table>", text, re.DOTALL)
    found = {what: re.findall(r"<td>(.*?)</td><td class=\"n\">(.*?)</td>", t) for what, t in bars}
    assert found["Languages"] == [("pt", "3"), ("not known", "1")]
    assert found["Countries"] == [("not known", "4")]


def test_a_table_of_an_older_release_is_read_without_what_it_did_not_tell(tmp_path: Path) -> None:
    newer = [name for name in columns() if name not in ("language", "country")]
    cells = [{name: getattr(one, name) for name in newer} for one in CLIPS]
    parquet.write(tmp_path / TABLE, {name: columns()[name] for name in newer}, cells)
    assert list(read_released_clips(tmp_path / TABLE)) == [
        replace(one, language="", country="") for one in CLIPS
    ]


def test_groups_are_those_that_annotators_named_and_dominated_classes_are_told(
    release: Path, tmp_path: Path
) -> None:
    groups = {"aaaaaaaaaaA": "women", "bbbbbbbbbbB_000000_000002": "men", "gone": "men"}
    text = write_release_page(release, tmp_path / "page.html", groups).read_text()
    assert "in 1 of 2 classes" in text
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td class=\"n\">(\d+) %</td>", text)
    assert rows == [("&lt;bowling&gt;", "women", "100")], "yoga: two of women, one of men"
    plain = write_release_page(release, tmp_path / "plain.html").read_text()
    assert "Groups of people" not in plain


def test_equal_releases_give_equal_pages(release: Path, tmp_path: Path) -> None:
    one, other = (write_release_page(release, tmp_path / name) for name in ("a.html", "b.html"))
    assert one.read_bytes() == other.read_bytes()


def test_bars_stand_on_each_other_and_the_largest_class_fills_the_picture() -> None:
    first, second = class_bars(count(CLIPS, 4))
    assert (first.label, first.number, second.number) == ("yoga", 3, 1)
    assert sum(height for _, _, height in first.parts) == pytest.approx(40, abs=0.01)
    (_, above, height), *rest = first.parts
    assert above + height == pytest.approx(40, abs=0.01)
    assert rest[0][1] + rest[0][2] == pytest.approx(above, abs=0.01)


def test_the_surest_clip_of_each_video_is_shown_however_they_come() -> None:
    for some in (CLIPS, CLIPS[::-1]):
        shown = dict(count(some, 1).shown())
        assert [one.file for one in shown["yoga"]] == ["clips/gone.mp4"]  # by name, as sure
        assert [one.file for one in shown["<bowling>"]] == ["../one.mp4"]


def test_a_folder_that_is_no_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"has no clips\.parquet"):
        write_release_page(tmp_path, tmp_path / "page.html")


class Listener(SilentReporter):
    """Notes how many sheets there will be, and each that is there."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def begin(self, stage: str, total: int, finished: int) -> None:
        self.told.append(total)

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        self.told += outcomes

    def close(self) -> None:
        self.told.append("closed")


def test_it_is_told_how_many_classes_have_their_sheets(release: Path, tmp_path: Path) -> None:
    listener = Listener()
    write_release_page(release, tmp_path / "page.html", None, listener)
    num_classes = len({clip.label for clip in read_released_clips(release / TABLE)})
    assert listener.told == [num_classes, *num_classes * [None], "closed"]


def test_the_command_takes_a_folder(release: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = CliRunner().invoke(group, ["releases", "page", str(release), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_text().startswith("<!doctype html>")
