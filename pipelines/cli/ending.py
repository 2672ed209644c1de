"""How a command ends that does not end well: one line for a person, and an exit code."""

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from kinetics_builder.errors import KbuildError
from kinetics_builder.places import place_fault
from kinetics_builder.text.masking import masked
from pipelines.start import STOPPED, leave

UNFORESEEN = 3
"""Exit code of what nobody thought of."""

_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


class Terminated(KeyboardInterrupt):
    """The system asks this program to stop: the same as Ctrl-C, with another exit code."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the block be stopped by the system as it is by Ctrl-C: what it holds is given back.

    What is ignored, as by `nohup`, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = {number: then for number, then in before.items() if then in (signal.SIG_DFL, leave)}
    for number in ours:
        is_key = number == signal.SIGINT
        signal.signal(number, signal.default_int_handler if is_key else _stop)
    try:
        yield
    finally:
        for number, then in ours.items():
            signal.signal(number, then)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Terminated(number)


@contextmanager
def one_line(*, debug: bool) -> Iterator[None]:
    """Turn whatever ends the block into one line on standard error and an exit code.

    Args:
        debug: Print the traceback before the line.

    """
    try:
        yield
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt as stop:
        _show(debug=debug)
        click.echo(STOPPED, err=True)
        number = stop.number if isinstance(stop, Terminated) else signal.SIGINT
        raise click.exceptions.Exit(128 + number) from stop
    except KbuildError as error:
        _show(debug=debug)
        raise click.ClickException(str(error)) from error
    except Exception as error:
        _show(debug=debug)
        if isinstance(error, OSError) and (fault := place_fault(error) or _misnamed(error)):
            raise click.ClickException(fault) from error
        raise _Unforeseen(error, is_shown=debug) from error


def _misnamed(error: OSError) -> str | None:
    """Return what to do about a name that can be no file's, or no folder's; None for all else."""
    if not isinstance(error, (NotADirectoryError, IsADirectoryError)) or not error.filename:
        return None
    what = "a folder" if isinstance(error, IsADirectoryError) else "a file above it"
    return f"{error.filename}: expected the name of a file in a folder, found {what}. Name another."


def _show(*, debug: bool) -> None:
    if debug:
        click.echo(masked(traceback.format_exc()), err=True)


class _Unforeseen(click.ClickException):
    """Something that nobody thought of; a log holds what a programmer needs."""

    exit_code = UNFORESEEN

    def __init__(self, error: Exception, *, is_shown: bool) -> None:
        words = " ".join(masked(str(error)).split())[:200]
        place = "The details stand above" if is_shown else _log(error)
        super().__init__(
            f"kbuild met what nobody foresaw, {type(error).__name__}: {words or 'no words'}. "
            f"What is finished stays. {place}: please report them."
        )


def _log(error: Exception) -> str:
    """Write down what a programmer needs, and return where it is."""
    details = "".join(traceback.format_exception(error))
    command = " ".join(sys.argv)
    text = masked(f"{command}\nPython {sys.version}\n{sys.platform}\n\n{details}")
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="kbuild-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return f"{name} holds the details"
    return "`kbuild --debug` and the same words show the details"
