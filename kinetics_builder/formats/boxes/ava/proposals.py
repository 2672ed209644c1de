"""Proposed persons for AVA's key frames, as pickles: `{"<video>,<tttt>": float[N, 5]}`."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import item_of, note_losses
from kinetics_builder.formats.boxes.ava.csv_rows import DETECTIONS, is_inside, seconds_of, tell
from kinetics_builder.formats.boxes.ava.row_texts import timestamp_text
from kinetics_builder.formats.boxes.shapes import corners_of
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.formats.pickles.arrays import PickledArray, load_arrays
from kinetics_builder.formats.pickles.writing import dump_arrays
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.text import is_sound


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    found = load_arrays(path)
    if not isinstance(found, Mapping):
        raise FormatError(
            f"{path}: expected a dictionary of key frames, found {type(found).__name__}."
        )
    for key, value in found.items():
        problems.item = str(key)
        try:
            video_id, seconds = _key_frame(key)
            rows = _matrix(value).tolist()
        except ValueError as error:
            problems.error(str(error))
            continue
        if not rows:
            yield Box(video_id, seconds)
        for row in rows:
            yield from _box(video_id, seconds, row, problems)


def _key_frame(key: object) -> tuple[str, float]:
    video_id, comma, timestamp = str(key).rpartition(",")
    if not comma:
        raise ValueError("expected a key like '-5KQ66BBWC4,0902'")
    return video_id, seconds_of(video_id, timestamp)


def _matrix(value: object) -> NDArray[Any]:
    if not isinstance(value, PickledArray) or value.value is None:
        raise ValueError(f"expected an array of boxes, found {type(value).__name__}")
    boxes_N5 = value.value
    if boxes_N5.size == 0:
        return np.empty((0, 5))
    if boxes_N5.ndim != 2 or boxes_N5.shape[1] != 5 or boxes_N5.dtype.kind != "f":
        raise ValueError(
            f"expected floats of the shape (N, 5), found {boxes_N5.dtype} {boxes_N5.shape}"
        )
    return boxes_N5


def _box(video_id: str, seconds: float, row: list[float], problems: Problems) -> Iterator[Box]:
    x1, y1, x2, y2, score = row
    if not np.isfinite(row).all():
        problems.error(f"expected numbers as x1, y1, x2, y2 and score, found {row}")
        return
    values = (x1, y1, x2, y2, -1, score)
    if not is_inside(values):
        tell(values, DETECTIONS, problems, is_twice=False)
    yield Box(video_id, seconds, x1, y1, x2, y2, score=score)


def _write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    losses = Losses(problems, "ava-proposals")
    frames = _key_frames(records, losses, problems)
    for key in (key for key, rows in frames.items() if not rows):
        losses.note_oddity("MMAction2 stops at a key frame without boxes", key)
    with writing_bytes(path) as file:
        dump_arrays(file, ((key, np.array(rows).reshape(-1, 5)) for key, rows in frames.items()))
        losses.tell()


def _key_frames(
    records: Iterable[Box], losses: Losses, problems: Problems
) -> dict[str, "array[float]"]:
    """Return the boxes of each key frame, five numbers each; tell of those that are refused."""
    frames: dict[str, array[float]] = {}
    for box in records:
        problems.item = item_of(box)
        if not box.video_id or not is_sound(box.video_id):
            problems.error(f"expected a video id, found {box.video_id!r}")
            continue
        key = f"{box.video_id},{timestamp_text(box.timestamp_seconds)}"
        corners = corners_of(box)
        if corners is None:
            frames.setdefault(key, array("d"))
        elif box.score is None:
            problems.error("found a box without a score; ava-proposals needs one")
        else:
            _note(box, corners, losses)
            frames.setdefault(key, array("d")).extend((*corners, box.score))
    return frames


def _note(box: Box, corners: Iterable[float], losses: Losses) -> None:
    """Take down what a proposal loses, and where a tool would stop at it."""
    if not all(0 <= corner <= 1 for corner in corners):
        losses.note_oddity("MMAction2 stops at a box outside of [0, 1]", item_of(box))
    if box.action_id is not None or box.label is not None:
        losses.note("action", item_of(box))
    if box.person_id is not None:
        losses.note("person", item_of(box))
    note_losses(box, losses, has_score=True)


FORMATS = (
    Format(
        name="ava-proposals",
        kind=Kind.BOXES,
        what="Dense person proposals for AVA, ava_dense_proposals_*.pkl: boxes with scores",
        source="MMAction2 tools/data/ava/AVA_annotation_explained.md; LFB GETTING_STARTED.md",
        traps="A pickle, which the usual way of reading lets run commands: only arrays are read "
        "here, and nothing runs. It is in memory as a whole; the score is the detector's, not "
        "an action's. MMAction2 stops in its first epoch at a box outside of [0, 1] and at a key "
        "frame without boxes: mmaction2-ava has neither.",
        read=_read,
        write=_write,
    ),
)
