"""How items stand is remembered of a look, and counted anew once that may be otherwise."""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, text, update
from sqlalchemy.orm import Session

from kinetics_builder.config import SearchConfig
from kinetics_builder.database.changes import COUNTED
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Base,
    Candidate,
    Clip,
    ClipFile,
    FrameScores,
    Item,
    Label,
    Media,
    Method,
    ReleasedFile,
    ReleasedStretch,
    RestoredClip,
    SearchHit,
    StageSurvey,
    State,
    Video,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.inspecting.check import check
from pipelines.inspecting.status import status
from pipelines.inspecting.status_lines import status_lines
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool
from pipelines.running.paging import EVERYTHING, Page, Paging
from pipelines.running.runner import run_stage
from pipelines.running.stage import Promise, Stage
from pipelines.running.surveying import count, glance, recall, remember, survey
from pipelines.stages import ALL_MODULES, build_stage

on_both = pytest.mark.parametrize("workspace", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """A new workspace, in SQLite where a test does not say `on_both`."""
    settings = ""
    if getattr(request, "param", "sqlite") == "postgresql":
        address = request.getfixturevalue("postgresql")(f"surveys{uuid.uuid4().hex}")
        settings = f'database = "{address}"\n'
    workspace = Workspace.create(tmp_path / "workspace", settings)
    yield workspace
    workspace.engine.dispose()


def add_videos(workspace: Workspace, *numbers: int) -> None:
    with writing(workspace.engine) as session:
        session.add_all(
            Video(video_id=f"v{n:03}", source="", url=f"{n}", title=f"waving {n}") for n in numbers
        )


def remove_video(workspace: Workspace, number: int) -> None:
    with writing(workspace.engine) as session:
        session.execute(delete(Video).where(Video.video_id == f"v{number:03}"))


def listed(session: Session, page: Page) -> list[tuple[str, int]]:
    query = select(Video.video_id).where(page.holds(Video.video_id)).order_by(Video.video_id)
    return [(name, int(name[1:])) for name in session.scalars(query)]


def work(number: int) -> int:
    if number % 5 == 4:
        raise ItemFailed(Reason.NETWORK if number % 2 else Reason.REMOVED, "not there")
    return number


def video_stage(**changes: Any) -> Stage[int, int]:
    """Return a stage whose items are the videos, seven on a page; every fifth fails."""
    settings: dict[str, Any] = {
        "name": "count",
        "needs": "",
        "what": "videos",
        "settings_hash": "first",
        "items": listed,
        "paging": Paging(Video.video_id, reads=(Video,), num_names=7),
        "work": work,
        "save": lambda _session, _made: None,
        "in_children": False,
    }
    return Stage(**(settings | changes))


def unlisted(session: Session, page: Page) -> Sequence[tuple[str, int]]:
    pytest.fail("items were listed")


def lost_file(_session: Session, _page: Page) -> list[Promise]:
    return [Promise("v000", "media/v000.mp4", FileMark(1, "0" * 64, 1))]


def counts(workspace: Workspace, stage: Stage[int, int]) -> tuple[int, int, dict[str, int]]:
    with reading(workspace.engine) as session:
        found = count(session, stage)
        assert found == survey(session, stage).counts
        return found.num_items, found.begun.states[State.DONE], found.begun.failures


def is_known(workspace: Workspace, stage: Stage[int, int]) -> bool:
    with reading(workspace.engine) as session:
        return recall(session, stage) is not None


ALL = 30, 24, {"network": 3, "removed": 3}


@pytest.fixture
def finished(workspace: Workspace) -> Workspace:
    add_videos(workspace, *range(30))
    report = run_stage(workspace, video_stage())
    assert (report.num_items, report.num_done, report.failures) == ALL
    return workspace


@on_both
def test_a_stage_at_rest_is_run_and_counted_without_a_look(finished: Workspace) -> None:
    stage = video_stage(items=unlisted)
    report = run_stage(finished, stage)
    assert (report.num_items, report.num_done, report.failures) == ALL
    assert report.num_new == 0
    with reading(finished.engine) as session:
        assert count(session, stage).num_pending == 0


@on_both
@pytest.mark.parametrize("forgets", [True, False])
def test_what_came_and_what_went_is_seen(finished: Workspace, forgets: bool) -> None:
    stage = video_stage(forgets=forgets)
    run_stage(finished, stage)
    remove_video(finished, 4)
    remove_video(finished, 5)
    assert counts(finished, stage) == (28, 23, {"network": 3, "removed": 2})
    add_videos(finished, 90, 91)
    report = run_stage(finished, stage)
    assert (report.num_items, report.num_done, report.num_new) == (30, 25, 2)
    assert is_known(finished, stage)
    assert counts(finished, stage) == (30, 25, {"network": 3, "removed": 2})
    add_videos(finished, 4)
    report = run_stage(finished, stage)
    assert report.num_new == int(forgets), "what was not forgotten is known when it comes back"
    assert counts(finished, stage) == (31, 25, ALL[2])


def test_what_is_changed_by_hand_is_seen(finished: Workspace) -> None:
    with writing(finished.engine) as session:
        session.execute(update(Video).where(Video.video_id == "v003").values(video_id="v103"))
    assert run_stage(finished, video_stage()).num_new == 1


def test_other_settings_are_looked_at_alone_and_there_and_back(finished: Workspace) -> None:
    first, second = (video_stage(settings_hash=name, forgets=True) for name in ("first", "second"))
    assert run_stage(finished, second).num_new == 30
    assert counts(finished, first) == (30, 0, {})
    assert run_stage(finished, first).num_new == 30
    assert run_stage(finished, first).num_new == 0
    assert counts(finished, first) == ALL and counts(finished, second) == (30, 0, {})


def test_what_is_tried_again_is_seen_also_of_items_that_are_gone(finished: Workspace) -> None:
    remove_video(finished, 9)  # it failed and may be tried again
    report = run_stage(finished, video_stage(), retry_failed=True)
    assert (report.num_items, report.num_new) == (29, 2)
    expected = 29, 24, {"network": 2, "removed": 3}
    assert counts(finished, video_stage()) == expected
    report = run_stage(finished, video_stage())
    assert (report.num_items, report.num_new) == (29, 0)
    assert is_known(finished, video_stage()) and counts(finished, video_stage()) == expected


def killed(session: Session, page: Page) -> Sequence[tuple[str, int]]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("changes", [{}, {"promises": lost_file}], ids=["tried again", "lost"])
def test_rows_of_what_is_gone_that_a_killed_run_freed_count_for_nothing(
    finished: Workspace, changes: dict[str, Any]
) -> None:
    remove_video(finished, 0)
    remove_video(finished, 9)
    run_stage(finished, video_stage())
    expected = 28, 23, {"network": 2, "removed": 3}
    assert is_known(finished, video_stage()) and counts(finished, video_stage()) == expected
    with pytest.raises(KeyboardInterrupt):
        run_stage(finished, video_stage(items=killed, **changes), retry_failed=not changes)
    num_items, num_done, _ = counts(finished, video_stage())
    assert (num_items, num_done) == expected[:2]


def test_a_run_that_was_stopped_leaves_what_it_saw(finished: Workspace) -> None:
    add_videos(finished, *range(40, 60))

    def stop(number: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stage(finished, video_stage(work=stop))
    assert is_known(finished, video_stage())
    assert counts(finished, video_stage()) == (50, *ALL[1:])
    assert run_stage(finished, video_stage()).num_new == 20


@on_both
def test_items_that_a_run_begins_though_they_are_gone_count_for_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run looks, and remembers, between this one's look and its claim."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool(capacity=2))
    monkeypatch.setattr(runner, "_SAVE_SECONDS", 0.0)
    add_videos(workspace, *range(14))

    def outrun(number: int) -> int:
        if number == 3:
            remove_video(workspace, 6)
            with writing(workspace.engine) as session:
                remember(session, video_stage(), survey(session, video_stage()))
            assert is_known(workspace, video_stage())
        return number

    run_stage(workspace, video_stage(work=outrun))
    with reading(workspace.engine) as session:
        assert session.get_one(Item, ("count", "v006", "first")).state is State.DONE
    assert counts(workspace, video_stage()) == (13, 13, {})


def test_a_stray_that_is_worked_on_is_waited_for(finished: Workspace) -> None:
    """Its row will change, though no item does."""
    remove_video(finished, 0)
    with writing(finished.engine) as session:
        row = session.get_one(Item, ("count", "v000", "first"))
        row.state, row.lease_owner, row.lease_until = State.RUNNING, "elsewhere", 9e9
    report = run_stage(finished, video_stage())
    assert (report.num_items, report.num_done) == (29, 23)
    assert not is_known(finished, video_stage())
    with writing(finished.engine) as session:
        session.get_one(Item, ("count", "v000", "first")).state = State.DONE
    run_stage(finished, video_stage())
    assert is_known(finished, video_stage())
    assert counts(finished, video_stage()) == (29, 23, ALL[2])


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        pytest.param(None, True, id="nothing"),
        pytest.param("a video", True, id="a video came"),
        pytest.param("UPDATE label SET is_retired = true", False, id="a class was retired"),
        pytest.param("DELETE FROM label_term", False, id="a query was taken out"),
        pytest.param("languages", False, id="other languages are asked for"),
    ],
)
def test_what_is_searched_for_is_known_as_long_as_the_classes_are_the_same(
    workspace: Workspace, change: str | None, is_same: bool
) -> None:
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="yoga", queries=(Query("en", "yoga at home"),))])
        stage = build_stage("search", workspace)
        remember(session, stage, survey(session, stage))
        assert count(session, stage).num_items == 2
    if change == "languages":
        config = replace(workspace.config, search=SearchConfig(languages=("en",)))
        workspace = Workspace(workspace.root, config)
    elif change == "a video":
        add_videos(workspace, 1)
    elif change is not None:
        with writing(workspace.engine) as session:
            session.execute(text(change))
    assert is_known(workspace, build_stage("search", workspace)) == is_same


