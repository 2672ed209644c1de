import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.errors import ItemFailed, Reason, SourceError
from pipelines.sources.filenames import title_from_name
from pipelines.sources.folder import FolderSource
from pipelines.sources.ids import is_youtube_id, safe_id
from pipelines.sources.source import Found, Limits

LIMITS = Limits(max_duration_seconds=60, max_bytes=1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "videos"
    for name in ("waving_hand.mp4", "a/waving_hand.mp4", "a/SOX5yA1l24A.mp4", "b/song.mp3"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    for name in (".hidden.mp4", "notes.txt", "a/.thumbs/x.mp4", "a/poster.jpg"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def listed(root: Path) -> dict[str, Found]:
    return {Path(f.url).relative_to(root).as_posix(): f for f in FolderSource(root).search("", 1)}


def test_media_files_are_listed_and_nothing_else(folder: Path) -> None:
    names = ["waving_hand.mp4", "a/SOX5yA1l24A.mp4", "a/waving_hand.mp4", "b/song.mp3"]
    assert list(listed(folder)) == names


def test_ids_are_unique_safe_and_stay_when_files_are_added(folder: Path) -> None:
    before = listed(folder)
    ids = [found.video_id for found in before.values()]
    assert len(set(ids)) == len(ids)
    assert all(safe_id(video_id) == video_id for video_id in ids)
    assert before["a/SOX5yA1l24A.mp4"].video_id == "SOX5yA1l24A"
    (folder / "0").mkdir()
    (folder / "0" / "waving_hand.mp4").write_bytes(b"new")
    after = listed(folder)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("info_name", ["waving_hand.info.json", "waving_hand.mp4.info.json"])
def test_titles_come_from_the_info_file(folder: Path, info_name: str) -> None:
    info = {"id": "yt/1", "title": "Hello <b>", "duration": 5, "uploader": "me", "tags": ["a"]}
    (folder / info_name).write_text(json.dumps(info))
    found = listed(folder)["waving_hand.mp4"]
    assert (found.title, found.duration_seconds, found.uploader) == ("Hello <b>", 5.0, "me")
    assert found.video_id.startswith("yt_1-")
    assert (found.tags, found.description) == (("a",), None)


def test_values_of_other_kinds_than_usual_are_taken_as_text(folder: Path) -> None:
    info = '{"title": 3, "id": ["x"], "duration": "long", "uploader": null}'
    (folder / "waving_hand.info.json").write_text(info)
    found = listed(folder)["waving_hand.mp4"]
    assert (found.video_id, found.title, found.duration_seconds) == ("x", "3", None)
    assert found.uploader is None


@pytest.mark.parametrize(
    ("name", "video_id", "title"),
    [
        ("Segway tour-SOX5yA1l24A.mp4", "SOX5yA1l24A", "Segway tour"),
        ("Segway tour [SOX5yA1l24A].mp4", "SOX5yA1l24A", "Segway tour"),
        ("Segway tour [abc_def-123].webm", "abc_def-123", "Segway tour"),
        ("Segway tour--5KQ66BBWC4.mkv", "-5KQ66BBWC4", "Segway tour"),
        ("a trip to-Switzerland.mp4", None, "a trip to Switzerland"),
        ("Segway tour-SOX5yA1l24A_000007_000017.mp4", None, "Segway tour"),
    ],
)
def test_names_that_downloaders_leave_give_id_and_title(
    folder: Path, name: str, video_id: str | None, title: str
) -> None:
    (folder / name).write_bytes(b"film")
    found = listed(folder)[name]
    assert found.title == title
    # The time of a clip is not that of its video, so that the clip has an id of its own.
    assert found.video_id == video_id or (video_id is None and found.video_id != "SOX5yA1l24A")


def test_two_files_with_one_id_get_two(folder: Path) -> None:
    (folder / "b" / "SOX5yA1l24A.mp4").write_bytes(b"x")
    found = listed(folder)
    assert found["a/SOX5yA1l24A.mp4"].video_id == "SOX5yA1l24A"
    assert found["b/SOX5yA1l24A.mp4"].video_id.startswith("SOX5yA1l24A-")


def test_the_question_changes_when_the_files_change(folder: Path) -> None:
    (first,) = FolderSource(folder).requests([])
    assert FolderSource(folder).requests([]) == [first]
    (folder / "waving_hand.info.json").write_text("{}")
    (second,) = FolderSource(folder).requests([])
    assert second.key != first.key
    assert len(first.key) <= 400


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_videos_refuses_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    source = FolderSource(tmp_path / name)
    (request,) = source.requests([])
    assert request.refusal is not None
    assert "\n" not in request.refusal
    with pytest.raises(SourceError, match=r"no such folder|no video files"):
        list(source.search("", 1))


def test_fetching_links_and_never_changes_the_source(folder: Path, tmp_path: Path) -> None:
    file = folder / "waving_hand.mp4"
    (folder / "waving_hand.info.json").write_text(
        '{"license": "CC BY", "upload_date": "20200131", "channel": "c", "language": "pt", '
        '"uploader_country": "BR", "location": "a hall"}'
    )
    before = sorted(folder.rglob("*"))
    fetched = FolderSource(folder).fetch(str(file), tmp_path, LIMITS)
    assert fetched.file.read_bytes() == file.read_bytes()
    assert (fetched.licence, fetched.upload_date) == ("CC BY", "2020-01-31")
    assert (fetched.uploader, fetched.language, fetched.country) == ("c", "pt", "BR")
    fetched.file.unlink()
    assert sorted(folder.rglob("*")) == before


def test_fetching_copies_where_links_cannot_be(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    fetched = FolderSource(folder).fetch(str(folder / "b" / "song.mp3"), tmp_path, LIMITS)
    assert fetched.file.name == "video.mp3"
    assert fetched.file.stat().st_nlink == 1


def test_a_name_that_is_no_text_is_listed_and_fetched(folder: Path, tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9 %41.mp4"))
    file.write_bytes(b"odd")
    source = FolderSource(folder)
    assert len(source.requests([])) == 1
    (found,) = [f for f in source.search("", 1) if f.title.startswith("caf")]
    assert found.title == "caf? %41"
    assert found.url.encode("utf-8")
    assert source.fetch(found.url, tmp_path, LIMITS).file.read_bytes() == b"odd"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, Reason.REMOVED), (b"", Reason.BROKEN), (b"x" * 1001, Reason.TOO_LARGE)],
)
def test_a_file_that_cannot_be_fetched_has_a_reason(
    folder: Path, tmp_path: Path, content: bytes | None, reason: Reason
) -> None:
    file = folder / "waving_hand.mp4"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ItemFailed) as failure:
        FolderSource(folder).fetch(str(file), tmp_path, LIMITS)
    assert failure.value.reason is reason


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("v_SoccerJuggling_g23_c01", "Soccer Juggling"),
        ("SchoolRulesHowTheyHelpUs_wave_f_nm_np1_ba_med_0", "School Rules How They Help Us wave"),
        ("My best trick [dQw4w9WgXcQ]", "My best trick"),
        ("SOX5yA1l24A_000010_000020", "SOX5yA1l24A 000010 000020"),
        ("flipping.a-pancake", "flipping a pancake"),
        ("___", "___"),
    ],
)
def test_titles_from_names(stem: str, title: str) -> None:
    assert title_from_name(stem) == title


def test_youtube_ids_are_told_from_words() -> None:
    assert is_youtube_id("SOX5yA1l24A")
    assert not is_youtube_id("basketballs")
    assert not is_youtube_id("SOX5yA1l24A2")


@given(st.text(max_size=120), st.text(max_size=120))
def test_ids_are_safe_and_different_names_give_different_ids(one: str, other: str) -> None:
    assert set(safe_id(one)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )
    assert 1 <= len(safe_id(one)) <= 80
    assert (safe_id(one) == safe_id(other)) == (one == other)
