"""The files of clips: what their names tell, where they lie, how they get elsewhere."""

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kinetics_builder.formats.names import crawler_names, parse_file_name
from kinetics_builder.formats.records import Clip

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "m2ts", "m4v", "mkv", "mov"),
        *("mp4", "mpeg", "mpg", "mts", "mxf", "ogv", "qt", "rm", "rmvb", "ts", "vob", "webm"),
        *("wmv", "y4m", "264", "265", "h264", "h265", "hevc", "m1v", "m2v"),
    )
)
"""Names of files that `kinetics_builder.video` opens: of containers, then of bare streams."""


def told_by_name(file: str) -> tuple[str, float | None, float | None]:
    r"""Return the video and the stretch that a file's name tells.

    A name that neither the official crawler nor a downloader gave is the video's id.

    >>> told_by_name("val/using segway/SOX5yA1l24A_000007_000017.mp4")
    ('SOX5yA1l24A', 7.0, 17.0)
    >>> told_by_name(r"D:\data\v_Archery_g01_c01.avi")
    ('v_Archery_g01_c01', None, None)
    """
    name = parse_file_name(stem_of(file))
    return name.video_id, name.start, name.end


def with_title(clip: Clip) -> Clip:
    """Return the clip with the title that its file's name tells, as the detail `title`.

    >>> with_title(Clip("SOX5yA1l24A", file="a/Segway tour [SOX5yA1l24A].mp4")).details["title"]
    'Segway tour'
    """
    title = parse_file_name(stem_of(clip.file or "")).title
    return clip if title is None else clip._replace(details={TITLE: title, **clip.details})


TITLE = "title"
"""The detail that holds what a video's file was called by its downloader."""


def stem_of(file: str) -> str:
    """Return the file's name without its folders and, if it is a video's, its suffix."""
    return without_suffix(file[max(file.rfind("/"), file.rfind("\\")) + 1 :])


def without_suffix(file: str) -> str:
    """Return the path without its suffix, if that is a video's.

    >>> without_suffix("a/b.c.MP4"), without_suffix("a/b.c")
    ('a/b.c', 'a/b.c')
    """
    dot = file.rfind(".")
    return file[:dot] if file[dot:].lower() in VIDEO_SUFFIXES else file


def suffix_of(file: str) -> str:
    """Return the suffix of a file's name in small letters; "" where it has none.

    >>> suffix_of("a.b/c.MKV"), suffix_of("a.b/c")
    ('.mkv', '')
    """
    return PurePosixPath(file).suffix.lower()


def possible_files(clip: Clip) -> Iterator[str]:
    """Yield where a clip's file may lie below the folder of the files.

    Where the record names its file, there, or, if it names no folder (HMDB51), in one of the label.
    Else under the names of the official crawler: in the
    folder itself, in a folder of the label (as the crawler makes it), or in one with
    underscores and without brackets and apostrophes (as torchvision makes it).
    """
    label = clip.label or ""
    folders = dict.fromkeys(("", label, label.translate(_CLEANED)))
    names = [f"{stem}.mp4" for stem in crawler_names(clip)] if clip.file is None else [clip.file]
    for name in names:
        for folder in folders if "/" not in name else ("",):
            yield f"{folder}/{name}" if folder else name


def path_below(file: str, media: Path) -> str | None:
    """Return a path relative to `media`; None for one that leads out of it."""
    if not file.startswith("/") and ".." not in file:
        return file
    folder = media.absolute()
    path = Path(os.path.normpath(folder / file))
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None


def video_below(media: Path, clip: Clip) -> str | None:
    """Return where a clip's file lies below a folder, with any video's suffix; None if nowhere."""
    paths = (path_below(file, media) for file in possible_files(clip))
    possible = [file for file in paths if file is not None]
    for file in possible:
        if (media / file).is_file():
            return file
    for file in possible:
        folder, bare = (media / file).parent, without_suffix(file)
        if folder.is_dir():
            for suffix in sorted(VIDEO_SUFFIXES):
                if (media / f"{bare}{suffix}").is_file():
                    return f"{bare}{suffix}"
    return None


_CLEANED = str.maketrans({" ": "_", "'": None, "(": None, ")": None})


def path_inside(file: str, folder: str | None) -> str:
    """Return where a file goes below a new `folder`: where it lay below the old one.

    A leading `folder` is left out, so that reading and writing again ends at the same place.

    >>> path_inside("clips/a.mp4", "train"), path_inside("train/a.mp4", "train")
    ('clips/a.mp4', 'a.mp4')
    """
    path = PurePosixPath(file)
    if folder and path.is_relative_to(folder) and path != PurePosixPath(folder):
        path = path.relative_to(folder)
    return str(path)


def place(source: Path, target: Path) -> Path:
    """Bring a file to `target` by a hard link, or by a copy where that is not possible.

    The source stays. Where another file has that name, ours gets a number behind its stem.
    Return the path it has.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    source = source.resolve()
    number, free = 1, target
    while free.exists():
        if free.samefile(source) or filecmp.cmp(free, source, shallow=False):
            return free
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    try:
        os.link(source, free)
    except OSError:
        shutil.copyfile(source, free)
    return free


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in the order of their names, hidden ones left out.

    A link to a folder around it is not followed.
    """
    here = folder.resolve()
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield entry
        elif not here.is_relative_to(entry.resolve()):
            yield from files_below(entry)
