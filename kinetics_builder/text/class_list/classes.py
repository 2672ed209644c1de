"""The list of classes, as a person writes it: `classes.txt` or its YAML form."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes_yaml import parse_yaml
from kinetics_builder.text.class_list.entries import ClassEntry, ClassList, Query
from kinetics_builder.text.class_list.grouping import grouped
from kinetics_builder.text.class_list.list_marks import counted_mark_in, drawn_mark_in
from kinetics_builder.text.class_list.tree_checks import check_trees
from kinetics_builder.text.foreign import flaw_of, spelled
from kinetics_builder.text.normalise import normalise

MAX_NAME_LENGTH = 100
MAX_TERM_LENGTH = 200
MAX_HELP_LENGTH = 1000
"""Of a description or an example."""


_COLUMNS = frozenset({"label", "name", "class", "class_name", "youtube_id", "video_id"})
"""Of which tables of classes or clips have one."""


def read_classes(path: Path) -> tuple[ClassEntry, ...]:
    """Return the classes of `path`: see `read_class_list`."""
    return read_class_list(path).classes


def read_class_list(path: Path) -> ClassList:
    """Return classes and groups in the file's order; `.yaml`, `.yml` and `.json` as YAML.

    A line of text is `name`, or `name | query; query`, or `name | query; query | group; group`;
    blank lines and what follows a `#` at a line's start or after a space count as nothing.

    Raises:
        ClassesError: The file is missing, empty, no UTF-8, or holds a class or a group that
            cannot be used; the message names file and line and what to do.

    """
    text = _read(path)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        found = parse_yaml(text, path)
    else:
        lines = list(enumerate(map(_bare, text.split("\n")), 1))
        told = [line for _, line in lines if line]
        _refuse_table(path, told)
        _refuse_marks(path, told)
        found = ClassList(tuple(_parse(path, number, line) for number, line in lines if line))
    if not found.classes:
        raise ClassesError(f"{path}: no classes. Write one class name a line, as `arm wrestling`.")
    checked = grouped(path, ClassList(_checked(path, found.classes), found.groups))
    check_trees(path, checked)
    return checked


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise ClassesError(
            f"{path}: no such file. Write one class name a line and name it with --classes FILE."
        ) from error
    except IsADirectoryError as error:
        raise ClassesError(f"{path}: this is a folder. Name a file in it.") from error
    except OSError as error:
        raise ClassesError(f"{path}: {error.strerror}. Check the file's permissions.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ClassesError(
            f"{path}:{line}: not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}. "
            "Save the file as UTF-8."
        ) from error


def _bare(line: str) -> str:
    """Return a line without its comment."""
    bare = line.split(" #", 1)[0].split("\t#", 1)[0].strip()
    return "" if bare.startswith("#") else bare


def _refuse_table(path: Path, lines: list[str]) -> None:
    """Refuse a table that says of what its columns are: each of its rows would be a class."""
    columns = [cell.strip(' "').lower() for cell in lines[0].split(",")] if lines else []
    if len(columns) > 1 and _COLUMNS.intersection(columns):
        raise ClassesError(
            f"{path}: expected names alone, one a line, found a table of {', '.join(columns)}. "
            "Keep its column of names, each of them once; `kbuild restore` takes the table of "
            "clips of a released dataset as it is."
        )


def _refuse_marks(path: Path, lines: list[str]) -> None:
    names = [line.partition("|")[0].strip() for line in lines]
    if found := drawn_mark_in(lines) or counted_mark_in(names):
        raise ClassesError(
            f"{path}: expected names alone, one a line, found {found}. Take off what stands before "
            "the names; YAML belongs in a file that ends in .yaml."
        )


def _parse(path: Path, number: int, line: str) -> ClassEntry:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) > 3:
        raise ClassesError(
            f"{path}:{number}: {len(cells)} parts between `|`, expected at most 3: "
            "`name | query; query | group; group`."
        )
    name, queries, groups = (*cells, "", "")[:3]
    asked = (query.strip() for query in queries.split(";"))
    named = (group.strip() for group in groups.split(";"))
    return ClassEntry(
        name=name,
        queries=tuple(Query("en", query) for query in asked if query),
        groups=tuple(filter(None, named)),
        line=number,
    )


def _checked(path: Path, entries: Iterable[ClassEntry]) -> tuple[ClassEntry, ...]:
    seen: dict[str, ClassEntry] = {}
    keys: dict[str, ClassEntry] = {}
    for entry in entries:
        where = f"{path}:{entry.line}"
        _check_name(where, entry.name)
        _check_lengths(where, entry)
        for text in (*(q.text for q in entry.queries), *entry.synonyms, *entry.negative_words):
            _check_term(where, text)
        found = _spelled(entry)
        _check_help(where, found)
        if found.key is not None:
            _check_key(where, found.key, keys.setdefault(found.key, found))
        first = seen.setdefault(found.name.casefold(), found)
        if first is not found:
            raise ClassesError(
                f"{where}: {entry.name!r} stands in line {first.line} already. Remove one of them."
            )
    return tuple(seen.values())


def _spelled(entry: ClassEntry) -> ClassEntry:
    """Return the class as it is kept: see `spelled`; help for annotators is one line each."""
    return replace(
        entry,
        name=spelled(entry.name),
        queries=tuple(Query(query.language, spelled(query.text)) for query in entry.queries),
        synonyms=tuple(map(spelled, entry.synonyms)),
        negative_words=tuple(map(spelled, entry.negative_words)),
        groups=tuple(dict.fromkeys(map(spelled, entry.groups))),
        description=entry.description and spelled(entry.description),
        example=entry.example and spelled(entry.example),
    )


def _check_name(where: str, name: str) -> None:
    if not name:
        raise ClassesError(f"{where}: the class has no name. Write it before the first `|`.")
    if len(name) > MAX_NAME_LENGTH:
        raise ClassesError(
            f"{where}: the name has {len(name)} characters, expected at most {MAX_NAME_LENGTH}. "
            "Shorten it; longer wordings can be queries or the description."
        )
    _check_characters(where, name)
    if not normalise(name):
        raise ClassesError(f"{where}: {name!r} has no letters. Write a name that titles can hold.")


def _check_key(where: str, key: str, first: ClassEntry) -> None:
    if not re.fullmatch(r"[\w.-]{1,100}", key):
        raise ClassesError(
            f"{where}: the id {key!r} is none: letters, digits, `-`, `_` and `.`, at most "
            f"{MAX_NAME_LENGTH}."
        )
    if not where.endswith(f":{first.line}"):
        raise ClassesError(
            f"{where}: the id {key!r} stands in line {first.line} already. A class has its own."
        )


def _check_help(where: str, entry: ClassEntry) -> None:
    for what, text in (("description", entry.description), ("example", entry.example)):
        if text and len(text) > MAX_HELP_LENGTH:
            raise ClassesError(
                f"{where}: the {what} has {len(text)} characters, expected at most "
                f"{MAX_HELP_LENGTH}. Shorten it."
            )
        _check_characters(where, text or "")


def _check_lengths(where: str, entry: ClassEntry) -> None:
    for group in entry.groups:
        _check_characters(where, group)
        if len(group) > MAX_NAME_LENGTH:
            raise ClassesError(
                f"{where}: the group has {len(group)} characters, expected at most "
                f"{MAX_NAME_LENGTH}. Shorten it."
            )
    for query in entry.queries:
        if not re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}", query.language):
            raise ClassesError(
                f"{where}: {query.language!r} is no language code. Write one as en, pt or pt-BR."
            )


def _check_term(where: str, text: str) -> None:
    if len(text) > MAX_TERM_LENGTH:
        raise ClassesError(
            f"{where}: {text[:30]!r}... has {len(text)} characters, expected at most "
            f"{MAX_TERM_LENGTH}. Shorten it."
        )
    _check_characters(where, text)
    if not normalise(text):
        raise ClassesError(f"{where}: {text!r} has no letters. Remove it.")


def _check_characters(where: str, text: str) -> None:
    if flaw := flaw_of(text):
        raise ClassesError(f"{where}: {text[:60]!r} holds {flaw}. Remove it.")
