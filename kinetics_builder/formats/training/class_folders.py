"""Folders of files by class: torchvision's Kinetics, and FiftyOne's directory tree."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.checks import file_name
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.media import (
    VIDEO_SUFFIXES,
    files_below,
    told_by_name,
    with_title,
)
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip, Kind
from kinetics_builder.formats.splits import ORDER, SHORT, WORDS, given_split
from kinetics_builder.formats.training.classes import read_classes, write_classes
from kinetics_builder.formats.training.gathering import (
    Gathered,
    Wants,
    gather,
    note_losses,
    place_clip,
)

_UNLABELLED = "_unlabeled"
_TAKEN_FOR_SPLITS = re.compile(
    r"(?:^|[-._ 0-9])(?:train|training|validation|valid|val|dev|test|testing|eval|evaluation)"
    r"(?:[-._ 0-9]|$)"
)
"""Words by which Hugging Face's `datasets` finds the splits, in any folder of a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """What the two trees differ in."""

    name: str
    may_lack_label: bool = False
    """Whether `_unlabeled` is the folder of clips without a class."""
    suffixes: frozenset[str] = VIDEO_SUFFIXES
    """The files the tool sees unless told otherwise."""
    numbers_by_folder: bool = False
    """Whether the tool numbers the classes by the folders of one split."""


def folder_of(label: str) -> str:
    """Return the name of a label's folder: the label, but for what cannot be in such a name.

    >>> folder_of("tying knot (not on a tie)"), folder_of("left/right"), folder_of(".")
    ('tying knot (not on a tie)', 'left_right', '_.')
    """
    name = label.replace("/", "_").replace("\\", "_").replace("\0", "_")
    return f"_{name}" if name.startswith(".") or name == _UNLABELLED else name


