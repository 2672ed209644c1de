"""What a release of films holds and leaves out, as its files say."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.ava.truth import LeftOut
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.workspace import Workspace
from pipelines.ava.releasing.layouts import LAYOUTS, LEFT_OUT
from pipelines.ava.releasing.survey import sort_of

_NUM_PLACE = 2
"""Cells that a row of a key frame without a box has."""
_ACTION = 6


@dataclass(slots=True)
class ReleasedSplit:
    """What one split holds."""

    split: str
    num_films: int = 0
    """Those with a row."""
    num_key_frames: int = 0
    num_boxes: int = 0
    num_labels: int = 0


@dataclass(slots=True)
class Released:
    """A release."""

    name: str
    splits: list[ReleasedSplit] = field(default_factory=list)
    labels: Counter[int] = field(default_factory=Counter)
    """Rows by the number of the action."""
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What is in no row: how many key frames, boxes and poses for which reason."""

    @property
    def num_labels(self) -> int:
        """All rows with an action."""
        return self.labels.total()


def newest_released(workspace: Workspace) -> Released | None:
    """Return the newest release of films; None before the first.

    Of a damaged one what can be read: `kbuild check` says what is wrong with it.
    """
    try:
        folder = workspace.newest_release(of_films=True)
    except WorkspaceError:
        return None
    return read_released(folder)


def read_released(folder: Path) -> Released:
    """Return what the files of a release say, as far as they can be read."""
    found = Released(folder.name)
    for split in SPLITS:
        for layout in LAYOUTS.values():
            path = folder / layout.truth.format(SHORT[split])
            if path.is_file():
                found.splits.append(_read_split(path, split, found.labels))
    found.left_out.update(sort_of(one) for one in _left_out(folder / LEFT_OUT))
    return found


def _read_split(path: Path, split: str, labels: Counter[int]) -> ReleasedSplit:
    found = ReleasedSplit(split)
    films: set[str] = set()
    key_frames: set[tuple[str, ...]] = set()
    boxes: set[tuple[str, ...]] = set()
    for cells in _rows(path):
        films.add(cells[0])
        key_frames.add(tuple(cells[:_NUM_PLACE]))
        if len(cells) > _ACTION and cells[_ACTION].isdecimal():
            boxes.add(tuple(cells[:_ACTION]))
            labels[int(cells[_ACTION])] += 1
            found.num_labels += 1
    found.num_films, found.num_key_frames = len(films), len(key_frames)
    found.num_boxes = len(boxes)
    return found


def _left_out(path: Path) -> Iterator[LeftOut]:
    header: list[str] | None = None
    for cells in _rows(path):
        if header is None:
            header = cells
            continue
        row = dict(zip(header, cells, strict=False))
        action = row.get("action_id", "")
        yield LeftOut(
            seconds=0.0,
            box=(0.0, 0.0, 0.0, 0.0) if row.get("x1") else None,
            person=None,
            action_id=int(action) if action.isdecimal() else None,
            reason=row.get("reason", ""),
        )


def _rows(path: Path) -> Iterator[list[str]]:
    with (
        suppress(OSError, UnicodeDecodeError, csv.Error),
        path.open(newline="", encoding="utf-8") as file,
    ):
        yield from (row for row in csv.reader(file) if len(row) >= _NUM_PLACE)
