"""Detections for THUMOS14: `video start end class score`, a row each."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.cells import is_one_cell, parsed, words
from kinetics_builder.formats.checks import finite, stretch
from kinetics_builder.formats.clips.saying import Language, name_of, sayable
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import number_text, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind

_LANGUAGE = Language(
    name="thumos14-detection",
    needs=("start_seconds", "end_seconds", "label", "score"),
    says=frozenset({"label", "score"}),
)


def read_detections(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield the rows `video start end class score` of a submission; the label map names classes.

    Raises:
        ConfigError: There is no label map.

    """
    labels = _labels(options)
    rows = words(path, problems, options.encoding)
    return parsed(rows, partial(_detection, labels), problems)


def _labels(options: Options) -> LabelMap:
    labels = options.need_labels("thumos14-detection")
    if 0 in labels.names:
        raise ConfigError(
            "the label map counts its classes from 0, and thumos14-detection has UCF101's numbers "
            "from 1: give --label-map detclasslist.txt."
        )
    return labels


def _detection(labels: LabelMap, cells: list[str]) -> Clip:
    if len(cells) != 5:
        raise ValueError(f"expected video, start, end, class and score, found {len(cells)} cells")
    video_id, start, end, number, score = cells
    label = labels.name_of(int(number))
    return Clip(video_id, *stretch(start, end), label, score=finite(score))


def write_detections(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a submission; clips whose label has no number are told of and left out."""
    labels = _labels(options)
    with writing_text(path) as file:
        for clip in sayable(records, _LANGUAGE, options, problems):
            try:
                file.write(_detection_line(clip, labels))
            except ValueError as error:
                problems.item = name_of(clip)
                problems.error(str(error))


def _detection_line(clip: Clip, labels: LabelMap) -> str:
    if not is_one_cell(clip.video_id):
        raise ValueError(f"expected a video id without spaces, found {clip.video_id!r}")
    number = labels.id_of(str(clip.label))
    times = f"{number_text(clip.start_seconds)} {number_text(clip.end_seconds)}"
    return f"{clip.video_id} {times} {number} {number_text(clip.score)}\n"


FORMATS: tuple[Format, ...] = (
    Format(
        name="thumos14-detection",
        kind=Kind.CLIPS,
        what="THUMOS14 detection submission: video, start, end, class number, score",
        source="THUMOS14 evaluation kit, TH14evaldet.m",
        traps="Class numbers are those of the 101 classes of UCF101 (7 BaseballPitch to 97 "
        "VolleyballSpiking), not 1 to 20: the label map is detclasslist.txt.",
        read=read_detections,
        write=write_detections,
    ),
)
