"""What this process and its children take, those that a server has forked for it, too (Linux)."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")


class Family:
    """Looks some times in two seconds, from a thread, while its block runs."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        """The most memory at once; what several share counts once."""
        self.children_seconds = 0.0
        """CPU time of the children, as far as they were seen."""
        self._seconds: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._ended.set()
        self._thread.join()
        self.children_seconds = sum(self._seconds.values())

    def _watch(self) -> None:
        while not self._ended.wait(0.7):
            num_bytes = _proportional_bytes(os.getpid())
            for pid in _descendants(os.getpid()):
                try:
                    num_bytes += _proportional_bytes(pid)
                    self._seconds[pid] = _cpu_seconds(pid)
                except (OSError, StopIteration):  # it has ended
                    continue
            self.peak_bytes = max(self.peak_bytes, num_bytes)


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _proportional_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _cpu_seconds(pid: int) -> float:
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / _TICKS
