"""Which Pythons are supported: said once in pyproject.toml, and tried by a script."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SCRIPT = ROOT / "tests" / "on_every_python.sh"
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"


def supported() -> list[str]:
    found = (re.fullmatch(r".* :: (3\.\d+)", line) for line in PROJECT["classifiers"])
    return [match[1] for match in found if match]


def test_what_is_supported_is_one_range_and_holds_this_python() -> None:
    minors = [int(version.partition(".")[2]) for version in supported()]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert PROJECT["requires-python"] == f">=3.{minors[0]}"
    assert f"Python 3.{minors[0]} or later" in (ROOT / "README.md").read_text("utf-8")
    assert THIS in supported()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the script, in which `make ok` passes and `make broken` does not."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "tests")
    shutil.copy(ROOT / "pyproject.toml", folder)
    say = "@$(PYTHON) -c 'import sys; print(\"this is\", sys.version_info[:2])'"
    (folder / "Makefile").write_text(f"ok:\n\t{say}\nbroken:\n\t{say}\n\tfalse\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)
    names = tmp_path / "names"
    names.mkdir()
    (names / f"python{THIS}").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{names}:/usr/bin:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "nowhere"))
    return folder


def run(project: Path, *targets: str) -> "subprocess.CompletedProcess[str]":
    command = ["sh", str(project / "tests" / SCRIPT.name), *targets]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_script_makes_the_targets_with_each_python_there_is(project: Path) -> None:
    done = run(project, "ok")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = done.stdout.strip().splitlines()[-len(supported()) :]
    mine = f"Python {THIS}: make ok passed: this is ({THIS.replace('.', ', ')})"
    assert mine in summary
    assert all(" passed: " in line or line.endswith("not on this machine") for line in summary)


def test_the_script_fails_where_a_target_does(project: Path) -> None:
    done = run(project, "ok", "broken")
    assert done.returncode == 1
    assert f"Python {THIS}: make ok passed" in done.stdout
    assert f"Python {THIS}: make broken FAILED" in done.stdout
