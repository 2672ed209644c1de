"""Channels and playlists: piece by piece, and on from where an earlier run ended."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Listing, Video
from kinetics_builder.errors import SourceError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import search
from pipelines.collecting.classes import remember
from pipelines.inspecting.stages import stage_status
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage
from pipelines.sources.listings import ListingSource
from pipelines.sources.spec import normalised_spec, open_source
from pipelines.sources.web.options import Options
from tests.sources.conftest import Answer

YOUTUBE = "https://www.youtube.com"


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("channel:@yoga", f"{YOUTUBE}/@yoga/videos"),
        ("channel:https://www.youtube.com/@yoga/", f"{YOUTUBE}/@yoga/videos"),
        ("channel:https://www.youtube.com/@yoga/shorts", f"{YOUTUBE}/@yoga/shorts"),
        (
            "channel:UCabcdefghijklmnopqrstuv",
            f"{YOUTUBE}/channel/UCabcdefghijklmnopqrstuv/videos",
        ),
        ("channel:https://vimeo.com/somebody", "https://vimeo.com/somebody"),
        ("playlist:PL0123456789ab", f"{YOUTUBE}/playlist?list=PL0123456789ab"),
        (
            "playlist:https://www.youtube.com/watch?v=SOX5yA1l24A&list=PL0123456789ab",
            f"{YOUTUBE}/playlist?list=PL0123456789ab",
        ),
        ("playlist:https://a.org/feed#here", "https://a.org/feed"),
    ],
)
def test_a_list_is_named_as_people_know_it(spec: str, address: str) -> None:
    kind = spec.partition(":")[0]
    assert normalised_spec(spec) == f"{kind}:{address}"
    assert normalised_spec(normalised_spec(spec)) == normalised_spec(spec)
    source = open_source(spec, DownloadConfig())
    assert isinstance(source, ListingSource) and source.address == address


@pytest.mark.parametrize("spec", ["channel:yoga", "playlist:file:///etc/passwd", "channel: "])
def test_what_is_no_list_is_refused(spec: str) -> None:
    with pytest.raises(SourceError, match="is no address of http or https"):
        normalised_spec(spec)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=4), st.integers(1, 5000))
def test_every_place_is_looked_at_whatever_limits_a_run_ended_at(
    limits: list[int], length: int
) -> None:
    source = ListingSource("https://a.org/feed", Options())
    done: set[str] = set()
    seen: set[int] = set()
    num_listed, has_ended = 0, False
    for limit in limits:
        for _ in range(50):
            pieces = source.pieces(num_listed, has_ended=has_ended, limit=limit)
            new = [piece for piece in pieces if piece.key not in done]
            if not new:
                break
            for piece in new:
                first, last = map(int, piece.key.rpartition(" ")[2].split("-"))
                found = range(first, min(last, length) + 1)
                seen.update(found)
                done.add(piece.key)
                num_listed = max(num_listed, last) if found else num_listed
                has_ended = has_ended or not found
    assert seen == set(range(1, min(max(limits), length) + 1))


def feed(site: Any, number: int) -> None:
    items = "".join(
        f"<item><title>waving {n}</title><link>{site.base}/films/{n}.mp4</link></item>"
        for n in range(1, number + 1)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    site.answers["/feed"] = Answer(body.encode(), "application/rss+xml")


@pytest.fixture
def run(site: Any, tmp_path: Path) -> Any:
    plain = Workspace.create(tmp_path / "w", "[run]\nworkers = 1\n")
    workspace = Workspace(plain.root, replace(plain.config, download=site.config(attempts=1)))

    def listed(limit: int) -> tuple[StageReport, int]:
        with writing(workspace.engine) as session:
            import_classes(session, [ClassEntry(name="waving")])
            remember(session, tmp_path / "c.txt", f"playlist:{site.base}/feed", limit)
        report = run_stage(workspace, search.stage(workspace))
        with reading(workspace.engine) as session:
            status = stage_status(session, workspace, "search")
            assert (status.num_pending, status.num_failed) == (0, 0)
            return report, session.scalar(select(func.count()).select_from(Video)) or 0

    listed.workspace = workspace  # type: ignore[attr-defined]
    return listed


def test_a_long_list_goes_on_behind_what_was_listed(site: Any, run: Any) -> None:
    feed(site, 430)
    report, num_videos = run(150)
    assert (report.num_new, num_videos) == (2, 150)
    assert site.asked.count("/feed") == 2
    report, num_videos = run(1000)
    assert num_videos == 430
    assert site.asked.count("/feed") == 5  # places 101-300, 301-700, and none behind these
    report, num_videos = run(1000)
    assert (report.num_new, num_videos, site.asked.count("/feed")) == (0, 430, 5)
    assert not any(path.startswith("/films") for path in site.asked)
    with reading(run.workspace.engine) as session:
        (row,) = session.scalars(select(Listing))
        assert (row.num_listed, row.has_ended) == (700, True)
