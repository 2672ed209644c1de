"""The files of a release but its films and its README."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.truth import By
from kinetics_builder.database.tables import Split
from kinetics_builder.formats.boxes.ava.row_texts import share_text, timestamp_text
from kinetics_builder.formats.boxes.ava.timestamps import EVERY_VIDEO
from kinetics_builder.formats.boxes.ava_folders.places import MIN_SCORE, UNCONFIRMED
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.output import csv_line, number_text, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS, Box, Label, Record
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.released_labels import (
    KEY_FRAMES,
    TABLES_OF_LABELS,
    ReleasedFilm,
    ReleasedKeyFrame,
    ReleasedLabel,
    as_columns,
    writing_labels,
)
from kinetics_builder.formats.splits import SHORT
from pipelines.ava.releasing.answers import Answers, proposals_of
from pipelines.ava.releasing.labels import Telling, file_of
from pipelines.ava.releasing.layouts import LEFT_OUT, PREDICTED, PROPOSALS, Layout
from pipelines.ava.releasing.survey import SurveyedFilm

_LABEL_COLUMNS = (
    *("split", "video_id", "timestamp", "x1", "y1", "x2", "y2"),
    *("person_id", "action_id"),
)
_LEFT_OUT_COLUMNS = (*_LABEL_COLUMNS, "reason")
_UNCONFIRMED_COLUMNS = (*_LABEL_COLUMNS, "action_by", "box_by", "person_by")
_VIDEO_COLUMNS = tuple(one.name for one in fields(ReleasedFilm))
_FRAME_COLUMNS = tuple(one.name for one in fields(ReleasedKeyFrame))
_AddLabels = Callable[[Mapping[str, Sequence[Any]]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is written, and where to."""

    session: Session
    answers: Answers
    layout: Layout
    films: Sequence[SurveyedFilm]
    min_examples: int
    """Least examples in the split validate of an action that is measured."""
    min_score: float
    """From which on the detector's boxes are shown to people."""
    has_unconfirmed: bool
    """Whether any label is one that nobody has confirmed."""
    folder: Path

    def write(self) -> None:
        """Write all lists into `folder`."""
        with writing_text(self.folder / KEY_FRAMES) as frames:
            frames.write(csv_line(_FRAME_COLUMNS))
            for split in SPLITS:
                films = [one for one in self.films if one.split == split]
                if films:
                    self._write_split(SHORT[split], films, frames)
        layout = self.layout
        if layout.included is not None:
            moments = sorted({moment for one in self.films for moment in one.with_row})
            self._put("ava-timestamps", layout.included, _of_every_video(moments))
        labels = self.answers.vocabulary.label_map()
        self._put("ava-pbtxt", layout.labels, labels)
        measured = measured_ids(self.films, self.answers.vocabulary, self.min_examples)
        plain = (Label(one.id, one.name) for one in labels if one.id in measured)
        self._put("activitynet-pbtxt", layout.measured, plain)
        if any(self.folder.glob(PREDICTED.format("*"))):
            with writing_text(self.folder / MIN_SCORE) as file:
                file.write(f"{self.min_score:g}\n")
        _write_table(self.folder / LEFT_OUT, _LEFT_OUT_COLUMNS, _left_out(self.films))
        _write_table(self.folder / FILMS, _VIDEO_COLUMNS, _videos(self.films))
        if self.has_unconfirmed:
            rows = chain.from_iterable(self._unconfirmed(one) for one in self.films)
            _write_table(self.folder / UNCONFIRMED, _UNCONFIRMED_COLUMNS, rows)

    def _write_split(self, word: str, films: Sequence[SurveyedFilm], frames: TextIO) -> None:
        layout = self.layout
        with writing_labels(self.folder / TABLES_OF_LABELS.format(word)) as add:
            rows = chain.from_iterable(self._rows(one, add, frames) for one in films)
            self._put(layout.format, layout.truth.format(word), rows)
        if layout.excluded is not None:
            excluded = (
                Box(one.video_id, one.timestamp(moment)) for one in films for moment in one.excluded
            )
            self._put("ava-timestamps", layout.excluded.format(word), excluded)
        if any(True for _ in self._proposals(films)):
            self._put_predicted(PREDICTED.format(word), self._proposals(films))
            self._put("ava-proposals", PROPOSALS.format(word), self._proposals(films))

    def _rows(self, one: SurveyedFilm, add: _AddLabels, frames: TextIO) -> Iterator[Box]:
        """Yield the rows of a film, and write the same down with all that is known of them."""
        telling = Telling(one, self.answers.vocabulary, has_persons=self.layout.has_persons)
        labels: list[ReleasedLabel] = []
        for frame in self.answers.settled(one.film):
            has_row = frame.seconds in one.with_row
            if has_row:
                labels += telling.labels(frame)
            if has_row or frame.seconds in one.excluded:
                frames.write(csv_line(_cells(telling.key_frame(frame))))
        add(as_columns(labels))
        return map(_row_of, labels)

    def _unconfirmed(self, one: SurveyedFilm) -> Iterator[list[object]]:
        for frame in self.answers.settled(one.film):
            for box in frame.boxes if frame.seconds in one.with_row else ():
                moment = timestamp_text(one.timestamp(frame.seconds))
                place = [one.split, one.video_id, moment, *map(share_text, box.corners), box.person]
                for action in sorted(box.unconfirmed):
                    yield [*place, action, By.FILE, box.box_by, box.person_by]

    def _proposals(self, films: Iterable[SurveyedFilm]) -> Iterator[Box]:
        for one in films:
            for box in proposals_of(self.session, one.film, set(one.with_row)):
                seconds = one.timestamp(box.timestamp_seconds)
                yield box._replace(video_id=one.video_id, timestamp_seconds=seconds)

    def _put(self, format_name: str, name: str, records: Iterable[Record]) -> None:
        path = self.folder / name
        write = find_format(format_name).write
        assert write is not None
        write(path, records, Options(), Problems(path))

    def _put_predicted(self, name: str, boxes: Iterable[Box]) -> None:
        """Write proposals as PySlowFast has them: rows of eight cells, the action empty."""
        with writing_text(self.folder / name) as file:
            file.writelines(csv_line(_proposal_cells(box)) for box in boxes)


