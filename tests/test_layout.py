"""The folders tell the truth: imports point one way, nothing heavy at the top, all imports."""

import ast
import sys
from collections.abc import Iterator
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
    "kinetics_builder.text.masking",
    "pipelines.cli",
}
FILES = sorted(file for package in OURS for file in (ROOT / package).rglob("*.py"))
each_file = pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(nodes: list[ast.stmt], *, everywhere: bool) -> Iterator[str]:
    """Yield what is imported: at the top of the module alone, or everywhere in it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write absolute imports"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif everywhere or not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            children = [n for n in ast.walk(node) if isinstance(n, ast.stmt) and n is not node]
            yield from imports(children, everywhere=everywhere)


def inside(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@each_file
def test_imports_are_absolute(file: Path) -> None:
    list(imports(ast.parse(file.read_text()).body, everywhere=True))


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if inside(module_name(file), "pipelines")],
    ids=lambda f: str(f.relative_to(ROOT)),
)
def test_the_roof_imports_nothing_heavy_at_the_top(file: Path) -> None:
    for module in imports(ast.parse(file.read_text()).body, everywhere=False):
        assert not any(inside(module, package) for package in HEAVY), module


@pytest.mark.parametrize(
    "file",
    # Progress bars are imported only when a stage runs.
    sorted(set((ROOT / "pipelines" / "cli").glob("*.py")) - {ROOT / "pipelines/cli/progress.py"}),
    ids=lambda f: f.name,
)
def test_commands_import_nothing_but_click_at_the_top(file: Path) -> None:
    for module in imports(ast.parse(file.read_text()).body, everywhere=False):
        known = any(inside(module, light) for light in LIGHT_FOR_THE_COMMAND)
        assert known or module.split(".")[0] in sys.stdlib_module_names, module


@each_file
def test_every_module_imports(file: Path) -> None:
    if "migrations" not in file.parts and file.stem != "__main__":
        import_module(module_name(file))


@each_file
def test_every_module_says_what_it_is(file: Path) -> None:
    if "versions" not in file.parts:
        assert ast.get_docstring(ast.parse(file.read_text())), file


STARTS = {"get_context", "set_start_method", "Process", "set_executable"}
"""Names of `multiprocessing` that begin children in a way of their own."""


@each_file
def test_children_are_started_in_one_way(file: Path) -> None:
    """Those of `kinetics_builder.children` import from the installation alone."""
    if file == ROOT / "kinetics_builder" / "children.py":
        return
    tree = ast.parse(file.read_text())
    for module in imports(tree.body, everywhere=True):
        assert module.removeprefix("multiprocessing.") not in {*STARTS, "multiprocessing"}, module
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name, given = ast.unparse(call.func), {keyword.arg for keyword in call.keywords}
        if name.endswith(("ProcessPool", "ProcessPoolExecutor")):
            assert given & {"context", "mp_context"}, ast.unparse(call)
        if name.endswith("DataLoader"):
            assert "multiprocessing_context" in given, ast.unparse(call)
        assert "sys.executable" not in ast.unparse(call), "a child of its own"


@pytest.mark.parametrize(
    "file", sorted((ROOT / "tests").rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT))
)
def test_no_test_leaves_a_child_behind(file: Path) -> None:
    """One that fails half way leaves none either: children begin by `with` or `start_child`."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    ended = {ast.unparse(node.context_expr) for node in nodes if isinstance(node, ast.withitem)}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        if ast.unparse(call.func).endswith("enter_context"):
            ended |= {ast.unparse(argument) for argument in call.args}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        if ast.unparse(call.func).endswith("Popen"):
            assert ast.unparse(call) in ended, f"line {call.lineno}"


def test_media_are_opened_for_reading_in_one_place() -> None:
    opened = {module_name(file) for file in FILES if "av.open(" in file.read_text("utf-8")}
    writing = {"kinetics_builder.video.cutting.clip_file", "pipelines.demo.encode"}
    assert opened - writing == {"kinetics_builder.video.reading.container"}


def test_migrations_are_numbered_one_after_another() -> None:
    """Two that were written at the same time cannot both be the next one."""
    folder = ROOT / "kinetics_builder" / "database" / "migrations" / "versions"
    numbers = [file.name.partition("_")[0] for file in sorted(folder.glob("*_*.py"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
