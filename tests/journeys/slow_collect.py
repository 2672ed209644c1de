"""The stages of `kbuild collect`, each item a little slower, so that a kill hits the middle."""

import sys
import time
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


def collect(root: Path, classes: Path, source: str, last: str) -> None:
    workspace = Workspace.open(root)
    with writing(workspace.engine) as session:
        import_classes(session, read_classes(classes))
        remember(session, classes, source, None)
    for name in MODULES:
        stage = build_stage(name, workspace)
        if name == last:
            stage = replace(stage, work=partial(slowly, stage.work), look=None)
        run_stage(workspace, stage)


if __name__ == "__main__":
    # By its name: what `__main__` holds is no module that another machine could import.
    from tests.journeys import slow_collect

    slow_collect.collect(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
