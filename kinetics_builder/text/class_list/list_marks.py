"""Marks that stand before names in lists that people write, and are no part of the names.

`- bend`, `a) bend`, `iv. bend`, `A1: bend` and the rows of a table look like names to whoever
takes each line for one.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

_BULLET = re.compile(r"\s*[-*+>\u2022\u2023\u2043\u25aa\u25cf\u25e6\u2013\u2014]\s+\S")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*")
_TABLE_LINE = re.compile(r"(?=.*[-=]{2})(?=.*[|+]|\s*=+\s+=)[\s|+:=-]*")
"""What parts the head of a table from its rows, in Markdown and its neighbours."""
_SYMBOL = re.compile(r"\s*(?:[\u2460-\u24ff\u2776-\u2793]|\d+\ufe0f?\u20e3)\s*\S")
"""Numbers in circles, and on keys."""
_HAN = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341"
_COUNTED = re.compile(
    r"\s*[(\[]?"
    r"(?P<mark>[^\W\d_]{1,20} \d+(?!\s*\w)|[^\W\d_]{0,20}[_-]?\d+(?:[.-]\d+)*|[^\W\d_]"
    rf"|[ivxlcIVXLC]{{1,7}}|[{_HAN}]{{1,3}})"
    r"(?P<parting>\s*(?:[\])\uff09=;|\u3001]|[.,:\uff0e\uff0c\uff1a](?!\d)|->|=>)\s*"
    r"|\s+[-\u2013\u2014]\s+|\s+)(?P<name>\S.*)"
)
_ENCLOSING = ("]", ")", "\uff09")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


class _Part(NamedTuple):
    mark: str
    name: str


def drawn_mark_in(lines: Sequence[str]) -> str | None:
    """Return, for people, how lines are marked that stand behind bullets or in a table; else None.

    Half of the lines decide, here and below: titles may stand between them.
    """
    if any(map(_TABLE_LINE.fullmatch, lines)) or _most(lines, _TABLE_ROW):
        return "a table"
    if bullets := _most(lines, _BULLET):
        return f"a list with bullets, like {bullets[0].strip()[:60]!r}"
    return None


def counted_mark_in(lines: Sequence[str]) -> str | None:
    """Return how lines are marked that count by letters, Roman numbers or the like; else None.

    Where a space alone parts the mark from the name (`A1 bend`), all lines must have one, and
    their marks must count. Plain numbers count, too: who understands these looks for them before.
    """
    if symbols := _most(lines, _SYMBOL):
        return _counts_like(symbols[0])
    by_parting: dict[str, list[_Part]] = {}
    example: dict[str, str] = {}
    for line in lines:
        if found := _COUNTED.fullmatch(line):
            parting = found["parting"].strip()
            by_parting.setdefault(parting, []).append(_Part(found["mark"], found["name"]))
            example.setdefault(parting, line)
    for parting, parts in by_parting.items():
        if 2 * len(parts) >= len(lines) and _is_count(parts, parting, len(lines)):
            return _counts_like(example[parting])
    return None


def _counts_like(line: str) -> str:
    return f"a list that counts its lines, like {line.strip()[:60]!r}"


def _most(lines: Sequence[str], pattern: re.Pattern[str]) -> list[str]:
    """Return the lines that begin so, if they are half of all or more."""
    found = [line for line in lines if pattern.match(line)]
    return found if 2 * len(found) >= len(lines) else []


def _is_count(parts: Sequence[_Part], parting: str, num_lines: int) -> bool:
    """Tell whether marks are those of a list, and no words of its names."""
    marks = [part.mark for part in parts]
    if len(set(marks)) < len(marks):
        return False
    if parting in _ENCLOSING:
        return True
    if parting:
        return len(marks) > 1 and _are_alike(marks)
    differ = len({part.name for part in parts}) == len(parts)  # unlike 1 turn, 2 turn
    return differ and len(marks) == num_lines > 2 and (_in_turn(marks) or _are_codes(marks))


def _are_alike(marks: Sequence[str]) -> bool:
    """Tell whether all are letters or Roman numbers, or all are numbers behind equal words."""
    words = {re.sub(r"[\d.-]+$", "", mark) for mark in marks}
    if not any(mark[-1].isdigit() for mark in marks):
        return True
    return all(mark[-1].isdigit() for mark in marks) and (
        len(words) == 1 or all(len(word) == 1 for word in words)
    )


def _are_codes(marks: Sequence[str]) -> bool:
    """Tell whether all are one letter before numbers of equal length, as C001 and C007."""
    shapes = {re.sub(r"\d", "0", mark) for mark in marks}
    return len(shapes) == 1 and re.fullmatch(r"[^\W\d_]00+", shapes.pop()) is not None


def _in_turn(marks: Sequence[str]) -> bool:
    """Tell whether each mark is the next one after that before it, in letters or in Roman."""
    for letter in (_letter, _roman):
        places = [_places(mark, letter) for mark in marks]
        if all(places) and all(_follows(one, other) for one, other in pairwise(places)):
            return True
    return False


def _follows(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Tell whether one place comes behind another: 1.3 and 2.1 behind 1.2."""
    return len(before) == len(after) and any(
        before[:at] == after[:at]
        and after[at] == before[at] + 1
        and all(rest in (0, 1) for rest in after[at + 1 :])
        for at in range(len(before))
    )


def _places(mark: str, letter: Callable[[str], int]) -> tuple[int, ...]:
    """Return the numbers in a mark, as (1, 2) for 1.2 and (97, 2) for a2; () for words."""
    parts = [
        int(part[:20]) if part.isdigit() else letter(part.lower())
        for part in re.findall(r"\d+|[^\W\d_]+", mark)
    ]
    return () if _NO_PLACE in parts else tuple(parts)


_NO_PLACE = -1


def _letter(letters: str) -> int:
    return ord(letters) if len(letters) == 1 else _NO_PLACE


def _roman(letters: str) -> int:
    if not set(letters) <= _ROMAN.keys():
        return _NO_PLACE
    values = [*(_ROMAN[letter] for letter in letters), 0]
    return sum(-one if one < other else one for one, other in pairwise(values))
