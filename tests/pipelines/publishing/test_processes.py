"""A process that takes pages, and what is heard of it when it fails or is killed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kinetics_builder.errors import FormatError, WorkspaceError
from pipelines.publishing.folders.processes import Beside


@contextmanager
def fragile() -> Iterator[Callable[[Any], None]]:
    """Give what ends at a page that says so; what comes then waits in the pipe."""

    def add(page: Any) -> None:
        if page["label"] == ["die"]:
            os._exit(9)
        if page["label"] == ["fail"]:
            raise FormatError("a page that cannot be written")

    yield add


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        pytest.param("fail", FormatError, "a page that cannot be written", id="it fails"),
        pytest.param("die", WorkspaceError, "writes pages was killed. Do it again", id="killed"),
    ],
)
def test_a_process_that_ends_in_the_middle_is_heard_of_and_nobody_waits_for_it(
    word: str, error: type[Exception], message: str
) -> None:
    beside = Beside(fragile, int, "writes pages. Do it again")
    try:
        with pytest.raises(error, match=message):
            for label in ("first", word, *["x" * 1_000_000] * 20):
                beside.add({"label": [label]})
            beside.finish()
    finally:
        beside.end()
