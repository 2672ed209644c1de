"""A file of class edits, to be read through: who wants each of them, why, and what shows it.

    author: Ana                          # of all edits up to the next author
    reason: both names find the same videos
    evidence: evidence/riding.html
    merge riding motorbike + riding motorcycle -> riding motorbike
    drop talking                         # a comment behind an edit is its reason, too

`reason:` and `evidence:` are of the one edit that follows. All else behind `#` counts as nothing.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.curation.edits import Edit, SplitLabel, new_names
from kinetics_builder.curation.language import VERBS, parse_edit
from kinetics_builder.errors import FormatError
from kinetics_builder.text.foreign import flaw_of, spelled
from kinetics_builder.text.normalise import normalise

MAX_AUTHOR_LENGTH = 80
MAX_TEXT_LENGTH = 1000
"""Of a reason, and of evidence."""


@dataclass(frozen=True, slots=True)
class EditLine:
    """One edit of a file."""

    number: int
    """Of its line, from 1."""
    edit: Edit
    author: str = ""
    """Empty where nobody says so, as are the other two."""
    reason: str = ""
    evidence: str = ""
    """The address of a page, the name of a file: what shows that it is so."""


def read_edits(path: Path) -> list[EditLine]:
    """Return the edits of a file, in its order.

    Raises:
        FormatError: The file cannot be read, or a line of it; with what to write instead.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}. Name a file of edits.") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8 ({error}). Save the file as UTF-8.") from error
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        try:
            reader.take(number, line)
        except ValueError as error:
            raise FormatError(f"{path}:{number}: {error}.") from error
    if reader.waiting:
        name, (number, _) = next(iter(reader.waiting.items()))
        raise FormatError(
            f"{path}:{number}: no edit follows this {name}. Write it above the edit that it is of."
        )
    return reader.edits


class _Reader:
    """Takes one line after the other."""

    def __init__(self) -> None:
        self.edits: list[EditLine] = []
        self.waiting: dict[str, tuple[int, str]] = {}
        """Lines and texts of what is said of the next edit."""
        self._author = ""

    def take(self, number: int, line: str) -> None:
        text, comment = _parted(line)
        if said := re.fullmatch(r"(author|reason|evidence):(.*)", text):
            self._note(number, said[1], said[2].strip())
        elif text:
            edit = taken_in(text)
            reason = self.waiting.pop("reason", (0, comment))[1]
            evidence = self.waiting.pop("evidence", (0, ""))[1]
            self.edits.append(EditLine(number, edit, self._author, reason, evidence))

    def _note(self, number: int, name: str, text: str) -> None:
        _check_clean(text)
        longest = MAX_AUTHOR_LENGTH if name == "author" else MAX_TEXT_LENGTH
        if not text or len(text) > longest:
            raise ValueError(
                f"expected 1 to {longest} characters behind `{name}:`, found {len(text)}"
            )
        if name == "author":
            self._author = spelled(text)
        elif name in self.waiting:
            raise ValueError(
                f"line {self.waiting[name][0]} has the {name} of the next edit already. "
                "Write one, in one line"
            )
        else:
            self.waiting[name] = number, spelled(text)


def _parted(line: str) -> tuple[str, str]:
    """Return what a line says, and its comment, where that can be told as a reason."""
    begin = re.search(r"(?:^|\s)#", line)
    if begin is None:
        return line.strip(), ""
    told = line[begin.end() :].strip()
    reason = "" if flaw_of(told.expandtabs()) else spelled(told)[:MAX_TEXT_LENGTH]
    return line[: begin.start()].strip(), reason


def _check_clean(text: str) -> None:
    if flaw := flaw_of(text.expandtabs()):
        raise ValueError(f"{text[:60]!r} holds {flaw}; remove it")


def taken_in(text: str) -> Edit:
    """Return the edit of a line from outside; ValueError with what to write instead."""
    _check_clean(text)
    if "\t" in text and text.split("\t")[0] in VERBS and len(text.split("\t")) > 2:
        raise ValueError(f"{text[:60]!r} is a row of cells parted by tabs, and no edit")
    edit = parse_edit(spelled(text))
    for name in new_names(edit):
        if parting := next((mark for mark in _PARTINGS if mark in name), None):
            raise ValueError(
                f"{name!r} would be one name, with {parting!r} in it. Write ` | ` between the "
                "names of a split, ` + ` between the labels of a merge, each edit on its own line"
            )
    if isinstance(edit, SplitLabel):
        _check_parts(edit)
    return edit


_PARTINGS = (";", "|", "->", " + ")
"""What no new name may hold: in files of other programs they stand between names."""


def _check_parts(edit: SplitLabel) -> None:
    """Refuse parts that an answer cannot tell apart: answers are compared as `normalise` says."""
    heard: dict[str, str] = {}
    for target in edit.targets:
        other = heard.setdefault(normalise(target), target)
        if other != target:
            raise ValueError(
                f"the parts {other!r} and {target!r} overlap: what people answer is compared "
                f"without case and marks. Keep one of them, and give the other part a name of "
                "other words"
            )
