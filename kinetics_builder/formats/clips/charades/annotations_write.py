"""Writing Charades' annotations: clips become one row for each video."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from kinetics_builder.formats.checks import not_empty
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped, sorted_on_disk
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import Losses, extra_of
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.splits import split_of_file

_COLUMNS = (
    "id",
    "subject",
    "scene",
    "quality",
    "relevance",
    "verified",
    "script",
    "objects",
    "descriptions",
    "actions",
    "length",
)
_OWN = re.compile(r"c[0-9]{3}")


def write_charades(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a row for each video, in the order in which the videos first come.

    A clip without label is a video without actions, or adds nothing to one that has some. A
    whole video's label lasts from 0 to its `duration_seconds`. Columns beside Charades' own
    are those of the first clip.

    Raises:
        ConfigError: Labels other than `c092`, and no label map; or one that counts from 1.

    """
    labels = options.labels_from_zero("charades")
    groups = _videos(records)
    first = next(groups, None)
    if any(clip.label and not _OWN.fullmatch(clip.label) for clip in first or ()):
        options.need_labels("charades")
    extra = extra_of(first[0]) if first else ()
    losses = Losses(problems, "charades")
    split = split_of_file(path, options)
    with writing_text(path) as file:
        file.write(csv_line([*_COLUMNS, *extra]))
        for clips in chain([first] if first else [], groups):
            problems.item = clips[0].video_id
            for clip in clips:
                _note(clip, split, losses, extra)
            _note_merged(clips, losses)
            try:
                file.write(csv_line(_cells(clips, labels, extra, problems)))
            except ValueError as error:
                problems.error(f"{error}; the video is left out")
                problems.num_lost += len(clips) - 1
        losses.tell()


def _videos(records: Iterable[Clip]) -> Iterator[list[Clip]]:
    """Yield the clips of each video, in the order of their first, sorted on disk."""
    by_video = grouped(enumerate(records), key=lambda numbered: numbered[1].video_id)
    groups = (group for _, group in by_video)
    for group in sorted_on_disk(groups, key=lambda group: group[0][0]):
        yield [clip for _, clip in group]


def _note(clip: Clip, split: str | None, losses: Losses, extra: tuple[str, ...]) -> None:
    losses.note_details(clip, (*_COLUMNS, "duration_seconds", *extra))
    losses.note_split(clip, split)
    if clip.label is None:
        losses.note_times(clip)
    if clip.file is not None:
        losses.note("file", clip.video_id)


def _note_merged(clips: list[Clip], losses: Losses) -> None:
    """Take down the clips without label that add nothing to their video's row."""
    num_labelled = sum(clip.label is not None for clip in clips)
    if num_merged := len(clips) - max(1, num_labelled):
        message = "a clip without label adds nothing to the row of its video"
        losses.note_left_out(message, clips[0].video_id, num_merged)


def _cells(
    clips: list[Clip], labels: LabelMap | None, extra: tuple[str, ...], problems: Problems
) -> list[object]:
    details = clips[0].details
    columns = (*_COLUMNS, *extra)
    if any(clip.details.get(name) != details.get(name) for clip in clips for name in columns):
        problems.warning("clips of this video differ in their details; the first one's are kept")
    cells: dict[str, object] = {name: details.get(name, "") for name in columns}
    length = details.get("duration_seconds")
    cells["id"] = not_empty(clips[0].video_id, "the video's id")
    cells["length"] = _number(length) if isinstance(length, (int, float)) else ""
    cells["actions"] = ";".join(_actions(clips, labels, problems))
    return [cells[name] for name in columns]


def _actions(clips: list[Clip], labels: LabelMap | None, problems: Problems) -> Iterator[str]:
    for clip in clips:
        try:
            if clip.label is not None:
                yield f"{_class(clip.label, labels)} {' '.join(map(_number, _times(clip)))}"
        except ValueError as error:
            problems.error(f"{error}; the action is left out")


def _class(label: str, labels: LabelMap | None) -> str:
    if labels is not None:
        return f"c{labels.id_of(label):03d}"
    if not _OWN.fullmatch(label):
        raise ValueError(f"expected a label like c092, found {label!r}")
    return label


def _times(clip: Clip) -> tuple[float, float]:
    if clip.start_seconds is not None and clip.end_seconds is not None:
        if min(clip.start_seconds, clip.end_seconds) < 0:
            found = f"{clip.start_seconds:g} and {clip.end_seconds:g}"
            raise ValueError(f"expected times in seconds from 0 on, found {found}")
        return clip.start_seconds, clip.end_seconds
    length = clip.details.get("duration_seconds")
    if not isinstance(length, (int, float)):
        raise ValueError(f"{clip.label!r} has no start and end, and its video no length")
    return 0.0, float(length)


def _number(value: float) -> str:
    """Return seconds with two decimals as Charades has them, or with as many as it takes.

    >>> _number(11.9), _number(1 / 3)
    ('11.90', '0.3333333333333333')
    """
    text = f"{value:.2f}"
    return text if float(text) == value else repr(float(value))
