"""Where AVA's files lie in a folder, under whichever version's name."""

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from kinetics_builder.ava.checking.report import Fate, Findings, Sort
from kinetics_builder.errors import FormatError

MISSING = Sort(
    fate=Fate.STOPS,
    what="there is no such file, and {reader} opens it {when}",
    remedy="{remedy}",
    is_absence=True,
)
NO_SPLIT = Sort(
    fate=Fate.NOTES,
    what="there is nothing to {verb} with here; {reader} reads both splits before its first epoch",
    remedy="put the other split's files beside these before you train",
)
OTHER_NAME = Sort(
    fate=Fate.NOTES,
    what="{reader}'s own settings name {expected}",
    remedy="set {setting} to this file's name",
)
BYTE_ORDER_MARK = Sort(
    fate=Fate.MISREADS,
    what="the file begins with a byte order mark, which {reader} takes for a letter of the first "
    "video's name: its first row is of another video",
    remedy="save the file as UTF-8 without a mark",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that a reader opens: its name in the reader's own settings, and what may be there."""

    name: str
    setting: str
    """What names it in the reader's settings."""
    when: str
    """At which moment it is opened."""
    remedy: str
    """What to do where there is none."""
    others: tuple[str, ...] = ()
    """Patterns of other names for the same, as another version's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvaFolder:
    """A folder of AVA's files; annotations may lie in annotations/ or beside everything else."""

    root: Path
    media: Path | None = None
    """Where the folders of images are, if not where the reader expects them."""
    _annotations: Path = field(init=False)

    def __post_init__(self) -> None:
        below = self.root / "annotations"
        object.__setattr__(self, "_annotations", below if below.is_dir() else self.root)

    def name_of(self, path: Path) -> str:
        """Return a path as findings name it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def others(self, *patterns: str) -> list[Path]:
        """Return the annotation files of such names, those of one pattern by name."""
        found = (path for one in patterns for path in sorted(self._annotations.glob(one)))
        return [path for path in found if path.is_file()]

    def holds(self, wanted: Wanted) -> bool:
        """Tell whether a file that a reader opens is there, under whichever name."""
        return bool(self.others(wanted.name, *wanted.others))

    def refuse(self, names: str) -> NoReturn:
        """Raise the FormatError for a folder without anything to train or validate with."""
        raise FormatError(f"{self.root}: expected {names} there or in annotations/, found none.")

    def images(self, name: str) -> Path | None:
        """Return the folder of images: the one given, else the one of this name if it is there."""
        place = self.media or self.root / name
        return place if place.is_dir() else None

    def below(self, name: str) -> Path:
        """Return a path below the folder."""
        return self.root / name

    def find(self, wanted: Wanted, reader: str, part: str, findings: Findings) -> Path | None:
        """Return the file; None, and a finding, where there is none."""
        path = self._found(wanted, reader, part, findings)
        if path is not None and path.suffix == ".csv" and _is_marked(path):
            findings.add(BYTE_ORDER_MARK, part, self.name_of(path), 1, reader=reader)
        return path

    def _found(self, wanted: Wanted, reader: str, part: str, findings: Findings) -> Path | None:
        path = self._annotations / wanted.name
        if path.is_file():
            return path
        for other in self.others(*wanted.others):
            findings.add(
                OTHER_NAME,
                part,
                self.name_of(other),
                reader=reader,
                expected=wanted.name,
                setting=wanted.setting,
            )
            return other
        findings.add(
            MISSING,
            part,
            self.name_of(path),
            reader=reader,
            when=wanted.when,
            remedy=wanted.remedy,
        )
        return None


def _is_marked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
