"""Every listed video has an id of its own, and an address that leads to it alone."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Label, SearchHit, Video
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.sources.entries import Naming, videos_of
from pipelines.sources.ids import OF_PAGES
from pipelines.sources.source import Found, Limits
from pipelines.sources.urls import UrlsSource
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import instance
from tests.sources.conftest import ALLOWING, LOOPBACK, Answer, small_film

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**6)
UNKNOWN = Naming(frozenset(), lambda address: ("Generic", None))
FILMS = {"/1/video.mp4": small_film(grey=3), "/2/video.mp4": small_film(30, grey=5)}

Collect = Callable[[str], StageReport]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "workspace", f"[run]\nworkers = 1\n{ALLOWING}")
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga"), ClassEntry(name="zumba")])
    return workspace


@pytest.fixture
def collect(workspace: Workspace, tmp_path: Path) -> Collect:
    """Run search, match and download here; returns the last report."""

    def run(source: str) -> StageReport:
        with writing(workspace.engine) as session:
            remember(session, tmp_path / "classes.txt", source, None)
        for verb in (search, match, download):
            report = run_stage(workspace, replace(verb.stage(workspace), in_children=False))
        return report

    return run


def labelled_bytes(workspace: Workspace) -> dict[tuple[str, bytes], str]:
    """Return the ids of downloaded videos by label and content."""
    with reading(workspace.engine) as session:
        rows = session.execute(
            select(Label.name, Video)
            .join(SearchHit, SearchHit.label_id == Label.id)
            .join(Video, Video.id == SearchHit.video_id)
        ).all()
        return {
            (label, (workspace.root / video.media.file).read_bytes()): video.video_id
            for label, video in rows
        }


def test_two_addresses_with_one_file_name_are_two_videos(
    site: Any, workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    site.answers = {path: Answer(film, "video/mp4") for path, film in FILMS.items()}
    labels = dict(zip(FILMS, ("yoga", "zumba"), strict=True))
    lines = [f"{site.base}{path}\t{label}\n" for path, label in labels.items()]
    (tmp_path / "urls.txt").write_text("".join(lines))
    assert collect(f"urls:{tmp_path}/urls.txt").num_done == 2
    ids = labelled_bytes(workspace)
    assert ids.keys() == {(label, FILMS[path]) for path, label in labels.items()}
    assert len(set(ids.values())) == 2
    assert all(video_id.startswith("video-") for video_id in ids.values())


def test_two_folders_with_one_file_name_are_two_videos(
    workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    for number, film in enumerate(FILMS.values()):
        (tmp_path / f"{number}" / "a").mkdir(parents=True)
        (tmp_path / f"{number}" / "a" / "yoga.mp4").write_bytes(film)
        collect(f"folder:{tmp_path}/{number}")
    with reading(workspace.engine) as session:
        files = [video.media.file for video in session.scalars(select(Video))]
    assert {(workspace.root / file).read_bytes() for file in files} == set(FILMS.values())


def test_a_folder_that_was_moved_keeps_its_videos(
    workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "yoga.mp4").write_bytes(small_film())
    collect(f"folder:{tmp_path}/old")
    (tmp_path / "old").rename(tmp_path / "new")
    collect(f"folder:{tmp_path}/new")
    with reading(workspace.engine) as session:
        (video,) = session.scalars(select(Video)).all()
        assert video.url == str(tmp_path / "new" / "yoga.mp4")


def test_another_folder_in_the_place_of_a_deleted_one_replaces_nothing(
    workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    first, second = FILMS.values()
    for name, film in (("old", first), ("new", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "yoga.mp4").write_bytes(film)
        collect(f"folder:{tmp_path}/{name}")
        (tmp_path / name / "yoga.mp4").unlink()
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Video)).all()) == 2


def test_extractors_without_a_site_are_known() -> None:
    extractors = instance(Options(allow_private=LOOPBACK))._instance._ies.items()
    assert {key for key, ie in extractors if ie._VALID_URL is False} <= OF_PAGES
    assert not OF_PAGES - {key for key, _ in extractors}


def entry(key: str, name: str, address: str) -> dict[str, Any]:
    return {"_type": "url", "ie_key": key, "id": name, "url": address}


def id_of(listed: dict[str, Any], naming: Naming = UNKNOWN) -> str:
    (video,) = videos_of(listed, "ask", naming)
    return video.video_id


def test_tags_and_description_of_an_answer_are_kept() -> None:
    told = {"tags": ["a", "#b"], "description": "One\u2028two\x00"}
    site = entry("Vimeo", "7", "https://vimeo.com/7")
    (video,), (plain,) = videos_of(site | told, "ask", UNKNOWN), videos_of(site, "ask", UNKNOWN)
    assert (video.tags, video.description) == (("a", "b"), "One\ntwo")
    assert (plain.tags, plain.description) == ((), None)


def test_equal_ids_of_two_sites_are_two_videos() -> None:
    assert id_of(entry("Vimeo", "76979871", "https://vimeo.com/76979871")) == "vimeo-76979871"
    assert id_of(entry("Veoh", "76979871", "https://veoh.com/watch/76979871")) == "veoh-76979871"
    youtube = entry("Youtube", "dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    assert id_of(youtube) == "dQw4w9WgXcQ"


def test_an_id_does_not_depend_on_the_form_or_the_login_of_an_address() -> None:
    looked_into = {
        "extractor_key": "Vimeo",
        "id": "1",
        "webpage_url": "https://vimeo.com/1",
    }
    assert id_of(looked_into) == id_of(entry("Vimeo", "1", "https://player.vimeo.com/video/1"))
    plain = entry("Generic", "film", "https://a.org/1/film.mp4")
    assert id_of(plain) == id_of(plain | {"url": "https://me:pw@a.org/1/film.mp4"})
    assert id_of(plain) != id_of(plain | {"url": "https://a.org/2/film.mp4"})


def test_an_entry_without_an_id_gets_that_of_its_address() -> None:
    naming = Naming(frozenset(), lambda address: ("Youtube", "dQw4w9WgXcQ"))
    listed = {"_type": "url", "url": "https://youtu.be/dQw4w9WgXcQ"}
    assert id_of(listed, naming) == "dQw4w9WgXcQ"


@pytest.mark.parametrize("name", ["76979871", "a b", "x" * 200])
def test_a_workspace_of_before_keeps_its_ids(
    site: Any, workspace: Workspace, tmp_path: Path, name: str
) -> None:
    from pipelines.collecting.listing import rows_for
    from pipelines.sources.ids import safe_id

    with writing(workspace.engine) as session:
        old = Video(video_id=safe_id(name), source="s", url="https://vimeo.com/1", title="t")
        session.add(old)
        session.flush()
        same = videos_of(entry("Vimeo", name, "https://vimeo.com/1"), "ask", UNKNOWN)
        other = videos_of(entry("Vimeo", name, "https://vimeo.com/2"), "ask", UNKNOWN)
        assert rows_for(session, same) == [old]
        (new,) = rows_for(session, other)
        assert new is not old
        assert old.url == "https://vimeo.com/1"


def source(tmp_path: Path) -> UrlsSource:
    return UrlsSource(tmp_path / "urls.txt", Options(allow_private=LOOPBACK))


def fetched(tmp_path: Path, videos: list[Found]) -> list[bytes]:
    contents = []
    for video in videos:
        folder = tmp_path / video.video_id
        folder.mkdir()
        contents.append(source(tmp_path).fetch(video.url, folder, LIMITS).file.read_bytes())
    return contents


def page_of(*films: str) -> Answer:
    tags = "".join(f'<video src="{film}"></video>' for film in films)
    return Answer(f"<html><title>Yoga</title><body>{tags}</body></html>".encode())


@pytest.mark.parametrize("paths", [FILMS, ("/get?video=1", "/get?video=2")], ids=["path", "query"])
def test_each_video_of_a_page_has_its_own_bytes(
    site: Any, tmp_path: Path, paths: Iterable[str]
) -> None:
    films = dict(zip(paths, FILMS.values(), strict=True))
    site.answers = {path: Answer(film, "video/mp4") for path, film in films.items()}
    site.answers["/page"] = page_of(*films)
    videos = list(source(tmp_path).search(f"{site.base}/page", 10))
    assert len({video.video_id for video in videos}) == 2
    assert fetched(tmp_path, videos) == list(FILMS.values())


def test_a_video_of_a_page_is_found_again_behind_a_new_one(site: Any, tmp_path: Path) -> None:
    site.answers = {path: Answer(film, "video/mp4") for path, film in FILMS.items()}
    site.answers["/page"] = page_of(*FILMS)
    first, second = source(tmp_path).search(f"{site.base}/page", 10)
    site.answers["/page"] = page_of("/films/new.mp4", "/2/video.mp4")
    again = list(source(tmp_path).search(f"{site.base}/page", 10))
    assert again[1].video_id.partition("-")[0] == second.video_id.partition("-")[0]
    assert fetched(tmp_path, [second]) == [FILMS["/2/video.mp4"]]
    with pytest.raises(ItemFailed, match="does not show this video any more") as failure:
        fetched(tmp_path, [first])
    assert failure.value.reason is Reason.REMOVED


def test_an_address_that_came_to_lead_to_several_videos_gives_none(
    site: Any, tmp_path: Path
) -> None:
    site.answers["/page"] = page_of("/films/a.mp4", "/films/b.mp4")
    with pytest.raises(ItemFailed, match="leads to several videos") as failure:
        source(tmp_path).fetch(f"{site.base}/page", tmp_path, LIMITS)
    assert failure.value.reason is Reason.NO_VIDEO
    assert not list(tmp_path.glob("video*"))
    site.answers["/page"] = page_of("/films/a.mp4")
    assert source(tmp_path).fetch(f"{site.base}/page", tmp_path, LIMITS).file.exists()


def feed(*items: str) -> Answer:
    text = f'<?xml version="1.0"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'
    return Answer(text.encode(), "application/rss+xml")


def test_the_entries_of_a_feed_are_listed_without_ids(site: Any, tmp_path: Path) -> None:
    site.answers = {path: Answer(film, "video/mp4") for path, film in FILMS.items()}
    site.answers["/feed"] = feed(
        *(f"<item><title>Yoga</title><link>{site.base}{path}</link></item>" for path in FILMS)
    )
    videos = list(source(tmp_path).search(f"{site.base}/feed", 10))
    assert [video.title for video in videos] == ["Yoga", "Yoga"]
    assert len({video.video_id for video in videos}) == 2
    assert fetched(tmp_path, videos) == list(FILMS.values())


@pytest.mark.parametrize("items", [(), ("<item><title>Yoga</title></item>",)])
def test_an_address_that_lists_nothing_is_a_failure(
    site: Any, tmp_path: Path, items: tuple[str, ...]
) -> None:
    site.answers["/feed"] = feed(*items)
    with pytest.raises(ItemFailed) as failure:
        source(tmp_path).search(f"{site.base}/feed", 10)
    assert failure.value.reason is Reason.NO_VIDEO


def test_an_address_that_leads_elsewhere_each_time_is_one_video(site: Any, tmp_path: Path) -> None:
    """As where a store signs its addresses anew for each visit."""
    ids, films = set(), list(FILMS.values())
    for visit in range(2):
        site.answers = {
            "/film": Answer(status=302, headers={"Location": f"/store/{visit}.mp4?signature=x"}),
            f"/store/{visit}.mp4?signature=x": Answer(films[0], "video/mp4"),
        }
        (video,) = source(tmp_path).search(f"{site.base}/film", 5)
        ids.add((video.video_id, video.url))
    assert len(ids) == 1
    assert fetched(tmp_path, [video]) == films[:1]
