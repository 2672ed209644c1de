"""Frames of clips that people judged -> a scorer, and how well it places clips."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.config import ProposeConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Clip, Decision, Media, Verdict
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from models.image_scoring.listed import HELD_OUT, TRAIN, read_list
from pipelines.cli import group
from pipelines.picturing.frames import FOR_EACH_CLIP, gather
from pipelines.picturing.judged import JudgedClip, JudgedVideo, held_out, judged_videos
from pipelines.picturing.placing import found_in
from pipelines.running.engines.inline import InlinePool

MARK = FileMark(1, "0" * 64, None)


def video(name: str, uploader: str, labels: tuple[str, ...], accepted: bool = True) -> JudgedVideo:
    clips = tuple(JudgedClip(label, Interval(0, 4), accepted) for label in labels)
    return JudgedVideo(name, f"media/{name}.mp4", MARK, 8.0, uploader, clips)


videos = st.lists(
    st.builds(
        video,
        st.uuids().map(str),
        st.sampled_from(["", "Ann", "Ben", "Cy", "Di", "Ed"]),
        st.sets(st.sampled_from(["a", "b", "c"]), min_size=1).map(lambda x: tuple(sorted(x))),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@given(videos, st.floats(0, 0.99), st.integers(0, 9))
def test_nobody_is_on_both_sides_and_no_label_is_left_without(some, share, seed) -> None:
    kept = held_out(some, share, seed)
    for one in some:
        for other in some:
            if one.uploader and one.uploader == other.uploader:
                assert (one.video_id in kept) is (other.video_id in kept)
    for label in {label for one in some for label in one.accepted}:
        assert any(label in one.accepted and one.video_id not in kept for one in some)
    assert kept == held_out(some[::-1], share, seed)


def test_who_is_kept_back_stays_so_as_more_are_judged() -> None:
    many = [video(f"v{number}", f"u{number % 50}", ("a",)) for number in range(200)]
    few = held_out(many[:150], 0.2, 0)
    assert few == held_out(many, 0.2, 0) & {one.video_id for one in many[:150]}
    assert 10 < len(few) < 60


@pytest.fixture
def judged(world, graphs):
    """Four videos of two labels, whose clips people have judged."""
    for name, label in (("m1", "moving"), ("m2", "moving"), ("s1", "waving"), ("s2", "waving")):
        world.film(name, graphs("moving" if label == "moving" else "late"), labels=(label,))
    world.run("score", "propose")
    with writing(world.workspace.engine) as session:
        for media in session.query(Media):
            media.uploader = media.video.video_id
        for clip in session.query(Clip):
            verdict = Verdict.REJECTED if clip.rank else Verdict.ACCEPTED
            counts = dict.fromkeys(("num_yes", "num_no", "num_unsure", "num_bad"), 0)
            session.add(
                Decision(
                    clip_id=clip.id,
                    verdict=verdict,
                    num_set_aside=0,
                    lasts_whole_clip=False,
                    **counts,
                )
            )
    return world


def pictures_of(world, pool: InlinePool, kept: set[str]) -> list:
    with reading(world.workspace.engine) as session:
        found = judged_videos(session)
    root = world.workspace.root
    return gather(
        found,
        world.workspace.storage,
        root / "pictures",
        pool,
        kept=kept,
        progress=lambda line: None,
    )


def test_each_judged_clip_gives_pictures_of_its_own_time(judged) -> None:
    rows, broken = pictures_of(judged, InlinePool(), {"m2"})
    clips = judged.rows(Clip, "id")
    assert len(rows) == FOR_EACH_CLIP * len(clips) and broken == []
    assert {row.split for row in rows if row.video_id == "m2"} == {HELD_OUT}
    assert {row.split for row in rows if row.video_id != "m2"} == {TRAIN}
    assert {row.shows for row in rows} == {"1", "-1"}
    folder = judged.workspace.root / "pictures"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before.keys() == {row.file for row in rows}
    (folder / rows[0].file).unlink()
    assert pictures_of(judged, InlinePool(), {"m2"})[0] == rows
    others = {row.file for row in rows if row.video_id != rows[0].video_id}
    assert others and all((folder / name).stat().st_mtime_ns == before[name] for name in others)


def test_a_video_that_is_gone_is_listed_and_costs_itself_alone(judged) -> None:
    (judged.workspace.media / "s1.mp4").unlink()
    rows, broken = pictures_of(judged, InlinePool(), set())
    assert [one.file for one in broken] == ["media/s1.mp4"]
    assert "s1" not in {row.video_id for row in rows} and rows


@pytest.mark.long
def test_a_scorer_is_trained_from_votes_and_measured_on_others(judged) -> None:
    root = judged.workspace.root
    options = ["--from-votes", "--steps", "30", "--size", "32", "--holdout", "0.5", "--json"]
    result = CliRunner().invoke(group, ["-C", str(root), "train-scorer", *options])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert set(report["labels"]) == {"moving", "nothing", "waving"}
    assert report["num_rejected"] > 0 and report["num_images"] > report["num_rejected"]
    rows = read_list(root / "pictures" / "votes" / "pictures.csv")
    sides = {(row.video_id, row.split) for row in rows}
    assert len(sides) == 4
    num_kept = sum(split == HELD_OUT for _, split in sides)
    assert (report["placing"] is None) is (num_kept == 0)
    if num_kept:
        assert report["placing"]["num_clips"] == num_kept
    with reading(judged.workspace.engine) as session:
        one = judged_videos(session)[0]
    found = found_in(
        one,
        storage=judged.workspace.storage,
        scorer=root / "scorer",
        config=ProposeConfig(clip_seconds=8.0),
        every_seconds=0.5,
    )
    assert found[0] == 1 and found[1] in (0, 1)


def test_without_pictures_or_decisions_it_says_what_to_do(world) -> None:
    run = CliRunner().invoke
    root = str(world.workspace.root)
    result = run(group, ["-C", root, "train-scorer"])
    assert result.exit_code == 1 and "give --images DIR" in result.output
    result = run(group, ["-C", root, "train-scorer", "--from-votes"])
    assert result.exit_code == 1 and "found no decided clips" in result.output
    (world.workspace.root / "empty").mkdir()
    result = run(group, ["-C", root, "train-scorer", "--images", f"{root}/empty"])
    assert result.exit_code == 1 and "has 0 class folders" in result.output
    assert "Traceback" not in result.output and not (world.workspace.root / "scorer").exists()
