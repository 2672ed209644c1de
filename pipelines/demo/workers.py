"""Processes that draw and train beside the demo."""

import os
from concurrent.futures import ProcessPoolExecutor

from kinetics_builder.children import fresh_children, leave_with_parent


def workers(number: int | None = None) -> ProcessPoolExecutor:
    """Return a pool of so many processes, one a core by default.

    They end with this process, however that ends: the next run finds nobody at work on what it
    goes on with.
    """
    number = number or os.cpu_count() or 1
    return ProcessPoolExecutor(number, mp_context=fresh_children(), initializer=leave_with_parent)
