"""What edits would change, told before anything is recorded."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.config import Config, CurateConfig
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer
from kinetics_builder.errors import FormatError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.curating.edits import record_edits
from pipelines.publishing.curating.plan import CuratePlan, plan_curate
from pipelines.verifying.aggregate import aggregate

CONFIG = Config(curate=CurateConfig(num_test=1, num_validate=1, max_held_out_share=0.5))


def garden(filler: Any) -> None:
    for n in range(3):
        filler.votes(filler.clip(f"surf{n}", "surfing"))
        filler.votes(filler.clip(f"dive{n}", "diving"))
    for n in range(4):
        clip = filler.clip(f"garden{n}", "gardening")
        filler.votes(clip)
        if n < 2:
            filler.vote(clip, f"namer {n}", Answer.NO, better_name="watering plants")


@pytest.fixture
def edits(workspace: Workspace, fill: Any) -> Path:
    fill(workspace, garden)
    with writing(workspace.engine) as session:
        aggregate(session, CONFIG.verify)
        curate(session, CONFIG)
    return workspace.root / "edits.txt"


def plan(workspace: Workspace, path: Path | None) -> CuratePlan:
    with reading(workspace.engine) as session:
        return plan_curate(session, CONFIG, path)


def files(workspace: Workspace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}


def test_counts_quotas_and_new_questions_are_told(workspace: Workspace, edits: Path) -> None:
    edits.write_text(
        "merge surfing + diving -> water\nsplit gardening -> watering plants | trimming trees\n"
    )
    found = plan(workspace, edits)
    assert (found.quota, found.num_before, found.num_after, found.num_to_ask) == (4, 10, 10, 2)
    shown = {
        one.label: (sum(one.before.values()), sum(one.after.values()), one.num_to_ask, one.quota)
        for one in found.classes
    }
    assert shown == {
        "diving": (3, 0, 0, ""),
        "surfing": (3, 0, 0, ""),
        "water": (0, 6, 0, "reached"),
        "gardening": (4, 2, 2, "lost"),
        "watering plants": (0, 2, 0, ""),
    }


def test_what_was_planned_is_what_curate_then_does(workspace: Workspace, edits: Path) -> None:
    edits.write_text("merge surfing + diving -> water\ndrop gardening\n")
    told = plan(workspace, edits)
    with writing(workspace.engine) as session:
        record_edits(session, edits)
        report = curate(session, CONFIG)
    assert report.labels == {
        one.label: one.after for one in told.classes if any(one.after.values())
    }
    again = plan(workspace, edits)
    assert again.edits == () and not any(one.has_changed for one in again.classes)


def test_without_a_file_nothing_changes(workspace: Workspace, edits: Path) -> None:
    assert not any(one.has_changed for one in plan(workspace, None).classes)


def test_a_wrong_line_is_named(workspace: Workspace, edits: Path) -> None:
    edits.write_text("drop surfing\ndrop surfing\n")
    with pytest.raises(FormatError, match=r"edits\.txt:2: .*Write `restore surfing` before it"):
        plan(workspace, edits)


def test_the_command_shows_a_table_and_writes_nothing(workspace: Workspace, edits: Path) -> None:
    edits.write_text("reason: the same\nmerge surfing + diving -> water\n")
    workspace.engine.dispose()

    def kbuild(*arguments: str) -> str:
        done = CliRunner().invoke(group, ["-C", str(workspace.root), "curate", "plan", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    before = files(workspace)
    lines = kbuild("--edits", str(edits)).splitlines()
    assert lines[0] == "1 new edit; nothing is recorded by this."
    assert lines[1] == "line 2: merge surfing + diving -> water  # the same"
    assert lines[3].split() == ["class", "clips", "train", "validate", "test", "to", "ask", "quota"]
    assert [line.split()[0] for line in lines[4:7]] == ["diving", "surfing", "water"]
    assert "gardening" in kbuild("--edits", str(edits), "--all")
    found = json.loads(kbuild("--edits", str(edits), "--json"))
    assert found["edits"][0]["edit"] == "merge surfing + diving -> water"
    left = files(workspace)
    assert left.pop("kbuild.sqlite-wal", b"") == b"", "SQLite's log of what is written"
    left.pop("kbuild.sqlite-shm", None)
    assert left == before
