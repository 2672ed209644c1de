"""Where thumbnails are: as yt-dlp, lists and notes beside files say it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Video
from kinetics_builder.workspace import Workspace
from pipelines.collecting.listing import add_listed
from pipelines.sources.entries import Naming, videos_of
from pipelines.sources.source import Asked, Found
from pipelines.sources.spec import open_source
from pipelines.sources.thumbnails import LONGEST, thumbnail_of
from tests.sources.conftest import small_film

AT = "https://i.org"


def sized(*widths: Any) -> dict[str, Any]:
    return {"thumbnails": [{"url": f"{AT}/{n}.jpg", "width": w} for n, w in enumerate(widths)]}


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({}, None),
        ({"thumbnail": f"{AT}/a.jpg"}, f"{AT}/a.jpg"),
        ({"thumbnail": "//i.org/a.jpg"}, f"{AT}/a.jpg"),
        ({"thumbnail": f"{AT}/a b\n.jpg"}, f"{AT}/a b%0A.jpg"),
        ({"thumbnail": "file:///etc/passwd"}, None),
        ({"thumbnail": "data:image/png;base64,xx"}, None),
        ({"thumbnail": f"{AT}/{'a' * LONGEST}"}, None),
        ({"thumbnail": 7, "thumbnails": "none"}, None),
        (sized(120, 320, 640, 1280), f"{AT}/2.jpg"),
        (sized(1280, 720), f"{AT}/1.jpg"),
        (sized(120, 320), f"{AT}/1.jpg"),
        (sized(None, None), f"{AT}/1.jpg"),
        (sized("480", float("inf"), True), f"{AT}/0.jpg"),
        ({"thumbnails": [{"id": "0"}, None, {"url": "x"}], "thumbnail": f"{AT}/a"}, f"{AT}/a"),
    ],
)
def test_one_of_all_is_taken(entry: dict[str, Any], found: str | None) -> None:
    assert thumbnail_of(entry) == found


def test_searches_and_listings_say_it() -> None:
    naming = Naming(frozenset(), lambda address: ("Generic", None))
    flat = {"_type": "url", "ie_key": "Vimeo", "id": "1", "url": "https://vimeo.com/1"}
    told = {"_type": "playlist", "entries": [{**flat, **sized(100, 700)}, {**flat, "id": "2"}]}
    assert [one.thumbnail for one in videos_of(told, "x", naming)] == [f"{AT}/1.jpg", None]


def test_lists_and_notes_beside_files_say_it(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"url,title,Thumbnail\nhttps://a.org/1.mp4,one,{AT}/a.jpg\n")

    def request() -> Any:
        (found,) = open_source(f"urls:{file}", DownloadConfig()).requests([Asked("yoga", "yoga")])
        return found

    before = request()
    assert before.known().thumbnail == f"{AT}/a.jpg"
    file.write_text(f"url,title,Thumbnail\nhttps://a.org/1.mp4,one,{AT}/b.jpg\n")
    assert request().key != before.key  # so that it is listed again
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").write_bytes(small_film())
    (tmp_path / "films" / "a.info.json").write_text(json.dumps({"id": "a", **sized(640)}))
    (listed,) = open_source(f"folder:{tmp_path / 'films'}", DownloadConfig()).search("", 9)
    assert listed.thumbnail == f"{AT}/0.jpg"


def test_it_stays_where_another_listing_tells_none(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    for address in (f"{AT}/a.jpg", None):
        with writing(workspace.engine) as session:
            add_listed(session, [Found("a", "https://a.org/a", "t", thumbnail=address)], "urls:x")
        with reading(workspace.engine) as session:
            assert session.scalars(select(Video.thumbnail)).all() == [f"{AT}/a.jpg"]
