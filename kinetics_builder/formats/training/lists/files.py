"""The lists that PySlowFast and MMAction2 train from: a path and a class, line by line."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.media import told_by_name, with_title
from kinetics_builder.formats.output import writing_folder, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip
from kinetics_builder.formats.splits import ORDER, SHORT, split_of_file
from kinetics_builder.formats.text import some_lines
from kinetics_builder.formats.training.classes import (
    CLASSES,
    Numbers,
    number_of,
    read_classes,
    write_classes,
)
from kinetics_builder.formats.training.gathering import Wants, gather, note_losses
from kinetics_builder.formats.training.lists.layouts import Layout, separator_of


def read_lists(layout: Layout, path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each class of each line of a list, or of all lists in a folder.

    The file's name tells the video and the stretch. Without a list of classes a clip's label
    is unknown, and its number stands in the detail `label_index`.
    """
    folder = path if path.is_dir() else path.parent
    numbers = Numbers(read_classes(folder, options, problems), layout.name)
    for file in _lists(path, layout) if path.is_dir() else [path]:
        problems.enter(file)
        yield from _clips(layout, file, options, problems, numbers)
    problems.enter(path)
    numbers.tell(problems)


def _lists(folder: Path, layout: Layout) -> list[Path]:
    ending = layout.file.format("")
    files = [file for file in sorted(folder.glob(f"*{ending}")) if file.name != CLASSES]
    if not files:
        names = ", ".join(layout.file.format(SHORT[split]) for split in SHORT)
        raise FormatError(f"{folder}: expected {names} in this folder; none is there.")
    return sorted(files, key=lambda file: ORDER[split_of_file(file, Options())])


def _clips(
    layout: Layout, path: Path, options: Options, problems: Problems, classes: Numbers
) -> Iterator[Clip]:
    split, separator = split_of_file(path, options), None
    for line in some_lines(path, problems, options.encoding):
        separator = separator or separator_of(line)
        try:
            file, details, numbers = layout.split_line(line, separator)
            found = [classes.named(number) for number in numbers]
        except ValueError as error:
            problems.error(f"{error}, in {line!r}")
            continue
        told = told_by_name(file)
        for label, unknown in found or [(None, NOTHING)]:
            held = {**details, **unknown} if details or unknown else NOTHING
            yield with_title(Clip(*told, label, split, file, None, held))


def write_lists(
    layout: Layout, path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a folder with a list for each split, and `classes.txt`.

    Paths are relative to the folder of the files, which the tool is told of on its own. Where
    a path holds a space, all lists get another separator, and a warning tells which.
    """
    checks = _Checks(layout, problems)
    wants = Wants(
        format_name=layout.name,
        label=not layout.may_lack_label and not layout.is_multi,
        frame_folders=layout.frame_folders,
        look=checks.look,
    )
    with writing_folder(path) as folder:
        gathered = gather(
            records, options, problems, wants, lambda clip: clip.file if layout.is_multi else ()
        )
        problems.enter(path)
        separator = checks.separator()
        for split, clips in groupby(gathered.clips, lambda clip: clip.split):
            name = layout.file.format(SHORT.get(split, "all"))
            with writing_text(folder / name) as file:
                for clip, numbers in _rows(layout, clips, gathered.labels, checks.losses):
                    file.write(layout.line(clip, numbers, separator))
        write_classes(folder, gathered.labels)
        checks.losses.tell()


def _rows(
    layout: Layout, clips: Iterable[Clip], labels: LabelMap, losses: Losses
) -> Iterator[tuple[Clip, list[int]]]:
    """Yield the clip and its classes for each line; take down those that a line has already."""
    if not layout.is_multi:
        for clip in clips:
            number = number_of(clip, labels)
            yield clip, [] if number is None else [number]
        return
    for _, group in groupby(clips, lambda clip: clip.file):
        same = list(group)
        numbers = [number_of(clip, labels) for clip in same]
        found = list(dict.fromkeys(one for one in numbers if one is not None))
        if num_repeats := len(same) - max(1, len(found)):
            message = "a class that comes twice for a file stands once in its line"
            losses.note_left_out(message, same[0].file or "", num_repeats)
        yield same[0], found


class _Checks:
    """What is seen of the clips before the first line is written."""

    def __init__(self, layout: Layout, problems: Problems) -> None:
        self.losses = Losses(problems, layout.name)
        self._layout = layout
        self._problems = problems
        self._free = list(layout.separators)
        self._said = {"label_index", *(key for keys in layout.tells for key in keys)}

    def look(self, clip: Clip) -> bool:
        """Return whether the clip can be written."""
        file, layout = clip.file or "", self._layout
        if layout.needs is not None and layout.needs not in clip.details:
            self._problems.error(f"no {layout.needs}; {layout.name} writes it for each clip")
            return False
        free = [separator for separator in self._free if separator not in file]
        if not free or "\n" in file or "\r" in file or file != file.strip():
            self._problems.error(
                f"white space in the path {file!r}, which {layout.name} cannot say"
            )
            return False
        self._free = free
        note_losses(self.losses, clip, told_by_name(file), self._said)
        return True

    def separator(self) -> str:
        """Return the separator for all lists."""
        found = self._free[0]
        if found != " ":
            self._problems.item = None
            self._problems.warning(
                f"paths hold spaces, so {found!r} separates path and class: "
                f"set {self._layout.setting} to it"
            )
        return found
