import pytest

from kinetics_builder.intervals import Interval
from pipelines.demo.claims import Claim
from pipelines.demo.tally import Stretch, tally, usable_stretches
from pipelines.demo.truth import Action, VideoTruth
from pipelines.demo.uploads import Kind
from pipelines.demo.verdict import Bar, NetworkScore, bars_of, judge

LABEL, OTHER = "sitting down", "waving hand"
TWICE = (Action(LABEL, 2, 7), Action(LABEL, 11, 16))
TRUTH = {
    "good": VideoTruth("good", Kind.HONEST, (LABEL,), TWICE, 18, "good", 0),
    "copy": VideoTruth(
        "copy", Kind.REUPLOAD, (LABEL,), (Action(LABEL, 1, 6), Action(LABEL, 10, 15)), 17, "good", 1
    ),
    "vague": VideoTruth("vague", Kind.VAGUE, (), TWICE, 18, "vague", 0),
    "wrong": VideoTruth("wrong", Kind.WRONG, (LABEL,), (Action(OTHER, 2, 7),), 18, "wrong", 0),
    "gone": VideoTruth("gone", Kind.REMOVED, (LABEL,), (), 18, "gone", 0),
}
ALL = {Stretch("good", LABEL, 0), Stretch("good", LABEL, 1)}


def clip(video_id: str, start: float, label: str = LABEL) -> Claim:
    return Claim(video_id, label, Interval(start, start + 4))


def test_usable_stretches_leave_out_copies_vague_and_wrong_titles() -> None:
    assert usable_stretches(TRUTH) == ALL


def test_a_video_that_shows_nothing_usable_was_let_through() -> None:
    claims = [Claim(name, LABEL) for name in TRUTH]
    counted, found = tally("match", claims, TRUTH, ALL)
    assert found == ALL
    assert (counted.num_passed, counted.num_right, counted.num_lost) == (5, 2, 0)
    assert counted.let_through == {Kind.REMOVED: 1, Kind.VAGUE: 1, Kind.WRONG: 1}


@pytest.mark.parametrize(
    ("made", "num_right", "num_lost", "let_through"),
    [
        pytest.param([clip("good", 2), clip("good", 12)], 2, 0, {}, id="both stretches"),
        pytest.param([clip("good", 2)], 1, 1, {}, id="one stretch is lost"),
        pytest.param([clip("good", 8)], 0, 2, {Kind.HONEST: 1}, id="the clip shows the pause"),
        pytest.param([clip("good", 2, OTHER)], 0, 2, {Kind.HONEST: 1}, id="another class"),
        pytest.param([clip("wrong", 2)], 0, 2, {Kind.WRONG: 1}, id="a wrong title"),
        pytest.param([clip("copy", 1)], 1, 1, {}, id="a copy stands for its original"),
        pytest.param(
            [clip("copy", 1), clip("good", 2)], 1, 1, {"second copy": 1}, id="both of a copy"
        ),
        pytest.param([clip("unheard of", 2)], 0, 2, {"unknown": 1}, id="a video of nowhere"),
    ],
)
def test_clips_against_the_truth(
    made: list[Claim], num_right: int, num_lost: int, let_through: dict[str, int]
) -> None:
    counted, _ = tally("release", made, TRUTH, ALL)
    assert (counted.num_right, counted.num_lost) == (num_right, num_lost)
    assert counted.let_through == let_through
    assert tally("release", reversed(made), TRUTH, ALL)[0] == counted


def test_precision_and_recall_are_those_of_the_release() -> None:
    made = [clip("good", 2), clip("wrong", 2)]
    counted, _ = tally("release", made, TRUTH, ALL)
    assert judge([counted], len(ALL), (9, 3)) == (0.5, 0.5, 3.0)
    nothing, _ = tally("release", [], TRUTH, ALL)
    assert judge([nothing], len(ALL), (0, 0)) == (0.0, 0.0, 0.0)


def score(network: str = "i3d_tiny_12x3", **changed: float | None) -> NetworkScore:
    usual = {"top1": 0.96, "shuffled_top1": 0.3, "reversed_swapped": 0.8, "chance": 1 / 12}
    return NetworkScore(network, 100, **(usual | changed))


@pytest.mark.parametrize(
    ("scores", "missed"),
    [
        pytest.param([score(), score("slowfast_tiny_2x16", top1=0.86)], [], id="all bars met"),
        pytest.param([score(top1=0.89)], ["i3d_tiny_12x3 top-1"], id="too low"),
        pytest.param(
            [score(shuffled_top1=0.85)],
            ["i3d_tiny_12x3 top-1 above shuffled frames"],
            id="time does not matter",
        ),
        pytest.param(
            [score(reversed_swapped=None)],
            ["i3d_tiny_12x3 reversed swap"],
            id="not measured, not met",
        ),
    ],
)
def test_missed_bars_are_named(scores: list[NetworkScore], missed: list[str]) -> None:
    bars = bars_of((0.98, 0.8, 3.0), scores, small=False)
    assert [bar.name for bar in bars if not bar.is_met] == missed


@pytest.mark.parametrize(("votes", "is_met"), [(3.2, True), (3.21, False)])
def test_votes_are_held_to_a_bar_from_above(votes: float, is_met: bool) -> None:
    *_, bar = bars_of((0.98, 0.8, votes), [], small=False)
    assert bar == Bar("votes for each accepted clip", votes, 3.2, is_less_better=True)
    assert (bar.is_met, bar.asked) == (is_met, "at most 3.2")


def test_the_small_demo_is_held_to_its_clips_alone() -> None:
    bars = bars_of((0.96, 0.8, 9.0), [score(top1=0.1)], small=True)
    assert bars == (
        Bar("precision of released clips", 0.96, 0.97),
        Bar("recall of usable clips", 0.8, 0.75),
    )
    assert [bar.is_met for bar in bars] == [False, True]
