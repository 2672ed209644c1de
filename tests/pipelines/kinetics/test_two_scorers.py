"""Two scorers that disagree: what each says is kept, and clips are chosen by both."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.config import Config, ProposeConfig, ScoreConfig, settings_hash
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Clip, FrameScores, Item, Method, State, VideoLook
from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace
from pipelines.kinetics import score as stage
from pipelines.publishing.clips.readme import Counts, Votes, write_readme
from pipelines.stages import build_stage

PARTS = [
    ("0x202020", 20),
    ("0xf02020", 6),
    ("0x202020", 24),
    ("0x20f020", 6),
    ("0x202020", 29),
    ("0xf0f020", 6),
    ("0x202020", 29),
]
"""Red from 20 to 26 s, green from 50 to 56, yellow, which is both, from 85 to 91."""
SECONDS = sum(seconds for _, seconds in PARTS)
FILM = ";".join(
    f"color=c={colour}:size=64x48:rate=10:duration={seconds}[p{i}]"
    for i, (colour, seconds) in enumerate(PARTS)
)
FILM += ";" + "".join(f"[p{i}]" for i in range(len(PARTS))) + f"concat={len(PARTS)}"
KEYS = ["-g", "50", "-sc_threshold", "0"]


class ColourScorer:
    """Finds "waving" where the picture has much of one colour."""

    def __init__(self, channel: int, size: int, labels: tuple[str, ...]) -> None:
        self.channel, self.labels, self.num_shown = channel, labels, 0
        self.card = type("card", (), {"size": size})

    def score(self, frames_NHWC):
        assert frames_NHWC.shape[1:] == (16, 16, 3)
        self.num_shown += len(frames_NHWC)
        much_N = frames_NHWC[..., self.channel].mean((1, 2)) / 255
        columns = {"waving": much_N, "juggling": 1 - much_N}
        return np.stack([columns[label] for label in self.labels], 1).astype(np.float32)


@pytest.fixture
def scorers(world, monkeypatch: pytest.MonkeyPatch) -> dict[str, ColourScorer]:
    found = {
        "red": ColourScorer(0, 16, ("juggling", "waving")),
        "green": ColourScorer(1, 8, ("waving",)),
    }
    monkeypatch.setattr(stage, "_load_scorer", lambda folder: found[folder.name])
    for name in found:
        (world.workspace.root / name).mkdir()
        (world.workspace.root / name / "card.json").write_text(name)
    world.set("[score]", '[score]\nscorer = ["red", "green"]')
    world.set("[propose]", '[propose]\nsampling = "best"\ncuts = "keep"')
    world.set("[cut]", "[filters]\nstill = 1.0\ndark = 1.0\n[cut]")
    return found


def best(world, how_many: int = 1) -> list[tuple]:
    rows = world.rows(Clip, "rank", "start_seconds", "end_seconds", "sampling")
    return sorted(row[1:] for row in rows[:how_many])


def choose(world, sampling: str) -> None:
    text = (world.workspace.root / "kbuild.toml").read_text()
    [before] = re.findall(r"sampling = .*", text)
    world.set(before, f'sampling = "{sampling}"')


@pytest.mark.parametrize("frames", ["peaks", "all"])
def test_clips_are_chosen_by_what_both_scorers_say(world, scorers, frames: str) -> None:
    world.film("v1", FILM, options=KEYS)
    world.set("every_seconds = 0.5", f'every_seconds = 0.2\nframes = "{frames}"')
    found = {}
    for sampling, how_many in (("best", 1), ("max_consensus", 1), ("max_entropy", 2)):
        choose(world, sampling)
        world.run("score", "propose")
        found[sampling] = best(world, how_many)
    assert found == {
        "best": [(85, 89, "best")],
        "max_consensus": [(85, 89, "max_consensus")],
        "max_entropy": [(20, 24, "max_entropy"), (50, 54, "max_entropy")],
    }
    [(reds, greens)] = world.rows(FrameScores, "scores", "other_scores")
    assert len(reds) == len(greens) and np.abs(np.subtract(reds, greens)).max() > 0.7
    assert scorers["red"].num_shown == scorers["green"].num_shown
    if frames == "all":
        assert scorers["red"].num_shown == SECONDS * 5  # once: other samplings only propose anew
    else:
        assert scorers["red"].num_shown < SECONDS * 5


def test_either_scorer_s_peaks_are_looked_at_closely(world, scorers) -> None:
    world.film("v1", FILM, options=KEYS)
    world.run("score")
    [(looked,)] = world.rows(VideoLook, "looked")
    stretches = list(zip(looked[::2], looked[1::2], strict=True))
    for start, end in ((20, 24), (50, 54), (85, 89)):
        assert any(first <= start and end <= last for first, last in stretches), start


@pytest.mark.on_both(is_long=True)
def test_chance_draws_the_same_windows_however_closely_was_looked(world, scorers) -> None:
    world.film("v1", FILM, options=KEYS)
    choose(world, "random")
    world.run("score", "propose")
    drawn = best(world, 2)
    assert [sampling for *_, sampling in drawn] == ["random"] * 2
    world.set("every_seconds = 0.5", 'every_seconds = 0.5\nframes = "all"')
    assert world.run("score").num_new == 1
    world.run("propose")
    assert best(world, 2) == drawn
    world.set('sampling = "random"', 'sampling = "random"\nseed = 1')
    assert world.run("score").num_new == 0
    assert world.run("propose").num_new == 1
    assert best(world, 2) != drawn


def test_a_label_that_one_alone_knows_is_placed_by_it_and_says_so(world, scorers) -> None:
    world.film("v1", FILM, labels=("juggling", "waving"), options=KEYS)
    world.film("v2", labels=("running",))
    choose(world, "max_entropy")
    world.run("score", "propose")
    rows = world.rows(FrameScores, "method", "candidate_id", "other_scores")
    assert [method for method, *_ in rows if method is Method.MOTION] == [Method.MOTION]
    assert sum(others is None for *_, others in rows) == 2
    said = world.rows(Clip, "label_id", "method", "sampling")
    assert {(method, sampling) for _, method, sampling in said} == {
        (Method.CLASSIFIER, "best"),
        (Method.CLASSIFIER, "max_entropy"),
        (Method.MOTION, "best"),
    }
    assert len({label for label, _, sampling in said if sampling == "max_entropy"}) == 1


def test_without_a_scorer_chance_draws_where_something_moves(world, graphs) -> None:
    world.set("[propose]", '[propose]\nsampling = "random"\nseed = 3')
    world.film("v1", graphs("late"))
    world.film("v2", graphs("still"))
    report = world.run("score", "propose")
    assert report.failures == {"still": 1}
    rows = world.rows(Clip, "start_seconds", "end_seconds", "sampling")
    assert rows and all(end > 8 and sampling == "random" for _, end, sampling in rows)


def test_one_scorer_is_known_by_the_hash_that_it_always_had(world, scorers) -> None:
    world.film("v1")
    world.set('scorer = ["red", "green"]', 'scorer = "red"')
    closely = {
        "fine_seconds": 0.2,
        "coarse_seconds": 10.0,
        "clip_seconds": 4.0,
        "num_peaks": 2,
        "min_distance_seconds": 4.0,
        "grid_seconds": 1.0,
    }
    usual = {"clip_seconds": 4.0, "num_peaks": 2, "min_distance_seconds": 4.0, "grid_seconds": 1.0}
    filters = {"still": 1.0, "dark": 1.0, "cuts": "keep"}
    digest = stage._digest(world.workspace.root / "red")
    known = build_stage("score", world.workspace).settings_hash
    before = settings_hash(0.5, digest, closely)
    assert known == settings_hash(0.5, digest, closely | {"even_seconds": 4 / 6}) != before
    with writing(world.workspace.engine) as session:
        session.add(Item(stage="score", key="v0 x", settings_hash=before, state=State.DONE))
    assert build_stage("score", world.workspace).settings_hash == before
    assert build_stage("propose", world.workspace).settings_hash == settings_hash(usual, filters)
    world.set('scorer = "red"', 'scorer = ["red"]')
    assert build_stage("score", world.workspace).settings_hash == before
    world.set('scorer = ["red"]', 'scorer = ["red", "green"]')
    assert build_stage("score", world.workspace).settings_hash != known


SETTINGS = [
    pytest.param('score.scorer = "red"\npropose.sampling = "max_entropy"', "names 1", id="one"),
    pytest.param('propose.sampling = "max_consensus"', "needs two scorers", id="none"),
    pytest.param('score.scorer = ["a", "b", "c"]', "one folder or two, found", id="three"),
    pytest.param('score.scorer = ["a", "a"]', "names 'a' twice", id="the same twice"),
    pytest.param('score.scorer = ["a", ""]', "one folder or two, found", id="an empty one"),
    pytest.param("score.scorer = []", "one folder or two, found", id="an empty list"),
    pytest.param("score.scorer = [1, 2]", "must be a list of strings", id="numbers"),
    pytest.param("score.scorer = 1", "must be of type str", id="a number"),
    pytest.param('score.scorer = ["a", "../b"]', "leads out of the workspace", id="outside"),
    pytest.param('propose.sampling = "most"', "'max_entropy' or 'random', found", id="unknown"),
]


@pytest.mark.parametrize(("text", "message"), SETTINGS)
def test_what_cannot_be_meant_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as failed:
        Workspace.create(tmp_path / "new", text)
    assert "\n" not in str(failed.value) and "kbuild.toml" in str(failed.value)


def test_a_second_scorer_that_is_not_there_is_named(world, scorers) -> None:
    world.set('"green"]', '"nowhere"]')
    with pytest.raises(ConfigError, match=r"score\.scorer names .*nowhere"):
        world.run("score")


def test_a_release_says_both_scorers_and_what_its_clips_were_chosen_by() -> None:
    score = ScoreConfig(scorer=("/far/pictures", "frames"))
    config = Config(score=score, propose=ProposeConfig(sampling="random", seed=7))
    counts = Counts(lengths=Counter([4.0]), licences=Counter(["CC BY"]))
    text = write_readme(counts, Votes({}, 0, 0), [], config)
    for line in ("`score.scorer` | pictures, frames", "`propose.sampling` | random", "seed` | 7"):
        assert line in text
    assert "propose.sampling" not in write_readme(counts, Votes({}, 0, 0), [], Config())
