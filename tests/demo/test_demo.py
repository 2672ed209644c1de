import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.planning import foreseen
from kinetics_builder.workspace import Workspace
from pipelines.cli import group


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file that a second run has no reason to touch."""
    stats = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    changing = ("kbuild.sqlite", "report.html", "classes.yaml", "truth.json", ".lock")
    return {
        str(path.relative_to(folder)): (stat.st_size, stat.st_mtime_ns)
        for path, stat in stats.items()
        if not path.name.startswith(changing)
    }


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_small_demo_goes_the_whole_way_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = CliRunner().invoke(group, ["demo", str(folder), "--small", "--json"])
    assert first.exit_code == 0, first.output
    verdict = json.loads(first.stdout)
    assert verdict["precision"] >= 0.97
    assert verdict["recall"] >= 0.75
    assert {score["network"] for score in verdict["networks"]} == {
        "i3d_tiny_12x3",
        "slowfast_tiny_2x16",
    }
    assert Path(verdict["report"]).stat().st_size > 10_000
    # half of the classes foresee the others, step by step
    for half in foreseen(Workspace.open(folder), num_halves=20):
        assert {name: figure for name, figure in half.items() if figure.factor > 1.6} == {}
    before = state_of(folder)
    second = CliRunner().invoke(group, ["demo", str(folder), "--small", "--json"])
    again = json.loads(second.stdout)
    assert state_of(folder) == before
    assert next(iter(verdict["part_seconds"])) == "draw" and verdict["part_seconds"]["train"] > 1
    timeless = {"seconds": 0, "part_seconds": {}}
    assert {**again, **timeless} == {**verdict, **timeless}
