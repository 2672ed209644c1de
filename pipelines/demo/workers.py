"""Processes that draw and train beside the demo."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from kinetics_builder.children import fresh_children, leave_with_parent


def workers(
    number: int | None = None, prepare: Callable[[], None] | None = None
) -> ProcessPoolExecutor:
    """Return a pool of so many processes, one a core by default; each begins with `prepare`.

    They end with this process, however that ends: the next run finds nobody at work on what it
    goes on with.
    """
    number = number or os.cpu_count() or 1
    return ProcessPoolExecutor(
        number, mp_context=fresh_children(), initializer=_begin, initargs=(prepare,)
    )


def _begin(prepare: Callable[[], None] | None) -> None:
    leave_with_parent()
    if prepare:
        prepare()
