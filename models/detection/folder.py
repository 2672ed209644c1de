"""A folder of AVA's files as training sees it: key frames, boxes and their actions. No torch.

Shapes, as name suffixes: N boxes of a key frame, K classes, M rows; 4 is x1, y1, x2, y2.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.boxes.ava.columns import BoxColumns, read_columns
from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, microseconds_of
from kinetics_builder.formats.boxes.ava.timestamps import EVERY_VIDEO
from kinetics_builder.formats.boxes.ava_folders.predicted import read_predicted
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.splits import SHORT
from models.detection.files import AvaFiles, SplitFiles, find_files
from models.detection.films import Films, find_films, list_films

Boxes = NDArray[np.float64]
Actions = NDArray[np.bool_]
Persons = NDArray[np.int64]
NOBODY = -1
Moment = tuple[str, int]
"""A video id and microseconds on its own time line."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A moment of a film, and who does what there."""

    video_id: str
    microseconds: int
    """On the film's own time line."""
    boxes_N4: Boxes
    """Corners as shares of width and height."""
    actions_NK: Actions
    """In the order of the folder's labels."""
    persons_N: Persons
    """Who it is, by the film's own numbers; `NOBODY` where the rows do not say."""

    @property
    def seconds(self) -> float:
        """Return the moment on the film's own time line."""
        return self.microseconds / 1e6

    @property
    def moment(self) -> Moment:
        """Return which key frame it is."""
        return self.video_id, self.microseconds

    @property
    def name(self) -> str:
        """Return how reports call it: `1j20qq1JyX4 at 902 s`."""
        return f"{self.video_id} at {self.seconds:g} s"


@dataclass(frozen=True)
class AvaFolder:
    """Annotations, films and labels of a folder."""

    files: AvaFiles
    labels: LabelMap
    sha256: str
    """Of all annotations, and of where the films lie."""
    _truth: dict[str, tuple[KeyFrame, ...]] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """Return where it lies."""
        return self.files.folder

    @cached_property
    def films(self) -> Films:
        """Return where the films lie; ModelError where there are none."""
        return find_films(self.folder)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the labels' names, in the order of a network's answers."""
        return tuple(label.name for label in self.labels)

    def split(self, name: str) -> tuple[KeyFrame, ...]:
        """Return the key frames of a split, those without a box too; () where it is not there.

        Excluded ones, and those that are not in the list of included ones, are left out.
        """
        if name not in self._truth:
            files = self.files.splits.get(name)
            self._truth[name] = () if files is None else tuple(self._key_frames(files))
        return self._truth[name]

    def find_proposals(self, name: str) -> Path:
        """Return the file of a split's proposals; ModelError where it has none."""
        path = self.files.split(name).proposals
        if path is None:
            word = SHORT[name]
            raise ModelError(
                f"{self.folder} has no proposals of the split {name!r}: expected rows with scores "
                f"in ava_{word}_predicted_boxes.csv, or ava_dense_proposals_{word}.pkl."
            )
        return path

    def proposals(self, name: str, min_score: float) -> dict[Moment, Boxes]:
        """Return the boxes that a detector of persons proposes with `min_score` at least.

        Raises ModelError where the split has none.
        """
        path = self.find_proposals(name)
        found: dict[Moment, list[tuple[float, ...]]] = {}
        for box in _proposed(path):
            moment = (box.video_id, microseconds_of(box.timestamp_seconds))
            rows = found.setdefault(moment, [])
            if box.x1 is not None and (box.score is None or box.score >= min_score):
                rows.append((box.x1, box.y1 or 0.0, box.x2 or 0.0, box.y2 or 0.0))
        return {moment: np.array(rows).reshape(-1, 4) for moment, rows in found.items()}

    def _key_frames(self, files: SplitFiles) -> Iterator[KeyFrame]:
        columns = read_columns(files.truth, Problems(files.truth), has_scores=False)
        left_out, included = _moments(files.excluded), _moments(self.files.included)
        for key_frame in _grouped(columns, self.labels):
            names = {key_frame.moment, (EVERY_VIDEO, key_frame.microseconds)}
            if not names & left_out and (not included or names & included):
                yield key_frame


