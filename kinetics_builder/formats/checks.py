"""What cells must be, each with an error for people that says what was found and expected."""

import math
import re
import sys
from typing import Any

LONGEST_SECONDS = 10_000_000
"""No moment of a video is later: that is 115 days. (Milliseconds of three hours are.)"""
_OUTSIDE = re.compile(r"/|[A-Za-z]:[/\\]|(.*[/\\])?\.\.([/\\]|$)", re.DOTALL)


def not_empty(text: str, what: str) -> str:
    """Return `text`; ValueError if there is nothing in it but white space."""
    if not text or text.isspace():
        raise ValueError(f"{what} must not be empty")
    return text


def file_name(text: str, what: str) -> str:
    """Return `text`; ValueError unless a file can be called like it, and something behind it."""
    not_empty(text, what)
    if set(text) & set("/\\\0\r\n") or len(text.encode()) > 200:
        raise ValueError(f"{what} must fit in the name of a file, found {text!r}")
    return text


def inside_folder(text: str, what: str) -> str:
    r"""Return `text`; ValueError if, as the path of a file, it leads out of its folder.

    >>> inside_folder("a/b", "video id"), inside_folder("..a", "video id")
    ('a/b', '..a')
    >>> inside_folder("../a", "video id")
    Traceback (most recent call last):
    ValueError: expected a video id that leads to no other folder, found '../a'
    """
    if _OUTSIDE.match(text):
        raise ValueError(f"expected a {what} that leads to no other folder, found {text!r}")
    return text


def trimmed(text: str, what: str) -> str:
    """Return `text`; ValueError if it is empty, or begins or ends with white space."""
    if text.strip() != text:
        raise ValueError(f"{what} must not be empty, nor begin or end with a space: {text!r}")
    return not_empty(text, what)


def seconds(text: str) -> float:
    """Return the number of seconds; ValueError unless it is finite and not negative.

    >>> seconds("7"), seconds("7.25")
    (7.0, 7.25)
    """
    try:
        value = math.nan if "_" in text else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= LONGEST_SECONDS:
        beyond = f" to {LONGEST_SECONDS:,}" if value > 0 else " on"
        raise ValueError(f"expected a time in seconds from 0{beyond}, found {text!r}")
    return value


def finite(text: str) -> float:
    """Return a number; ValueError for text that is none, and for NaN and the infinities.

    >>> finite("1.50")
    1.5
    """
    number = float(text)
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"expected a number, found {text!r}")
    return number


def is_finite(number: float) -> bool:
    """Tell whether a number of JSON is finite as a float, which integers may be too long for.

    >>> is_finite(2.5), is_finite(math.nan), is_finite(10**400)
    (True, False, False)
    """
    return -sys.float_info.max <= number <= sys.float_info.max


def stretch(start: str, end: str) -> tuple[float, float]:
    """Return two numbers that are a stretch of time; ValueError unless 0 <= start < end.

    >>> stretch("0", "2.5")
    (0.0, 2.5)
    """
    first, last = seconds(start), seconds(end)
    if not first < last:
        raise ValueError(f"expected 0 <= start < end in seconds, found {start!r} and {end!r}")
    return first, last


def text_of(value: object, what: str) -> str:
    """Return a JSON value that is text and not blank; ValueError for another."""
    if not isinstance(value, str):
        raise ValueError(f"{what} must be text, found {value!r}")
    return not_empty(value, what)


def object_of(value: object, what: str) -> dict[str, Any]:
    """Return a JSON value that is an object; ValueError for another."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be an object, found {value!r}")
    return value


def stretch_of(value: object, what: str) -> tuple[float, float]:
    """Return a JSON value that is a stretch of time, [start, end] in seconds.

    Raises:
        ValueError: Not two finite numbers with 0 <= start < end.

    """
    match value:
        case [int() | float() as start, int() | float() as end]:
            if 0 <= start < end <= LONGEST_SECONDS and not isinstance(start, bool):
                return float(start), float(end)
    raise ValueError(f"{what} must be [start, end] in seconds, 0 <= start < end, found {value!r}")


def check_stretch(start: float, end: float) -> None:
    """Raise a ValueError unless these are a stretch of time that readers take."""
    if not 0 <= start < end <= LONGEST_SECONDS:
        raise ValueError(f"expected 0 <= start < end in seconds, found {start} and {end}")


def flag(text: str, what: str) -> bool:
    """Return whether `text` says yes; ValueError unless it is 0, 1, false or true."""
    try:
        return {"0": False, "1": True, "false": False, "true": True}[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{what} must be 0 or 1, found {text!r}") from None


def whole_number(text: str, what: str, at_least: int = 0) -> int:
    """Return a whole number; ValueError unless it is decimal digits and not too small."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or int(digits) < at_least:
        raise ValueError(f"{what} must be a whole number from {at_least} on, found {text!r}")
    return int(digits)
