"""What a browser holds of a grid and the next one behind it: memory of all its processes."""

from typing import Any

import psutil

from benchmarks.page_grids import until

_ARE_LOADED = """
const videos = [...document.querySelectorAll(".wall video")];
return videos.length === arguments[0] && videos.every((video) => video.readyState >= 3);
"""


def grid_memory_mib(browser: Any, num_clips: int) -> float:
    """Return MiB held once all clips of a grid are there and as many lie ready behind it."""
    until(browser, _ARE_LOADED, 2 * num_clips)
    return memory_mib(browser)


def memory_mib(browser: Any) -> float:
    """Return MiB held by the browser, what its processes share being counted once."""
    first = psutil.Process(browser.service.process.pid)
    held = sum(one.memory_full_info().pss for one in [first, *first.children(recursive=True)])
    return float(held / 2**20)
