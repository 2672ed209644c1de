"""What an experiment needs of its releases, held against them before anything is learnt."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ModelError
from pipelines.experiments.cells import Cell, with_starts

if TYPE_CHECKING:
    from models.clips.release import Release


def check_cells(cells: Sequence[Cell]) -> None:
    """Raise ModelError where a cell could not be learnt or measured: found out later, hours later.

    Each learns from a split train, is measured on a split test, and knows the labels of its pairs.
    """
    from models.clips.release import read_release

    every = with_starts(tuple(cells))
    folders = {folder for cell in every for folder in (cell.release, cell.test)}
    releases = {folder: read_release(folder) for folder in sorted(folders)}
    for cell in every:
        _check(cell, releases)


def _check(cell: Cell, releases: Mapping[Path, "Release"]) -> None:
    for folder, split in ((cell.release, "train"), (cell.test, "test")):
        if not releases[folder].split(split):
            raise ModelError(
                f"{folder} has no clip of the split {split!r}: experiments learn from train and "
                "are measured on test."
            )
    known = releases[cell.test].labels
    if unknown := sorted({label for pair in cell.pairs for label in pair} - {*known}):
        raise ModelError(f"The reversed pair's label {unknown[0]!r} is not in classes.txt.")
