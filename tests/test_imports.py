"""What commands that only look do not import, and that children have what work imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.large_workspace import fill
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import FilmHit
from kinetics_builder.workspace import Workspace
from pipelines.ava.told import SOURCE, tell
from pipelines.stages import ALL_MODULES, WORKED_WITH

ROOT = Path(__file__).parent.parent
HEAVY = {
    *("torch", "torchvision", "numpy", "scipy", "pandas", "pyarrow", "faiss", "matplotlib"),
    *("av", "cv2", "scenedetect", "PIL", "yt_dlp", "ray", "fsspec", "flask", "rich"),
}
OF_WORK = ("kinetics_builder.video.", "pipelines.kinetics.", "pipelines.sources.web.")
"""Rooms of what takes long to import. What networks need is imported by whom is given one."""
OF_FILMS = ("kinetics_builder.ava.linking", "kinetics_builder.ava.looks", "pipelines.ava.decoding")


def loaded(code: str, *names: str) -> set[str]:
    """Return which of `names` a fresh interpreter has after running `code`."""
    said = f"\nimport sys\nprint('\\n', *(set({names!r}) & set(sys.modules)))"
    command = [sys.executable, "-c", code + said]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(child.stdout.splitlines()[-1].split())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Workspace.create(tmp_path_factory.mktemp("imports") / "data")
    fill(made, 40)
    with writing(made.engine) as session:
        tell(session, {SOURCE: "folder:films"})
        session.add(FilmHit(video_id=1, query="films", rank=0))
    return made.root


def test_status_imports_nothing_that_opens_videos_or_counts(workspace: Path) -> None:
    code = "from pipelines.cli import group"
    for options in ([], ["--classes", "--queries"], ["--json"], ["--failures"]):
        words = ["-C", str(workspace), "status", *options]
        code += f"\ngroup.main({words!r}, standalone_mode=False)"
    assert not loaded(code, *HEAVY)


def test_building_every_stage_opens_no_video(workspace: Path) -> None:
    code = "from pathlib import Path\nfrom kinetics_builder.workspace import Workspace\n"
    code += "from pipelines.stages import ALL_MODULES, build_stage\n"
    code += f"[build_stage(name, Workspace.open(Path({str(workspace)!r}))) for name in ALL_MODULES]"
    assert not loaded(code, *HEAVY)


def test_checking_a_release_draws_nothing() -> None:
    assert not loaded("from pipelines.publishing import checking, kinds", "matplotlib", "pandas")


def test_children_have_what_work_imports_before_an_item_comes() -> None:
    late = {
        name
        for module in (*ALL_MODULES.values(), "pipelines.sources.web.arrival")
        for name in _imported_late(module)
        if name.startswith((*OF_WORK, *OF_FILMS))
    }
    assert len(late) > 5
    code = "\n".join(f"import {module}" for module in (*ALL_MODULES.values(), *WORKED_WITH))
    assert late == loaded(code, *late)


def _imported_late(module: str) -> set[str]:
    """Return what functions of a module import."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = [node for function in functions for node in ast.walk(function)]
    return {node.module or "" for node in inside if isinstance(node, ast.ImportFrom)}
