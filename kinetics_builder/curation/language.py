"""The language of class edits: one edit a line, `#` begins a comment.

merge A + B -> C        the clips of A and B become C, which may be A or B
split A -> X | Y        a clip of A whose annotators would call it X becomes X, likewise Y
split A -> by answers   the same for every name that annotators gave
rename A -> B           B must be new
drop A                  the clips of A are not released
filter min_clips=20     classes with fewer clips are not released
filter min_yes_rate=0.5 classes with a smaller share of yes-answers are not released
undo 3                  edit number 3 never happened

After a split, clips that fit no name stay in A: `drop A` on the next line drops them.
"""

import re
from pathlib import Path

from kinetics_builder.curation.edits import (
    BY_ANSWERS,
    MAX_LABEL_LENGTH,
    Drop,
    Edit,
    Filter,
    Merge,
    Rename,
    SplitLabel,
    Undo,
)
from kinetics_builder.errors import FormatError
from kinetics_builder.text.foreign import flaw_of, spelled


def parse_edit(text: str) -> Edit:
    """Return the edit that one line says.

    >>> parse_edit("merge  swimming +  diving -> water sports")
    Merge(sources=('swimming', 'diving'), target='water sports')

    Raises:
        ValueError: The line says none; the message shows what is expected.

    """
    verb, _, rest = " ".join(text.split()).partition(" ")
    if verb not in _FORMS:
        raise ValueError(f"unknown edit {verb!r}. Known: {', '.join(_FORMS)}")
    parse, form = _FORMS[verb]
    try:
        return parse(rest)
    except ValueError as error:
        raise ValueError(f"{error}. Write `{form}`") from error


def read_edits(path: Path) -> list[tuple[int, Edit]]:
    """Return (line number, edit) of each edit in a file.

    Raises:
        FormatError: The file cannot be read, or a line of it; with what to write instead.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}. Name a file of edits.") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8 ({error}). Save the file as UTF-8.") from error
    edits = []
    for number, line in enumerate(lines, start=1):
        if text := re.sub(r"(^|\s)#.*", "", line).strip():
            try:
                edits.append((number, _taken_in(text)))
            except ValueError as error:
                raise FormatError(f"{path}:{number}: {error}.") from error
    return edits


def _taken_in(text: str) -> Edit:
    """Return the edit of a line from outside."""
    if flaw := flaw_of(text.expandtabs()):
        raise ValueError(f"{text[:60]!r} holds {flaw}; remove it")
    if "\t" in text and text.split("\t")[0] in _FORMS and len(text.split("\t")) > 2:
        raise ValueError(f"{text[:60]!r} is a row of cells parted by tabs, and no edit")
    edit = parse_edit(spelled(text))
    for name in _new_names(edit):
        if parting := next((mark for mark in _PARTINGS if mark in name), None):
            raise ValueError(
                f"{name!r} would be one name, with {parting!r} in it. Write ` | ` between the "
                "names of a split, ` + ` between the labels of a merge, each edit on its own line"
            )
    return edit


_PARTINGS = (";", "|", "->", " + ")
"""What no new name may hold: in files of other programs they stand between names."""


def _new_names(edit: Edit) -> tuple[str, ...]:
    match edit:
        case Merge():
            return () if edit.target in edit.sources else (edit.target,)
        case Rename():
            return (edit.target,)
        case SplitLabel():
            return edit.targets
    return ()


def _merge(rest: str) -> Edit:
    left, target = _sides(rest)
    sources = tuple(map(_label, left.split(" + ")))
    if len(set(sources)) < 2:
        raise ValueError("merge needs two different labels or more")
    if len(set(sources)) < len(sources):
        raise ValueError("a label stands there twice")
    return Merge(sources, _label(target))


def _split(rest: str) -> Edit:
    source, right = _sides(rest)
    if right == BY_ANSWERS:
        return SplitLabel(_label(source), ())
    targets = tuple(map(_label, right.split(" | ")))
    if len(set(targets)) < len(targets):
        raise ValueError("a name stands there twice")
    return SplitLabel(_label(source), targets)


def _rename(rest: str) -> Edit:
    source, target = map(_label, _sides(rest))
    if source == target:
        raise ValueError("both names are the same")
    return Rename(source, target)


def _filter(rest: str) -> Edit:
    values: dict[str, str] = {}
    for word in rest.split():
        name, equals, value = word.partition("=")
        if name not in ("min_clips", "min_yes_rate") or not equals or name in values:
            raise ValueError(f"found {word!r}")
        values[name] = value
    try:
        edit = Filter(int(values.get("min_clips", 0)), float(values.get("min_yes_rate", 0)))
    except ValueError as error:
        raise ValueError(f"{rest!r} holds no number") from error
    if edit.min_clips < 0 or not 0 <= edit.min_yes_rate <= 1 or edit == Filter():
        raise ValueError("min_clips must be 1 or more, min_yes_rate in (0, 1]")
    return edit


def _undo(rest: str) -> Edit:
    if not rest.isdecimal():
        raise ValueError(f"{rest!r} is no number of an edit (`kbuild curate --list` shows them)")
    return Undo(int(rest))


def _sides(rest: str) -> tuple[str, str]:
    left, arrow, right = f" {rest} ".partition(" -> ")
    if not arrow:
        raise ValueError("`->` is missing")
    return left.strip(), right.strip()


def _label(text: str) -> str:
    label = text.strip()
    if not label or " -> " in f" {label} ":
        raise ValueError(f"{label!r} is no label")
    if len(label) > MAX_LABEL_LENGTH:
        raise ValueError(f"a label has at most {MAX_LABEL_LENGTH} characters, found {len(label)}")
    return label


_FORMS = {
    "merge": (_merge, "merge A + B -> C"),
    "split": (_split, "split A -> X | Y` or `split A -> by answers"),
    "rename": (_rename, "rename A -> B"),
    "drop": (lambda rest: Drop(_label(rest)), "drop A"),
    "filter": (_filter, "filter min_clips=20` or `filter min_yes_rate=0.5"),
    "undo": (_undo, "undo 3"),
}