PAGED = [
    *("match", "download", "score", "propose", "cut", "deduplicate"),
    *("deduplicate listen", "restore cut", "omni clips", "omni videos"),
]


def test_every_stage_of_clips_behind_search_is_paged(workspace: Workspace) -> None:
    paged = {name for name in ALL_MODULES if build_stage(name, workspace).paging is not None}
    assert paged == {*PAGED, "availability"}  # whose videos are written with their survey


@pytest.mark.parametrize("name", PAGED)
def test_items_are_listed_from_the_tables_that_their_stage_names(
    workspace: Workspace, name: str
) -> None:
    stage, read = build_stage(name, workspace), set[str]()
    assert stage.paging is not None

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        read.update(re.findall(r"(?:FROM|JOIN) (\w+)", statement))

    with reading(workspace.engine) as session:
        event.listen(workspace.engine, "before_cursor_execute", note)
        stage.items(session, EVERYTHING)
        event.remove(workspace.engine, "before_cursor_execute", note)
    named = {table.__tablename__ for table in stage.paging.reads}
    assert read == named and named <= set(COUNTED) <= Base.metadata.tables.keys()


@pytest.mark.parametrize("name", PAGED)
def test_items_are_selected_as_they_are_listed(collected: Workspace, name: str) -> None:
    """Counted by the database are as many as are listed, whatever was retired or withdrawn."""
    stage = build_stage(name, collected)
    assert stage.listed is not None
    with reading(collected.engine) as session:
        selected = select(func.count()).select_from(stage.listed().subquery())
        assert session.scalar(selected) == len(stage.items(session, EVERYTHING)) > 0


