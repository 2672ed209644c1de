"""Long videos are looked at where they may be best, and clips are placed as if all were seen."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from kinetics_builder.database.tables import Clip, VideoLook
from kinetics_builder.errors import Reason
from pipelines.kinetics import score as stage

SECONDS = 120
GREY = "color=c=0x404040:size=64x48:rate=10:duration={}"
WHITE = "color=c=0xf0f0f0:size=64x48:rate=10:duration={}"
BRIGHT = (
    f"{GREY.format(71)}[a];{WHITE.format(6)}[b];{GREY.format(SECONDS - 77)}[c];[a][b][c]concat=3"
)
"""Bright from 71 to 77 s."""


class BrightScorer:
    """Finds "waving" where the picture is bright, and remembers how many it was shown."""

    class card:
        size = 16

    labels = ("waving", "juggling")

    def __init__(self) -> None:
        self.num_shown = 0

    def score(self, frames_NHWC):
        self.num_shown += len(frames_NHWC)
        bright = frames_NHWC.mean((1, 2, 3)) / 255
        return np.stack([bright, 1 - bright], 1)


@pytest.fixture
def scorer(world, monkeypatch: pytest.MonkeyPatch) -> BrightScorer:
    found = BrightScorer()
    monkeypatch.setattr(stage, "_load_scorer", lambda folder: found)
    (world.workspace.root / "scorer").mkdir()
    (world.workspace.root / "scorer" / "card.json").write_text("{}")
    world.set("[score]", '[score]\nscorer = "scorer"')
    world.set("[cut]", "[filters]\nstill = 1.0\n[cut]")
    return found


def windows(world) -> list[tuple[float, float]]:
    return world.rows(Clip, "start_seconds", "end_seconds", rank=0)


@pytest.mark.parametrize(
    ("options", "most_shown"),
    [
        pytest.param(["-g", "50", "-sc_threshold", "0"], 120, id="a key frame every 5 s"),
        pytest.param(["-g", "9999", "-sc_threshold", "0"], 120, id="one key frame"),
    ],
)
def test_few_frames_give_the_clip_that_all_frames_give(
    world, scorer, options: list[str], most_shown: int
) -> None:
    world.film("v1", BRIGHT, options=options)
    world.run("score", "propose")
    found, shown = windows(world), scorer.num_shown
    assert found == [(71.0, 75.0)]
    assert shown < most_shown
    [(looked, _)] = world.rows(VideoLook, "looked", "cuts")
    assert sum(looked[1::2]) - sum(looked[::2]) < SECONDS / 3
    world.set("every_seconds = 0.5", 'every_seconds = 0.2\nframes = "all"')
    world.run("score", "propose")
    assert scorer.num_shown - shown == SECONDS * 5
    assert world.rows(VideoLook, "looked") == [(None,)]
    assert windows(world) == found


def test_what_cannot_be_sought_is_looked_at_whole(world, scorer) -> None:
    world.film("v1", BRIGHT, suffix=".avi", options=["-c:v", "mpeg4"])
    world.run("score")
    assert scorer.num_shown == SECONDS * 2
    assert world.rows(VideoLook, "looked") == [(None,)]


SHORT = f"{GREY.format(11)}[a];{WHITE.format(6)}[b];{GREY.format(9)}[c];[a][b][c]concat=3"
"""Bright from 11 to 17 s."""


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "mpeg4"])
def test_a_short_video_is_looked_at_evenly(world, scorer, codec: str) -> None:
    suffix = ".webm" if codec == "libvpx-vp9" else ".mp4"
    world.film("v1", SHORT, suffix=suffix, options=["-c:v", codec])
    world.run("score", "propose")
    found, shown = windows(world), scorer.num_shown
    assert found == [(11.0, 15.0)] and shown == 26 * 1.5
    [(looked, cuts)] = world.rows(VideoLook, "looked", "cuts")
    assert (looked, cuts) == (None, [11.0, 17.0])
    world.set("every_seconds = 0.5", 'every_seconds = 0.2\nframes = "all"')
    world.run("score", "propose")
    assert scorer.num_shown - shown == 26 * 5
    assert windows(world) == found and world.rows(VideoLook, "cuts") == [(cuts,)]


def test_a_workspace_whose_short_videos_were_looked_at_whole_goes_on_so(
    world, scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.film("v1", SHORT)
    with monkeypatch.context() as before:
        before.setattr(stage, "_closely", partial(_as_before, stage._closely))
        assert world.run("score").num_new == 1
    assert world.run("score").num_new == 0
    world.film("v2", SHORT)
    assert world.run("score").num_new == 1
    assert scorer.num_shown == 2 * 26 * 2


def _as_before(closely, *args):
    return replace(closely(*args), skims=False)


def test_a_short_video_s_kind_is_seen_between_scored_frames(world, scorer) -> None:
    world.set("still = 1.0", "still = 0.7")
    world.set("clip_seconds = 4.0", "clip_seconds = 18.0")
    world.film("v1", GREY.format(26))
    assert world.run("score", "propose").failures == {Reason.STILL: 1}


def test_a_label_that_is_not_known_needs_all_frames(world, scorer) -> None:
    world.film("v1", BRIGHT, labels=("waving", "running"))
    world.run("score")
    assert world.rows(VideoLook, "looked") == [(None,)]


def test_a_workspace_scored_frame_by_frame_goes_on_so(world, scorer) -> None:
    world.set("every_seconds", 'frames = "all"\nevery_seconds')
    world.film("v1", BRIGHT)
    world.run("score")
    world.set('frames = "all"\n', "")
    assert world.run("score").num_new == 0
    world.film("v2", BRIGHT)
    assert world.run("score").num_new == 1
    assert world.rows(VideoLook, "looked") == [(None,)] * 2
    world.set("every_seconds", 'frames = "peaks"\nevery_seconds')
    assert world.run("score").num_new == 2
    assert (None,) not in world.rows(VideoLook, "looked")


def test_other_clips_are_looked_for_anew_where_not_all_was_seen(world, scorer) -> None:
    world.film("v1", BRIGHT)
    world.run("score", "propose")
    world.set("clip_seconds = 4.0", "clip_seconds = 6.0")
    assert world.run("score").num_new == 1
    world.run("propose")
    assert (71.0, 77.0) in windows(world)
