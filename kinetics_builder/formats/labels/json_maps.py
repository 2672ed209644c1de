"""Label maps as JSON: lists of names, names with numbers, numbers with names, groups."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.json_files import entries, items, json_text, open_json
from kinetics_builder.formats.labels.checking import checked, number_of, sayable
from kinetics_builder.formats.labels.numbered import refuse_numbered
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind, Label
from kinetics_builder.formats.text import is_sound

QUOTED = "is_quoted"
"""The detail of a name that stands in quotes of its own, as PySlowFast's files have some."""


def is_list(path: Path) -> bool:
    """Return whether a JSON file is a list."""
    with open_json(path) as file:
        return file.read(4096).lstrip()[:1] == b"["


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    pairs: Iterable[tuple[object, Any]] = entries(path, "")
    if is_list(path):
        names = list(items(path, "item"))
        refuse_numbered(path, [name for name in names if isinstance(name, str)], problems)
        pairs = enumerate(names)
    yield from checked(_labels(path, pairs, problems), problems)


def _labels(path: Path, pairs: Iterable[tuple[object, Any]], problems: Problems) -> Iterator[Label]:
    is_empty = True
    for key, value in pairs:
        is_empty = False
        problems.item = str(key)
        try:
            yield _label(key, value)
        except ValueError as error:
            problems.error(str(error))
    if is_empty:
        raise FormatError(f"{path}: expected names of classes, found nothing.")


def _label(key: object, value: object) -> Label:
    """Return the label of `name: number` or of `number: name`; numbers may be texts."""
    if isinstance(value, str) and (isinstance(key, int) or _is_number(key)):
        return _named(number_of(str(key)), value)
    if isinstance(key, str) and (type(value) is int or _is_number(value)):
        return _named(number_of(str(value)), key)
    raise ValueError(f"expected a name and a number, found {key!r} and {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def _named(number: int, name: str) -> Label:
    if len(name) > 2 and name[0] == name[-1] == '"':
        return Label(number, name[1:-1], None, {QUOTED: True})
    return Label(number, name)


def _write(
    name: str, path: Path, records: Iterable[Label], options: Options, problems: Problems
) -> None:
    labels = sayable(records, problems, name, details=frozenset((QUOTED,)), keeps_spaces=True)
    seen: set[str] = set()
    comma = "\n"
    with writing_text(path) as file:
        file.write("{")
        for label in labels:
            key = f'"{label.name}"' if label.details.get(QUOTED) else label.name
            if key in seen or _is_number(key):
                problems.item = label.name
                problems.error("a name that stands twice, or is a number, is no key of its own")
                continue
            seen.add(key)
            number = str(label.id) if name == "something-labels" else label.id
            file.write(f"{comma}{json_text(key)}: {json_text(number)}")
            comma = ",\n"
        file.write("\n}\n")


def _read_groups(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    groups: list[tuple[str, str]] = []
    for group, names in entries(path, ""):
        problems.item = group
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            problems.error("expected a list of names")
            continue
        if not names:
            problems.warning("a group without classes")
        groups.extend((group, name) for name in names)
    if not groups:
        raise FormatError(f"{path}: expected groups of names, found nothing.")
    numbers = _numbers(name for _, name in groups)
    seen: set[tuple[str, str]] = set()
    for group, name in groups:
        problems.item = group
        if (group, name) in seen:
            problems.error(f"{name!r} stands twice in this group")
        elif not name.strip() or not is_sound(name):
            problems.error(f"expected a name, found {name!r}")
        else:
            seen.add((group, name))
            yield Label(numbers[name], name, group)


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(set(names)))}


def _write_groups(
    path: Path, records: Iterable[Label], options: Options, problems: Problems
) -> None:
    losses = Losses(problems, "kinetics-groups")
    groups: dict[str, list[str]] = {}
    ids: dict[str, int] = {}
    for label in sayable(
        records, problems, "kinetics-groups", says_group=lambda _: True, keeps_spaces=True
    ):
        if label.group is None:
            problems.error("found a class without a group; kinetics-groups needs one")
        else:
            groups.setdefault(label.group, []).append(label.name)
            ids[label.name] = label.id
    for name, number in _numbers(ids).items():
        if ids[name] != number:
            losses.note("number", name)
    with writing_text(path) as file:
        lines = (f"{json_text(group)}: {json_text(names)}" for group, names in groups.items())
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
        losses.tell()


FORMATS = (
    Format(
        name="labels-json",
        kind=Kind.LABELS,
        what="A list of names, {name: number} or {number: name}: kinetics_classnames.json",
        source="PySlowFast's and pytorchvideo's class_names/*.json",
        traps="Some names in PySlowFast's file stand in quotes of their own "
        '("\\"sharpening knives\\""), which are taken off; a list is numbered from 0. Written as '
        "{name: number}.",
        read=_read,
        write=partial(_write, "labels-json"),
    ),
    Format(
        name="something-labels",
        kind=Kind.LABELS,
        what='something-something-v2-labels.json: {name: "0"}',
        source="Something-Something v2, 20bn-something-something-v2 annotations",
        traps="Numbers are texts; the templates of the videos have [something] in brackets, and "
        "the names here do not.",
        read=_read,
        write=partial(_write, "something-labels"),
    ),
    Format(
        name="kinetics-groups",
        kind=Kind.LABELS,
        what="Kinetics-400's parents and their classes: {group: [names]}",
        source="arXiv 1705.06950, appendix; kinetics400_categories.json",
        traps="A class can stand in several groups (456 places for 400 classes). The numbers are "
        "places in the alphabet, which are those of Kinetics where the file has all classes.",
        read=_read_groups,
        write=_write_groups,
    ),
)
