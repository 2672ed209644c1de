import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from kinetics_builder.config import FiltersConfig, ProposeConfig, settings_hash
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipPlace,
    FrameScores,
    Method,
    Standing,
    Task,
    TaskSlot,
    VideoLook,
)
from kinetics_builder.errors import ItemFailed, Reason, StageOrderError
from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.curves import Curve
from pipelines.inspecting.faring.classes import class_farings
from pipelines.inspecting.status import status
from pipelines.kinetics.filtering import noted, require_fit
from pipelines.kinetics.propose import ScoredVideo, propose
from pipelines.running.paging import EVERYTHING
from pipelines.stages import build_stage

CONFIG = ProposeConfig(clip_seconds=4.0, min_distance_seconds=4.0)


def scored(method: Method, scores: list[float], duration: float = 20.0) -> ScoredVideo:
    times = json.dumps([float(i) for i in range(len(scores))])
    return ScoredVideo("v", "waving", duration, method, times, json.dumps(scores), 1, 1)


def test_a_classifier_gives_its_best_windows() -> None:
    scores = [0.0] * 20
    scores[3:7], scores[12:16] = [0.5] * 4, [0.9] * 4
    peaks = propose(scored(Method.CLASSIFIER, scores), config=CONFIG)
    assert [peak.window for peak in peaks] == [Interval(12, 16), Interval(3, 7)]
    assert [peak.score for peak in peaks] == [0.9, 0.5]


def test_movement_gives_windows_side_by_side() -> None:
    scores = [0.01] * 8 + [0.0] * 4 + [0.05] * 8
    peaks = propose(scored(Method.MOTION, scores), config=CONFIG)
    assert [peak.window for peak in peaks] == [Interval(16, 20), Interval(4, 8)]


def test_a_short_video_is_one_clip() -> None:
    peaks = propose(scored(Method.CLASSIFIER, [0.5, 0.5], duration=2.3456), config=CONFIG)
    assert [peak.window for peak in peaks] == [Interval(0, 2.346)]


def test_a_still_is_refused() -> None:
    with pytest.raises(ItemFailed, match="nothing moves") as failed:
        propose(scored(Method.MOTION, [0.0] * 20), config=CONFIG)
    assert failed.value.reason is Reason.STILL


def windows(world) -> list[tuple]:
    return world.rows(Clip, "start_seconds", "end_seconds", "rank", "is_withdrawn")


@pytest.fixture
def proposed(world, graphs):
    world.film("v1", graphs("moving"))
    world.film("v2", graphs("still"))
    world.report = world.run("score", "propose")
    return world


def test_clips_are_written_and_stills_are_rows_with_a_reason(proposed) -> None:
    assert (proposed.report.num_done, proposed.report.failures) == (1, {"still": 1})
    assert sorted(windows(proposed)) == [(0, 4, 0, False), (4, 8, 1, False)] or sorted(
        windows(proposed)
    ) == [(0, 4, 1, False), (4, 8, 0, False)]
    assert proposed.rows(Clip, "method") == [(Method.MOTION,)] * 2


def test_a_second_run_does_nothing(proposed) -> None:
    before = windows(proposed)
    assert proposed.run("propose").num_new == 0
    assert windows(proposed) == before


def test_changed_settings_replace_what_nobody_has_seen(proposed) -> None:
    proposed.set("clip_seconds = 4.0", "clip_seconds = 2.0")
    proposed.run("propose")
    assert {end - start for start, end, *_ in windows(proposed)} == {2}
    proposed.set("clip_seconds = 2.0", "clip_seconds = 4.0")
    proposed.run("propose")
    assert {end - start for start, end, *_ in windows(proposed)} == {4}


def ask_about_all(world) -> None:
    with writing(world.workspace.engine) as session:
        for clip in session.scalars(select(Clip)).all():
            session.add(ClipPlace(clip_id=clip.id, standing=Standing.KEPT))
            slot = TaskSlot(position=0, clip_id=clip.id, label_id=clip.label_id)
            session.add(Task(round=0, slots=[slot]))


@pytest.mark.on_both
def test_what_people_were_asked_about_is_withdrawn_and_comes_back(proposed) -> None:
    ask_about_all(proposed)
    proposed.set("clip_seconds = 4.0", "clip_seconds = 2.0")
    proposed.run("propose")
    assert sorted((end - start, gone) for start, end, _, gone in windows(proposed)) == [
        (2, False),
        (2, False),
        (4, True),
        (4, True),
    ]
    assert proposed.rows(ClipPlace, "clip_id") == []
    proposed.set("clip_seconds = 2.0", "clip_seconds = 4.0")
    proposed.run("propose")
    assert [(end - start, gone) for start, end, _, gone in windows(proposed)] == [(4, False)] * 2