def read_folder(folder: Path) -> AvaFolder:
    """Read what `folder` holds; rows and films are looked for when they are asked for.

    Raises ModelError or FormatError where it cannot be learnt from.
    """
    files = find_files(folder)
    labels = read_label_map(files.labels, first_id=FIRST_ACTION)
    return AvaFolder(files, labels, folder_sha256(folder))


def folder_sha256(folder: Path) -> str:
    """Return the hash of all annotations and of the list of films, without reading the rows.

    Films count by name and size alone: there may be hundreds of gigabytes of them.
    """
    digest = hashlib.sha256()
    for path in find_files(folder).annotations():
        digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    if (folder / FILMS).is_file():
        digest.update((folder / FILMS).read_bytes())
    for film in list_films(folder):
        path = folder / film.file
        size = path.stat().st_size if path.is_file() else -1
        digest.update(f"{film.file}\0{size}\0".encode())
    return digest.hexdigest()


def _moments(path: Path | None) -> set[Moment]:
    """Return the key frames of a list; those of a list of seconds alone hold for every film."""
    if path is None:
        return set()
    read = find_format("ava-timestamps").read
    assert read is not None
    boxes = read(path, Options(), Problems(path))
    return {(box.video_id, microseconds_of(box.timestamp_seconds)) for box in boxes}


def _proposed(path: Path) -> Iterator[Box]:
    if ".csv" in path.suffixes:
        return read_predicted(path, Options(), Problems(path))
    read = find_format("ava-proposals").read
    assert read is not None
    return read(path, Options(), Problems(path))


def _grouped(columns: BoxColumns, labels: LabelMap) -> Iterator[KeyFrame]:
    """Yield each key frame, with a box for each person, in the order of the file's videos.

    Actions that `labels` lacks are nobody's: their boxes do none of the others.
    """
    persons_M = np.nan_to_num(columns.value_N, nan=NOBODY)
    keys_M = np.column_stack([columns.video_N, columns.microseconds_N])
    rows_M7 = np.column_stack([keys_M, columns.boxes_N4, persons_M])
    boxes_P7, places_M = np.unique(rows_M7, axis=0, return_inverse=True)
    actions_PK = np.zeros((len(boxes_P7), len(labels)), np.bool_)
    place_of = {label.id: place for place, label in enumerate(labels)}
    classes_M = np.array([place_of.get(number, -1) for number in columns.action_N.tolist()], int)
    known_M = np.flatnonzero(classes_M >= 0)
    actions_PK[places_M.reshape(-1)[known_M], classes_M[known_M]] = True
    empty_M2 = np.column_stack([columns.empty_video_M, columns.empty_microseconds_M])
    moments_F2 = np.unique(np.concatenate([boxes_P7[:, :2], empty_M2.astype(np.float64)]), axis=0)
    starts_F = _row_places(boxes_P7[:, :2], moments_F2)
    ends_F = [*starts_F[1:], len(boxes_P7)]
    for (video, micro), start, end in zip(moments_F2.tolist(), starts_F, ends_F, strict=True):
        yield KeyFrame(
            video_id=columns.videos[int(video)],
            microseconds=int(micro),
            boxes_N4=boxes_P7[start:end, 2:6],
            actions_NK=actions_PK[start:end],
            persons_N=boxes_P7[start:end, 6].astype(np.int64),
        )


def _row_places(rows_P2: Boxes, sorted_F2: Boxes) -> list[int]:
    """Return where each of the sorted moments begins among the sorted rows."""
    stamps_P = [tuple(row) for row in rows_P2.tolist()]
    places, place = [], 0
    for moment in map(tuple, sorted_F2.tolist()):
        while place < len(stamps_P) and stamps_P[place] < moment:
            place += 1
        places.append(place)
    return places
