"""Folders of AVA's files: what PySlowFast and MMAction2 train on."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import has_box
from kinetics_builder.formats.boxes.ava_folders.frame_lists import read_frame_list
from kinetics_builder.formats.boxes.ava_folders.layouts import (
    ANNOTATIONS,
    MMACTION2,
    PYSLOWFAST,
    SPLIT,
    Layout,
    annotation,
    loaded_videos,
)
from kinetics_builder.formats.boxes.ava_folders.predicted import read_predicted
from kinetics_builder.formats.boxes.ava_folders.seconds import read_added
from kinetics_builder.formats.boxes.ava_folders.writing import write
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.splits import SHORT, given_split


def _read(layout: Layout, path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of all splits, or of the one the options name, each with its split."""
    wanted, added = given_split(options), read_added(path)
    is_empty = True
    for split, word in SHORT.items():
        if split is None or wanted not in (None, split):
            continue
        truth, predicted = set[str](), set[str]()
        for box in _split(layout, path, word, options, problems):
            is_empty = False
            (truth if box.score is None else predicted).add(box.video_id)
            if box.video_id in added:
                seconds = box.timestamp_seconds - added[box.video_id]
                box = box._replace(timestamp_seconds=seconds)
            yield box if wanted else box._replace(details={**box.details, SPLIT: split})
        if layout.has_frame_lists and (truth or predicted):
            videos = loaded_videos(word, truth, predicted)
            _check_frames(path / "frame_lists" / f"{word}.csv", set(videos), problems)
    if is_empty:
        raise FormatError(
            f"{path}: expected {ANNOTATIONS}/{layout.truth.format('train')} or other splits with "
            "rows, found none."
        )


def _split(
    layout: Layout, path: Path, word: str, options: Options, problems: Problems
) -> Iterator[Box]:
    truth = annotation(path, layout.truth, word)
    if truth is not None:
        problems.enter(truth)
        read = find_format("ava").read
        assert read is not None
        for box in read(truth, options, problems):
            try:
                if has_box(box):
                    layout.check(box)
            except ValueError as error:
                problems.error(str(error))
            else:
                yield box
    predicted = annotation(path, layout.predicted, word)
    if predicted is None:
        return
    problems.enter(predicted)
    read_scored = find_format("ava-proposals").read if layout.has_proposals else read_predicted
    assert read_scored is not None
    yield from read_scored(predicted, options, problems)


def _check_frames(path: Path, videos: set[str], problems: Problems) -> None:
    """Tell of videos without frames and of frames without boxes: the loader stops at both."""
    problems.enter(path)
    if not path.is_file():
        problems.error("expected a frame list, found none")
        return
    listed = read_frame_list(path, problems)
    problems.line = None
    for video_id in sorted(videos ^ listed):
        problems.item = video_id
        if video_id in videos:
            problems.warning(
                "has boxes, but no frames here: PySlowFast stops with an AssertionError"
            )
        else:
            problems.warning(
                "has frames, but no boxes that are loaded: PySlowFast stops with an AssertionError"
            )


def _format(layout: Layout, *, what: str, source: str, traps: str) -> Format:
    return Format(
        name=layout.name,
        kind=Kind.BOXES,
        what=what,
        source=source,
        traps=traps,
        read=partial(_read, layout),
        write=partial(write, layout),
        is_folder=True,
    )


FORMATS = (
    _format(
        PYSLOWFAST,
        what="PySlowFast's AVA: frame_lists/ (a line for each frame) and annotations/",
        source="SlowFast slowfast/datasets/DATASET.md, ava_helper.py",
        traps="Seconds 902 to 1798 at 30 frames a second from second 900 on are written into the "
        "code: 900 is added to the seconds of short videos (kbuild_seconds_added.csv says so, and "
        "reading takes it off); for films outside change AVA_VALID_FRAMES. "
        "Boxes with scores are predicted boxes, and validation uses those alone; a video "
        "listed without boxes, or not listed, stops it. Excluded timestamps are written empty, "
        "key frames without a box have no place. `kbuild ava check` says what would be used.",
    ),
    _format(
        MMACTION2,
        what="MMAction2's AVADataset: annotations/ with ground truth, label list and proposals",
        source="MMAction2 mmaction/datasets/ava_dataset.py, configs/detection/ava",
        traps="Each row needs a person_id, and times are whole seconds from 900 to 1800 (frames "
        "img_00001.jpg begin at 900): 900 is added to those of short videos, and for films "
        "outside timestamp_start and timestamp_end are to be set. "
        "Boxes with scores become proposals, without their actions; "
        "the proposals' file has the name that the configurations expect.",
    ),
)
