"""Videos of the licences that were asked for, and of no others."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Clip, Item, Media
from kinetics_builder.errors import ConfigError, ItemFailed, Reason
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting.search import settings_of
from pipelines.sources.search import SearchSource
from pipelines.sources.source import Limits
from pipelines.sources.spec import open_source
from pipelines.sources.web.ytdlp import instance
from tests.sources.conftest import small_film

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**6, licences=("cc-by", "cc0"))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("CC BY 4.0", None),
        ("https://creativecommons.org/publicdomain/zero/1.0/", None),
        ("CC BY-NC 4.0", "its licence is 'CC BY-NC 4.0', asked for: cc-by, cc0"),
        ("", "its licence is not said, asked for: cc-by, cc0"),
    ],
)
def test_a_video_of_another_licence_is_not_fetched(
    site: Any, tmp_path: Path, said: str, message: str | None
) -> None:
    site.facts = {"license": said}
    source = open_source("search:kbdemo", site.config())
    if message is None:
        assert source.fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, LIMITS).file.exists()
        return
    with pytest.raises(ItemFailed) as failure:
        source.fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, LIMITS)
    assert (failure.value.reason, failure.value.message) == (Reason.LICENCE, message)
    assert site.asked == ["/watch?v=aaaaaaaaaaA"]  # and no byte of the film


def collect(tmp_path: Path, *words: str) -> tuple[int, str]:
    given = ["--classes", str(tmp_path / "classes.txt"), "--source", f"folder:{tmp_path}/films"]
    result = CliRunner().invoke(
        group, ["-C", str(tmp_path / "workspace"), "collect", *given, *words]
    )
    return result.exit_code, " ".join(result.output.split())


def test_what_was_fetched_before_is_looked_at_anew_and_leaves_no_clip(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("yoga\n")
    folder = tmp_path / "films"
    folder.mkdir()
    for number, licence in enumerate(("CC BY 4.0", None, "All rights reserved")):
        (folder / f"yoga {number}.mp4").write_bytes(small_film(120, grey=20 + number))
        facts = {"title": f"yoga {number}", "license": licence}
        (folder / f"yoga {number}.info.json").write_text(json.dumps(facts))
    root = tmp_path / "workspace"
    workspace = Workspace.create(root, "[run]\nworkers = 1\n[propose]\nclip_seconds = 4.0\n")
    collect(tmp_path)
    code, said = collect(tmp_path, "--licence", "cc", "--licence", "ccc")
    assert code == 1 and "unknown licence 'ccc'. Known are: cc, cc0, cc-by, cc-by-sa," in said
    with reading(workspace.engine) as session:
        assert len(session.scalars(select(Media)).all()) == 3
        assert len({clip.video_id for clip in session.scalars(select(Clip))}) == 3
    code, said = collect(tmp_path, "--licence", "cc")
    assert code == 0, said
    with reading(workspace.engine) as session:
        assert [media.licence for media in session.scalars(select(Media))] == ["CC BY 4.0"]
        failed = select(Item.message).where(Item.stage == "download", Item.reason == Reason.LICENCE)
        assert sorted(session.scalars(failed)) == [
            "its licence is 'All rights reserved', asked for: cc",
            "its licence is not said, asked for: cc",
        ]
        standing = select(Clip.video_id).where(~Clip.is_withdrawn).distinct()
        assert len(session.scalars(standing).all()) == 1
    for words, num_media in (((), 3), (("--licence", "cc"), 1)):
        collect(tmp_path, *words)
        with reading(workspace.engine) as session:
            assert len(session.scalars(select(Media)).all()) == num_media


def test_youtube_is_asked_for_its_free_videos_alone() -> None:
    config = DownloadConfig(licences=("cc",))
    source = open_source("search:ytsearch", config)
    assert isinstance(source, SearchSource)
    address = source._address("playing guitar & singing", 20)
    asked = parse_qs(urlsplit(address).query)
    assert asked["search_query"] == ["playing guitar & singing"]
    filters = base64.urlsafe_b64decode(asked["sp"][0])
    assert filters == b"\x12\x04\x10\x01\x30\x01\xf0\x01\x01"  # field 2: {2: video, 6: cc}
    key, _ = instance(source.options)._extractor_of(address)
    assert key == "YoutubeSearchURL"


def test_a_search_is_asked_again_where_it_is_filtered_and_only_there() -> None:
    plain, free = DownloadConfig(), DownloadConfig(licences=("cc",))

    def asked(spec: str, config: DownloadConfig) -> str:
        return settings_of(spec, 50, open_source(spec, config))

    assert asked("search:ytsearch", plain) != asked("search:ytsearch", free)
    assert asked("search:kbdemo", plain) == asked("search:kbdemo", free)
    noncommercial = DownloadConfig(licences=("cc-by-nc",))
    assert asked("search:ytsearch", plain) == asked("search:ytsearch", noncommercial)


def test_an_unknown_licence_is_told_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match=r"unknown licence 'gpl'\. Known are: cc, cc0, cc-by"):
        DownloadConfig(licences=("gpl",))


def test_a_video_of_an_uploader_on_the_takedown_list_is_not_fetched(
    site: Any, tmp_path: Path
) -> None:
    refused = (("me", "2026-11-03: asked"),)
    limits = Limits(max_duration_seconds=60, max_bytes=10**6, refused=refused)
    source = open_source("search:kbdemo", site.config())
    with pytest.raises(ItemFailed, match="taken down on 2026-11-03: asked") as failure:
        source.fetch(f"{site.base}/watch?v=aaaaaaaaaaA", tmp_path, limits)
    assert failure.value.reason is Reason.TAKEN_DOWN
    assert site.asked == ["/watch?v=aaaaaaaaaaA"]
