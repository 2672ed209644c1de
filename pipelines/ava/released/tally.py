"""What a released folder of films holds, counted from its tables."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from kinetics_builder.formats.cells import named_rows, table
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.released_labels import (
    KEY_FRAMES,
    TABLES_OF_LABELS,
    ReleasedLabel,
    read_labels,
)
from kinetics_builder.formats.splits import SHORT
from pipelines.ava.released.folder import ListedFilm
from pipelines.ava.releasing.given import QUESTIONS
from pipelines.ava.releasing.survey import BOXES, LABELS, PERSONS


@dataclass(slots=True)
class SplitTally:
    """What a split holds."""

    num_films: int = 0
    num_key_frames: int = 0
    """Those with a row."""
    num_without_box: int = 0
    num_excluded: int = 0
    num_boxes: int = 0
    num_persons: int = 0
    num_labels: int = 0


@dataclass(slots=True)
class Tally:
    """Counts labels as they go by; grows with persons and actions, not with labels."""

    splits: dict[str, SplitTally] = field(default_factory=dict)
    actions: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Name and type of each action that occurs."""
    labels: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By action and split."""
    said_by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By what is said: how much people say, how much a file, how much a machine."""
    labels_a_box: Counter[int] = field(default_factory=Counter)
    boxes_a_key_frame: Counter[int] = field(default_factory=Counter)
    key_frames_a_person: Counter[int] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    """Of films."""
    answers: dict[str, int] = field(default_factory=dict)
    """By the file that they stand in."""
    num_workers: int = 0

    def add_split(self, split: str, labels: Iterable[ReleasedLabel]) -> None:
        """Count the labels of a split, which come by key frames and boxes."""
        counts = self.splits.setdefault(split, SplitTally())
        persons: Counter[tuple[str, int | None]] = Counter()
        for _, rows in groupby(labels, key=lambda row: (row.video_id, row.timestamp)):
            boxes = [list(of_box) for _, of_box in groupby(rows, key=_box)]
            if boxes[0][0].x1 is None:
                boxes = []
            counts.num_key_frames += 1
            counts.num_without_box += not boxes
            counts.num_boxes += len(boxes)
            self.boxes_a_key_frame[len(boxes)] += 1
            persons.update((box[0].video_id, box[0].person_id) for box in boxes)
            for box in boxes:
                counts.num_labels += len(box)
                self._add_box(split, box)
        counts.num_persons = sum(person is not None for _, person in persons)
        self.key_frames_a_person.update(
            number for (_, person), number in persons.items() if person is not None
        )

    def _add_box(self, split: str, rows: Sequence[ReleasedLabel]) -> None:
        self.labels_a_box[len(rows)] += 1
        self.said_by[BOXES][rows[0].box_by] += 1
        self.said_by[PERSONS][rows[0].person_by] += 1
        for row in rows:
            self.said_by[LABELS][row.action_by] += 1
            if row.action_id is not None:
                self.actions[row.action_id] = row.action, row.action_type
                self.labels[row.action_id][split] += 1

    def total(self, name: str) -> int:
        """Return a count of all splits together."""
        return sum(getattr(one, name) for one in self.splits.values())

    def most_frequent(self) -> list[int]:
        """Return the actions that occur, the most frequent first."""
        return sorted(self.labels, key=lambda one: (-self.labels[one].total(), one))


def _box(row: ReleasedLabel) -> tuple[Any, ...]:
    return row.person_id, row.x1, row.y1, row.x2, row.y2


def labels_of(folder: Path) -> Iterator[tuple[str, Iterator[ReleasedLabel]]]:
    """Yield each split that a release has, with its labels."""
    for split in SPLITS:
        path = folder / TABLES_OF_LABELS.format(SHORT[split])
        if path.is_file():
            yield split, read_labels(path)


def tally_of(folder: Path, films: Iterable[ListedFilm]) -> Tally:
    """Return what a folder holds.

    Raises:
        FormatError: One of its tables cannot be read.

    """
    tally = Tally()
    for split, labels in labels_of(folder):
        tally.add_split(split, labels)
    for one in films:
        tally.licences[one.film.licence or "not stated"] += 1
        tally.splits.setdefault(one.film.split, SplitTally()).num_films += 1
    for row in named_rows(folder / KEY_FRAMES, ("split", "is_excluded")):
        found = tally.splits.setdefault(row["split"], SplitTally())
        found.num_excluded += row["is_excluded"] == str(True)
    _count_answers(folder, tally)
    return tally


def _count_answers(folder: Path, tally: Tally) -> None:
    workers: set[str] = set()
    for question in QUESTIONS:
        path = folder / question.file
        if path.is_file():
            header, cells = table(path, ("worker", "revision"), Problems(path))
            who, last = header.index("worker"), header.index("revision") + 1
            rows = list(cells)
            workers.update(row[who] for row in rows)
            tally.answers[question.file] = len({tuple(row[:last]) for row in rows})
    tally.num_workers = len(workers)


def statistics_of(tally: Tally) -> dict[str, Any]:
    """Return the counts as `statistics.json` has them."""
    names = SplitTally.__dataclass_fields__
    return {
        **{name: tally.total(name) for name in names},
        "num_actions": len(tally.labels),
        "num_workers": tally.num_workers,
        "splits": {
            split: {name: getattr(tally.splits[split], name) for name in names}
            for split in SPLITS
            if split in tally.splits
        },
        "licences": dict(sorted(tally.licences.items())),
        "answers": tally.answers,
        "said_by": {what: dict(sorted(by.items())) for what, by in tally.said_by.items()},
        "labels_a_box": _by_number(tally.labels_a_box),
        "boxes_a_key_frame": _by_number(tally.boxes_a_key_frame),
        "key_frames_a_person": _by_number(tally.key_frames_a_person),
        "actions": [
            {
                "id": number,
                "name": tally.actions[number][0],
                "type": tally.actions[number][1],
                **{split: tally.labels[number][split] for split in SPLITS},
            }
            for number in sorted(tally.labels)
        ],
    }


def _by_number(counts: Counter[int]) -> dict[str, int]:
    return {str(number): counts[number] for number in sorted(counts)}
