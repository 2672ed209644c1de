"""The door that all records go through, out of files and into them.

A video's id becomes the name of a file sooner or later, and a time becomes a number of a frame:
what can be neither is told of here, whichever format it comes in.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kinetics_builder.formats.checks import LONGEST_SECONDS, inside_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Box, Clip, Label, Scores
from kinetics_builder.formats.text import is_sound

_SPOILT = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NULL!|NUM!)|-?\d([.,]\d+)?E[+-]?\d+")
"""What spreadsheets make of ids that begin with - or =, and of those that look like numbers."""


_is_plain_id = re.compile(r"(?!-?\dE-?\d+$)[A-Za-z0-9_-]+").fullmatch
"""Whether a video's id is as most are: no path, and nothing that `_SPOILT` matches."""


def sound(records: Iterable[Any], problems: Problems) -> Iterator[Any]:
    """Yield the records of a file that can be kept; tell of the others.

    Files have hundreds of thousands of clips, so what most of them are is looked for without a
    call; what is not plain may be sound, too. (An identifier is a plain id that begins with a
    letter, and is found faster.)
    """
    for record in records:
        if type(record) is Clip:
            video_id, start, end, label, _, file, _, _ = record
            if (
                (video_id.isidentifier() or _is_plain_id(video_id))
                and (start is None or start <= LONGEST_SECONDS)
                and (end is None or end <= LONGEST_SECONDS)
                and (label is None or label.isprintable())
                and (file is None or file.isprintable())
            ):
                yield record
                continue
        if (trouble := _unsound(record) or _out_of_reach(record)) is None:
            _warn_of_spoilt(record[0], problems)
            yield record
        else:
            problems.error(trouble)


def _warn_of_spoilt(name: object, problems: Problems) -> None:
    if isinstance(name, str) and _SPOILT.fullmatch(name):
        problems.warning(
            f"the video id {name!r} is what a spreadsheet makes of another; get the ids from the "
            "file that it was made of, and import that column as text"
        )


def writable(
    records: Iterable[Any], problems: Problems, *, may_run_backwards: bool
) -> Iterator[Any]:
    """Yield the records that a file may hold; tell of the others.

    NaN and the infinities are no numbers of a file: JSON has none, and other readers stop at them.
    A clip that ends before it starts is none, unless it `may_run_backwards`. (What a single
    format has no letters for, its writer knows.)
    """
    for record in records:
        trouble = _not_finite(record) or _out_of_reach(record)
        if trouble is None and not may_run_backwards and type(record) is Clip:
            trouble = _backwards(record)
        if trouble is None:
            yield record
        else:
            problems.item = record.name if type(record) is Label else record.video_id
            problems.error(trouble)


def _not_finite(record: Any) -> str | None:
    if type(record) is Clip and not record[7] and record[6] is None:  # as most are
        _, start, end, *_ = record
        if math.isfinite(start or 0) and math.isfinite(end or 0):
            return None
    if type(record) is Scores:  # infinities rank first and last, as official code has them
        return "expected scores, found nan" if any(map(math.isnan, record.scores)) else None
    if not any(map(_is_odd, record)):
        return None
    values = {**record._asdict(), **getattr(record, "details", NOTHING)}
    name = next(name for name, value in values.items() if name != "details" and _is_odd(value))
    return f"expected finite numbers, found {str(values[name])[:60]} as {name}"


def _is_odd(value: object) -> bool:
    """Tell whether a value is a number that is none, or holds one."""
    if value is None or type(value) is str:
        return False
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, (list, tuple)):
        return any(map(_is_odd, value))
    return isinstance(value, Mapping) and any(map(_is_odd, value.values()))


def _backwards(clip: Clip) -> str | None:
    start, end = clip.start_seconds, clip.end_seconds
    if start is None or end is None or not end < start:
        return None
    return f"expected 0 <= start < end in seconds, found {start} and {end}"


def _unsound(record: Any) -> str | None:
    name = record[0]
    kind = type(record)
    for text in (name, record.label, record.file) if kind is Clip else (name,):
        if isinstance(text, str) and not text.isprintable() and not is_sound(text):
            return f"expected a name in UTF-8 without zero bytes, found {text!r}"
    if isinstance(name, str) and ("\n" in name or "\r" in name):
        return f"expected the name of a video, found a line break in {name!r}"
    return None


def _out_of_reach(record: Any) -> str | None:
    """Return what is wrong with a video's id as a path, or with times; None where they do."""
    kind = type(record)
    if kind is Label:
        return None
    if not (record[0].isidentifier() or _is_plain_id(record[0])):
        try:
            inside_folder(record[0], "video id")
        except ValueError as error:
            return str(error)
    for time in record[1:3] if kind is Clip else record[1:2] if kind is Box else ():
        if time is not None and time > LONGEST_SECONDS:
            return f"expected a time up to {LONGEST_SECONDS:,} seconds, found {time:g}"
    return None
