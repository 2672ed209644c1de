"""A file of numbers for each clip, as another program says them.

    file,0,1,2
    clips/dQw4w9WgXcQ_000005_000015.mp4,0.12,-3,0.5

The first column names the clip's file as a release does; the others are numbers. The Parquet file
of `kbuild features` says the same.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kinetics_builder.curation.suspects import Floats
from kinetics_builder.errors import FormatError
from kinetics_builder.formats import parquet
from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.problems import Problems
from pipelines.evidence.clips import ShownClips
from pipelines.evidence.scores import released_as


def read_features(path: Path, shown: ShownClips) -> Floats:
    """Return the numbers of each clip; of clips that the file lacks, the mean of the others.

    Raises:
        FormatError: The file is none, a row does not fit, or it has none of these clips.

    """
    found = dict(_of_parquet(path) if path.suffix == ".parquet" else _of_table(path))
    named = [found.get(released_as(clip)) for clip in shown.clips]
    known = [numbers for numbers in named if numbers is not None]
    if not known:
        raise FormatError(
            f"{path} names none of the {len(shown.clips)} clips that would be released. Name "
            "files as a release's clips.csv does."
        )
    mean = np.mean(known, axis=0)
    return np.array([mean if numbers is None else numbers for numbers in named])


def _of_table(path: Path) -> Iterator[tuple[str, list[float]]]:
    problems = Problems(path)
    header, rows = table(path, ("file",), problems)
    if header[0] != "file" or len(header) < 2:
        raise FormatError(f"{path}:1: expected the header file,0,1,..., found {header[:3]}.")
    return parsed(rows, _numbers, problems)


def _of_parquet(path: Path) -> Iterator[tuple[str, list[float]]]:
    for page in parquet.pages(path, ("file", "feature")):
        for file, numbers in zip(page["file"], page["feature"], strict=True):
            try:
                yield _numbers([file, *numbers])
            except (TypeError, ValueError) as error:
                raise FormatError(f"{path}: {file}: {error}.") from error


def _numbers(cells: Sequence[str]) -> tuple[str, list[float]]:
    numbers = [float(cell) for cell in cells[1:]]
    if not np.isfinite(numbers).all():
        raise ValueError("expected finite numbers behind the file")
    return cells[0], numbers
