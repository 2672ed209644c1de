"""The type of a column whose values come from anywhere, and a value of that type for each row."""

import json
import math
import re
from enum import StrEnum
from typing import Any

from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.losses import EXTRA
from kinetics_builder.formats.text import is_sound

_FLAGS = ("is_cc", "is_positive", "whole_clip", "has_split")
"""Details that are true or false; in a typed table that some clips lack them in, 1, 0 or null."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d(:?\d\d(:?\d\d)?)?Z?)?", re.ASCII)
"""What pyarrow takes for a time in JSON Lines, where a column holds nothing else."""


class Type(StrEnum):
    """What a column holds in every row."""

    TEXT = "text"
    FLAG = "true or false"
    WHOLE = "whole number"
    NUMBER = "number"
    SPARSE = "number as text"
    """Empty where it is missing: JSON has no number for that, and null has no type."""
    TEXTS = "list of texts"
    NUMBERS = "list of numbers"
    JSON = "JSON as text"
    """Lists and objects of which not all are alike."""


_ONE_OF_EACH = {str(kind): kind for kind in (Type.FLAG, Type.WHOLE, Type.TEXTS, Type.NUMBERS)}
_STRUCTURES = {Type.TEXTS, Type.NUMBERS, Type.JSON}


def kind_of(value: object) -> str:
    """Return what a value is, in words.

    >>> [str(kind_of(value)) for value in ("a", 2**64, ["a"], [])]
    ['text', 'number of more than 64 bits', 'list of texts', 'JSON as text']
    """
    match value:
        case str():
            return Type.TEXT
        case bool():
            return Type.FLAG
        case int():
            is_long = not -(2**63) <= value < 2**63
            return "number of more than 64 bits" if is_long else Type.WHOLE
        case float():
            return Type.NUMBER
        case [str(), *_] if all(isinstance(one, str) for one in value):
            return Type.TEXTS
        case [float(), *_] if all(isinstance(one, float) for one in value):
            return Type.NUMBERS
    return Type.JSON


def type_of(kinds: set[str], *, is_complete: bool) -> Type:
    """Return the type of a column by the kinds of its values.

    A column that lacks values (`is_complete` False) has a type with a value for "missing".
    """
    if is_complete and len(kinds) == 1 and (only := _ONE_OF_EACH.get(next(iter(kinds)))):
        return only
    if kinds <= {Type.FLAG, Type.WHOLE, Type.NUMBER}:
        return Type.NUMBER if is_complete else Type.SPARSE
    return Type.JSON if kinds <= _STRUCTURES else Type.TEXT


def stored(value: Any, column: Type) -> Any:
    """Return the value as its column holds it; None is a value that is missing."""
    if column in (Type.TEXT, Type.JSON, Type.SPARSE):
        return "" if value is None else value if isinstance(value, str) else json_text(value)
    if column is Type.NUMBER:
        return float(value)
    return list(value) if column in _STRUCTURES else value


def is_missing(value: Any) -> bool:
    """Say whether a column has no value here: nothing, or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def restored(name: str, value: Any) -> Any:
    """Return the detail of this name as it was before it was stored; None where it was missing."""
    if name in _FLAGS and isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value[:1] in ("[", "{"):
        value = _structure(value)
    if name == EXTRA:
        return tuple(map(str, value)) if isinstance(value, list) and value else None
    return value


def _structure(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if is_sound(json.dumps(found, ensure_ascii=False)) else text


def is_time_like(text: str) -> bool:
    """Say whether pyarrow would take `text` for a time.

    >>> is_time_like("2020-01-31"), is_time_like("2020-01-31 10:00Z"), is_time_like("20200131")
    (True, True, False)
    """
    return _TIME.fullmatch(text) is not None
