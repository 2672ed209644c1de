"""`kbuild demo --ava`: the whole way to linked boxes, judged against the truth."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import group
from pipelines.demo.ava.tally import SWITCH, StepTally
from pipelines.demo.ava.verdict import bars_of


def step(name: str, true: int, passed: int, right: int, **wrong: int) -> StepTally:
    return StepTally(name, "things", true, passed, right, wrong)


def steps(links: StepTally) -> list[StepTally]:
    whole = step("keyframes", 10, 10, 10)
    return [whole, step("shots", 4, 4, 4), whole, step("shown", 100, 90, 85), links]


def test_bars_are_shares_of_what_there_is_and_of_what_was_made() -> None:
    switched = StepTally("link", "links", 50, 40, 38, {SWITCH: 2})
    bars = {bar.name: bar for bar in bars_of(steps(switched))}
    assert bars["links that switch no identity"].reached == pytest.approx(0.95)
    assert bars["recall of shown boxes"].reached == 0.85
    assert bars["precision of shown boxes"].reached == pytest.approx(85 / 90)
    assert all(bar.is_met for bar in bars.values())


def test_without_any_link_nothing_can_be_said_of_them() -> None:
    bars = bars_of(steps(step("link", 50, 0, 0)))
    assert [bar.name for bar in bars if not bar.is_met] == ["links that switch no identity"]
    assert bars[-1].reached is None


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file that a second run has no reason to touch."""
    stats = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    changing = ("kbuild.sqlite", "truth.", ".lock")
    return {
        str(path.relative_to(folder)): (stat.st_size, stat.st_mtime_ns)
        for path, stat in stats.items()
        if not path.name.startswith(changing)
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_small_demo_reaches_linked_boxes_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = CliRunner().invoke(group, ["demo", str(folder), "--ava", "--small", "--json"])
    assert first.exit_code == 0, first.output
    verdict = json.loads(first.stdout)
    by_name = {one["step"]: one for one in verdict["steps"]}
    assert by_name["keyframes"]["recall"] == by_name["keyframes"]["precision"] == 1.0
    assert by_name["detect, shown"]["precision"] >= 0.9
    assert by_name["detect, shown"]["recall"] >= 0.8
    assert by_name["detect, all"]["recall"] >= by_name["detect, shown"]["recall"]
    assert by_name["link"]["num_passed"] > 200
    before = state_of(folder)
    again = CliRunner().invoke(group, ["demo", str(folder), "--ava", "--small", "--json"])
    assert state_of(folder) == before
    assert {**json.loads(again.stdout), "seconds": 0} == {**verdict, "seconds": 0}
    other = CliRunner().invoke(group, ["demo", str(folder), "--small"])
    assert other.exit_code == 1
    assert "holds another demo" in other.output
