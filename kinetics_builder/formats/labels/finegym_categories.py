"""FineGym's category files: `Clabel:   0; set:  1; Glabel:   1; (VT) round-off, ...`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.checking import number_of, parsed_lines, sayable
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind, Label
from kinetics_builder.formats.text import some_lines

KEY = "key"
"""The detail that holds what a line's first number is called, where it is not Clabel."""
_NUMBERS = ("Clabel", "set", "Glabel")
_WIDTHS = {"Clabel": 3, "Glabel": 3}
_PART = re.compile(r"\s*(Clabel|set|Glabel)\s*:\s*(\d+)\s*;")
_EVENT = re.compile(r"\(([A-Z]{2})\)")


def _parse(line: str) -> Label:
    numbers: dict[str, object] = {}
    place = 0
    while found := _PART.match(line, place):
        numbers[found[1]] = number_of(found[2])
        place = found.end()
    if not numbers:
        raise ValueError("expected a line like 'Clabel: 0; set: 1; Glabel: 1; (VT) round-off'")
    key = next(iter(numbers))
    number = int(str(numbers.pop(key)))
    name = line[place:].strip()
    return Label(
        number,
        name,
        _event_of(name),
        numbers if key == "Clabel" else {KEY: key, **numbers},
    )


def _event_of(name: str) -> str | None:
    event = _EVENT.match(name.strip())
    return event[1] if event else None


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    return parsed_lines(some_lines(path, problems, options.encoding), _parse, problems)


def _write(path: Path, records: Iterable[Label], options: Options, problems: Problems) -> None:
    known = sayable(
        records,
        problems,
        "finegym-categories",
        says_group=lambda label: label.group == _event_of(label.name),
        details=frozenset((KEY, *_NUMBERS)),
    )
    with writing_text(path) as file:
        for label in known:
            key = str(label.details.get(KEY, "Clabel"))
            numbers = {key: label.id} | {
                name: label.details[name]
                for name in _NUMBERS
                if name in label.details and name != key
            }
            parts = [f"{name}: {value:>{_WIDTHS.get(name, 2)}}" for name, value in numbers.items()]
            file.write("; ".join([*parts, label.name]) + "\n")


FORMATS = (
    Format(
        name="finegym-categories",
        kind=Kind.LABELS,
        what="FineGym's gym99, gym288, gym530 and set categories, one class a line",
        source="sdolivia.github.io/FineGym, gym{99,288,530}_categories.txt, set_categories.txt",
        traps="The first number is the class (Clabel in gym99 and gym288, Glabel in gym530); "
        "gym99 and gym288 number differently, Glabel is the same in all. The event (VT, FX, BB, "
        "UB) is part of the name: without it names stand twice.",
        read=_read,
        write=_write,
    ),
)
