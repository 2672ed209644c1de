"""Verb `releases page`: a released folder -> one self-contained HTML page about it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.formats.names import ClipName
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.released_clips import TABLE, read_released_clips
from pipelines.html_page import write_page
from pipelines.inspecting.contact_sheets import (
    MOST_OF_A_CLASS,
    MOST_STILLS,
    Moment,
    sheets_of,
)
from pipelines.release_page.balance import DOMINATED, Balance
from pipelines.release_page.bars import named, numbers, shares
from pipelines.release_page.counting import Shown, Tally, count
from pipelines.release_page.errata import errata_of
from pipelines.running.reports import Reporter

PAGE = "release.html"


@dataclass(frozen=True, slots=True)
class ClassBar:
    """A class in the picture of all: rectangles of a box of 100 by 40."""

    label: str
    number: int
    x: float
    width: float
    parts: tuple[tuple[str, float, float], ...]
    """Split, where it begins from above, and its height."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Stills of a class."""

    label: str
    num_clips: int
    num_shown: int
    picture: str
    """A `data:` address; empty where no file could be read."""


def write_release_page(
    release: Path,
    path: Path,
    groups: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Write a page about a release and return it; nothing but the release's folder is read.

    Args:
        release: Its folder.
        path: Of the page.
        groups: What annotators said of the people in clips or videos, by `id_start_end`, the
            clip's file or the video's id; nothing is told of groups without it.
        reporter: Told of each class's contact sheet.

    Raises:
        WorkspaceError: The folder holds no release with a table; or there can be no such page.
        FormatError: The table cannot be read.

    """
    table = release / TABLE
    if not table.is_file():
        raise WorkspaceError(
            f"{release} has no {TABLE}: expected a folder that `kbuild release` wrote. "
            "Name another one, or release the clips again."
        )
    tally = count(read_released_clips(table), MOST_OF_A_CLASS)
    values = _values(tally) | {
        "name": release.absolute().name,
        "errata": errata_of(release),
        "sheets": _sheets(release, tally, reporter),
        "balance": None if groups is None else _balance(table, groups),
        "dominated": DOMINATED,
    }
    return write_page(path, "pipelines.release_page", PAGE, values)


def _balance(table: Path, groups: Mapping[str, str]) -> Balance:
    balance = Balance(groups)
    for clip in read_released_clips(table):
        stretch = clip.youtube_id, clip.time_start, clip.time_end
        names = "_".join(map(str, stretch)), str(ClipName(*stretch)), PurePosixPath(clip.file).name
        balance.add(clip.label, (*names, clip.file, clip.youtube_id))
    return balance


def _values(tally: Tally) -> dict[str, Any]:
    sizes = sorted(found.total() for found in tally.clips.values())
    return {
        "cards": {
            "clips": f"{tally.num_clips:,}",
            "classes": f"{len(tally.clips):,}",
            "videos": f"{len(tally.videos):,}",
            "uploaders known": f"{len(tally.uploaders):,}",
            "hours": f"{tally.num_seconds / 3600:,.1f}",
            "MB": f"{tally.num_bytes / 1e6:,.0f}",
        },
        "splits": tally.by_split(),
        "sizes": (sizes[0], sizes[len(sizes) // 2], sizes[-1]) if sizes else (0, 0, 0),
        "class_bars": class_bars(tally),
        "classes": sorted(tally.clips.items()),
        "split_names": SPLITS,
        "charts": {
            "Length, seconds": numbers(tally.seconds),
            "Shorter side, pixels": numbers(tally.heights),
            "Frames a second": numbers(tally.rates),
            "Answers a clip": numbers(tally.num_answers),
            "Share of yes among a clip's answers": shares(tally.agreements),
            "Probability of the label, by people's answers": shares(tally.posteriors),
            "Answers": named(tally.answers),
            "Licences": named(tally.licences),
            "Languages of the videos": named(tally.languages),
            "Countries of the uploaders": named(tally.countries),
            "Clips of one uploader": numbers(Counter(tally.uploaders.values())),
        },
    }


def class_bars(tally: Tally) -> list[ClassBar]:
    """Return the classes as upright bars, the largest first, each split on the one before."""
    ordered = sorted(tally.clips.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    top = max((found.total() for _, found in ordered), default=1)
    width = 100 / max(1, len(ordered))
    bars = []
    for place, (label, found) in enumerate(ordered):
        parts, above = [], 40.0
        for split in SPLITS:
            height = 40 * found[split] / top
            above -= height
            if height:
                parts.append((split, round(above, 3), round(height, 3)))
        x, inner = round(place * width, 4), round(width * 0.86, 4)
        bars.append(ClassBar(label, found.total(), x, inner, tuple(parts)))
    return bars


def _sheets(release: Path, tally: Tally, reporter: Reporter | None) -> list[Sheet]:
    """Return the surest clips of each class, one of each video."""
    each = min(MOST_OF_A_CLASS, max(1, MOST_STILLS // max(1, len(tally.clips))))
    shown = [(label, some[:each]) for label, some in tally.shown()]
    moments = [[_moment(release, one) for one in some] for _, some in shown]
    pictures = sheets_of(moments, reporter=reporter)
    return [
        Sheet(label, tally.clips[label].total(), len(some), picture)
        for (label, some), picture in zip(shown, pictures, strict=True)
    ]


def _moment(release: Path, one: Shown) -> Moment:
    name = PurePosixPath(one.file)
    is_inside = not name.is_absolute() and ".." not in name.parts
    file = release / name
    return Moment(file if is_inside and file.is_file() else None, one.seconds)