@pytest.mark.parametrize("name", ["download", "cut", "restore cut"])
def test_every_promised_file_is_among_those_that_are_glanced_at(
    collected: Workspace, name: str
) -> None:
    stage = build_stage(name, collected)
    assert stage.promises is not None and stage.marks is not None
    for page in (EVERYTHING, Page("v003", "v007")):
        with reading(collected.engine) as session:
            promised = {
                (one.file, one.mark.bytes, one.mark.modified_ns)
                for one in stage.promises(session, page)
            }
            glanced = {tuple(row) for row in session.execute(stage.marks(page))}
        assert set() != promised <= glanced


def test_what_nobody_has_looked_at_is_counted_by_the_database(
    collected: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact where nothing was begun; where rows are many, less those that were strays before."""
    stage = replace(build_stage("match", collected), items=unlisted)
    with reading(collected.engine) as session:
        (num_videos,) = session.scalars(select(func.count(Video.id)))
        found = glance(session, stage)
        assert (found.num_items, found.num_pending, found.is_estimate) == (
            num_videos,
            num_videos,
            False,
        )
    run_stage(collected, build_stage("match", collected))
    add_videos(collected, 98, 99)
    with reading(collected.engine) as session:
        exact = glance(session, build_stage("match", collected))
        monkeypatch.setattr("pipelines.running.surveying._FEW_PAGES", 0)
        about = glance(session, stage)
    assert (exact.is_estimate, about.is_estimate) == (False, True)
    assert (about.num_items, about.begun) == (exact.num_items, exact.begun)
    assert about.num_pending == exact.num_pending == 2
    told = status_lines(status(collected))
    assert any("about: match" in line for line in told)


@pytest.fixture
def collected(workspace: Workspace) -> Workspace:
    """A workspace with rows of every stage, of retired labels and withdrawn clips, too."""
    add_videos(workspace, *range(12))
    file = {"bytes": 1, "sha256": "0", "width": 2, "height": 2, "frames_per_second": 25.0}
    length = {"duration_seconds": 60.0}
    with writing(workspace.engine) as session:
        labels = [Label(name=n, is_retired=n == "c") for n in "abc"]
        session.add_all([*labels, released := ReleasedFile(path="x.csv", version="1")])
        session.flush()
        for video in session.scalars(select(Video)).all():
            n = video.id
            session.add(SearchHit(video_id=n, label_id=labels[n % 3].id, query="q", rank=0))
            if n % 4 == 0:
                continue
            if n % 5:
                session.add(
                    Media(video_id=n, file=f"{n}", has_audio=True, codec="", **file, **length)
                )
            session.add(
                ReleasedStretch(
                    file_id=released.id,
                    video_id=n,
                    start_seconds=n % 2 or None,
                    end_seconds=(n % 2 and 9.0) or None,
                )
            )
            if n % 2 and n % 5:
                restored = RestoredClip(file=f"r{n}", num_frames=25, **file, **length)
                restored.video_id, restored.start_seconds, restored.end_seconds = n, 1.0, 9.0
                session.add(restored)
            for label in (labels[n % 3], labels[(n + 1) % 3]):
                said = {"video_id": n, "label_id": label.id}
                session.add(one := Candidate(score=1.0, matched="", variant="", **said))
                session.flush()
                curve = {"times_seconds": [0.0], "scores": [1.0]}
                session.add(FrameScores(candidate_id=one.id, method=Method.MOTION, **curve))
                window = {"start_seconds": 1.0, "end_seconds": 11.0, "is_withdrawn": n == 7}
                clip = Clip(method=Method.MOTION, score=1.0, rank=0, **said, **window)
                session.add(clip)
                session.flush()
                prints = {"fingerprint": b"" if n % 2 else None, "num_frames": 250}
                session.add(ClipFile(clip_id=clip.id, file=f"{n}", **file, **prints, **length))
    return workspace


@pytest.fixture
def matched(workspace: Workspace) -> Workspace:
    with writing(workspace.engine) as session:
        import_classes(session, [ClassEntry(name="waving"), ClassEntry(name="jumping")])
    add_videos(workspace, *range(20))
    run_stage(workspace, build_stage("match", workspace))
    return workspace


def test_status_lists_no_item_of_a_stage_at_rest(
    matched: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rested(name: str, workspace: Workspace) -> Stage[Any, Any]:
        stage = build_stage(name, workspace)
        return replace(stage, items=unlisted) if name == "match" else stage

    monkeypatch.setattr("pipelines.inspecting.stages.build_stage", rested)
    told = {stage.stage: stage for stage in status(matched).stages}["match"]
    assert (told.num_items, told.num_done, told.num_pending) == (20, 20, 0)


@on_both
def test_a_count_that_is_wrong_is_found_by_check_and_counted_anew(matched: Workspace) -> None:
    assert check(matched).is_sound
    with writing(matched.engine) as session:
        session.execute(update(StageSurvey).values(num_items=17))
    assert check(matched).database == [
        "match: 17 items (20 done, 0 failed) were remembered, 20 items (20 done, 0 failed) are "
        "there. The next run counts anew."
    ]
    assert check(matched).is_sound
    assert {one.stage: one for one in status(matched).stages}["match"].num_items == 20


BEGINS = re.compile("LEFT-MOST SUBQUERY|UNION")
"""Steps of a plan behind which a query begins."""


@pytest.mark.of_sqlite  # whose plans do not change with what tables hold
@pytest.mark.parametrize("name", [name for name in PAGED if name != "deduplicate"])
def test_a_page_is_read_without_looking_at_what_is_on_others(
    workspace: Workspace, name: str
) -> None:
    """A table of a million rows is searched for a page's, not gone through for each page."""
    stage, asked = build_stage(name, workspace), list[tuple[str, Any]]()
    page = Page("b", "c")

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    with reading(workspace.engine) as session:
        event.listen(workspace.engine, "before_cursor_execute", note)
        stage.items(session, page)
        list(stage.promises(session, page) if stage.promises is not None else [])
        event.remove(workspace.engine, "before_cursor_execute", note)
        for statement, values in asked:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [row[3] for row in plan if row[3] != "COMPOUND QUERY"]
            assert "SCAN" not in " ".join(steps), steps
            for before, step in pairwise(["UNION", *steps]):
                if BEGINS.match(before) and not BEGINS.match(step):
                    assert re.match(r"SEARCH (video|label) .*[<>]\?", step), steps