def read_tree(tree: _Tree, path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each video, in the order of the files' names.

    The folder is the label (by `classes.txt` where a folder cannot be called like it), the
    file's name tells the video and the stretch. Files of other kinds are told of.
    """
    if not path.is_dir():
        raise FormatError(f"{path}: expected a folder with a folder for each class.")
    known = read_classes(path, options, problems) or ()
    labels: dict[str, str | None] = {folder_of(label.name): label.name for label in known}
    if tree.may_lack_label:
        labels[_UNLABELLED] = None
    problems.enter(path)
    for split, folder in _class_folders(path, options):
        for file in files_below(folder):
            name = file.relative_to(path).as_posix()
            problems.item = name
            if file.suffix.lower() in VIDEO_SUFFIXES:
                label = labels.get(folder.name, folder.name)
                yield with_title(Clip(*told_by_name(name), label, split, name))
            else:
                problems.warning("expected a video; this file is passed over")


def _class_folders(path: Path, options: Options) -> Iterator[tuple[str | None, Path]]:
    """Yield the folders of the classes, each with its split; `path` may be one split's folder."""
    given = given_split(options) or WORDS.get(path.name.lower())
    folders = [entry for entry in sorted(path.iterdir()) if _is_folder(entry)]
    found = {folder: WORDS.get(folder.name.lower()) for folder in folders if _has_folders(folder)}
    for folder in sorted(folders, key=lambda one: ORDER[found.get(one)]):
        split = found.get(folder)
        if split is None:
            yield given, folder
        else:
            for entry in sorted(folder.iterdir()):
                if _is_folder(entry):
                    yield split, entry


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _has_folders(folder: Path) -> bool:
    return any(map(_is_folder, folder.iterdir()))


def write_tree(
    tree: _Tree, path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write `split/class/file` (without a split, `class/file`), and `classes.txt`.

    Files are hard links where the disk allows it, else copies; the originals stay. Where two
    files of a class have the same name, the later one gets a number.
    """
    losses = Losses(problems, tree.name)

    def look(clip: Clip) -> bool:
        if trouble := _trouble(tree, clip.label):
            problems.error(trouble)
            return False
        note_losses(losses, clip, told_by_name(clip.file or ""), ("label_index",))
        if Path(clip.file or "").suffix.lower() not in tree.suffixes:
            problems.warning(f"{tree.name} looks for {' and '.join(sorted(tree.suffixes))} alone")
        return True

    wants = Wants(format_name=tree.name, media=True, look=look)
    with writing_folder(path) as folder:
        gathered = gather(records, options, problems, wants, lambda c: (c.label or "", c.file))
        problems.enter(path)
        folders = _folders(gathered, path)
        for clip in gathered.clips:
            problems.item = clip.file
            target = folder / SHORT.get(clip.split, "") / folders[clip.label]
            place_clip(clip, target / Path(clip.file or "").name, options, problems)
        write_classes(folder, gathered.labels)
        _warn_of_numbers(tree, gathered, problems)
        _warn_of_splits(folders, problems)
        losses.tell()


def _trouble(tree: _Tree, label: str | None) -> str | None:
    """Return why no folder can be called like the label; None where one can."""
    if label is None:
        return None if tree.may_lack_label else f"no label; {tree.name} needs its name"
    try:
        file_name(folder_of(label), "label")
    except ValueError as error:
        return str(error)
    return None


def _folders(gathered: Gathered, path: Path) -> dict[str | None, str]:
    folders: dict[str | None, str] = {None: _UNLABELLED}
    for label in set().union(*gathered.splits.values()):
        folders[label] = folder_of(label)
    if len(set(folders.values())) != len(folders):
        raise FormatError(f"{path}: two labels would share a folder; rename one of them.")
    return folders


def _warn_of_numbers(tree: _Tree, gathered: Gathered, problems: Problems) -> None:
    """Tell of splits in which classes are missing, where that moves the numbers of others."""
    problems.item = None
    everywhere = set().union(*gathered.splits.values())
    for split, labels in gathered.splits.items():
        if tree.numbers_by_folder and labels != everywhere:
            problems.warning(
                f"{SHORT.get(split, 'the folder')} lacks {len(everywhere - labels)} of "
                f"{len(everywhere)} classes, so {tree.name.partition('-')[0]} gives the others "
                "other numbers there"
            )


def _warn_of_splits(folders: dict[str | None, str], problems: Problems) -> None:
    """Tell of classes that are none to another tool, which reads such trees as well."""
    taken = sorted(name for name in folders.values() if _TAKEN_FOR_SPLITS.search(name))
    if taken:
        problems.warning(
            f"Hugging Face datasets takes the folders of {', '.join(map(repr, taken))} for splits "
            "and would list their clips twice: write huggingface-videofolder for it"
        )


def _format(tree: _Tree, what: str, source: str, traps: str) -> Format:
    return Format(
        name=tree.name,
        kind=Kind.CLIPS,
        what=what,
        source=source,
        traps=traps,
        read=partial(read_tree, tree),
        write=partial(write_tree, tree),
        is_folder=True,
    )


_LINKS = (
    "Hugging Face's datasets takes classes like `training dog` for splits: give it "
    "huggingface-videofolder. Files are hard links to the originals where the disk allows it: do "
    "not edit them there."
)
FORMATS = (
    _format(
        _Tree(
            name="torchvision-folder",
            suffixes=frozenset({".avi", ".mp4"}),
            numbers_by_folder=True,
        ),
        "torchvision.datasets.Kinetics: root/train|val|test/class/file",
        "pytorch/vision torchvision/datasets/kinetics.py",
        "Classes are numbered by the sorted folders of one split, so a class missing in a split "
        "moves the numbers; .avi and .mp4 alone are seen by default. torchvision 0.29 "
        "decodes with TorchCodec, which is installed apart. " + _LINKS,
    ),
    _format(
        _Tree(name="fiftyone-classification", may_lack_label=True),
        "FiftyOne's VideoClassificationDirectoryTree for whole clips: class/file in each split",
        "docs.voxel51.com user_guide/import_datasets",
        "One import reads one split's folder; clips without a label lie in _unlabeled. " + _LINKS,
    ),
)
