"""How classes and queries have fared: counted, worst first, and why."""

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kinetics_builder.config import CurateConfig
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    Answer,
    Candidate,
    Item,
    Label,
    SearchHit,
    Setting,
    Standing,
    State,
    Video,
)
from kinetics_builder.errors import Reason
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting.search import GIVEN
from pipelines.inspecting.faring.classes import ClassFaring, quota_of
from pipelines.inspecting.faring.looking import look_at_classes, look_at_queries
from pipelines.inspecting.faring.outlook import outlooks, worst_first
from pipelines.running.paging import EVERYTHING
from pipelines.stages import build_stage
from pipelines.verifying.aggregate import aggregate

NO = Answer.NO


def hit(filler: Any, video: Video, label: str, query: str) -> None:
    number = filler.label(label).id
    filler.session.add(SearchHit(video_id=video.id, label_id=number, query=query, rank=0))


def lose(filler: Any, workspace: Workspace, name: str, reason: Reason | None, label: str) -> None:
    """List a video that has not come; of no reason waits, or was lost under older settings."""
    video = Video(video_id=name, source="x", url="y", title=name)
    filler.session.add(video)
    filler.session.flush()
    said = {"score": 1.0, "matched": "", "variant": ""}
    filler.session.add(Candidate(video_id=video.id, label_id=filler.label(label).id, **said))
    hit(filler, video, label, label)
    settings = build_stage("download", workspace).settings_hash if reason else "older"
    failed = {"state": State.FAILED, "reason": reason or Reason.REMOVED}
    filler.session.add(Item(stage="download", key=name, settings_hash=settings, **failed))


@pytest.fixture
def workspace(workspace: Workspace, fill: Any) -> Workspace:
    """Surfing fares well, diving badly, of yoga nothing was found, and one class is retired."""

    def story(filler: Any) -> None:
        filler.session.add(Setting(key="source", value="search:ytsearch"))
        for n in range(4):
            clip = filler.clip(f"surf{n}", "surfing", 0.0)
            filler.votes(clip, [NO] * 3 if n == 0 else [Answer.YES] * 3)
            for query in ("surfing", "surf film"):
                hit(filler, filler.video(f"surf{n}"), "surfing", query)
        hit(filler, filler.video("surf0"), "diving", "diving")
        filler.clip("surf1", "surfing", 30.0, standing=Standing.DUPLICATE)
        filler.clip("surf2", "surfing", 30.0, is_withdrawn=True)
        filler.clip("surf3", "surfing", 30.0, standing=Standing.RESERVE)
        for n, reason in enumerate([Reason.REMOVED, Reason.REMOVED, Reason.GEO, None]):
            lose(filler, workspace, f"dive{n}", reason, "diving")
        filler.label("yoga")
        filler.label("gone", is_retired=True)
        filler.clip("gone", "gone")
        hit(filler, filler.video("gone"), "gone", "gone")
        hit(filler, filler.video("gone"), "yoga", GIVEN)

    fill(workspace, story)
    with writing(workspace.engine) as session:
        aggregate(session, workspace.config.verify)
    search = build_stage("search", workspace)
    with writing(workspace.engine) as session:
        for key, request in search.items(session, EVERYTHING):
            state = {"surfing": State.DONE, "diving": State.DONE, "yoga": State.FAILED}
            if request.query in state:
                row = Item(stage="search", key=key, settings_hash=search.settings_hash)
                row.state, row.reason = state[request.query], Reason.NETWORK
                session.add(row)
    return workspace


def test_each_class_is_counted_from_listed_to_accepted(workspace: Workspace) -> None:
    pairs = look_at_classes(workspace, quota=4)
    classes = {one.label: one for one, _ in pairs}
    surfing, diving = classes["surfing"], classes["diving"]
    assert list(classes) == ["yoga", "diving", "surfing"]
    assert (surfing.num_listed, surfing.num_matched, surfing.num_fetched) == (4, 4, 4)
    assert (surfing.num_proposed, surfing.num_kept, surfing.num_undecided) == (6, 5, 1)
    assert (surfing.num_accepted, surfing.num_rejected, surfing.yes_rate) == (3, 1, 0.75)
    assert (diving.num_listed, diving.num_matched, diving.num_fetched) == (5, 4, 0)
    assert diving.lost == {"removed": 2, "geo": 1} and diving.num_waiting == 1
    outlook = {one.label: told for one, told in pairs}
    assert outlook["yoga"].why == "its queries have found 1 video in all"
    assert outlook["diving"].why == "of 3 videos that were asked for 0 came (2 removed, 1 geo)"
    assert outlook["surfing"].num_expected == 3 and outlook["surfing"].will_miss


def test_each_query_says_what_it_brought_or_why_not(workspace: Workspace) -> None:
    queries = {(one.label, one.query): one for one in look_at_queries(workspace)}
    assert {one.label for one in queries.values()} == {"surfing", "diving", "yoga"}
    for query in ("surfing", "surf film"):  # the second is of an older list
        found = queries["surfing", query]
        assert (found.num_listed, found.num_matched, found.num_fetched) == (4, 4, 4)
        assert (found.num_accepted, found.why) == (3, "")
    assert queries["diving", "diving"].why == "none of 4 was fetched"
    assert queries["diving", "diving"].num_listed == 5
    assert queries["yoga", "yoga"].why == "failed: network"
    assert ("yoga", GIVEN) not in queries
    asked = {
        one.why for (label, query), one in queries.items() if query not in {label, "surf film"}
    }
    assert asked <= {"not asked yet"}


