"""The tables of a release of segments: all else is made of them (`derived`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.cells import named_rows
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.release_files import MARKED_VIDEOS, SEGMENTS
from kinetics_builder.text.licences import licence_kind
from kinetics_builder.text.masking import public_addresses
from kinetics_builder.text.takedowns import uploader_key
from pipelines.publishing.folders.facts import allowed
from pipelines.publishing.folders.pseudonyms import Pseudonyms
from pipelines.timelines.marked import LeftOut, MarkedVideo

VIDEOS, QUESTIONS = MARKED_VIDEOS, "questions.csv"
MARKS, LEFT_OUT = "votes.csv", "left_out.csv"
SEGMENT_COLUMNS = (
    *("video", "label", "start", "end", "split", "said_by"),
    *("workers", "asked", "overlap", "start_spread", "end_spread"),
)
VIDEO_COLUMNS = (
    *("video", "split", "duration", "width", "height", "frames_per_second", "url"),
    *("licence", "attribution", "commercial", "derivatives", "share_alike"),
    *("uploader", "group", "sha256"),
)
QUESTION_COLUMNS = ("video", "label", "asked_as", "said_by", "sure", "unsure", "set_aside")
MARK_COLUMNS = ("worker", "video", "label", "start", "end", "unsure", "counts")


@dataclass(frozen=True)
class Tables:
    """What is written, and where to."""

    videos: Sequence[MarkedVideo]
    """By id."""
    left_out: Sequence[LeftOut]
    groups: dict[str, str]
    """What a video may not be torn from, where that is more than itself."""
    pseudonyms: Pseudonyms
    folder: Path

    def write(self) -> None:
        """Write all of them."""
        self._table(SEGMENTS, SEGMENT_COLUMNS, _segments(self.videos))
        self._table(VIDEOS, VIDEO_COLUMNS, self._video_rows())
        self._table(QUESTIONS, QUESTION_COLUMNS, _questions(self.videos))
        self._table(MARKS, MARK_COLUMNS, self._marks())
        if self.left_out:
            rows = ((one.video_id, one.reason) for one in self.left_out)
            self._table(LEFT_OUT, ("video", "reason"), rows)

    def _table(self, file: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        with writing_text(self.folder / file) as text:
            text.write(csv_line(columns))
            text.writelines(map(csv_line, rows))

    def _uploader(self, video: MarkedVideo) -> str:
        key = uploader_key(video.uploader)
        return self.pseudonyms.name("uploader", video.site, key) if key else ""

    def _video_rows(self) -> Iterator[Sequence[object]]:
        for one in self.videos:
            group = self.groups.get(one.video_id, one.video_id)
            file = one.duration_seconds, *one.size, one.frames_per_second
            urls = public_addresses([one.url])
            terms = one.licence, *allowed(licence_kind(one.licence) or "")
            names = self._uploader(one), self.pseudonyms.name("group", group)
            yield (one.video_id, one.split, *file, *urls, *terms, *names, one.sha256)

    def _marks(self) -> Iterator[Sequence[object]]:
        """Yield every mark; of an answer without any a row without times."""
        rows = [
            (
                *(self.pseudonyms.name("worker", said.name), video.video_id, asked.asked_as),
                *((_seconds(mark.start), _seconds(mark.end)) if mark else ("", "")),
                *(int(said.is_unsure), int(said.counts)),
            )
            for video in self.videos
            for asked in video.asked
            for said in asked.said
            for mark in said.marks or (None,)
        ]
        return iter(sorted(rows, key=lambda row: (row[1], row[2], row[0], float(row[3] or -1))))


def _segments(videos: Iterable[MarkedVideo]) -> Iterator[Sequence[object]]:
    for video in videos:
        for one in video.segments:
            times = map(_seconds, one.interval)
            told = () if one.overlap is None else (f"{one.overlap:.4f}",)
            spreads = map(_seconds, one.spread or ())
            cells = (video.video_id, one.label, *times, video.split, one.said_by)
            people = (one.num_workers, one.num_asked) if one.num_asked else ("", "")
            row = (*cells, *people, *(told or ("",)), *spreads)
            yield (*row, *[""] * (len(SEGMENT_COLUMNS) - len(row)))


def _questions(videos: Iterable[MarkedVideo]) -> Iterator[Sequence[object]]:
    for video in videos:
        for one in video.asked:
            num_aside = sum(not said.counts for said in one.said)
            num_unsure = sum(said.counts and said.is_unsure for said in one.said)
            said_by = "people" if one.truth is None else "owner"
            counts = one.num_sure, num_unsure, num_aside
            yield (video.video_id, one.label, one.asked_as, said_by, *counts)


def _seconds(value: float) -> str:
    return f"{value:.3f}"


Rows = Sequence[Mapping[str, str]]


def rows_of(path: Path) -> Rows:
    """Return the rows of one of the tables; none where it is not there.

    Raises:
        FormatError: It cannot be read.

    """
    if not path.is_file():
        return ()
    return named_rows(path)
