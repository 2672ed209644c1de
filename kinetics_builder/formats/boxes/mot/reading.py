"""Reading MOTChallenge's text files: ground truth, detections, results of trackers."""

import re
from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.formats.boxes.actions import item_of
from kinetics_builder.formats.boxes.attributes import CLASS, IGNORED, PERSON
from kinetics_builder.formats.boxes.frames import as_frame, as_number, seconds_of
from kinetics_builder.formats.boxes.mot.sequences import (
    CLASSES,
    DETECTIONS,
    NAME,
    TRUTH,
    Sequence,
    sequences,
)
from kinetics_builder.formats.boxes.mot.writing import NOBODY, VISIBILITY, write
from kinetics_builder.formats.boxes.pixels import of_rectangle
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of
from kinetics_builder.formats.boxes.sizes import tell_size
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.grouping import sorted_on_disk
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.text import lines

_PARTING = re.compile(r"\s*,\s*|\s+")
_MOST = 2**31
_NO_SCORE = -1.0


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of one sequence after another, by time and person."""
    for sequence in sequences(path, options):
        _tell_size(sequence, options, problems)
        problems.enter(sequence.file)
        before: Box | None = None
        boxes = _Rows(sequence, options, problems).boxes()
        for box in sorted_on_disk(boxes, key=_time_and_person):
            problems.line, problems.item = None, item_of(box)
            is_second = before is not None and _time_and_person(before) == _time_and_person(box)
            if is_second and box.person_id is not None:
                problems.warning(
                    f"person {box.person_id} has two boxes at a time; trackers' evaluators refuse "
                    "such files"
                )
            yield box
            before = box


def _tell_size(sequence: Sequence, options: Options, problems: Problems) -> None:
    stated = sequence.size_from
    problems.enter(stated or sequence.file)
    tell_size(sequence.video_id, sequence.size, options, problems, is_given=stated is None)


def _time_and_person(box: Box) -> tuple[float, int]:
    return box.timestamp_seconds, NOBODY if box.person_id is None else box.person_id


class _Rows:
    """Reads the rows of a sequence."""

    def __init__(self, sequence: Sequence, options: Options, problems: Problems) -> None:
        self._sequence = sequence
        self._options = options
        self._problems = problems
        self._losses = Losses(problems, "reading boxes alone")

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes in the order of the file."""
        sequence, problems = self._sequence, self._problems
        for line in lines(sequence.file, problems, self._options.encoding):
            problems.item = None
            cells = _PARTING.split(line.strip().rstrip(",").rstrip())
            try:
                is_truth = len(cells) == 9 if sequence.is_truth is None else sequence.is_truth
                shape = self._shape(cells, is_truth)
                score = None if is_truth else self._score(cells)
            except ValueError as error:
                problems.error(f"{error}, in {line!r}")
                continue
            for box in boxes_of(sequence.video_id, shape, self._options, problems):
                yield box._replace(score=score)
        self._losses.tell()

    def _shape(self, cells: list[str], is_truth: bool) -> Shape:
        if not 6 <= len(cells) <= 10:
            raise ValueError(
                "expected 6 to 10 cells (frame, id, left, top, width, height ...), "
                f"found {len(cells)}"
            )
        frame = as_frame(cells[0], first=1)
        if self._sequence.num_frames is not None and frame > self._sequence.num_frames:
            self._problems.warning(f"frame {frame} is behind seqLength {self._sequence.num_frames}")
        left, top, width, height = map(as_number, cells[2:6])
        corners = of_rectangle(left - 1, top - 1, width, height).to_shares(self._sequence.size)
        return Shape(
            seconds_of(frame - 1, self._sequence.frames_per_second),
            corners,
            _person(cells[1]),
            (),
            self._details(cells) if is_truth else self._of_world(cells),
        )

    def _details(self, cells: list[str]) -> dict[str, object]:
        """Return what a row of the ground truth says beside the box."""
        details: dict[str, object] = {}
        if len(cells) > 6 and as_number(cells[6]) == 0:
            details[IGNORED] = True
        if len(cells) == 10:  # as in MOT15: places in the world and no class
            return details | self._of_world(cells)
        if len(cells) > 7:
            number = as_frame(cells[7], first=1)
            if number > len(self._sequence.classes):
                most = len(self._sequence.classes)
                raise ValueError(f"expected a class from 1 to {most}, found {number}")
            name = self._sequence.classes[number - 1]
            if name.lower() not in (PERSON, CLASSES[0]):
                details[CLASS] = name
        if len(cells) > 8 and (visibility := as_number(cells[8])) != 1:
            details[VISIBILITY] = visibility
        return details

    def _of_world(self, cells: list[str]) -> dict[str, object]:
        if any(cell not in ("-1", "-1.0") for cell in cells[7:10]):
            self._losses.note("places in the world", self._sequence.video_id)
        return {}

    def _score(self, cells: list[str]) -> float | None:
        score = as_number(cells[6]) if len(cells) > 6 else _NO_SCORE
        return None if score == _NO_SCORE else score


def _person(text: str) -> int | None:
    number = as_number(text)
    if not number.is_integer() or not -_MOST <= number < _MOST:
        raise ValueError(f"expected a whole number as id, found {text!r}")
    return None if number == NOBODY else int(number)


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what=f"MOTChallenge: SEQUENCE/{TRUTH} or {DETECTIONS} with seqinfo.ini, or SEQUENCE.txt",
        source="motchallenge.net/instructions; arXiv:1603.00831; TrackEval mot_challenge_2d_box.py",
        traps=(
            "Frames and pixels count from 1 (CVAT writes pixels from 0: its boxes come a pixel "
            "too far up and left). In gt.txt the seventh cell says whether the box counts, "
            "elsewhere it is the score, -1 for none. Classes are things, not actions, and stay in "
            "the details, as do boxes that do not count (`ignored`). There is no place for "
            "actions, and TrackEval refuses a person with two boxes in a frame. Without "
            "seqinfo.ini size and rate must be given."
        ),
        read=read,
        write=write,
        is_folder=True,
    ),
)
