"""Who places the files of a release's clips: a process, or whoever would have to wait for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow

from pipelines.publishing.clips.completing import Some
from pipelines.publishing.clips.placing import ToPlace, rows_to_place
from pipelines.publishing.clips.texts import ClipsBeside


@dataclass
class Process:
    """A process that is behind with every second page."""

    taken: list[Some] = field(default_factory=list)

    @property
    def is_behind(self) -> bool:
        return len(self.taken) % 2 == 1

    def add(self, told: Some) -> None:
        self.taken.append(told)


def some(*files: str) -> Some:
    columns = {name: list(files) for name in ("source", "sha256", "file")}
    clips = pyarrow.RecordBatch.from_pydict(columns)
    return Some(clips, clips)


def test_each_file_is_placed_once_by_the_process_or_where_that_is_behind_by_who_asks() -> None:
    process: Any = Process()
    placed: list[str] = []

    def place(clips: Iterable[ToPlace]) -> None:
        placed.extend(file for _, _, file in clips)

    beside = ClipsBeside(process, place)
    for page in (some("a", "b", "a"), some("c", "b"), some("d", "c"), some("e")):
        beside.take(page)
    left = [
        told.to_place and [row[2] for row in rows_to_place(told.to_place)] for told in process.taken
    ]
    assert left == [["a", "b"], None, ["d"], None]
    assert placed == ["c", "e"]


def test_nobody_places_files_that_may_not_be_needed() -> None:
    process: Any = Process()
    ClipsBeside(process, None).take(some("a"))
    assert process.taken[0].to_place is None
