"""A plan that is made after half of the classes, held against what the other half brings."""

from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.database.engine import writing
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting import download, match, search
from pipelines.collecting.classes import remember
from pipelines.inspecting.planning.figure import Figure
from pipelines.inspecting.planning.plan import Told, plan
from pipelines.running.runner import run_stage

NAMES = ("waving", "juggling", "bowling", "knitting", "ironing", "sailing")


def figures(workspace: Workspace, classes: Path) -> dict[str, Figure]:
    return {one.name: one for one in plan(workspace.root, Told(classes=classes)).figures}


def collect(workspace: Workspace, classes: Path) -> None:
    with writing(workspace.engine) as session:
        import_classes(session, read_classes(classes))
        remember(session, classes, "search:kbdemo", None)
    for stage in (search, match, download):
        run_stage(workspace, stage.stage(workspace))


def written(path: Path, names: tuple[str, ...]) -> Path:
    path.write_text("".join(f"{name}\n" for name in names))
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_half_of_the_classes_foresee_what_the_other_half_brings(site: Any, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        for one in range(6):
            title = f"{name} {one}" if one < 4 + number % 2 else f"not {name}s"
            site.pages[f"{name[:7]:A<7}{number}{one:03}"] = title
    gone = [video for video in site.pages if video.endswith("3")]
    site.excuses = dict.fromkeys(gone, (404, "Video unavailable. It has been removed."))
    settings = (
        '[run]\nworkers = 1\n[download]\nallow_private = ["127.0.0.1"]\nattempts = 1\n'
        'extractors = ["kbdemo-search", "kbdemo"]\n'
        f'extractor_args = {{ kbdemo = {{ base = ["{site.base}"] }} }}\n'
        "videos_per_hour = { kbdemo = 100000 }\nrate_jitter = 0\n"
    )
    workspace = Workspace.create(tmp_path / "w", settings)
    collect(workspace, written(tmp_path / "half.txt", NAMES[:3]))
    whole = written(tmp_path / "whole.txt", NAMES)
    num_asked, before = len(site.asked), files(workspace.root)
    planned = figures(workspace, whole)
    assert len(site.asked) == num_asked
    assert files(workspace.root) == before
    assert planned["download"].assumption == "kbdemo: 100000 videos and queries an hour"

    collect(workspace, whole)
    came = figures(workspace, whole)
    assert came["queries"].to_come.high == came["videos to download"].to_come.high == 0
    for name in ("queries", "videos listed", "candidates", "videos that come"):
        so_far, now = planned[name].so_far, came[name].so_far
        assert so_far is not None and now is not None and now > so_far
        low, likely, high = planned[name].to_come
        assert now - so_far == pytest.approx(likely, rel=0.3), name
        assert low <= now - so_far <= high
