"""AVA's own 80 actions (arXiv:1705.08421, section 3.1), and vocabularies of one's own.

One's own is a file in any of three dialects: CSV with the columns id, name, type and, if you
like, definition; AVA's own protocol buffers as text, `label { name: "..." label_id: 1 label_type:
PERSON_MOVEMENT }`; TOML with a table `[[action]]` for each. A line `# gaps = true` says that
numbers are left out on purpose.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.vocabulary_entries import TYPES, Entry, vocabulary_of
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import split_cells
from kinetics_builder.formats.labels.protobuf_text import entries as messages
from kinetics_builder.formats.text import closing_if_broken, is_sound, open_text

_GAPS = re.compile(r"^[ \t]*#[ \t]*gaps[ \t]*=[ \t]*true[ \t]*$", re.MULTILINE)
_MESSAGE = re.compile(r"\s*(#.*\n\s*)*(label|item)\s*:?\s*[{<]")
_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*action[ \t]*\]\]", re.MULTILINE)
_LONGEST = 1 << 22
"""Letters of a file; AVA's own list has 7,000."""

_TYPE_COLUMNS = ("type", "label_type", "group")
_COLUMNS = ("id", "name", *_TYPE_COLUMNS, "definition")
_REMEDY = (
    f"expected a header with id, name and type ({TYPES}), and definition if you like; "
    "AVA's own 80 actions need no file"
)


@cache
def ava_vocabulary() -> Vocabulary:
    """Return AVA's 80 actions: 14 poses, 49 with objects, 17 with other people.

    Numbers, names and types are those of AVA v2.1 and v2.2; the definitions are our own.

    >>> actions = ava_vocabulary()
    >>> actions.of_id(80).name, actions.of_name("Walk").id, actions.of_id(64).type.word
    ('watch (a person)', 14, 'person')
    """
    return read_vocabulary(Path(__file__).with_name("actions.csv"))


def chosen_vocabulary(root: Path, file: str) -> Vocabulary:
    """Return the vocabulary that `actions.vocabulary` names, from `root`; AVA's for an empty one.

    Raises:
        FormatError: As `read_vocabulary` does.

    """
    return read_vocabulary(root / file) if file else ava_vocabulary()


def read_vocabulary(path: Path, *, may_have_gaps: bool = False) -> Vocabulary:
    """Return the actions of a file; `may_have_gaps` says what the file else says itself.

    Raises:
        FormatError: No vocabulary, see `vocabulary_of`; names file, line and remedy.

    """
    text = _text(path)
    has_gaps = may_have_gaps or _GAPS.search(text) is not None
    if path.suffix.lower() == ".toml":
        table = _toml(path, text)
        has_gaps = has_gaps or table.get("gaps", False)
        entries = _of_toml(path, text, table)
    elif _MESSAGE.match(text):
        entries = _of_messages(path, text)
    else:
        entries = _of_csv(path, text)
    return vocabulary_of(path, entries, may_have_gaps=has_gaps)


def _text(path: Path) -> str:
    file = open_text(path)
    with file, closing_if_broken(path, file):
        text = file.read(_LONGEST)
    if not is_sound(text):
        raise FormatError(f"{path}: expected text in {file.encoding}: save the file as UTF-8.")
    if not text.strip():
        raise FormatError(f"{path}: expected a vocabulary, found an empty file.")
    return text


def _of_messages(path: Path, text: str) -> Iterator[Entry]:
    for message in messages(path, text):
        fields = message.fields
        yield Entry(
            f"{path}:{message.line}",
            fields.get("label_id", fields.get("id", "")),
            fields.get("name", ""),
            fields.get("label_type", ""),
            fields.get("definition", ""),
        )


def _of_csv(path: Path, text: str) -> Iterator[Entry]:
    header: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        is_comment = line.lstrip().startswith("#")
        if not line.strip() or (is_comment and header is None):
            continue
        where = f"{path}:{number}"
        try:
            cells = [cell.strip() for cell in split_cells(line)]
        except ValueError as error:
            raise FormatError(f"{where}: {error}, in {line!r}.") from error
        if header is None:
            header = _header(where, cells)
            continue
        if is_comment and len(cells) != len(header):
            continue
        if len(cells) != len(header):
            raise FormatError(
                f"{where}: expected {len(header)} cells ({', '.join(header)}), found {len(cells)}: "
                f"put a text with a comma into quotes. The line is {line!r}."
            )
        row = dict(zip(header, cells, strict=True))
        kind = next(row[name] for name in _TYPE_COLUMNS if name in row)
        yield Entry(where, row["id"], row["name"], kind, row.get("definition", ""))


def _header(where: str, cells: list[str]) -> list[str]:
    """Return the columns of a table; FormatError unless they are those of a vocabulary."""
    types = [name for name in cells if name in _TYPE_COLUMNS]
    is_known = set(cells) <= set(_COLUMNS) and len(set(cells)) == len(cells)
    if not is_known or not {"id", "name"} <= set(cells) or len(types) != 1:
        raise FormatError(f"{where}: {_REMEDY}. Found {', '.join(cells)[:80]!r}.")
    return cells


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{path}: expected TOML: {error}.") from error
    if unknown := sorted(set(table) - {"gaps", "action"}):
        raise FormatError(
            f"{path}: expected [[action]] tables and `gaps = true` alone, found {unknown[0]!r}."
        )
    if not isinstance(table.get("gaps", False), bool):
        raise FormatError(f"{path}: expected true or false as gaps, found {table['gaps']!r}.")
    return table


def _of_toml(path: Path, text: str, table: dict[str, Any]) -> Iterator[Entry]:
    actions = table.get("action", [])
    if not isinstance(actions, list):
        raise FormatError(f"{path}: expected [[action]] with two brackets, found [action].")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    for number, action in enumerate(actions, 1):
        # A text of several lines may look like a table: where they do not agree, say the place.
        is_known = len(lines) == len(actions)
        where = f"{path}:{lines[number - 1]}" if is_known else f"{path}: action {number}"
        known = ("id", "name", "type", "definition")
        if not isinstance(action, dict) or not set(action) <= set(known):
            raise FormatError(f"{where}: expected {', '.join(known)}, found {action!r}.")
        texts = [action.get(name, "") for name in known]
        if not all(isinstance(text, str) for text in texts[1:]) or type(texts[0]) not in (int, str):
            raise FormatError(f"{where}: expected a number as id and texts beside it: {action!r}.")
        yield Entry(where, *map(str, texts))
