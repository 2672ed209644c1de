"""A class is flagged about which careful workers disagree more than chance lets them."""

import json
from math import comb
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.flags.guidelines import LEVEL, find_unclear, read_unclear, upper_tail
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from tests.pipelines.conftest import Filler, fill, workspace

__all__ = ["fill", "workspace"]

YES, NO = Answer.YES, Answer.NO


@pytest.mark.parametrize(
    ("hits", "drawn", "marked", "whole"), [(0, 3, 2, 9), (2, 3, 2, 9), (4, 6, 8, 10), (6, 6, 8, 10)]
)
def test_the_tail_is_that_of_drawing_without_replacement(hits, drawn, marked, whole) -> None:
    ways = [
        comb(marked, k) * comb(whole - marked, drawn - k) if drawn >= k else 0
        for k in range(hits, marked + 1)
    ]
    assert upper_tail(hits, drawn, marked, whole) == pytest.approx(sum(ways) / comb(whole, drawn))


def draw(shares: list[float], num_clips: int, seed: int) -> dict[str, dict[int, bool]]:
    """Return classes of which so large a share of clips differs."""
    chance = np.random.default_rng(seed)
    return {
        f"class {number}": dict(enumerate((chance.random(num_clips) < share).tolist()))
        for number, share in enumerate(shares)
    }


def test_where_all_classes_are_alike_hardly_any_is_flagged() -> None:
    flagged = sum(bool(find_unclear(draw([0.15] * 20, 60, seed))) for seed in range(300))
    assert flagged <= LEVEL * 300


def test_a_class_twice_as_disputed_as_others_is_found() -> None:
    found = [find_unclear(draw([0.4] + [0.15] * 9, 80, seed)) for seed in range(20)]
    assert sum([one.label for one in flagged] == ["class 0"] for flagged in found) >= 16


@pytest.mark.parametrize("clips", [{}, {"a": {}}, {"a": {1: True}}, {"a": {1: True, 2: True}}])
def test_where_there_is_nothing_to_compare_nothing_is_flagged(clips) -> None:
    assert find_unclear(clips) == []


@pytest.fixture
def answered(workspace: Workspace, fill: Any) -> Workspace:
    """Careful Ada and Bo disagree about jumping alone; careless Cy about everything."""

    def story(filler: Filler) -> None:
        for number in range(10):
            clip = filler.clip(f"gold {number}", "waving")
            gold = filler.gold(clip, "waving", YES if number % 2 else NO)
            filler.vote(clip, "Ada", gold.expected, gold=gold)
            filler.vote(clip, "Bo", gold.expected, gold=gold)
            filler.vote(clip, "Cy", YES, gold=gold)
        for label in ("waving", "jumping", "clapping"):
            for number in range(12):
                clip = filler.clip(f"{label} {number}", label)
                filler.vote(clip, "Cy", NO if number % 2 else YES)
                filler.vote(clip, "Ada", YES)
                filler.vote(clip, "Bo", NO if label == "jumping" else YES)
        keep(filler.session, VerifyConfig())

    fill(workspace, story)
    return workspace


def test_careful_workers_alone_are_asked_and_their_clips_are_shown(answered: Workspace) -> None:
    with reading(answered.engine) as session:
        (one,) = read_unclear(session)
    assert (one.label, one.num_clips, one.num_differing) == ("jumping", 12, 12)
    assert one.words == "careful workers disagree about 12 of 12 clips, elsewhere about 0 of 34"
    assert len(one.clip_ids) == 12


def test_the_command_tells_the_same(answered: Workspace) -> None:
    args = ["-C", str(answered.root), "crowd", "unclear"]
    told = CliRunner().invoke(group, args)
    assert told.output.startswith("jumping: careful workers disagree about 12 of 12 clips")
    (one,) = json.loads(CliRunner().invoke(group, [*args, "--json"]).output)
    assert (one["label"], len(one["clip_ids"])) == ("jumping", 12)


def test_workers_are_listed_with_their_flags(workspace: Workspace, fill: Any) -> None:
    def story(filler: Filler) -> None:
        for number in range(40):
            clip = filler.clip(f"clip {number}", "waving")
            for name in ("Ada", "Bo", "Cy"):
                filler.vote(clip, name, YES if number % 3 else NO)
            filler.vote(clip, "Dee", YES)
        keep(filler.session, VerifyConfig())

    fill(workspace, story)
    args = ["-C", str(workspace.root), "crowd", "workers"]
    found = json.loads(CliRunner().invoke(group, [*args, "--json"]).output)
    flags = {one["worker"]: [flag["name"] for flag in one["flags"]] for one in found}
    assert flags == {"Ada": [], "Bo": [], "Cy": [], "Dee": ["one answer"]}
    assert all(one["counts"] for one in found), "nothing follows of a flag"
    text = CliRunner().invoke(group, args).output
    assert "    said yes 40 times in a row, of 14 of these clips others said otherwise" in text
