"""The stages of `kbuild collect`, one of them so that something else happens in its middle.

Each prints how many items it did.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kinetics_builder.database.engine import writing
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting.classes import remember
from pipelines.running.runner import run_stage
from pipelines.stages import MODULES, build_stage


def slowly(work: Any, item: Any) -> Any:
    time.sleep(1.0)
    return work(item)


def together(work: Any, item: Any, *, folder: Path) -> Any:
    """Work when the children of two commands have come."""
    folder.mkdir(exist_ok=True)
    (folder / f"{os.getppid()}").touch()
    deadline = time.monotonic() + 100
    while len(list(folder.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return work(item)


def collect(root: Path, classes: Path, source: str, last: str, around: Callable[..., Any]) -> None:
    workspace = Workspace.open(root)
    with writing(workspace.engine) as session:
        import_classes(session, read_classes(classes))
        remember(session, classes, source, None)
    for name in MODULES:
        stage = build_stage(name, workspace)
        if name == last:
            stage = replace(stage, work=partial(around, stage.work), look=None)
        sys.stdout.write(f"{name} {run_stage(workspace, stage).num_new}\n")


def way(name: str, root: Path) -> Callable[..., Any]:
    """Return what is done around the work on each item of the stage."""
    return slowly if name == "slowly" else partial(together, folder=root / "here")


if __name__ == "__main__":
    # By its name: what `__main__` holds is no module that another machine could import.
    from tests.journeys import slow_collect

    root, classes, source, last, *how = sys.argv[1:]
    around = slow_collect.way(*how or ["slowly"], root=Path(root))
    slow_collect.collect(Path(root), Path(classes), source, last, around)
