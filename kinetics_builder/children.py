"""How child processes are started: they import from the installation alone.

Python's own children are told to `import socket` and the like with the current folder first
on their path, so a file of that name in the folder that `kbuild` is started in would be run.
"""

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.context import BaseContext


def fresh_children() -> BaseContext:
    """Return the start method of children that are new interpreters each."""
    _import_from_installation_alone()
    return multiprocessing.get_context("spawn")


def served_children(preload: Sequence[str] = ()) -> BaseContext:
    """Return the start method of children forked by a server that threads cannot disturb.

    Args:
        preload: Modules that the server imports, so that no child needs to.

    Where the system has no such server, children are new interpreters.

    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return fresh_children()
    _import_from_installation_alone()
    context = multiprocessing.get_context("forkserver")
    if preload:
        context.set_forkserver_preload(list(preload))
    return context


def _import_from_installation_alone() -> None:
    """Keep the current folder off the path of this process's children, and of theirs."""
    os.environ["PYTHONSAFEPATH"] = "1"