def test_status_shows_both_in_80_columns_and_as_json(workspace: Workspace) -> None:
    command = ["-C", str(workspace.root), "status", "--classes", "--queries", "--quota", "4"]
    told = CliRunner().invoke(group, command)
    assert told.exit_code == 0
    assert max(map(len, told.output.splitlines())) <= 80
    assert "3 of 3 classes will have fewer than 4 accepted clips" in told.output
    assert "about 0 of 4: of 3 videos that were asked for 0 came" in " ".join(told.output.split())
    found = json.loads(CliRunner().invoke(group, [*command, "--json"]).output)
    assert [one["label"] for one in found["classes"]] == ["yoga", "diving", "surfing"]
    assert found["classes"][1]["lost"] == {"removed": 2, "geo": 1}
    assert found["queries"][0]["why"]
    alone = CliRunner().invoke(group, ["-C", str(workspace.root), "status", "--quota", "4"])
    assert alone.exit_code == 2 and "give both" in alone.output


def test_an_empty_workspace_has_no_class(tmp_path: Any) -> None:
    empty = Workspace.create(tmp_path / "empty")
    assert look_at_classes(empty) == []
    command = ["-C", str(empty.root), "status", "--classes", "--queries"]
    assert CliRunner().invoke(group, command).exit_code == 0


def test_long_names_have_a_line_of_their_own(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        session.scalars(select(Label).where(Label.name == "surfing")).one().name = "surfing " * 9
    told = CliRunner().invoke(group, ["-C", str(workspace.root), "status", "--classes"])
    lines = told.output.splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("surfing surfing"))
    assert lines[place + 1].split() == ["4", "4", "4", "6", "5", "3"]


@pytest.mark.parametrize(
    ("test", "validate", "share", "quota"), [(100, 50, 0.4, 375), (0, 0, 0.4, 0), (1, 1, 0.7, 3)]
)
def test_the_quota_fills_what_is_held_out(
    test: int, validate: int, share: float, quota: int
) -> None:
    config = CurateConfig(num_test=test, num_validate=validate, max_held_out_share=share)
    assert quota_of(config) == quota


def faring(**counts: int) -> ClassFaring:
    none = {"num_listed": 0, "num_matched": 0, "num_fetched": 0, "num_proposed": 0, "num_kept": 0}
    none |= {"num_accepted": 0, "num_rejected": 0, "num_undecided": 0}
    return ClassFaring(label="yoga", lost={}, yes_rate=None, **(none | counts))


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({}, "no query has found a video, and no title names it"),
        ({"num_matched": 1}, "1 video in all could be of it"),
        ({"num_listed": 9}, "its queries have found 9 videos in all"),
        ({"num_listed": 100, "num_matched": 3}, "of 100 listed videos 3 name it"),
        (
            {"num_listed": 50, "num_matched": 50, "num_fetched": 50, "num_proposed": 60}
            | {"num_kept": 8, "num_undecided": 8},
            "of 60 proposed clips 8 are no duplicates",
        ),
        (
            {"num_listed": 50, "num_matched": 50, "num_fetched": 50, "num_proposed": 60}
            | {"num_kept": 60, "num_accepted": 6, "num_rejected": 54},
            "of 60 decided clips 6 are accepted",
        ),
    ],
)
def test_the_step_that_let_least_through_is_named(counts: dict[str, int], why: str) -> None:
    ((_, told),) = worst_first([faring(**counts)], quota=20)
    assert told.why == why


def test_of_a_closed_class_no_more_is_expected_and_that_is_why() -> None:
    num_open = {"num_listed": 50, "num_matched": 50, "num_accepted": 5, "num_undecided": 40}
    closed = replace(faring(**num_open), closed="closed: 5 of the first 20")
    ((_, told),) = worst_first([closed], quota=20)
    assert (told.num_expected, told.why) == (5, "closed: 5 of the first 20")
    ((_, as_open),) = worst_first([replace(closed, closed="")], quota=20)
    assert as_open.num_expected == 95, "40 clips and 50 videos more"


counts = st.integers(0, 50)


@given(st.lists(st.tuples(counts, counts, counts, counts), max_size=5), st.integers(0, 80))
def test_what_is_expected_lies_between_what_is_there_and_all_that_may_come(
    drawn: list[tuple[int, int, int, int]], quota: int
) -> None:
    classes = [
        faring(
            num_listed=a + r + u,
            num_matched=a + r + u + w,
            num_fetched=a + r + u,
            num_proposed=a + r + u,
            num_kept=a + r + u,
            num_accepted=a,
            num_rejected=r,
            num_undecided=u,
        )
        for a, r, u, w in drawn
    ]
    for one, told in zip(classes, outlooks(classes, quota), strict=True):
        assert one.num_accepted <= told.num_expected
        assert told.num_expected <= one.num_accepted + one.num_undecided + one.num_waiting
        assert told.will_miss == (told.num_expected < quota) == bool(told.why)
