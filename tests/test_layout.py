"""The folders tell the truth: imports point one way, nothing heavy at the top, all imports."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("kinetics_builder", "models", "pipelines", "annotation_ui")
HEAVY = ("torch", "torchvision", "flask", "models", "annotation_ui")
LIGHT_FOR_THE_COMMAND = {
    "click",
    "kinetics_builder.errors",
    "kinetics_builder.places",
    "kinetics_builder.text.counting",
    "kinetics_builder.text.masking",
    "pipelines.cli",
    "pipelines.start",
}
FILES = sorted(file for package in OURS for file in (ROOT / package).rglob("*.py"))
STARTS = {"get_context", "set_start_method", "Process", "set_executable"}
"""Names of `multiprocessing` that begin children in a way of their own."""
POOLS = ("ProcessPool", "ProcessPoolExecutor")
FUNCTIONS_AND_CLASSES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

parsed = cache(lambda file: ast.parse(file.read_text("utf-8")))
"""The syntax of a file. All would take long: those are parsed that have what is looked for."""


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(node: ast.AST, *, everywhere: bool) -> Iterator[str]:
    """Yield what is imported: at the top of the module alone, or everywhere in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        elif everywhere or not isinstance(child, FUNCTIONS_AND_CLASSES):
            yield from imports(child, everywhere=everywhere)


def inside(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def having(pattern: str, files: Iterable[Path]) -> list[Path]:
    """Return the files that have a line which begins like `pattern`, or has it behind `.*`."""
    line = re.compile(rf"^\s*{pattern}", re.MULTILINE)
    return [file for file in files if line.search(file.read_text("utf-8"))]


def faults(files: Iterable[Path], found: Callable[[Path], Iterable[str]]) -> list[str]:
    """Return what is found wrong in files, each with its file."""
    return [f"{file.relative_to(ROOT)}: {fault}" for file in files for fault in found(file)]


def test_nothing_lies_at_the_top_that_has_no_room_there() -> None:
    """What a command leaves where it was started is easily taken into a commit."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    if listed.returncode:
        pytest.skip("no checkout of git")
    top = {Path(name).parts[0] for name in listed.stdout.splitlines()}
    rooms = {*OURS, "tests", "benchmarks", "docs", "findings", ".ci"}
    assert top <= rooms | {".gitignore", "Makefile", "README.md", "pyproject.toml"}


def test_imports_are_absolute() -> None:
    assert not having(r"from\s*\.", FILES)


def test_the_roof_imports_nothing_heavy_at_the_top() -> None:
    def found(file: Path) -> Iterator[str]:
        for module in imports(parsed(file), everywhere=False):
            if any(inside(module, package) for package in HEAVY):
                yield module

    importing = having(
        rf"(from|import)\s+({'|'.join(HEAVY)})\b", (ROOT / "pipelines").rglob("*.py")
    )
    assert importing, "functions import them"
    assert not faults(importing, found)


def test_commands_import_nothing_but_click_at_the_top() -> None:
    def found(file: Path) -> Iterator[str]:
        for module in imports(parsed(file), everywhere=False):
            known = any(inside(module, light) for light in LIGHT_FOR_THE_COMMAND)
            if not known and module.split(".")[0] not in sys.stdlib_module_names:
                yield module

    commands = ROOT / "pipelines" / "cli"
    # Progress bars are imported only when a stage runs.
    assert not faults(set(commands.glob("*.py")) - {commands / "progress.py"}, found)


def test_every_module_imports() -> None:
    for file in FILES:
        if "migrations" not in file.parts and file.stem != "__main__":
            import_module(module_name(file))


def test_every_module_says_what_it_is() -> None:
    told = [file for file in FILES if "versions" not in file.parts]
    assert not [str(file) for file in told if not re.match(r'r?"""\S', file.read_text("utf-8"))]


def test_children_are_started_in_one_way() -> None:
    """Those of `kinetics_builder.children` import from the installation alone."""

    def found(file: Path) -> Iterator[str]:
        for module in imports(parsed(file), everywhere=True):
            if module.removeprefix("multiprocessing.") in {*STARTS, "multiprocessing"}:
                yield module
        for call in calls(file):
            name, given = ast.unparse(call.func), {keyword.arg for keyword in call.keywords}
            wanted = {"context", "mp_context"} if name.endswith(POOLS) else set()
            wanted |= {"multiprocessing_context"} if name.endswith("DataLoader") else set()
            if (wanted and not given & wanted) or "sys.executable" in ast.unparse(call):
                yield f"line {call.lineno} starts a child of its own"

    words = "|".join(("multiprocessing", *POOLS, "DataLoader", "sys.executable"))
    starting = having(f".*({words})", FILES)
    assert len(starting) > 5
    assert not faults(set(starting) - {ROOT / "kinetics_builder" / "children.py"}, found)


def calls(file: Path) -> list[ast.Call]:
    return [node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]


def test_no_test_leaves_a_child_behind() -> None:
    """One that fails half way leaves none either: children begin by `with` or `start_child`."""

    def found(file: Path) -> Iterator[str]:
        begun = [call for call in calls(file) if ast.unparse(call.func).endswith("Popen")]
        nodes = ast.walk(parsed(file))
        ended = {ast.unparse(node.context_expr) for node in nodes if isinstance(node, ast.withitem)}
        for call in calls(file):
            if ast.unparse(call.func).endswith("enter_context"):
                ended |= {ast.unparse(argument) for argument in call.args}
        yield from (f"line {one.lineno}" for one in begun if ast.unparse(one) not in ended)

    starting = having(".*Popen", (ROOT / "tests").rglob("*.py"))
    assert len(starting) > 5
    assert not faults(starting, found)


def test_media_are_opened_for_reading_in_one_place() -> None:
    opened = {module_name(file) for file in FILES if "av.open(" in file.read_text("utf-8")}
    writing = {"kinetics_builder.video.cutting.clip_file", "pipelines.demo.encode"}
    assert opened - writing == {"kinetics_builder.video.reading.container"}


def test_migrations_are_numbered_one_after_another() -> None:
    """Two that were written at the same time cannot both be the next one."""
    folder = ROOT / "kinetics_builder" / "database" / "migrations" / "versions"
    numbers = [file.name.partition("_")[0] for file in sorted(folder.glob("*_*.py"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
