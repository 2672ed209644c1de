"""A file of numbers for each clip, as another program says them.

    file,0,1,2
    clips/dQw4w9WgXcQ_000005_000015.mp4,0.12,-3,0.5

The first column names the clip's file as a release does; the others are numbers.
"""

import csv
from pathlib import Path

import numpy as np

from kinetics_builder.curation.suspects import Floats
from kinetics_builder.errors import FormatError
from pipelines.evidence.clips import ShownClips
from pipelines.evidence.scores import released_as


def read_features(path: Path, shown: ShownClips) -> Floats:
    """Return the numbers of each clip; of clips that the file lacks, the mean of the others.

    Raises:
        FormatError: The file is none, a row does not fit, or it has none of these clips.

    """
    found: dict[str, list[float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if header[:1] != ["file"] or len(header) < 2:
            raise FormatError(f"{path}:1: expected the header file,0,1,..., found {header[:3]}.")
        for row in rows:
            try:
                numbers = [float(cell) for cell in row[1:]]
            except ValueError as error:
                raise FormatError(f"{path}:{rows.line_num}: {error}.") from error
            if len(row) != len(header) or not np.isfinite(numbers).all():
                raise FormatError(
                    f"{path}:{rows.line_num}: expected {len(header) - 1} finite numbers behind "
                    f"the file, found {row[1:4]}."
                )
            found[row[0]] = numbers
    named = [found.get(released_as(clip)) for clip in shown.clips]
    known = [numbers for numbers in named if numbers is not None]
    if not known:
        raise FormatError(
            f"{path} names none of the {len(shown.clips)} clips that would be released. Name "
            "files as a release's clips.csv does."
        )
    mean = np.mean(known, axis=0)
    return np.array([mean if numbers is None else numbers for numbers in named])
