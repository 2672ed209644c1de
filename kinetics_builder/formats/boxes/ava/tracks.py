"""Predicted tubes: AVA's detections with the number of their track behind the score.

`video_id,timestamp,x1,y1,x2,y2,action_id,score,track_id`, one row for each key frame and
action; `video_id,timestamp` alone is a key frame without a box. The track's number says which
boxes of a video are the same person, as the person's number does in AVA's ground truth.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.boxes.actions import action_of, item_of, note_losses
from kinetics_builder.formats.boxes.ava.csv_rows import (
    DETECTIONS,
    FIRST_ACTION,
    is_inside,
    number_of,
    seconds_of,
    tell,
    values_of,
)
from kinetics_builder.formats.boxes.ava.row_texts import share_text, timestamp_text, video_text
from kinetics_builder.formats.cells import cells, counted, parsed
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

NAME = "ava-tracks"


def read_tracks(path: Path, problems: Problems, encoding: str | None = None) -> Iterator[Box]:
    """Yield the boxes of a file with their score and track (as the person's number)."""
    for box in parsed(cells(path, problems, encoding=encoding), _parse, problems):
        if box.x1 is not None and box.y1 is not None and box.x2 is not None and box.y2 is not None:
            values = (box.x1, box.y1, box.x2, box.y2, box.action_id or 0, box.score)
            if not is_inside(values) or values[4] < FIRST_ACTION:
                tell(values, DETECTIONS, problems, is_twice=False)
        yield box


def _parse(row: list[str]) -> Box:
    seconds = seconds_of(row[0], row[1] if len(row) > 1 else "")
    if len(row) == 2:
        return Box(row[0], seconds)
    if len(row) != 9:
        raise ValueError(
            f"expected 9 cells (AVA's 7, a score and a track's number) or 2, found {counted(row)}"
        )
    x1, y1, x2, y2, action, score = values_of(row[:8], DETECTIONS)
    return Box(row[0], seconds, x1, y1, x2, y2, action, number_of(row[8], "track_id"), score)


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    names = {} if options.labels is None else options.labels.names
    for box in read_tracks(path, problems, options.encoding):
        yield box if box.action_id is None else box._replace(label=names.get(box.action_id))


def _write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    losses = Losses(problems, NAME)
    with writing_text(path) as file:
        for box in records:
            note_losses(box, losses, has_score=True)
            try:
                file.write(csv_line(_cells(box, options)))
            except ValueError as error:
                problems.item = item_of(box)
                problems.error(str(error))
        losses.tell()


def _cells(box: Box, options: Options) -> list[object]:
    video_text(box.video_id)
    key = [box.video_id, timestamp_text(box.timestamp_seconds)]
    if box.x1 is None or box.y1 is None or box.x2 is None or box.y2 is None:
        return [*key]
    action = action_of(box, NAME, options)
    needed = {"an action": action, "a score": box.score, "a person's number": box.person_id}
    for what, value in needed.items():
        if value is None:
            raise ValueError(f"found a box without {what}; {NAME} needs one")
    corners = map(share_text, (box.x1, box.y1, box.x2, box.y2))
    return [*key, *corners, action, repr(box.score), box.person_id]


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="Predicted tubes for video-mAP: the rows of ava-detections, a track's number last",
        source="this project's own: the field has no common file of tubes",
        traps="Of several boxes of one track, class and key frame only the best counts; a track "
        "is cut where a key frame is missing.",
        read=_read,
        write=_write,
    ),
)
