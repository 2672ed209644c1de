"""A folder of AVA's files as AVA gives them away: every split, its proposals, what is excluded."""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava_folders.layouts import SPLIT
from kinetics_builder.formats.boxes.ava_folders.places import (
    EXCLUDED,
    PROPOSALS,
    TRUTH,
    newest_file,
)
from kinetics_builder.formats.boxes.ava_folders.predicted import read_predicted
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.splits import SHORT, given_split

Moment = tuple[str, float]


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    wanted = given_split(options)
    is_empty = True
    for split, word in SHORT.items():
        if split is None or wanted not in (None, split):
            continue
        for box in _of_split(path, word, options, problems):
            is_empty = False
            yield box if wanted else box._replace(details={**box.details, SPLIT: split})
    if is_empty:
        raise FormatError(
            f"{path}: expected ava_train_v2.2.csv or other splits with rows, there or in "
            "annotations/, found none."
        )


def _of_split(path: Path, word: str, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the rows of a split, then its proposals; none at a key frame that is excluded."""
    excluded = _excluded(path, word, options, problems)
    for kind in (TRUTH, PROPOSALS):
        file = newest_file(path, kind, word)
        if file is None:
            continue
        problems.enter(file)
        num_left_out = 0
        for box in _rows(file, options, problems):
            if (box.video_id, box.timestamp_seconds) in excluded:
                num_left_out += 1
            else:
                yield box
        if num_left_out:
            problems.line = problems.item = None
            problems.warning(f"{num_left_out} rows at excluded key frames are left out")


def _rows(file: Path, options: Options, problems: Problems) -> Iterator[Box]:
    if "predicted" in file.name or "proposals" in file.name:
        read = find_format("ava-proposals").read if file.suffix == ".pkl" else read_predicted
    else:
        is_of_clips = file.name.startswith("kinetics_")
        read = find_format("ava-kinetics" if is_of_clips else "ava").read
    assert read is not None
    return read(file, options, problems)


def _excluded(path: Path, word: str, options: Options, problems: Problems) -> set[Moment]:
    file = newest_file(path, EXCLUDED, word)
    if file is None:
        return set()
    problems.enter(file)
    read = find_format("ava-timestamps").read
    assert read is not None
    return {(box.video_id, box.timestamp_seconds) for box in read(file, options, problems)}


FORMATS = (
    Format(
        name="ava-folder",
        kind=Kind.BOXES,
        what="A folder of AVA's files as they are given away, and as `kbuild ava release` writes "
        "it: all splits with their proposals",
        source="research.google.com/ava; arXiv 2005.00214",
        traps="Of several versions the newest counts. Excluded key frames are left out; a row of 2 "
        "cells is a key frame without a box. Films are not part of it.",
        read=_read,
        is_folder=True,
    ),
)
