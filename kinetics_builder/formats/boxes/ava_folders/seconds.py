"""Seconds as the tools count them: from 900 on, where AVA's 15 minutes of a film begin.

A short video has no second 900. Its first second becomes that, so that its first image is the
one that the tools open there; a file beside the annotations says so, and reading takes it back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.boxes.ava.row_texts import timestamp_text
from kinetics_builder.formats.boxes.ava_folders.layouts import ANNOTATIONS, Layout
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.records import Box

ADDED = 900
FRAMES_PER_SECOND = 30
_FILE = "kbuild_seconds_added.csv"
_CONTEXT_SECONDS = 1.5


@dataclass(slots=True)
class _Span:
    """The first and the last second of a video with a box."""

    first: int
    last: int


class Seconds:
    """Takes down the seconds of each video, and says then what is to be added to them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._spans: dict[str, _Span] = {}

    def note(self, box: Box) -> None:
        """Take down the whole second of a box."""
        second = int(box.timestamp_seconds)
        span = self._spans.setdefault(box.video_id, _Span(second, second))
        span.first, span.last = min(span.first, second), max(span.last, second)

    def added(self, video_id: str) -> int:
        """Return 900 for a video that begins too early for the tool and fits then; else 0."""
        span, layout = self._spans[video_id], self._layout
        begins_early = span.first < layout.first_seconds
        return ADDED if begins_early and span.last + ADDED <= layout.last_seconds else 0

    def num_images(self, video_id: str) -> int | None:
        """Return how many images a short video has at least: its last key frame's context too."""
        if not self.added(video_id):
            return None
        return round((self._spans[video_id].last + _CONTEXT_SECONDS) * FRAMES_PER_SECOND)

    def rewrite(self, folder: Path, names: Iterable[str], losses: Losses) -> None:
        """Add what is to be added in these files of annotations.

        A second of a short video that is outside then, its first or second one, is left out; of
        films that no shift brings in all is written as it is. Both are told of.
        """
        shifted = [video_id for video_id in self._spans if self.added(video_id)]
        for video_id in shifted:
            losses.note_oddity(
                f"{ADDED} was added to the seconds of a short video: the images begin with its "
                f"first, at {FRAMES_PER_SECOND} a second",
                video_id,
            )
        if not shifted and all(map(self._fits, self._spans.values())):
            return
        for name in names:
            path = folder / ANNOTATIONS / name
            spare = path.with_suffix(".spare")
            with path.open(encoding="utf-8") as old, spare.open("w", encoding="utf-8") as new:
                new.writelines(self._lines(old, losses))
            if spare.stat().st_size:
                spare.replace(path)
            else:
                spare.unlink()
                path.unlink()
        if shifted:
            text = "".join(f"{video_id},{ADDED}\n" for video_id in shifted)
            (folder / ANNOTATIONS / _FILE).write_text(text, encoding="utf-8")

    def _fits(self, span: _Span) -> bool:
        return self._layout.takes(span.first) and self._layout.takes(span.last)

    def _lines(self, old: Iterable[str], losses: Losses) -> Iterator[str]:
        """Yield the rows with other seconds; a video's name has no comma here."""
        for line in old:
            video_id, text, rest = line.split(",", 2)
            added = self.added(video_id)
            second = int(text) + added
            if not self._layout.takes(second):
                self._tell_of_other(f"{video_id} at {int(text)} s", losses, is_short=added > 0)
            if not added or self._layout.takes(second):
                yield f"{video_id},{timestamp_text(float(second))},{rest}"

    def _tell_of_other(self, item: str, losses: Losses, *, is_short: bool) -> None:
        """Tell of a second that the tool does not take: in short videos it is left out."""
        layout = self._layout
        outside = f"{layout.first_seconds} to {layout.last_seconds}"
        if is_short:
            reason = f"with {ADDED} added its second lies outside {outside} and has no place there"
            losses.note_left_out(reason, item, 1)
        else:
            losses.note_oddity(f"a time outside {outside} s: {layout.setting}", item)


def read_added(folder: Path) -> dict[str, int]:
    """Return what was added to the seconds of each video in a folder's writing."""
    path = folder / ANNOTATIONS / _FILE
    if not path.is_file():
        return {}
    rows = (line.rpartition(",") for line in path.read_text(encoding="utf-8").split("\n"))
    return {video_id: int(added) for video_id, _, added in rows if added.isdecimal()}
