"""UCF101 and HMDB51 as they are handed out, as releases: lists, and videos by classes."""

import hashlib
import os
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.media import VIDEO_SUFFIXES
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.release_files import MANIFEST
from pipelines.adopting.asking import Asked
from pipelines.adopting.run import adopt
from pipelines.converting.convert import Listeners
from pipelines.running.engines.pool import Pool
from pipelines.running.reports import Reporter


def as_release(
    folder: Path,
    releases: Path,
    split_number: int,
    reporter: Reporter,
    pool: Pool | None = None,
) -> Path:
    """Return `folder` if it is a release; else adopt it in `releases`, and return that.

    Lists and videos may lie anywhere below the folder: trainlist01.txt and testlist01.txt of
    UCF101, `<class>_test_split1.txt` of HMDB51, and files `<class>/<name>.avi`.

    Args:
        folder: A release, or what was handed out.
        releases: Where releases are made.
        split_number: Which of the three splits.
        reporter: Is told how far it is.
        pool: Where files are looked at; child processes without it.

    Raises:
        ModelError: It is none of these.
        FormatError: A list cannot be read, or no video is there.

    """
    if (folder / MANIFEST).is_file():
        return folder
    name, lists = _lists(folder, split_number)
    if not lists:
        raise ModelError(
            f"{folder} is no release, and holds no lists of UCF101 (trainlist0{split_number}.txt) "
            f"or HMDB51 (<class>_test_split{split_number}.txt). Give a folder that has either."
        )
    media = _media(folder)
    asked = Asked(
        annotations=lists,
        format=find_format(name),
        options=Options(media=media, split_number=split_number),
        media=media,
        num_workers=os.cpu_count() or 1,
    )
    place = hashlib.sha256(f"{folder.resolve()}\n{split_number}".encode()).hexdigest()[:8]
    made = releases / f"{folder.resolve().name}-split{split_number}-{place}"
    return adopt(asked, made, Listeners(), reporter, pool).folder


def _lists(folder: Path, number: int) -> tuple[str, tuple[Path, ...]]:
    """Return of which dataset the lists of a split are, and where they are."""
    names = [f"{split}list{number:02}.txt" for split in ("train", "test")]
    if found := tuple(path for name in names for path in sorted(folder.rglob(name))):
        return "ucf101", found
    return "hmdb51", tuple(sorted({path.parent for path in folder.rglob(_hmdb51(number))}))


def _hmdb51(number: int) -> str:
    return f"*_test_split{number}.txt"


def _media(folder: Path) -> Path:
    """Return the folder in which those of the classes lie."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in VIDEO_SUFFIXES and path.parent != folder:
            return path.parent.parent
    return folder
