"""How commands end: one line, an exit code, and a log of what nobody foresaw."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import group
from pipelines.cli.ending import UNFORESEEN, Terminated, stoppable
from pipelines.start import leave


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where logs go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException, *options: str) -> Result:
    """Run a command that ends with `error`."""

    @click.command()
    def fall() -> None:
        raise error

    monkeypatch.setitem(group.commands, "fall", fall)
    return CliRunner().invoke(group, [*options, "fall"], prog_name="kbuild")


UNFORESEEN_ERRORS = [
    KeyError("x"),
    ValueError("two\nlines"),
    RecursionError("too deep"),
    MemoryError(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    FileNotFoundError(errno.ENOENT, "No such file or directory", "x"),
    NotImplementedError(),
    StopIteration(),
]


@pytest.mark.parametrize("error", UNFORESEEN_ERRORS, ids=lambda e: type(e).__name__)
def test_what_nobody_foresaw_is_one_line_with_the_place_of_a_log(
    monkeypatch: pytest.MonkeyPatch, temporary: Path, error: Exception
) -> None:
    result = ending(monkeypatch, error)
    assert result.exit_code == UNFORESEEN == 3
    assert result.output.count("\n") == 1 and result.output.startswith("Error: ")
    (log,) = temporary.iterdir()
    assert type(error).__name__ in result.output and f"{log} holds the details" in result.output
    text = log.read_text()
    assert "Traceback (most recent call last)" in text and "in fall" in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_password_reaches_neither_the_line_nor_the_log(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    result = ending(monkeypatch, ValueError("postgresql://me:hunter2@host/db"))
    assert "hunter2" not in result.output
    (log,) = temporary.iterdir()
    assert "***" in log.read_text()


def test_debug_prints_the_traceback_and_needs_no_log(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    result = ending(monkeypatch, KeyError("x"), "--debug")
    assert result.exit_code == UNFORESEEN
    assert "Traceback (most recent call last)" in result.output
    assert list(temporary.iterdir()) == []


def test_without_room_for_a_log_it_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    temporary.rmdir()
    result = ending(monkeypatch, KeyError("x"))
    assert result.exit_code == UNFORESEEN and result.output.count("\n") == 1
    assert "kbuild --debug" in result.output


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "x: the disk is full. Make room, then run the same command again."),
        (errno.EDQUOT, "x: the disk quota is used up. Make room"),
        (errno.EROFS, "x: the file system is read-only"),
        (errno.EACCES, "x: permission denied"),
        (errno.EPERM, "x: permission denied"),
        (errno.EIO, "x: the disk does not work"),
        (errno.EMFILE, "x: this process may open no more files"),
        (errno.ENOTDIR, "x: expected the name of a file in a folder, found a file above it"),
        (errno.EISDIR, "x: expected the name of a file in a folder, found a folder"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else "",
)
def test_a_fault_of_the_place_is_exit_1_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, temporary: Path, number: int, remedy: str
) -> None:
    result = ending(monkeypatch, OSError(number, os.strerror(number), "x"))
    assert result.exit_code == 1 and remedy in result.output
    assert list(temporary.iterdir()) == []


def test_a_disk_that_is_full_is_that_of_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "from", None, "to")
    assert "Error: to: the disk is full" in ending(monkeypatch, full).output


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Terminated(signal.SIGTERM), 143),
        (Terminated(signal.SIGHUP), 129),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGHUP"],
)
def test_who_stops_it_is_told_that_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, stop: BaseException, code: int
) -> None:
    result = ending(monkeypatch, stop)
    assert result.exit_code == code
    assert "Run the same command again: it goes on from what is finished" in result.output


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            with pytest.raises(Terminated):
                os.kill(os.getpid(), signal.SIGTERM)
                signal.pause()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m pipelines.cli formats | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1 and done.stderr == ""


def test_exit_codes_stand_in_the_readme() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert re.search(r"3 for what nobody\s+foresaw", readme) and "130 by Ctrl-C" in readme


def test_children_of_the_tests_hear_signals_that_the_tests_were_started_to_ignore() -> None:
    program = (
        "import signal, subprocess, sys\n"
        "for number in (signal.SIGINT, signal.SIGHUP):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "import tests.conftest\n"
        "child = 'import signal as s; print(*(s.getsignal(n) is s.SIG_IGN for n in (1, 2)))'\n"
        "subprocess.run([sys.executable, '-c', child], check=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["False", "False"], done.stderr


STOPPED_WHILE_IMPORTING = """
import os, signal, sys

class Stops:
    def find_spec(self, name, *_):
        if name == "pipelines.cli":
            os.kill(os.getpid(), int(sys.argv[1]))

sys.meta_path.insert(0, Stops())
from pipelines.start import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_stops_it_while_it_still_imports_is_told_so_in_one_line(number: int, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_IMPORTING, str(int(number))],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == code
    assert done.stderr == (
        "\nStopped. Run the same command again: it goes on from what is finished.\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_leaves_at_once_while_it_imports_gives_back_what_it_holds_once_it_runs(
    number: int,
) -> None:
    before = signal.signal(number, leave)
    try:
        with stoppable(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) is leave
    finally:
        signal.signal(number, before)
