"""What ActivityNet's files have in common: segments, their order, and what a file says once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import ijson

from kinetics_builder.formats.checks import is_finite
from kinetics_builder.formats.grouping import grouped, sorted_on_disk
from kinetics_builder.formats.json_files import reading
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip

VERSION = "VERSION 1.3"
"""What `version` says unless the records say something else."""

EXTRAS = "annotation"
"""The detail that has an annotation's further keys with their values."""

SUBMISSION_HEADER = ("version", "external_data")
"""What a submission says once."""

_NUMBERS = (float, int)


@dataclass(frozen=True, slots=True)
class Task:
    """One of the challenge's tasks, and what its results have."""

    name: str
    """The format's."""
    has_label: bool
    has_segment: bool

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys that a result's own fields stand for."""
        return frozenset(("score", "label", *(["segment"] if self.has_segment else [])))


def first_key(path: Path) -> str | None:
    """Return the first key of a JSON object; None if there is none, or no object.

    Raises:
        FormatError: No JSON; where it broke, by line.

    """
    with reading(path) as file:
        for event, value in ijson.basic_parse(file, use_float=True):
            if event != "start_map":
                return str(value) if event == "map_key" else None
    return None


def number(row: Mapping[str, Any], key: str) -> float:
    """Return a number of a JSON object; ValueError if it is missing, none or infinite."""
    value: Any = row.get(key)
    if type(value) not in _NUMBERS or not is_finite(value):
        raise ValueError(f"{key} must be a number, found {value!r}")
    return float(value)


def text(row: Mapping[str, Any], key: str) -> str:
    """Return a text of a JSON object; ValueError if it is missing, none or empty."""
    value = row.get(key)
    if type(value) is not str or not value:
        raise ValueError(f"{key} must be a text, found {value!r}")
    return value


def segment(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return a segment's start and end; ValueError unless both are numbers and in order."""
    found = row.get("segment")
    if type(found) is not list or len(found) != 2:
        raise ValueError(f"segment must be [start, end] in seconds, found {found!r}")
    start, end = found
    if type(start) not in _NUMBERS or type(end) not in _NUMBERS:
        raise ValueError(f"segment must be [start, end] in seconds, found {found!r}")
    if not (is_finite(start) and is_finite(end) and start <= end):
        raise ValueError(f"segment must not end before it starts, found {found!r}")
    return float(start), float(end)


def extras(row: Mapping[str, Any], known: frozenset[str]) -> Mapping[str, object]:
    """Return details with the keys of an annotation or result that the format does not have."""
    if row.keys() <= known:
        return NOTHING
    return {EXTRAS: {key: value for key, value in row.items() if key not in known}}


def in_order(clips: Iterable[Clip]) -> Iterator[tuple[str, list[Clip]]]:
    """Yield each video and its clips, in the order in which videos come first."""
    by_video = grouped(enumerate(clips), key=lambda placed: placed[1].video_id)
    rows = ((group[0][0], clip) for _, group in by_video for _, clip in group)
    for _, video in groupby(sorted_on_disk(rows, key=itemgetter(0)), key=itemgetter(0)):
        found = [clip for _, clip in video]
        yield found[0].video_id, found


def with_header(clips: Iterable[Clip], header: Mapping[str, object]) -> Iterator[Clip]:
    """Yield the clips; the first carries what the file says once, in its details."""
    rest = iter(clips)
    for clip in rest:
        yield clip._replace(details={**clip.details, **header}) if header else clip
        break
    yield from rest


def further_details(values: Mapping[str, object], known: frozenset[str]) -> dict[str, object]:
    """Return the values the format does not know, and their names under `EXTRA`."""
    names = tuple(sorted(values.keys() - known))
    return {**{name: values[name] for name in names}, EXTRA: names} if names else {}


def tell_missing(found: Mapping[str, object], keys: Iterable[str], problems: Problems) -> None:
    """Warn of top-level keys without which the official evaluator refuses a file."""
    for key in keys:
        if key not in found:
            problems.warning(f"no {key}: the official evaluator refuses the file")
