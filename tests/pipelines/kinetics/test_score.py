from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import FrameScores, Media, Method
from kinetics_builder.errors import ConfigError, ItemFailed, Reason, StageOrderError
from kinetics_builder.files import FileMark
from pipelines.kinetics import score as stage
from pipelines.running.paging import EVERYTHING


class FakeScorer:
    """Finds "waving" where the picture is bright."""

    class card:
        size = 8

    labels = ("juggling", "waving")

    def score(self, frames_NHWC):
        assert frames_NHWC.shape[1:] == (8, 8, 3)
        bright = frames_NHWC.mean((1, 2, 3)) / 255
        return np.stack([1 - bright, bright], 1)


def items_of(world):
    with reading(world.workspace.engine) as session:
        return [item for _, item in stage.stage(world.workspace).items(session, EVERYTHING)]


@pytest.mark.on_both
def test_without_a_scorer_movement_is_measured(world, graphs) -> None:
    world.film("v1", graphs("late"))
    report = world.run("score")
    assert (report.num_done, report.num_new, report.failures) == (1, 1, {})
    [(method, times, scores)] = world.rows(FrameScores, "method", "times_seconds", "scores")
    assert method is Method.MOTION
    assert times[:3] == [0, 0.5, 1]
    assert max(scores[1:16]) == 0
    assert min(scores[17:]) > 0.002


def test_a_label_the_scorer_does_not_know_falls_back_to_movement(
    world, graphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.film("v1", graphs("late"), labels=("juggling", "running", "waving"))
    monkeypatch.setattr(stage, "_load_scorer", lambda folder: FakeScorer())
    [video] = items_of(world)
    seen = stage.score(
        video, storage=world.workspace.storage, scorers=(Path("x"),), every_seconds=1.0
    )
    found = seen.scored
    assert [scored.method for scored in found] == [
        Method.CLASSIFIER,
        Method.MOTION,
        Method.CLASSIFIER,
    ]
    assert np.allclose(np.add(found[0].curve.values, found[2].curve.values), 1, atol=1e-4)
    assert found[0].curve.times_seconds == [float(t) for t in range(12)]


def test_a_second_run_does_nothing_until_a_setting_or_a_label_changes(world, graphs) -> None:
    world.film("v1", graphs("still"))
    world.run("score")
    assert world.run("score").num_new == 0
    world.set("every_seconds = 0.5", "every_seconds = 1.0")
    assert world.run("score").num_new == 1
    [(times,)] = world.rows(FrameScores, "times_seconds")
    assert times[1] == 1.0
    world.set("every_seconds = 1.0", "every_seconds = 0.5")
    assert world.run("score").num_new == 1
    assert world.rows(FrameScores, "times_seconds")[0][0][1] == 0.5


def test_a_broken_file_is_a_row_with_a_reason(world, graphs) -> None:
    world.film("v1", graphs("still"))
    world.film("v2", graphs("moving"))
    path = world.workspace.media / "v2.mp4"
    path.write_bytes(b"nothing")
    broken = dict(zip(("bytes", "sha256", "modified_ns"), astuple(FileMark.of(path)), strict=True))
    with writing(world.workspace.engine) as session:
        session.execute(update(Media).where(Media.file == "media/v2.mp4").values(**broken))
    report = world.run("score")
    assert (report.num_done, report.failures) == (1, {"broken": 1})
    assert world.failures("score")[0][0] is Reason.BROKEN


def test_another_film_under_the_old_name_is_not_scored(world, graphs) -> None:
    world.film("v1", graphs("moving"))
    world.film("v2", graphs("still"))
    kept = (world.workspace.media / "v1.mp4").stat()
    content = (world.workspace.media / "v2.mp4").read_bytes()
    (world.workspace.media / "v1.mp4").write_bytes(content.ljust(kept.st_size, b"\0"))
    report = world.run("score")
    assert (report.num_done, report.failures) == (1, {"changed": 1})
    assert world.failures("score")[0][0] is Reason.CHANGED


def test_before_download_there_is_nothing_to_score(world) -> None:
    with pytest.raises(StageOrderError, match="Run `kbuild download` first"):
        world.run("score")


def test_a_scorer_that_is_not_there_is_named(world) -> None:
    world.set("[score]", '[score]\nscorer = "nowhere"')
    with pytest.raises(ConfigError, match=r"score\.scorer names .*nowhere"):
        world.run("score")


def test_a_real_scorer_is_loaded_and_asked(world, graphs) -> None:
    pytest.importorskip("torch", exc_type=ImportError)
    from models.image_scoring.scorer import ImageScorer, ScorerCard, build_classifier

    card = ScorerCard(
        backbone="squeezenet1_1",
        size=64,
        labels=("juggling", "waving"),
        recipe={},
        metrics={},
        broken=(),
    )
    ImageScorer(build_classifier("squeezenet1_1", 2), card).save(world.workspace.root / "scorer")
    world.set("[score]", '[score]\nscorer = "scorer"')
    world.film("v1", graphs("moving"), labels=("juggling", "waving"))
    assert world.run("score").num_done == 1
    found = world.rows(FrameScores, "method", "scores")
    assert [method for method, _ in found] == [Method.CLASSIFIER] * 2
    assert np.allclose(np.add(found[0][1], found[1][1]), 1, atol=1e-4)


def test_a_failure_is_no_crash(world) -> None:
    video = stage.VideoToScore("v", "media/none.mp4", "0", 5.0, ("waving",), (1,))
    with pytest.raises(ItemFailed):
        stage.score(video, storage=world.workspace.storage, scorers=(), every_seconds=1.0)
