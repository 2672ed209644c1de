"""Many rows in memory, without looking through them again and again for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def many_rows() -> Iterator[None]:
    """Let the block make many small objects that do not point at one another in circles.

    Python looks through all objects each time that some hundreds more are there: a fifth of the
    time of whoever takes rows by the ten thousand. What is in no circle goes without that.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