def _row_of(label: ReleasedLabel) -> Box:
    corners = label.x1, label.y1, label.x2, label.y2
    return Box(label.video_id, label.timestamp, *corners, label.action_id, label.person_id)


def _cells(frame: ReleasedKeyFrame) -> list[object]:
    moment = timestamp_text(frame.timestamp)
    return [moment if name == "timestamp" else getattr(frame, name) for name in _FRAME_COLUMNS]


def _of_every_video(moments: Iterable[float]) -> Iterator[Box]:
    return (Box(EVERY_VIDEO, moment) for moment in moments)


def _proposal_cells(box: Box) -> list[object]:
    corners = [share_text(float(corner or 0)) for corner in box[2:6]]
    return [
        box.video_id,
        timestamp_text(box.timestamp_seconds),
        *corners,
        None,
        number_text(box.score),
    ]


def _left_out(films: Iterable[SurveyedFilm]) -> Iterator[list[object]]:
    for one in films:
        for left in one.left_out:
            corners = [None] * 4 if left.box is None else map(share_text, left.box)
            moment = timestamp_text(one.timestamp(left.seconds))
            what = [left.person, left.action_id, left.reason]
            yield [one.split, one.video_id, moment, *corners, *what]


def _videos(films: Iterable[SurveyedFilm]) -> Iterator[list[object]]:
    for one in films:
        start = number_text(one.timestamp(one.film.begins_seconds))
        facts = [f"{one.film.duration_seconds:.3f}", one.film.licence, one.film.url]
        yield [one.video_id, file_of(one), start, one.split, *facts]


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(columns))
        file.writelines(map(csv_line, rows))


def measured_ids(
    films: Iterable[SurveyedFilm], vocabulary: Vocabulary, min_examples: int
) -> frozenset[int]:
    """Return the actions with enough examples in the split validate; all where none has."""
    counted: Counter[int] = Counter()
    for one in films:
        if one.split == Split.VALIDATE.value:
            counted.update(one.counts)
    known = frozenset(action.id for action in vocabulary)
    return frozenset(one for one in known if counted[one] >= max(1, min_examples)) or known
