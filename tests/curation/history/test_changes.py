"""Versions of a dataset held beside one another, the official lists of Kinetics among them."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.curation.history.changes import SURE, Change, Fate, compare_versions
from kinetics_builder.curation.history.versions import Moves, Version

CERTAIN = {
    "changing wheel": {"changing wheel (not on bike)"},
    "cooking sausages": {"cooking sausages (not on barbeque)"},
    "dying hair": {"dyeing hair"},
    "garbage collecting": {"person collecting garbage"},
    "hugging": {"hugging (not baby)", "hugging baby"},
    "making bed": {"making the bed"},
    "opening bottle": {"opening bottle (not wine)", "opening wine bottle"},
    "passing American football (not in game)": {"passing american football (not in game)"},
    "throwing ball": {"throwing ball (not baseball or American football)"},
    "tying tie": {"tying necktie"},
}
"""From Kinetics-400 to 600, as the names show it."""
BY_VIDEOS = {"baby waking up": {"waking up"}, "balloon blowing": {"inflating balloons"}}
"""What the videos of both show beside that."""
GUESSES = {"cleaning floor": "vacuuming floor", "dying hair": "dyeing eyebrows"}
RETURNED = {
    *("baby waking up", "cooking chicken", "digging", "exercising arm", "filling eyebrows"),
    *("gargling", "playing cards", "shredding paper", "spraying", "tossing salad"),
}


def names(shared: Path, number: int) -> Version:
    path = shared / "kinetics" / f"label_map_k{number}.txt"
    return Version(f"K{number}", frozenset(path.read_text().splitlines()))


def rows(shared: Path, name: str) -> Version:
    path = shared / "kinetics" / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return Version.of_rows(name, [(r["youtube_id"], r["label"]) for r in csv.DictReader(file)])


def became(changes: list[Change]) -> dict[str, set[str]]:
    return {label: set(c.new) for c in changes if c.fate is not Fate.KEPT for label in c.old}


def of_fate(changes: list[Change], fate: Fate) -> list[Change]:
    return [change for change in changes if change.fate is fate]


def test_kinetics_400_to_600_by_names_alone(shared: Path) -> None:
    changes = compare_versions(names(shared, 400), names(shared, 600))
    assert len(of_fate(changes, Fate.KEPT)) == 368
    found = became(changes)
    assert len(found) == 32
    assert {old: new for old, new in found.items() if new} == CERTAIN
    guesses = {(g.old, g.new) for change in changes for g in change.guesses}
    assert set(GUESSES.items()) <= guesses
    assert [c.old for c in of_fate(changes, Fate.SPLIT)] == [("hugging",), ("opening bottle",)]
    assert len(of_fate(changes, Fate.NEW)) == 232 - sum(map(len, CERTAIN.values()))


def test_kinetics_400_to_600_by_their_videos(shared: Path) -> None:
    old, new = rows(shared, "kinetics-400_val.csv"), rows(shared, "kinetics600_validate.csv.gz")
    changes = compare_versions(old, new)
    assert len(of_fate(changes, Fate.KEPT)) == 368
    assert {o: n for o, n in became(changes).items() if n} == CERTAIN | BY_VIDEOS
    moved = {c.old[0]: c for c in changes if c.old and c.old[0] in BY_VIDEOS}
    assert "44 of 44 videos in both" in moved["baby waking up"].why[0]
    assert all(change.belief >= 0.85 for change in moved.values())
    # three of its fifty videos turn up elsewhere: it was dropped
    assert Moves(old, new).targets("digging") == {"archaeological excavation": 3}
    assert became(changes)["digging"] == set()


def test_kinetics_600_to_700_and_what_returned(shared: Path) -> None:
    changes = compare_versions(names(shared, 600), names(shared, 700), [names(shared, 400)])
    found = became(changes)
    respelt = "passing american football (not in game)"
    assert {old: new for old, new in found.items() if new} == {
        respelt: {respelt.replace("american", "American")}
    }
    dropped = {change.old[0]: change for change in of_fate(changes, Fate.DROPPED)}
    assert set(dropped) == {"bull fighting", "chopping vegetables", "picking fruit"}
    assert {g.new for g in dropped["picking fruit"].guesses} >= {"picking apples"}
    assert {change.new[0] for change in of_fate(changes, Fate.RETURNED)} == RETURNED


def test_two_classes_that_became_one() -> None:
    old = Version.of_rows("a", [(f"v{n}", "jogging" if n < 10 else "running") for n in range(20)])
    new = Version.of_rows("b", [(f"v{n}", "running") for n in range(20)])
    assert of_fate(compare_versions(old, new), Fate.MERGED) == [
        Change(
            Fate.MERGED,
            ("jogging", "running"),
            ("running",),
            pytest.approx(10 / 11),
            ("10 of 10 videos in both",),
        )
    ]


def test_a_class_whose_videos_went_two_ways_is_a_guess_or_a_split() -> None:
    """Neither way holds more than half of the videos: words must help to be sure."""
    old = Version.of_rows("a", [(f"v{n}", "skating") for n in range(40)])
    halves = [(f"v{n}", "ice skating" if n % 2 else "roller skating") for n in range(40)]
    changes = compare_versions(old, Version.of_rows("b", halves), sure=0.7)
    assert of_fate(changes, Fate.SPLIT)[0].new == ("ice skating", "roller skating")
    others = [(video, {"i": "gliding", "r": "rolling"}[label[0]]) for video, label in halves]
    changes = compare_versions(old, Version.of_rows("b", others), sure=0.7)
    (dropped,) = of_fate(changes, Fate.DROPPED)
    assert {guess.new for guess in dropped.guesses} == {"gliding", "rolling"}


LABELS = st.frozensets(
    st.sampled_from(["eating", "eating cake", "eating the cake", "vault", "dyeing"])
)


@given(LABELS, LABELS, st.floats(0.05, 1))
def test_each_class_has_one_fate(was: frozenset[str], now: frozenset[str], sure: float) -> None:
    changes = compare_versions(Version("a", was), Version("b", now), sure=sure)
    old = [label for c in changes for label in c.old if c.fate is not Fate.MERGED]
    merged = {label for c in of_fate(changes, Fate.MERGED) for label in c.old}
    assert len(old) == len(set(old))
    assert set(old) | merged == was
    assert {label for c in changes for label in c.new} == now
    assert all(guess.belief < sure for c in changes for guess in c.guesses)
    assert all(c.belief >= sure for c in changes)


def test_what_is_less_sure_can_be_asked_for(shared: Path) -> None:
    changes = compare_versions(names(shared, 400), names(shared, 600), sure=0.4)
    assert became(changes)["baby waking up"] == {"waking up"}
    assert SURE > 0.4
