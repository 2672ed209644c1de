"""PySlowFast's predicted boxes: rows of AVA that end with a score, the action often empty."""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.formats.boxes.ava.csv_rows import (
    DETECTIONS,
    is_inside,
    seconds_of,
    tell,
    values_of,
)
from kinetics_builder.formats.cells import cells, counted, parsed
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box


def read_predicted(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a file; `video_id,timestamp,x1,y1,x2,y2,action_id,score`."""
    names = {} if options.labels is None else options.labels.names

    def parse(row: list[str]) -> Box:
        if len(row) != 8:
            raise ValueError(f"expected 8 cells, found {counted(row)}")
        seconds = seconds_of(row[0], row[1])
        x1, y1, x2, y2, number, score = values_of([*row[:6], row[6] or "0", row[7]], DETECTIONS)
        action = number if row[6] else None
        values = (x1, y1, x2, y2, -1 if action is None else action, score)
        if action == 0 or not is_inside(values):
            tell(values, DETECTIONS, problems, is_twice=False)
        label = None if action is None else names.get(action)
        return Box(row[0], seconds, x1, y1, x2, y2, action, None, score, label)

    return parsed(cells(path, problems, encoding=options.encoding), parse, problems)
