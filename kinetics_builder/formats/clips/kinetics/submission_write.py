"""Writing submissions to the Kinetics challenge."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from kinetics_builder.formats.checks import check_stretch, not_empty
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped, sorted_on_disk
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip

DEFAULTS: dict[str, Any] = {
    "version": "KINETICS VERSION 1.0",
    "external_data": {"used": False, "details": ""},
}
"""What submissions say beside their results."""

MAX_PREDICTIONS = 5


def key_of_clip(clip: Clip, *, allows_fractions: bool = False) -> str:
    """Return the key that names a clip; ValueError for times that are not whole seconds.

    Where fractions are allowed, the key has them: `id_7.5_17.5`.

    >>> key_of_clip(Clip("SOX5yA1l24A", 7.0, 17.0))
    'SOX5yA1l24A_7_17'
    """
    if isinstance(key := clip.details.get("key"), str):
        return key
    if clip.start_seconds is None or clip.end_seconds is None:
        return clip.video_id
    check_stretch(clip.start_seconds, clip.end_seconds)
    start, end = int(clip.start_seconds), int(clip.end_seconds)
    if (start, end) != (clip.start_seconds, clip.end_seconds):
        if allows_fractions:
            return f"{clip.video_id}_{clip.start_seconds}_{clip.end_seconds}"
        raise ValueError(
            f"expected whole seconds, found {clip.start_seconds} to {clip.end_seconds}"
        )
    return f"{clip.video_id}_{start}_{end}"


def write_submission(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write the predictions of each clip together, in the order in which the clips first come."""
    losses = Losses(problems, "kinetics-submission")
    groups = _groups(records, losses, problems)
    first = next(groups, None)
    details = first[1][0].details if first else NOTHING
    with writing_text(path) as file:
        file.write('{"version": ' + json_text(details.get("version", DEFAULTS["version"])) + ",\n")
        file.write('"results": {')
        for place, (key, clips) in enumerate(chain([first] if first else [], groups)):
            file.write(",\n" if place else "\n")
            _write_results(file, key, clips, problems)
        external = json_text(details.get("external_data", DEFAULTS["external_data"]))
        file.write('\n},\n"external_data": ' + external + "}\n")
        losses.tell()


def _groups(
    records: Iterable[Clip], losses: Losses, problems: Problems
) -> Iterator[tuple[str, list[Clip]]]:
    """Yield the keys and their clips, in the order of their first, sorted on disk."""
    by_key = grouped(_keyed(records, losses, problems), key=lambda row: row[0])
    groups = ((key, rows) for key, rows in by_key)
    for key, rows in sorted_on_disk(groups, key=lambda group: group[1][0][1]):
        yield key, [clip for _, _, clip in rows]


def _keyed(
    records: Iterable[Clip], losses: Losses, problems: Problems
) -> Iterator[tuple[str, int, Clip]]:
    for number, clip in enumerate(records):
        problems.item = clip.video_id
        try:
            key = key_of_clip(clip._replace(video_id=not_empty(clip.video_id, "the video's id")))
            if clip.label is not None and clip.score is None:
                raise ValueError(f"no score of {clip.label!r}, which a prediction needs")
        except ValueError as error:
            problems.error(str(error))
            continue
        losses.note_details(clip._replace(score=None), ("version", "external_data", "key"))
        losses.note_split(clip, None)
        if clip.file is not None:
            losses.note("file", clip.video_id)
        yield key, number, clip


def _write_results(file: TextIO, key: str, clips: list[Clip], problems: Problems) -> None:
    predictions = [
        {"label": clip.label, "score": clip.score} for clip in clips if clip.label is not None
    ]
    if len(predictions) > MAX_PREDICTIONS:
        problems.item = key
        problems.warning(
            f"{len(predictions)} predictions; a submission has {MAX_PREDICTIONS} at most"
        )
    file.write(f"{json_text(key)}: {json_text(predictions)}")
