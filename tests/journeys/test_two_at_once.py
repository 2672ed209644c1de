"""Two collects in one workspace at once share the work: each item is done once, as by one alone."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item
from kinetics_builder.workspace import Workspace
from pipelines.stages import MODULES
from tests.contents import contents
from tests.journeys import slow_collect
from tests.journeys.conftest import SETTINGS

SCRIPT = Path(__file__).parent / "slow_collect.py"


@pytest.mark.long
@pytest.mark.on_both
@pytest.mark.timeout(480)
def test_two_collects_at_once_do_each_item_once_and_give_the_rows_of_one(
    tmp_path: Path,
    workspace: Workspace,
    classes: Path,
    videos: Path,
    start_child: Callable[..., "subprocess.Popen[str]"],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def begin(place: Workspace, stage: str) -> "subprocess.Popen[str]":
        said = [str(place.root), str(classes), f"folder:{videos}", stage, "together"]
        return start_child([sys.executable, str(SCRIPT), *said], stdout=subprocess.PIPE)

    alone = Workspace.create(tmp_path / "alone", SETTINGS)
    slow_collect.collect(alone.root, classes, f"folder:{videos}", "", slow_collect.slowly)
    expected = told(capsys.readouterr().out)
    one, two = map(ended, [begin(workspace, "download") for _ in range(2)])
    assert contents(workspace.engine) == contents(alone.engine)
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Item.attempts))) == {1}
    assert [*expected] == [*one] == [*two] == [*MODULES]
    assert expected == {stage: one[stage] + two[stage] for stage in MODULES}
    assert expected["download"] == 10 > one["download"] > 0


def ended(process: "subprocess.Popen[str]") -> dict[str, int]:
    """Return how many items of each stage a collect did that must end well."""
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 0
    return told(said)


def told(said: str) -> dict[str, int]:
    return {stage: int(number) for stage, number in map(str.split, said.splitlines())}
