"""Long videos are looked at where they may be best, and clips are placed as if all were seen."""

import numpy as np
import pytest

from kinetics_builder.database.tables import Clip, VideoLook
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


def test_short_videos_are_looked_at_whole(world, scorer, graphs) -> None:
    world.film("v1", graphs("moving"))
    world.run("score")
    assert world.rows(VideoLook, "looked") == [(None,)]


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
