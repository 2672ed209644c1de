"""The files of a release's splits, `train.csv` and `train.json` and so on, as clips go by."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.formats.clips.kinetics.columns import (
    COLUMNS,
    Add,
    writing_json,
    writing_kinetics,
)
from kinetics_builder.formats.records import SPLITS

if TYPE_CHECKING:
    import pyarrow

NAMES = (*COLUMNS, "url")
"""The columns that are needed."""


@contextmanager
def writing_splits(folder: Path) -> Iterator[Add]:
    """Give what adds clips to each split's files; they are there when the block ends well."""
    with ExitStack() as stack:
        adds = [
            (split, stack.enter_context(writing(folder / f"{split}.{ending}")))
            for split in SPLITS
            for ending, writing in (("csv", writing_kinetics), ("json", writing_json))
        ]

        def add(clips: "pyarrow.RecordBatch") -> None:
            parts = {split: of_split(clips, split) for split in clips["split"].unique().to_pylist()}
            for split, add_part in adds:
                if split in parts:
                    add_part(parts[split])

        yield add


def of_split(clips: "pyarrow.RecordBatch", split: str) -> "pyarrow.RecordBatch":
    """Return the columns `NAMES` of the clips of a split."""
    from pyarrow import compute

    return clips.select(list(NAMES)).filter(compute.equal(clips["split"], split))