def test_clips_of_a_video_that_is_no_candidate_any_more_go(proposed) -> None:
    proposed.film("v3", "testsrc2=size=64x48:rate=12:duration=5")
    proposed.run("score", "propose")
    with writing(proposed.workspace.engine) as session:
        for row in session.scalars(select(Candidate).join(Candidate.video)).all():
            if row.video.video_id == "v1":
                session.delete(session.get(FrameScores, row.id))
                session.flush()
                session.delete(row)
    proposed.run("propose")
    assert [(start, end) for start, end, *_ in windows(proposed)] == [(0, 4)]


def test_before_score_there_is_nothing_to_propose(world) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild score` first"):
        world.run("propose")


def test_a_key_is_that_of_the_numbers_however_they_are_read(proposed) -> None:
    """Keys of rows that earlier versions wrote are found again: nothing is proposed anew."""
    with writing(proposed.workspace.engine) as session:
        session.execute(delete(VideoLook))  # which earlier versions did not write
    with reading(proposed.workspace.engine) as session:
        items = dict(build_stage("propose", proposed.workspace).items(session, EVERYTHING))
        curves = [
            Curve(list(row.times_seconds), list(row.scores))
            for row in session.scalars(select(FrameScores).order_by(FrameScores.candidate_id))
        ]
    ordered = sorted(items.items(), key=lambda pair: pair[1].video_row)
    assert [item.curve for _, item in ordered] == curves
    for (key, item), curve in zip(ordered, curves, strict=True):
        version = json.dumps([item.method, item.duration_seconds, *curve])
        assert key.endswith(f" {hashlib.sha256(version.encode()).hexdigest()[:16]}")


def test_listing_what_is_to_do_parses_no_curve(proposed, monkeypatch) -> None:
    """Counting the items of many long videos, as `kbuild status` does, reads texts alone."""
    monkeypatch.setattr(json, "loads", lambda text: pytest.fail("a curve was parsed"))
    with reading(proposed.workspace.engine) as session:
        assert len(build_stage("propose", proposed.workspace).items(session, EVERYTHING)) == 2


CUT_AT_2 = (
    "testsrc2=size=96x64:rate=12:duration=2[a];"
    "mandelbrot=size=96x64:rate=12,trim=duration=6,setpts=PTS-STARTPTS[b];[a][b]concat"
)


@pytest.fixture
def with_a_cut(world):
    """One film with a cut at 2 s, of which one clip of 4 s is proposed."""
    world.set("clip_seconds = 4.0", "clip_seconds = 4.0\nnum_peaks = 1")
    world.set("min_distance_seconds = 4.0", "min_distance_seconds = 8.0")
    world.film("v1", CUT_AT_2)
    world.run("score", "propose")
    return world


def placed(world) -> list[tuple]:
    return world.rows(Clip, "start_seconds", "was_moved", "num_cuts")


@pytest.mark.on_both
def test_a_clip_moves_off_a_cut_and_back_without_a_frame_decoded(with_a_cut, monkeypatch) -> None:
    world = with_a_cut
    [(cuts, looked)] = world.rows(VideoLook, "cuts", "looked")
    assert looked is None and [round(cut, 1) for cut in cuts] == [2.0]
    assert placed(world) == [(2.0, True, 0)]
    monkeypatch.setattr("pipelines.kinetics.score.score", lambda *_, **__: pytest.fail("decoded"))
    world.set("num_peaks = 1", 'num_peaks = 1\ncuts = "keep"')
    assert world.run("score").num_new == 0
    world.run("propose")
    assert placed(world) == [(0.0, False, 1)]
    assert world.rows(Clip, "cuts") == [(cuts,)]
    assert status(world.workspace).counts["across a cut"] == 1


def test_clips_that_cannot_move_stay_or_are_dropped_with_a_reason(with_a_cut) -> None:
    world = with_a_cut
    world.set("clip_seconds = 4.0", "clip_seconds = 7.0")
    world.run("score", "propose")
    assert placed(world) == [(0.0, False, 1)]
    world.set("num_peaks = 1", 'num_peaks = 1\ncuts = "drop"')
    report = world.run("propose")
    assert (report.num_done, report.failures) == (0, {"across a cut": 1})
    assert placed(world) == []


def test_what_is_done_stays_done_where_nothing_is_known_of_cuts(proposed) -> None:
    """As in a workspace of an earlier version, whose settings had no word for cuts."""
    before = {"clip_seconds": 4.0, "num_peaks": 2, "min_distance_seconds": 4.0, "grid_seconds": 1.0}
    assert build_stage("propose", proposed.workspace).settings_hash == settings_hash(before)
    assert build_stage("score", proposed.workspace).settings_hash == settings_hash(0.5, "")


def test_a_filtered_video_is_a_row_with_a_reason_and_comes_back_without_a_frame_decoded(
    world, graphs, monkeypatch
) -> None:
    world.film("v1", graphs("moving"))
    world.film("v2", graphs("late"))
    world.run("score", "propose")
    still = {
        video: traits["still"] for video, traits in world.rows(VideoLook, "video_id", "traits")
    }
    assert still[1] == 0 and 0.5 < still[2] < 0.7
    before = windows(world)
    world.set("[cut]", "[filters]\nstill = 0.5\n[cut]")
    monkeypatch.setattr("pipelines.kinetics.score.score", lambda *_, **__: pytest.fail("decoded"))
    assert world.run("score").num_new == 0
    report = world.run("propose")
    assert (report.num_done, report.failures) == (1, {"still": 1})
    [(reason, message)] = world.failures("propose")
    assert reason is Reason.STILL and message == f"still {still[2]:g}, above filters.still = 0.5"
    assert len(windows(world)) < len(before)
    world.set("still = 0.5", "still = 1.0")
    assert world.run("propose").num_done == 2
    assert windows(world) == before


def test_videos_above_a_threshold_are_named_by_what_they_are() -> None:
    traits = {"still": 0.1, "dark": 0.7, "cartoon": 0.9}
    video = replace(scored(Method.CLASSIFIER, [0.5] * 20), traits_json=json.dumps(traits))
    with pytest.raises(ItemFailed, match=r"dark 0.7, above filters.dark = 0.6") as failed:
        propose(video, config=CONFIG)
    assert failed.value.reason is Reason.DARK
    with pytest.raises(ItemFailed) as failed:
        propose(video, config=CONFIG, filters=FiltersConfig(dark=1.0, cartoon=0.8))
    assert failed.value.reason is Reason.CARTOON
    assert propose(video, config=CONFIG, filters=FiltersConfig(dark=0.7))


def test_a_filter_notes_its_score_with_the_clips_or_refuses_the_video(world, graphs) -> None:
    """Whichever it does, no frame is decoded again, and the score is kept."""
    world.film("v1", graphs("moving"))
    world.set("[cut]", "[filters]\ntext = 1.0\nscreen = 0.01\n[cut]")
    world.run("score", "propose")
    [(traits,)] = world.rows(VideoLook, "traits")
    assert traits["screen"] > 0.01  # ffmpeg's test picture is drawn
    assert world.rows(Clip, "noted") == [({"screen": traits["screen"]},)] * 2
    assert status(world.workspace).counts["noted by filters"] == 2
    world.set("screen = 0.01", "screen = 0.01\nnote = []")
    assert world.run("score").num_new == 0
    assert world.run("propose").failures == {"screen recording": 1}
    with reading(world.workspace.engine) as session:
        [faring] = class_farings(session, "", build_stage("propose", world.workspace).settings_hash)
    assert (faring.refused, faring.num_proposed) == ({"screen recording": 1}, 0)
    world.set("screen = 0.01\nnote = []", "screen = 1.0")
    world.run("propose")
    assert world.rows(Clip, "noted") == [(None,)] * 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("still", Reason.STILL),
        ("dark", Reason.DARK),
        ("cartoon", Reason.CARTOON),
        ("screen", Reason.SCREEN),
        ("overlay", Reason.OVERLAY),
        ("text", Reason.TEXT),
    ],
)
def test_each_filter_has_its_reason_and_can_only_note(name: str, reason: Reason) -> None:
    traits = dict.fromkeys(FiltersConfig().thresholds, 0.0) | {name: 0.5}
    wide = dict.fromkeys(traits, 1.0)
    assert noted(traits, FiltersConfig(note=(name,), **wide)) is None
    narrow = wide | {name: 0.4}
    with pytest.raises(ItemFailed, match=rf"{name} 0.5, above filters.{name} = 0.4") as failed:
        require_fit(traits, FiltersConfig(note=(), **narrow))
    assert failed.value.reason is reason
    require_fit(traits, FiltersConfig(note=(name,), **narrow))
    assert noted(traits, FiltersConfig(note=(name,), **narrow)) == {name: 0.5}


def test_what_was_scored_before_a_filter_came_is_not_judged_by_it(proposed) -> None:
    before = windows(proposed)
    old = {"still": 0.0, "dark": 0.0, "cartoon": 0.1}
    with writing(proposed.workspace.engine) as session:
        for look in session.scalars(select(VideoLook)):
            look.traits = old
    proposed.set("[cut]", "[filters]\nnote = []\nscreen = 0.0\n[cut]")
    proposed.run("propose")
    assert windows(proposed) == before and proposed.rows(Clip, "noted") == [(None,)] * 2
