"""Stage match: from titles to candidates."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kinetics_builder.config import MatchConfig, settings_hash
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    FilmHit,
    FrameScores,
    Item,
    Label,
    Method,
    ReleasedFile,
    ReleasedStretch,
    SearchHit,
    Video,
)
from kinetics_builder.errors import ConfigError, StageOrderError
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import Lesson, Seen, learn
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import match
from pipelines.collecting.finding import Finder
from pipelines.collecting.search import GIVEN
from pipelines.running.engines.pool import worked
from pipelines.running.reports import StageReport
from pipelines.running.runner import run_stage

CLASSES = (ClassEntry(name="waving hand"), ClassEntry(name="playing guitar"))
TITLES = {
    "aaa": "<img src=x onerror=alert(1)> waving his hand",
    "bbb": "my guitar and I",
    "ccc": "guitar player waving a hand",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "workspace")
    with writing(workspace.engine) as session:
        import_classes(session, CLASSES)
        for video_id, title in TITLES.items():
            url = f"https://x/{video_id}"
            session.add(Video(video_id=video_id, source="search:x", url=url, title=title))
    return workspace


def run(workspace: Workspace) -> StageReport:
    return run_stage(workspace, match.stage(workspace))


def candidates(workspace: Workspace) -> list[tuple[str, str, float, str]]:
    with reading(workspace.engine) as session:
        found = session.scalars(select(Candidate)).all()
        rows = [(c.video.video_id, c.label.name, c.score, c.matched) for c in found]
    return sorted(rows)


@pytest.mark.on_both
def test_titles_become_candidates_and_the_rest_have_a_reason(workspace: Workspace) -> None:
    report = run(workspace)
    assert (report.num_items, report.num_done) == (3, 2)
    assert report.failures == {"no title match": 1}
    assert candidates(workspace) == [
        ("aaa", "waving hand", 1.0, "waving his hand"),
        ("ccc", "playing guitar", 0.75, "guitar player"),
        ("ccc", "waving hand", 1.0, "waving a hand"),
    ]
    with reading(workspace.engine) as session:
        (failed,) = session.scalars(select(Item).where(Item.reason.is_not(None)))
        assert failed.message == "the title names no class: 'my guitar and I'"
        assert not failed.retryable


@pytest.mark.parametrize("mode", ["binary", "scored"])
def test_titles_looked_at_together_give_what_each_gives_alone(
    workspace: Workspace, mode: str
) -> None:
    config = replace(workspace.config, match=MatchConfig(mode=mode, min_score=0.3))
    stage = match.stage(Workspace(workspace.root, config))
    titles = [*TITLES.values(), "", "Sin t\u00edtulo", "two\nlines, waving hand", "bbb " * 400]
    given: list[tuple[str, ...]] = [(), ("waving hand",)]
    videos = [match.Titled(0, "x", title, some) for title in titles * 2 for some in given]
    assert stage.look is not None
    work = stage.look(videos)
    for video in videos:
        together, alone = worked(work, video), worked(stage.work, video)
        assert together[0] == alone[0]
        assert str(together[1]) == str(alone[1])


def test_a_run_looks_at_its_titles_together(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Finder, "find", None)
    assert run(workspace).num_done == 2


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    run(workspace)
    assert run(workspace).num_new == 0


def test_changed_settings_remove_what_no_longer_fits_and_keep_the_rest(
    workspace: Workspace,
) -> None:
    run(workspace)
    with writing(workspace.engine) as session:
        kept = {c.id: c for c in session.scalars(select(Candidate))}
        for candidate_id in kept:
            session.add(
                FrameScores(
                    candidate_id=candidate_id,
                    method=Method.MOTION,
                    times_seconds=[0.0],
                    scores=[1.0],
                )
            )
    config = replace(workspace.config, match=MatchConfig(min_score=0.8))
    strict = Workspace(workspace.root, config)
    run(strict)
    assert [row[:2] for row in candidates(strict)] == [
        ("aaa", "waving hand"),
        ("ccc", "waving hand"),
    ]
    with reading(strict.engine) as session:
        assert {c.id for c in session.scalars(select(Candidate))} <= set(kept)
        assert len(session.scalars(select(FrameScores)).all()) == 2


def test_a_retired_class_loses_its_candidates(workspace: Workspace) -> None:
    run(workspace)
    with writing(workspace.engine) as session:
        import_classes(session, CLASSES[1:])
    report = run(workspace)
    assert report.failures == {"no title match": 2}
    assert [row[:2] for row in candidates(workspace)] == [("ccc", "playing guitar")]


def test_a_new_title_is_matched_again(workspace: Workspace) -> None:
    run(workspace)
    with writing(workspace.engine) as session:
        session.scalars(select(Video).where(Video.video_id == "bbb")).one().title = "hand waving"
    assert run(workspace).num_new == 1
    assert ("bbb", "waving hand") in [row[:2] for row in candidates(workspace)]


def test_a_given_label_holds_whatever_the_title_says(workspace: Workspace) -> None:
    with writing(workspace.engine) as session:
        video = session.scalars(select(Video).where(Video.video_id == "bbb")).one()
        label = session.scalars(select(Label).where(Label.name == "waving hand")).one()
        session.add(SearchHit(video_id=video.id, label_id=label.id, query=GIVEN, rank=0))
    run(workspace)
    assert ("bbb", "waving hand", 1.0, "") in candidates(workspace)


def test_without_videos_the_next_step_is_named(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "empty")
    with pytest.raises(StageOrderError, match="Run `kbuild search` first"):
        run(workspace)


def test_films_and_what_a_released_file_names_are_no_titles_to_match(workspace: Workspace) -> None:
    """But for those that a class listed as well."""
    with writing(workspace.engine) as session:
        aaa, bbb, ccc = session.scalars(select(Video).order_by(Video.video_id))
        label = session.scalars(select(Label).where(Label.name == "playing guitar")).one()
        file = ReleasedFile(path="k.csv", version="1")
        session.add_all([file, FilmHit(video_id=aaa.id, query="films", rank=0)])
        session.flush()
        for video in (bbb, ccc):
            session.add(ReleasedStretch(file_id=file.id, video_id=video.id))
        session.add(SearchHit(video_id=ccc.id, label_id=label.id, query="guitar", rank=0))
    report = run(workspace)
    assert (report.num_items, report.num_done) == (1, 1)
    assert {video for video, *_ in candidates(workspace)} == {"ccc"}


def scored(workspace: Workspace, **settings: Any) -> Workspace:
    config = replace(workspace.config, match=MatchConfig(mode="scored", **settings))
    return Workspace(workspace.root, config)


def test_the_scored_match_finds_more_and_the_binary_rule_brings_back_what_it_had(
    workspace: Workspace,
) -> None:
    binary = Workspace(workspace.root, replace(workspace.config, match=MatchConfig()))
    run(binary)
    before = candidates(workspace)
    with writing(workspace.engine) as session:
        video = Video(
            video_id="ddd", source="x", url="x", title="guitar, how I play it: handwaving"
        )
        session.add(video)
    run(binary)
    assert candidates(workspace) == before
    assert run(workspace).num_new == 4
    assert {row[:2] for row in candidates(workspace)} >= {
        ("ddd", "playing guitar"),
        ("ddd", "waving hand"),
    }
    run(binary)
    assert candidates(workspace) == before


def test_what_was_matched_by_the_binary_rule_is_done_under_the_settings_of_today() -> None:
    """The hash of a workspace that was matched before there was another rule."""
    finder = Finder((), MatchConfig())
    assert settings_hash(*finder.told, []) == settings_hash({"min_score": 0.5}, [])
    assert Finder((), MatchConfig(mode="scored")).told != finder.told


def test_lessons_change_the_match_and_a_file_that_is_none_stops_it(workspace: Workspace) -> None:
    path = workspace.root / "lessons.json"
    with pytest.raises(ConfigError, match=r"lessons.json: match.lessons names this file"):
        run(scored(workspace, lessons="lessons.json"))
    path.write_text("{}")
    with pytest.raises(ConfigError, match="expected what `kbuild train-matcher` writes"):
        run(scored(workspace, lessons="lessons.json"))
    run(scored(workspace))
    seen = [Seen(Lesson(f"guitar {n}", "playing guitar", True), "OBJECT", 0.42) for n in range(40)]
    path.write_text(learn(seen).text)
    run(scored(workspace, lessons="lessons.json"))
    assert ("bbb", "playing guitar") in [row[:2] for row in candidates(workspace)]
    with pytest.raises(ConfigError, match='lessons needs mode = "scored"'):
        MatchConfig(lessons="lessons.json")


@pytest.mark.parametrize("mode", ["binary", "scored"])
def test_tags_and_descriptions_count_where_they_are_asked_for(
    workspace: Workspace, mode: str
) -> None:
    told = {"bbb": (["playing guitar"], None), "aaa": (None, "Later: playing guitar.")}
    with writing(workspace.engine) as session:
        for video in session.scalars(select(Video).where(Video.video_id.in_(told))):
            video.listed_tags, video.listed_description = told[video.video_id]
    titles = Workspace(workspace.root, replace(workspace.config, match=MatchConfig(mode=mode)))
    run(titles)
    before = candidates(workspace)
    asked = MatchConfig(mode=mode, fields=("title", "tags", "description"))
    both = Workspace(workspace.root, replace(workspace.config, match=asked))
    assert run(both).num_done == 3
    new = [row for row in candidates(workspace) if row not in before]
    assert [row[:3] for row in new] == [
        ("aaa", "playing guitar", 0.6),
        ("bbb", "playing guitar", 0.8),
    ]
    with writing(workspace.engine) as session:
        video = session.scalars(select(Video).where(Video.video_id == "bbb")).one()
        video.listed_tags = ["piano"]
    assert run(both).failures == {"no title match": 1}
    run(titles)
    assert candidates(workspace) == before
