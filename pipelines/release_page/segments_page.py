"""Verb `releases page` of segments: a released folder -> one self-contained HTML page about it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.release_files import SEGMENTS
from pipelines.html_page import write_page
from pipelines.release_page.bars import Bar, bin_of, named, numbers, shares
from pipelines.release_page.errata import errata_of
from pipelines.running.reports import Reporter
from pipelines.timelines.derived import sums_of
from pipelines.timelines.tables import VIDEOS, Rows, rows_of

_MOST_VIDEOS = 60
"""Whose time is drawn."""
_LENGTHS = (1, 2, 5, 10, 20, 30, 60, 120, 300)
"""Seconds at which bins of lengths end."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A segment on the line of its video's time, in per cent of it."""

    label: str
    start: str
    end: str
    left: float
    width: float
    row: int
    """Of its class, where several lie above one another."""


@dataclass(frozen=True, slots=True)
class Line:
    """A video and when what happens in it."""

    video: str
    split: str
    duration: float
    classes: tuple[str, ...]
    segments: tuple[Drawn, ...]


def write_segments_page(
    release: Path,
    path: Path,
    groups: Mapping[str, str] | None = None,
    _reporter: Reporter | None = None,
) -> Path:
    """Write a page about a release of segments and return it; nothing but its folder is read.

    Args:
        release: Its folder.
        path: Of the page.
        groups: What annotators said of videos, by their ids.

    Raises:
        WorkspaceError: There can be no such page.

    """
    videos, segments = rows_of(release / VIDEOS), rows_of(release / SEGMENTS)
    values = {
        "name": release.absolute().name,
        "errata": errata_of(release),
        "sums": sums_of(release),
        "charts": _charts(videos, segments) | _groups(videos, groups or {}),
        "lines": _lines(videos, segments),
        "num_more": max(0, len(videos) - _MOST_VIDEOS),
    }
    return write_page(path, "pipelines.release_page", "segments.html", values)


def _charts(videos: Rows, segments: Rows) -> dict[str, list[Bar]]:
    of_video = Counter(row["video"] for row in segments)
    classes: dict[str, set[str]] = {}
    for row in segments:
        classes.setdefault(row["video"], set()).add(row["label"])
    agreed = (float(row["overlap"]) for row in segments if row["overlap"])
    marked = (int(row["workers"]) / int(row["asked"]) for row in segments if row["asked"])
    return {
        "Segments of a class": named(Counter(row["label"] for row in segments)),
        "Segments of a video": numbers(Counter(of_video[row["video"]] for row in videos)),
        "Classes of a video": numbers(
            Counter(len(classes.get(row["video"], ())) for row in videos)
        ),
        "Length of a segment": _lengths(
            float(row["end"]) - float(row["start"]) for row in segments
        ),
        "Overlap of two marks of a segment": shares(Counter(map(bin_of, agreed))),
        "Share of those asked who marked it": shares(Counter(map(bin_of, marked))),
        "Licences of the videos": named(Counter(row["licence"] or "not stated" for row in videos)),
    }


def _groups(videos: Rows, groups: Mapping[str, str]) -> dict[str, list[Bar]]:
    said = Counter(
        groups[row["video"]] or "could not be told" for row in videos if row["video"] in groups
    )
    return {"Groups that annotators named": named(said)} if said else {}


def _lengths(seconds: Iterable[float]) -> list[Bar]:
    counts = Counter(next((n for n in _LENGTHS if one < n), 0) for one in seconds)
    top = max(counts.values(), default=1)
    starts = dict(zip((*_LENGTHS, 0), (0, *_LENGTHS), strict=True))
    return [
        Bar(
            f"{starts[end]} to {end} s" if end else f"{starts[end]} s or more", num, 100 * num / top
        )
        for end in (*_LENGTHS, 0)
        if (num := counts[end])
    ]


def _lines(videos: Rows, segments: Rows) -> list[Line]:
    """Return the first videos with their segments, the classes of each in lines of their own."""
    found = []
    for row in videos[:_MOST_VIDEOS]:
        own = [one for one in segments if one["video"] == row["video"]]
        duration = float(row["duration"])
        classes = tuple(sorted({one["label"] for one in own}))
        drawn = (
            Drawn(
                label=one["label"],
                start=one["start"],
                end=one["end"],
                left=round(100 * float(one["start"]) / duration, 3),
                width=round(100 * (float(one["end"]) - float(one["start"])) / duration, 3),
                row=classes.index(one["label"]),
            )
            for one in own
        )
        found.append(Line(row["video"], row["split"], duration, classes, tuple(drawn)))
    return found
