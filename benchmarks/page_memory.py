"""What a browser holds of a grid and the next one behind it: memory of all its processes."""

from pathlib import Path
from typing import Any

from benchmarks.page_grids import until_ready

_CHILDREN = "/proc/{pid}/task/{pid}/children"


def grid_memory_mib(browser: Any, num_clips: int) -> float:
    """Return MiB held once all clips of a grid were seen and as many lie ready behind it."""
    until_ready(browser, num_clips)
    return memory_mib(browser)


def memory_mib(browser: Any) -> float:
    """Return MiB held by the browser, what processes share being counted once."""
    return sum(map(_held_kib, _family(browser.service.process.pid))) / 1024


def _family(pid: int) -> list[int]:
    children = map(int, Path(_CHILDREN.format(pid=pid)).read_text().split())
    return [pid, *(one for child in children for one in _family(child))]


def _held_kib(pid: int) -> int:
    rolled = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in rolled if line.startswith("Pss:"))
