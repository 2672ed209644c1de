"""Clips as rows with equal columns, as tools want them that infer types from JSON."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.media import told_by_name
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.formats.text import is_sound
from kinetics_builder.formats.training.column_types import (
    Type,
    is_missing,
    is_time_like,
    kind_of,
    restored,
    stored,
    type_of,
)
from kinetics_builder.formats.training.gathering import title

CORE = ("label", "video_id", "start_seconds", "end_seconds", "score")
HAS_SPLIT = "has_split"
"""The column that is false for a clip without a split, which stands with those of train."""
_NO_SPLIT = "clips without a split lie in train, as datasets has them; has_split is false for them"
_AS_TEXT = "numbers_as_text"
"""The key in JSON that names the columns of `Type.SPARSE`, so that readers find numbers again."""


def is_possible(name: str) -> bool:
    """Return whether a detail of this name can be a column: others mean something else."""
    return name not in (*CORE, "file", "split", _AS_TEXT) and not name.endswith(
        ("file_name", "file_names")
    )


def row_of(clip: Clip) -> dict[str, Any]:
    """Return the columns of a clip that have a value."""
    row: dict[str, Any] = {
        "label": clip.label,
        "video_id": clip.video_id,
        "start_seconds": _float(clip.start_seconds),
        "end_seconds": _float(clip.end_seconds),
        "score": _float(clip.score),
    }
    row.update((name, clip.details[name]) for name in sorted(clip.details) if is_possible(name))
    return {name: value for name, value in row.items() if value is not None}


def with_split(clip: Clip, options: Options, losses: Losses) -> Clip:
    """Return a clip without a split as one of train, where `datasets` would have it; told of."""
    if clip.split is not None or options.split is not None:
        return clip
    losses.note_oddity(_NO_SPLIT, title(clip))
    return clip._replace(split="train", details={**clip.details, HAS_SPLIT: False})


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


class Columns:
    """Which columns there are, and of what type; learnt from all rows before one is written.

    Every row has every column with a value of its type, so that a reader which learns the types
    from a few rows, or from one split, learns those of all. A text that is missing is empty.
    Numbers that some rows lack are written as text in JSON, which has none for "missing" (`NaN` is
    no JSON); so is what has no one type.
    """

    def __init__(self) -> None:
        self._num_rows = 0
        self._seen: dict[str, Counter[str]] = {}
        self._time_like: set[str] = set()
        self._types: dict[str, Type] | None = None

    def look(self, clip: Clip) -> None:
        """Take down the kinds of a clip's values."""
        self._num_rows, self._types = self._num_rows + 1, None
        for name, value in row_of(clip).items():
            self._seen.setdefault(name, Counter())[kind_of(value)] += 1
            if isinstance(value, str) and is_time_like(value):
                self._time_like.add(name)

    def tell(self, problems: Problems) -> None:
        """Warn of columns that are written as text because their values have no one type."""
        for name, kinds in sorted(self._seen.items()):
            if self._type(name) is Type.TEXT and set(kinds) != {"text"}:
                problems.item = f"column {name}"
                problems.warning(
                    f"holds {' and '.join(sorted(kinds))}; all are written as text, for "
                    "datasets wants one type"
                )

    def types(self) -> dict[str, Type]:
        """Return the columns in their order, each with its type."""
        if self._types is None:
            self._types = {name: self._type(name) for name in sorted(self._seen, key=_place)}
        return self._types

    def time_like(self) -> list[str]:
        """Return the columns of text in which JSON Lines could be taken for times."""
        types = self.types()
        return [name for name in types if name in self._time_like and types[name] is Type.TEXT]

    def filled(self, clip: Clip) -> dict[str, Any]:
        """Return the clip's row with all columns there are, as JSON has them."""
        row, types = row_of(clip), self.types()
        found = {name: stored(row.get(name), column) for name, column in types.items()}
        sparse = [name for name, column in types.items() if column is Type.SPARSE]
        return {**found, _AS_TEXT: sparse} if sparse else found

    def typed(self, clip: Clip) -> dict[str, Any]:
        """Return the same row for a typed table, in which a number may be null."""
        row = row_of(clip)
        return {
            name: row.get(name) if column is Type.SPARSE else stored(row.get(name), column)
            for name, column in self.types().items()
        }

    @property
    def has_classes(self) -> bool:
        """Whether any clip has a class, by name or by number."""
        return "label" in self._seen or "label_index" in self._seen

    def _type(self, name: str) -> Type:
        kinds = self._seen[name]
        return type_of(set(kinds), is_complete=kinds.total() == self._num_rows)


def _place(name: str) -> tuple[int, str]:
    return (CORE.index(name), "") if name in CORE else (len(CORE), name)


def clip_of(row: Mapping[str, Any], file: str, split: str | None) -> Clip:
    """Return the clip of a row; what the row does not have, the file's name tells.

    Raises:
        ValueError: A time or a label that is none.

    """
    row = {name: value for name, value in _numbered(row).items() if not is_missing(value)}
    if row.pop(HAS_SPLIT, True) in (False, 0):
        split = None
    video_id, start, end = told_by_name(file)
    if row.get("video_id") is not None:
        video_id, start, end = str(row["video_id"]), None, None
    if "start_seconds" in row or "end_seconds" in row:
        start, end = stretch_of(row.get("start_seconds"), row.get("end_seconds"))
    stored_details = {key: restored(key, row[key]) for key in row if is_possible(key)}
    details = {key: value for key, value in stored_details.items() if value is not None}
    label = row.get("label")
    if isinstance(label, int):
        details["label_index"], label = label, None
    if label is not None and not isinstance(label, str):
        raise ValueError(f"expected a label as text, found {label!r}")
    score = row.get("score")
    if score is not None and not _is_number(score):
        raise ValueError(f"expected a score as a number, found {score!r}")
    return Clip(video_id, start, end, label or None, split, file, score, details or NOTHING)


def _numbered(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of ours with the numbers that stand as text, and without the list of them."""
    found = dict(row)
    names = found.pop(_AS_TEXT, None)
    for name in names if isinstance(names, list) else ():
        if isinstance(text := found.get(name), str):
            found[name] = _number(text) if text else None
    return found


def _number(text: str) -> object:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, (int, float)):
        raise ValueError(f"expected a number as text, found {text!r}")
    return found


def stretch_of(start: object, end: object) -> tuple[float | None, float | None]:
    """Return a stretch as JSON has it; both None is the whole file.

    Raises:
        ValueError: No numbers, or not 0 <= start < end.

    """
    if start is None and end is None:
        return None, None
    if not (_is_number(start) and _is_number(end)):
        raise ValueError(f"expected start and end in seconds, found {start!r} and {end!r}")
    assert isinstance(start, (int, float)) and isinstance(end, (int, float))
    if not 0 <= start < end < math.inf:
        raise ValueError(f"expected 0 <= start < end, found {start} and {end}")
    return float(start), float(end)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object that `text` is, with null for NaN; ValueError for anything else."""
    try:
        found = json.loads(text, parse_constant=_missing)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected JSON: {error}") from None
    except RecursionError:
        raise ValueError("expected JSON that is not nested as deep as this") from None
    if not isinstance(found, dict):
        raise ValueError("expected a JSON object")
    if "\\ud" in text.lower() and not is_sound(json.dumps(found, ensure_ascii=False)):
        raise ValueError("a text with half a character, such as \\ud800 alone")
    return found


def _missing(constant: str) -> None:
    if constant != "NaN":
        raise ValueError(f"expected numbers, found {constant}")
