"""The list of classes that stands beside numbers: `classes.txt`, one name a line."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.numbered import dress_of
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.formats.text import lines

CLASSES = "classes.txt"


def write_classes(folder: Path, labels: LabelMap) -> None:
    """Write the names in the order of their numbers, from 0; nothing where there are none."""
    if len(labels) == 0:
        return
    names = [label.name for label in labels]
    for name in names:
        if "\n" in name or "\r" in name:
            raise FormatError(f"The label {name!r} holds a line break and fits no {CLASSES}.")
    dress = dress_of(folder / CLASSES, names)
    if dress is not None and not dress.is_plain:
        raise FormatError(
            f"The labels are numbered, like {dress.example!r}, and {CLASSES} would be read so: "
            "take the numbers off."
        )
    with writing_text(folder / CLASSES) as file:
        file.writelines(f"{name}\n" for name in names)


def read_classes(folder: Path, options: Options, problems: Problems) -> LabelMap | None:
    """Return the classes: those given, else those of `classes.txt` in `folder`, else None."""
    if options.labels is not None:
        return options.labels
    path = folder / CLASSES
    if not path.is_file():
        return None
    before = problems.path
    problems.enter(path)
    names = list(lines(path, problems))
    dress = dress_of(path, names)
    if dress is None or dress.is_plain:
        labels = LabelMap.of_names(names)
    else:
        labels = LabelMap(tuple(dress.labels(enumerate(names, 1), problems))).in_order()
    problems.enter(before)
    return labels


def number_of(clip: Clip, labels: LabelMap) -> int | None:
    """Return the 0-based number of a clip's class; None for a clip without one.

    A clip that was read without a list of classes knows its number alone.
    """
    if clip.label is not None:
        return labels.index(clip.label)
    return cast("int | None", clip.details.get("label_index"))


def named(number: int, labels: LabelMap | None) -> tuple[str | None, Mapping[str, object]]:
    """Return the label of a 0-based number, and as details the number where no list tells it.

    Raises:
        ValueError: A number that is not in the list.

    """
    if labels is None:
        return None, {"label_index": number}
    if not 0 <= number < len(labels):
        raise ValueError(f"expected a class from 0 to {len(labels) - 1}, found {number}")
    return labels.labels[number].name, NOTHING


_FEWEST = 3
"""Two numbers alone, 1 and 2, may as well be 1 and a slip."""


class Numbers:
    """Gives numbers their names, and notices that a list counts its classes from 1."""

    def __init__(self, labels: LabelMap | None, format_name: str) -> None:
        self._labels = labels
        self._format_name = format_name
        self._seen: set[int] = set()

    def named(self, number: int) -> tuple[str | None, Mapping[str, object]]:
        """Return what `named` returns; ValueError for a number that is not in the list."""
        self._seen.add(number)
        return named(number, self._labels)

    def tell(self, problems: Problems) -> None:
        """Say, behind the last row, what the numbers together look like.

        Raises:
            FormatError: There is a number behind the last class's and none is 0: all names
                that were given are those of the next class.

        """
        most = max(self._seen, default=0)
        if most < _FEWEST or len(self._seen) != most or min(self._seen) != 1:
            return
        said = f"no class is 0 and all from 1 to {most} are there"
        remedy = f"{self._format_name} counts from 0"
        if self._labels is not None and most == len(self._labels):
            raise FormatError(f"{problems.path}: {said}: {remedy}; subtract 1 from each number.")
        if self._labels is None or most == len(self._labels) - 1:
            problems.warning(f"{said}: does this list count from 1? {remedy}")
