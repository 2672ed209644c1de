"""Submissions to the Kinetics challenge: at most five scored labels for each clip."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.checks import is_finite
from kinetics_builder.formats.clips.kinetics.submission_write import (
    DEFAULTS,
    MAX_PREDICTIONS,
    write_submission,
)
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, top_level
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind

_YOUTUBE_ID_LENGTH = 11


def read_submission(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each prediction, those of one key together.

    A key without predictions gives a clip without label. `version` and `external_data` go to
    the details where they are not the usual ones; `key`, where it is spelled unusually.

    Raises:
        FormatError: No JSON, or no object of results.

    """
    for _, clips in read_results(path, problems):
        yield from clips


def read_results(path: Path, problems: Problems) -> Iterator[tuple[str, list[Clip]]]:
    """Yield each key with its clips; a key that stands twice comes twice, with a warning.

    Raises:
        FormatError: No JSON, or no object of results.

    """
    top = top_level(path, "version", "external_data")
    for name in sorted(DEFAULTS.keys() - top.keys()):
        problems.warning(f"the file has no {name}, without which the official code refuses it")
    common = {name: value for name, value in top.items() if value != DEFAULTS[name]}
    seen: set[str] = set()
    for key, predictions in entries(path, "results"):
        problems.item = key
        if key in seen:
            problems.warning("this key stands twice; the official code keeps the last alone")
        seen.add(key)
        yield key, list(_clips(key, predictions, common, problems))
    problems.item = None
    if not seen and not any(key == "results" for key, _ in entries(path, "")):
        raise FormatError(f"{path}: expected an object `results`, found none.")


def _clips(
    key: str, predictions: Any, common: dict[str, Any], problems: Problems
) -> Iterator[Clip]:
    if not isinstance(predictions, list):
        problems.error(f"expected a list of predictions, found {predictions!r}")
        return
    if len(predictions) > MAX_PREDICTIONS:
        problems.warning(
            f"{len(predictions)} predictions; a submission has {MAX_PREDICTIONS} at most"
        )
    clip = clip_of_key(key)
    if common or clip.details:
        clip = clip._replace(details={**common, **clip.details})
    if not predictions:
        yield clip
    for prediction in predictions:
        try:
            label, score = _prediction(prediction)
        except ValueError as error:
            problems.error(str(error))
        else:
            yield clip._replace(label=label, score=score)


def _prediction(found: Any) -> tuple[str, float]:
    label, score = (
        (found.get("label"), found.get("score")) if isinstance(found, dict) else (None, None)
    )
    if not isinstance(label, str) or not label:
        raise ValueError(f"expected an object with label and score, found {found!r}")
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not is_finite(score):
        raise ValueError(f"expected a number as score of {label!r}, found {score!r}")
    return label, float(score)


def clip_of_key(key: str) -> Clip:
    """Return the clip that a key names: `id_start_end`, or an id alone as in 2017.

    Eleven characters are always the id of a YouTube video, which may look like the other.

    >>> clip_of_key("SOX5yA1l24A_7_17")[:3], clip_of_key("ab_12345_67")[:3]
    (('SOX5yA1l24A', 7.0, 17.0), ('ab_12345_67', None, None))
    """
    video_id, *times = key.rsplit("_", 2)
    is_clip = (
        len(key) != _YOUTUBE_ID_LENGTH
        and len(times) == 2
        and video_id != ""
        and all(text.isascii() and text.isdigit() for text in times)
        and int(times[0]) < int(times[1])
    )
    if not is_clip:
        return Clip(key)
    start, end = map(int, times)
    is_plain = key == f"{video_id}_{start}_{end}"
    details = NOTHING if is_plain else {"key": key}
    return Clip(video_id, float(start), float(end), details=details)


FORMATS: tuple[Format, ...] = (
    Format(
        name="kinetics-submission",
        kind=Kind.CLIPS,
        what="Kinetics challenge submission: up to five scored labels for each clip",
        source="activity-net.org/challenges/2018/tasks/trimmed_kinetics.html, "
        "Evaluation/eval_kinetics.py",
        traps="Keys are id_start_end since 2018 and bare ids in 2017; the official code stops at "
        "a label the ground truth does not have, and counts a missing clip as wrong.",
        read=read_submission,
        write=write_submission,
    ),
)
