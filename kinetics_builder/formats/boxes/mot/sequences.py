"""Sequences of MOTChallenge: which files there are, and what seqinfo.ini says of them."""

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.frames import as_frame, as_number
from kinetics_builder.formats.boxes.names import video_of_file
from kinetics_builder.formats.boxes.sizes import Size
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.text import open_text

NAME = "mot"
INFO = "seqinfo.ini"
LABELS = "labels.txt"
TRUTH, DETECTIONS = "gt/gt.txt", "det/det.txt"
CLASSES = (
    *("pedestrian", "person on vehicle", "car", "bicycle", "motorbike"),
    *("non motorized vehicle", "static person", "distractor", "occluder"),
    *("occluder on the ground", "occluder full", "reflection", "crowd"),
)
"""MOTChallenge's classes from 1 on (arXiv:1603.00831, table 2; crowd since MOT20)."""


class Sequence(NamedTuple):
    """A file of boxes, and what is known of its frames."""

    video_id: str
    file: Path
    size: Size
    size_from: Path | None
    """The seqinfo.ini that states the size; None where it is given."""
    frames_per_second: float
    num_frames: int | None
    classes: tuple[str, ...]
    is_truth: bool | None
    """Whether the seventh cell is a flag and not a score; None: where there are nine cells."""


def sequences(path: Path, options: Options) -> Iterator[Sequence]:
    """Yield the sequences of a folder (one, or several), or a file alone.

    Of a sequence with a ground truth that is read; without one its detections are.

    Raises:
        FormatError: No sequence, or a seqinfo.ini that is none.
        ConfigError: The frames' size or rate stands nowhere.

    """
    if not path.is_dir():
        is_inside = path.parent.name in ("gt", "det")
        yield _sequence(path, path.parent.parent if is_inside else None, options)
        return
    folders = [path] if _is_sequence(path) else sorted(filter(_is_sequence, path.iterdir()))
    for folder in folders:
        found = [folder / name for name in (TRUTH, DETECTIONS) if (folder / name).is_file()]
        yield _sequence(found[0], folder, options)
    results = [] if folders else sorted(file for file in path.glob("*.txt") if file.name != LABELS)
    for file in results:
        yield _sequence(file, None, options)
    if not folders and not results:
        raise FormatError(
            f"{path}: expected sequences, SEQUENCE/{TRUTH} or SEQUENCE/{DETECTIONS}, or results, "
            "SEQUENCE.txt; found none."
        )


def _is_sequence(folder: Path) -> bool:
    return (folder / TRUTH).is_file() or (folder / DETECTIONS).is_file()


def _sequence(file: Path, folder: Path | None, options: Options) -> Sequence:
    info = _info(folder / INFO) if folder is not None else {}
    place = file if folder is None else folder / INFO
    try:
        size: Size | None = None
        if "imwidth" in info and "imheight" in info:
            size = as_frame(info["imwidth"], first=1), as_frame(info["imheight"], first=1)
        rate = options.frames_per_second
        if rate is None and "framerate" in info:
            rate = as_number(info["framerate"])
            if rate <= 0:
                raise ValueError(f"expected a frame rate above 0, found {rate:g}")
        length = as_frame(info["seqlength"]) if "seqlength" in info else None
    except ValueError as error:
        raise FormatError(f"{place}: {error}.") from error
    stem = file.stem if folder is None else info.get("name") or folder.resolve().name
    return Sequence(
        video_id=video_of_file(stem),
        file=file,
        size=size or options.need_frame_size(NAME),
        size_from=None if size is None else place,
        frames_per_second=rate or options.need_frames_per_second(NAME),
        num_frames=length,
        classes=_classes(file),
        is_truth={"gt.txt": True, "det.txt": False}.get(file.name),
    )


def _info(path: Path) -> Mapping[str, str]:
    """Return what seqinfo.ini says, by names in small letters; nothing if it is not there."""
    if not path.is_file():
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
        return dict(parser["Sequence"])
    except (configparser.Error, UnicodeDecodeError, KeyError) as error:
        first = str(error).split("\n")[0]
        raise FormatError(f"{path}: expected [Sequence] with name=value lines: {first}.") from error


def _classes(file: Path) -> tuple[str, ...]:
    """Return the classes from 1 on: of labels.txt beside the file, else MOTChallenge's."""
    labels = file.with_name(LABELS)
    if not labels.is_file():
        return CLASSES
    with open_text(labels) as text:
        return tuple(line.strip() for line in text if line.strip())
