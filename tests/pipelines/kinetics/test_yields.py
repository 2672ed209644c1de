"""What each choice of `propose.cuts` yields is what `propose` then proposes."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    FrameScores,
    Label,
    Media,
    Method,
    Video,
    VideoLook,
)
from pipelines.inspecting import yields
from pipelines.inspecting.placements import MOST_POINTS, points, read_placements
from pipelines.inspecting.planning.lines import plan_lines
from pipelines.inspecting.planning.plan import Told, plan
from pipelines.inspecting.report import write_report
from pipelines.inspecting.yields import Yield, read_yields, yield_lines

CUTS = {"a": [4.0], "b": [], "c": [3.0, 9.0], "d": None, "e": [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]}
"""Of each video: of some none, of one unknown, of the last so many that no clip fits between."""


@pytest.fixture
def scored(world):
    """Videos of 13 s that were scored, without files: nothing can be decoded."""
    world.set("min_distance_seconds = 4.0", "min_distance_seconds = 6.0")
    with writing(world.workspace.engine) as session:
        labels = [Label(name=name) for name in ("juggling", "waving")]
        session.add_all(labels)
        for place, (name, cuts) in enumerate(CUTS.items()):
            video = Video(video_id=name, source="test", url="x", title=name)
            facts = {"width": 64, "height": 48, "frames_per_second": 10.0, "has_audio": False}
            video.media = Media(
                **{"file": name, "bytes": 1, "sha256": name, "modified_ns": 1, "codec": "h264"},
                **facts | {"duration_seconds": 13.0},
            )
            session.add(video)
            session.flush()
            known = {"matched": "x", "variant": "x", "score": 1.0}
            label = labels[0 if name == "e" else 1]
            candidate = Candidate(video_id=video.id, label_id=label.id, **known)
            session.add(candidate)
            session.flush()
            scores = [(7 * (n + place)) % 13 / 13 for n in range(13)]
            times = [float(n) for n in range(13)]
            session.add(
                FrameScores(
                    candidate_id=candidate.id,
                    method=Method.CLASSIFIER,
                    times_seconds=times,
                    scores=scores,
                )
            )
            if cuts is not None:
                session.add(VideoLook(video_id=video.id, cuts=cuts, looked=None, traits={}))
    world.run("propose")
    return world


def counted(world) -> dict[str, Yield]:
    """Return what was proposed, by class."""
    with reading(world.workspace.engine) as session:
        rows = session.execute(
            select(Label.name, Clip.num_cuts, Clip.was_moved)
            .join(Clip, Clip.label_id == Label.id)
            .where(Clip.is_withdrawn.is_(False))
        ).all()
    found: Counter[str] = Counter()
    across: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for label, num_cuts, was_moved in rows:
        found[label] += 1
        across[label] += bool(num_cuts)
        moved[label] += was_moved
    return {label: Yield(found[label], across[label], moved[label]) for label in found}


def told(world) -> yields.Yields:
    with reading(world.workspace.engine) as session:
        found = read_yields(session, world.workspace.config)
    assert found is not None
    return found


def test_each_choice_yields_what_it_then_proposes(scored) -> None:
    before = told(scored)
    assert before.chosen == "shift" and list(before.by_label) == ["juggling", "waving"]
    assert before.total["keep"].num_across > before.total["shift"].num_across > 0
    assert before.total["shift"].num_moved > 0
    assert before.by_label["juggling"]["drop"] == Yield()
    setting = "clip_seconds = 4.0"
    for what in ("keep", "drop", "shift"):
        scored.set(setting, f'clip_seconds = 4.0\ncuts = "{what}"')
        setting = f'clip_seconds = 4.0\ncuts = "{what}"'
        scored.run("propose")
        made = counted(scored)
        expected = {k: v[what] for k, v in before.by_label.items() if v[what].num_clips}
        assert made == expected and told(scored).by_label == before.by_label
        assert sum(made.values(), Yield()) == before.total[what] == told(scored).total[what]


def test_plan_and_report_show_them(scored, tmp_path: Path) -> None:
    (tmp_path / "one.mp4").write_bytes(b"x")
    found = plan(scored.workspace.root, Told(source=f"folder:{tmp_path}"))
    assert found.cuts == told(scored)
    lines = list(yield_lines(told(scored)))
    assert set(lines) <= set(plan_lines(found))
    assert any(line.split()[:4] == ["keep", "9", "clips,", "4"] for line in lines)
    assert lines[-1].strip() == "drop leaves nothing of juggling"
    page = write_report(scored.workspace, tmp_path / "report.html").read_text("utf-8")
    [part] = [part for part in page.split("<h2") if part.startswith(' id="cuts"')]
    assert "juggling" in part and "waving" in part and "all classes" in part


def test_of_many_videos_some_are_looked_at_and_count_for_all(scored, monkeypatch) -> None:
    monkeypatch.setattr(yields, "MOST_VIDEOS", 2)
    some = told(scored)
    assert some.one_in == 2 and "one in 2 videos" in next(yield_lines(some))
    assert some.total["keep"].num_clips % 2 == 0


def test_without_cuts_nothing_is_said(world, graphs) -> None:
    world.film("v1", graphs("moving"))
    world.run("score", "propose")
    with reading(world.workspace.engine) as session:
        assert read_yields(session, world.workspace.config) is None


def test_the_report_shows_where_clips_lie(scored, tmp_path: Path) -> None:
    with reading(scored.workspace.engine) as session:
        found = read_placements(session)
    assert [one.label for one in found] == ["juggling", "waving"]
    assert found[0].cuts == tuple(round(100 * cut / 13, 2) for cut in CUTS["e"])
    assert all(one.lines[0].startswith("0.00,") and one.clips for one in found)
    for one in found:
        assert all(c.x >= 0 and c.width > 0 and c.x + c.width <= 100.01 for c in one.clips)
    assert "across 2 cuts" in found[0].clips[0].text
    page = write_report(scored.workspace, tmp_path / "report.html").read_text("utf-8")
    [part] = [part for part in page.split("<h2") if part.startswith(' id="placements"')]
    assert part.count("<svg") == 2 and part.count("<rect") == sum(len(o.clips) for o in found)


def test_a_long_line_is_thinned() -> None:
    times = [float(n) for n in range(10_000)]
    line = points(times, [0.5] * len(times), 10_000.0, 1.0).split()
    assert len(line) <= MOST_POINTS and line[0] == "0.00,20.00"
