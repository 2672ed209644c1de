"""assign, aggregate and curate, killed half way: nothing of it is left, the next run is whole."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kinetics_builder.database.tables import (
    Base,
    CuratedClip,
    Decision,
    Task,
    TaskSlot,
    WorkerStanding,
)
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from tests.contents import contents

VERBS = ("assign", "aggregate", "curate")
KILLED = """
    import os, signal, sys
    from importlib import import_module
    from pipelines.cli import main

    folder, verb, place, name, calls = sys.argv[1:]
    module, left = import_module(place), [int(calls)]
    real = getattr(module, name)

    def call(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(module, name, call)
    main(["-C", folder, verb])
"""


def rows(workspace: Workspace, table: type[Base]) -> list[str]:
    """Return what the rows of a table say; their numbers may have gaps."""
    return sorted(contents(workspace.engine)[table.__tablename__].elements())


def kbuild(workspace: Workspace, verb: str) -> None:
    result = CliRunner().invoke(group, ["-C", str(workspace.root), verb])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("verb", "module", "function", "calls", "tables"),
    [
        ("assign", "pipelines.verifying.assign", "insert", 1, (Task, TaskSlot)),
        (
            "aggregate",
            "kinetics_builder.crowd.clips.decisions",
            "replace_rows",
            0,
            (WorkerStanding, Decision),
        ),
        ("curate", "kinetics_builder.database.bulk", "insert", 0, (CuratedClip,)),
    ],
    ids=VERBS,
)
def test_a_killed_verb_leaves_nothing_and_the_next_run_is_whole(
    workspace: Workspace,
    fill: Any,
    tmp_path: Path,
    verb: str,
    module: str,
    function: str,
    calls: int,
    tables: tuple[type[Base], ...],
) -> None:
    def story(filler: Any) -> None:
        for n in range(6):
            clip = filler.clip(f"video{n}", "waving" if n % 2 else "jumping")
            if verb != "assign":
                filler.votes(clip)

    whole = Workspace.create(tmp_path / "whole")
    for each in (whole, workspace):
        fill(each, story)
        for before in VERBS[1 : VERBS.index(verb)]:
            kbuild(each, before)
    kbuild(whole, verb)
    before_it = [rows(workspace, table) for table in tables]
    arguments = [str(workspace.root), verb, module, function, str(calls)]
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *arguments], cwd=Path(__file__).parents[3]
    )
    assert killed.returncode == -9
    assert [rows(workspace, table) for table in tables] == before_it
    kbuild(workspace, verb)
    for table in tables:
        assert rows(workspace, table) == rows(whole, table) != []
