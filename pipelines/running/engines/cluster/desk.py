"""A node's desk: the actor that holds the node's child processes, and hands them items."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ItemFailed, KbuildError, Reason
from pipelines.running.engines.children import Children, outcome_of
from pipelines.running.engines.cluster.likeness import Installation, fault_of, this_installation
from pipelines.running.engines.pool import Outcome


@dataclass(frozen=True, slots=True)
class Look:
    """What a node says of itself."""

    installation: Installation
    fault: str
    """Why it cannot work in the workspace; empty where it can."""


class Desk:
    """Works on items in children of the process that Ray has started on a node.

    Its methods are called side by side, each in a thread of Ray's.
    """

    def __init__(self, workers: int, memory_bytes: int) -> None:
        # Children would run the file of the main module, here Ray's own program, at their start.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._children = Children(workers, memory_bytes)

    def look(self, mark: Path) -> Look:
        """Return what there is on this node, and whether the workspace is."""
        return Look(this_installation(), fault_of(mark))

    def work(
        self, key: str, work: Callable[[Any], Any], item: Any, timeout_seconds: float | None
    ) -> Outcome | KbuildError:
        """Return what became of an item, or what keeps all items alike from succeeding."""
        begun = time.monotonic()
        future = self._children.begin(work, item, timeout_seconds)
        try:
            return outcome_of(future, key, begun)
        except KbuildError as error:
            return error
        except KeyboardInterrupt:
            failure = ItemFailed(Reason.CRASHED, "its process was interrupted")
            return Outcome(key, None, failure, time.monotonic() - begun)

    def stop(self) -> None:
        """End the children, wherever they are."""
        self._children.stop()
