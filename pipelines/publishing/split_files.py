"""The files of a release's splits, `train.csv` and `train.json` and so on, as clips go by."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import compress
from pathlib import Path

from kinetics_builder.formats.clips.kinetics.columns import (
    COLUMNS,
    writing_json,
    writing_kinetics,
)
from kinetics_builder.formats.records import SPLITS
from pipelines.publishing.contents import Page

NAMES = (*COLUMNS, "url")
"""The columns that are needed."""


@contextmanager
def writing_splits(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Give what adds clips to each split's files; they are there when the block ends well."""
    with ExitStack() as stack:
        adds = [
            (split, stack.enter_context(writing(folder / f"{split}.{ending}")))
            for split in SPLITS
            for ending, writing in (("csv", writing_kinetics), ("json", writing_json))
        ]

        def add(page: Page) -> None:
            parts = {split: of_split(page, split) for split in set(page["split"])}
            for split, add_part in adds:
                if split in parts:
                    add_part(parts[split])

        yield add


def of_split(page: Page, split: str) -> Page:
    """Return the columns `NAMES` of the clips of a split."""
    is_in = [one == split for one in page["split"]]
    return {name: list(compress(page[name], is_in)) for name in NAMES}
