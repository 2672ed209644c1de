"""The ground truth of the Kinetics measures, and what predictions may call its clips."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kinetics_builder.errors import ConfigError, FormatError
from kinetics_builder.formats.checks import not_empty, object_of, text_of
from kinetics_builder.formats.clips.kbuild.manifest import read_clips
from kinetics_builder.formats.clips.kinetics.csv_files import read_kinetics
from kinetics_builder.formats.clips.kinetics.json_files import read_json
from kinetics_builder.formats.clips.kinetics.submission_write import key_of_clip
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.json_files import entries
from kinetics_builder.formats.names import whole_stretches
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.formats.splits import split_of
from kinetics_builder.formats.text import open_text
from kinetics_builder.metrics.kinetics import Ints
from pipelines.measuring.first_letter import first_letter
from pipelines.measuring.oddities import Oddity
from pipelines.measuring.result import Inputs


class TrueClip(NamedTuple):
    """A clip of the ground truth, or one of the labels of a clip that has several."""

    key: str
    """Which clip it is: `id_start_end`, as submissions since 2018 call it."""
    video_id: str
    """As submissions of 2017 call it."""
    label: str
    names: tuple[str, ...] = ()
    """What predictions may call it as well: its file; its times in whole seconds."""


def read_truth(
    inputs: Inputs, split: str | None = None, blocked: frozenset[str] = frozenset()
) -> list[TrueClip]:
    """Return the rows of a ground truth, in its order: those of `split`, or of the only split.

    Reads the CSV files of Kinetics, the manifest of a release, the official JSON, and
    ActivityNet's layout, by their contents. Clips and videos in `blocked` are left out.

    Raises:
        ConfigError: Several splits, and none chosen.
        FormatError: A row without label, or nothing to compare with.

    """
    path = inputs.ground_truth
    problems = inputs.problems(path)
    rows = list(_rows(path, Options(encoding=inputs.encoding), problems))
    splits = sorted({found for found, _ in rows if found is not None})
    if split is None and len(splits) > 1:
        raise ConfigError(f"{path} holds several splits. Choose one: --split {'|'.join(splits)}.")
    chosen = [
        clip
        for found, clip in rows
        if (split is None or found in (split, None))
        and blocked.isdisjoint((clip.key, clip.video_id, *clip.names))
    ]
    if not chosen:
        of_split = f" of the split {split}" if split else ""
        raise FormatError(f"{path}: expected clips{of_split} to compare with, found none.")
    return chosen


def is_json(path: Path) -> bool:
    """Return whether the first letter of a file opens a JSON object."""
    return first_letter(path) == "{"


_Row = tuple[str | None, TrueClip]


def _rows(path: Path, options: Options, problems: Problems) -> Iterator[_Row]:
    if not is_json(path):
        with open_text(path, options.encoding) as file:
            header = file.readline().strip().split(",")
        read = read_clips if "sha256" in header else read_kinetics
        return _of_clips(read(path, options, problems), problems)
    if any(key == "database" for key, _ in entries(path, "")):
        return _of_database(path, problems)
    return _of_clips(read_json(path, options, problems), problems)


def _of_clips(clips: Iterable[Clip], problems: Problems) -> Iterator[_Row]:
    seen: set[_Row] = set()
    again = Oddity("has this label already; it counts once")
    for clip in clips:
        try:
            key = key_of_clip(clip._replace(details=NOTHING), allows_fractions=True)
            label = not_empty(clip.label or "", "label")
        except ValueError as error:
            problems.item = clip.video_id
            problems.error(f"{error}, in a ground truth")
            continue
        names = () if clip.file is None else (clip.file,)
        if key not in (whole := [name.key for name in whole_stretches(clip)]):
            names = (*names, *whole)
        row = clip.split, TrueClip(key, clip.video_id, label, names)
        if row in seen:
            again.add(key, problems.line)
        seen.add(row)
        yield row
    again.tell(problems)


def _of_database(path: Path, problems: Problems) -> Iterator[_Row]:
    """Yield the labels of ActivityNet's layout, where a key may be `id_start_end`."""
    for key, video in entries(path, "database"):
        problems.item = key
        try:
            found = object_of(video, "the video")
            split = split_of(text_of(found.get("subset"), "subset"))
            if not isinstance(annotations := found.get("annotations"), list):
                raise ValueError(f"annotations must be a list, found {annotations!r}")
            for annotation in annotations:
                label = text_of(object_of(annotation, "annotation").get("label"), "label")
                yield split, TrueClip(key, key, label)
        except ValueError as error:
            problems.error(str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What is compared: the clips by their keys, or in 2017's manner the videos by their ids."""

    names: dict[str, int]
    """Everything that predictions may call a unit, and its number; no name that several have."""
    num_units: int
    unit_of_row: Ints
    """The unit of each row of the ground truth."""

    @classmethod
    def of(cls, rows: list[TrueClip], *, by_video: bool) -> "Units":
        """Return the units of a ground truth, numbered as they come."""
        numbers: dict[str, int] = {}
        unit_of_row = [
            numbers.setdefault(row.video_id if by_video else row.key, len(numbers)) for row in rows
        ]
        units: dict[str, set[int]] = {}
        for row, unit in zip(rows, unit_of_row, strict=True):
            for name in row.names:
                units.setdefault(name, set()).add(unit)
        names = {name: next(iter(of)) for name, of in units.items() if len(of) == 1} | numbers
        return cls(names=names, num_units=len(numbers), unit_of_row=np.array(unit_of_row, np.int64))
