"""The stages that meet the network, in their child processes, on a site on loopback."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Item, Media, State, Video
from kinetics_builder.errors import SourceError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage


@pytest.fixture
def workspace(site: Any, tmp_path: Path) -> Workspace:
    plain = Workspace.create(tmp_path / "workspace", "[run]\nworkers = 1\n")
    config = replace(plain.config, download=site.config(attempts=1))
    workspace = Workspace(plain.root, config)
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving hand")])
        remember(session, tmp_path / "classes.txt", "search:kbdemo", None)
    return workspace


def states(workspace: Workspace) -> dict[str, State]:
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Item).where(Item.stage == "download"))
        return {row.key: row.state for row in rows}


def test_from_a_query_to_files_and_reasons(site: Any, workspace: Workspace) -> None:
    site.pages = {"aaaaaaaaaaA": "Waving hand", "bbbbbbbbbbB": "hand", "-ccccccccC_": "hand waving"}
    site.pages["ddddddddddD"] = "waving my hand"
    site.excuses = {"ddddddddddD": (404, "Video unavailable. It has been removed.")}
    assert run_stage(workspace, search.stage(workspace)).num_done == 1
    assert run_stage(workspace, match.stage(workspace)).failures == {"no title match": 1}
    report = run_stage(workspace, download.stage(workspace))
    assert (report.num_done, report.failures) == (2, {"removed": 1})
    with reading(workspace.engine) as session:
        rows = session.scalars(select(Media).join(Video).order_by(Video.video_id)).all()
        assert [row.file for row in rows] == ["media/-ccccccccC_.mp4", "media/aaaaaaaaaaA.mp4"]
        assert {(row.licence, row.width, row.duration_seconds) for row in rows} == {
            ("CC BY 4.0", 64, 2.0)
        }
    num_asked = len(site.asked)
    assert run_stage(workspace, download.stage(workspace)).num_new == 0
    assert len(site.asked) == num_asked


def test_a_site_that_goes_down_stops_the_stage_and_loses_nothing(
    site: Any, workspace: Workspace, closed_port: int
) -> None:
    site.pages = {"aaaaaaaaaaA": "Waving hand", "bbbbbbbbbbB": "the waving hand"}
    run_stage(workspace, search.stage(workspace))
    run_stage(workspace, match.stage(workspace))
    with writing(workspace.engine) as session:
        for video in session.scalars(select(Video)):
            video.url = video.url.replace(str(site.port), str(closed_port))
    with pytest.raises(SourceError, match="does not answer"):
        run_stage(workspace, download.stage(workspace))
    assert set(states(workspace).values()) == {State.PENDING}
    with writing(workspace.engine) as session:
        for video in session.scalars(select(Video)):
            video.url = video.url.replace(str(closed_port), str(site.port))
    assert run_stage(workspace, download.stage(workspace)).num_done == 2
