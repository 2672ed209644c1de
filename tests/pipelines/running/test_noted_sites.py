"""The site of each video is noted once, by the function that judges sites."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from kinetics_builder.database.changes import changes
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Candidate, Item, Label, State, Video
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.collecting import sites
from pipelines.collecting.listing import add_listed
from pipelines.collecting.sites import judge_sites, sites_hold
from pipelines.inspecting.waiting import site_lines
from pipelines.running.pace.rests import note_rest
from pipelines.running.paging import EVERYTHING
from pipelines.sources.sites import site_of
from pipelines.sources.source import Found
from pipelines.stages import build_stage

ADDRESSES = {
    "one": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "two": "https://cdn.films.org/two.mp4",
    "three": "/home/anna/three.mp4",
}
SITES = {"one": "youtube", "two": "films.org", "three": ""}
_VIDEO: Any = Video.__table__


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


def noted(workspace: Workspace) -> dict[str, str | None]:
    with reading(workspace.engine) as session:
        return {name: site for name, site in session.execute(select(Video.video_id, Video.site))}


def list_old(workspace: Workspace) -> None:
    """Write rows as they were before sites were noted."""
    rows = [{"video_id": n, "url": a, "source": "x", "title": "t"} for n, a in ADDRESSES.items()]
    with writing(workspace.engine) as session:
        session.execute(insert(_VIDEO), rows)


def test_what_is_listed_has_its_site(workspace: Workspace) -> None:
    judge_sites(workspace)
    with writing(workspace.engine) as session:
        add_listed(session, [Found(n, ADDRESSES[n], "t") for n in ("one", "two")], "urls:x")
    assert noted(workspace) == {"one": "youtube", "two": "films.org"}


def test_tags_and_descriptions_of_a_list_stay_where_another_tells_none(
    workspace: Workspace,
) -> None:
    told = Found("one", ADDRESSES["one"], "t", tags=("a", "b"), description="One.\nTwo.")
    for found in (told, Found("one", ADDRESSES["one"], "t")):
        with writing(workspace.engine) as session:
            add_listed(session, [found], "urls:x")
        with reading(workspace.engine) as session:
            row = session.scalars(select(Video)).one()
            assert (row.listed_tags, row.listed_description) == (["a", "b"], "One.\nTwo.")


def test_rows_of_before_are_judged_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "_AT_ONCE", 2)
    list_old(workspace)
    judge_sites(workspace)
    assert noted(workspace) == SITES
    with reading(workspace.engine) as session:
        before = changes(session, ["video"])
        assert sites_hold(session, ())
    judge_sites(workspace)
    with reading(workspace.engine) as session:
        assert changes(session, ["video"]) == before


def test_other_extractors_judge_anew_and_hold_nothing_until_then(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_old(workspace)
    judge_sites(workspace)
    monkeypatch.setattr(sites, "version", lambda _name: "2099.01.01")
    with reading(workspace.engine) as session:
        assert not sites_hold(session, ())
    with writing(workspace.engine) as session:
        session.execute(update(_VIDEO).values(site="of an older yt-dlp"))
    judge_sites(workspace)
    assert noted(workspace) == SITES


@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "not noted"])
def test_download_asks_the_same_site_whether_it_is_noted_or_not(
    workspace: Workspace, is_noted: bool
) -> None:
    list_old(workspace)
    with writing(workspace.engine) as session:
        session.add(label := Label(name="yoga"))
        session.flush()
        for video in session.scalars(select(Video)):
            said = {"score": 1.0, "matched": "", "variant": ""}
            session.add(Candidate(video_id=video.id, label_id=label.id, **said))
    if is_noted:
        judge_sites(workspace)
    stage = build_stage("download", workspace)
    assert stage.site is not None
    with reading(workspace.engine) as session:
        items = dict(stage.items(session, EVERYTHING))
        assert {item.noted_site for item in items.values()} == (
            set(SITES.values()) if is_noted else {None}
        )
    assert {key: stage.site(item) for key, item in items.items()} == SITES
    assert {name: site_of(address) for name, address in ADDRESSES.items()} == SITES


def test_all_that_wait_for_a_site_are_counted_however_many(workspace: Workspace) -> None:
    judge_sites(workspace)
    rows = [
        {"id": n, "video_id": f"v{n}", "url": "https://films.org/", "source": "x", "title": "t"}
        | {"site": "films.org" if n % 5 else "other.org"}
        for n in range(1, 30_001)
    ]
    said = {"label_id": 1, "score": 1.0, "matched": "", "variant": ""}
    stage = build_stage("download", workspace)
    with writing(workspace.engine) as session:
        session.add(Label(id=1, name="yoga"))
        session.flush()
        session.execute(insert(_VIDEO), rows)
        session.execute(insert(Candidate), [{"video_id": row["id"], **said} for row in rows])
        same = {"stage": "download", "settings_hash": stage.settings_hash}
        states = (State.DONE, State.FAILED, State.RUNNING, State.PENDING)
        session.add_all(Item(key=f"v{n}", state=s, **same) for n, s in enumerate(states, 1))
        note_rest(session, "films.org", Reason.RATE_LIMITED, 600)
    with reading(workspace.engine) as session:
        (line,) = site_lines(session, workspace)
    assert "films.org asked to be left alone" in line
    assert " 23997 items wait for it." in line
    assert "at least" not in line
    with writing(workspace.engine) as session:  # one that nobody has judged: all are looked at
        session.execute(update(_VIDEO).where(Video.id == 5).values(site=None))
    with reading(workspace.engine) as session:
        (line,) = site_lines(session, workspace)
    assert "at least" in line
