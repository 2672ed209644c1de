"""The folder of a restored release: the rows that came back, their files, and what is missing."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from kinetics_builder.errors import FormatError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from kinetics_builder.formats.names import clip_file_name, whole_seconds
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.formats.records import Box, Clip
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.intervals import Interval
from kinetics_builder.text.foreign import one_line
from pipelines.publishing.folders.folder import SUMS, place_file
from pipelines.publishing.folders.markdown import table
from pipelines.restoring.counts import Counts
from pipelines.restoring.outcomes import Lookup, Lost, Made, Outcome
from pipelines.restoring.released import Released, Row, batches

MISSING, STRETCHES = "missing.csv", "stretches.csv"
_MISSING = ("video_id", "time_start", "time_end", "label", "split", "outcome", "reason")
_STRETCHES = ("video_id", "first_seconds", "last_seconds", "rows", "file", "duration_seconds")
_OURS = frozenset({MANIFEST, MISSING, STRETCHES, SUMS, "README.md", "classes.txt"})
_SHORTER_SECONDS = 0.1
_HEADER = ("version", "taxonomy")
"""What ActivityNet's files say once: the first record carries it."""


@dataclass
class Filling:
    """Fills a folder with what came back of a released file."""

    released: Released
    lookup: Lookup
    folder: Path
    on_warning: Listener | None = None
    counts: Counts = field(default_factory=Counts)
    files: dict[str, Made] = field(default_factory=dict)
    """By their path in the folder."""
    _manifest: set[ManifestRow] = field(default_factory=set)
    _films: dict[str, tuple[float, float, int]] = field(default_factory=dict)
    """First and last key frame and number of rows."""
    _names: dict[str, str] = field(default_factory=dict)
    """A file of the workspace by the name that whole seconds give it."""
    _shared_names: set[str] = field(default_factory=set)
    """Names that they give to several files."""

    def fill(self) -> None:
        """Write the rows, what is missing, the manifest and the README; place no file of videos."""
        self._find_names()
        with ExitStack() as stack:
            missing = stack.enter_context((self.folder / MISSING).open("w", encoding="utf-8"))
            missing.write(csv_line(_MISSING))
            self._write_rows(self._kept(missing))
        labels = sorted({row.label for row in self._manifest})
        if self._manifest:
            write_manifest(self.folder / MANIFEST, self._manifest)
            (self.folder / "classes.txt").write_text("".join(f"{one}\n" for one in labels), "utf-8")
        if self.released.is_of_films:
            self._write_films()
        (self.folder / "README.md").write_text(self._readme(), "utf-8")
        self._write_sums()

    def place(self, root: Path) -> None:
        """Bring the files of videos into the folder, by links where that is possible."""
        for name, made in self.files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            place_file(root / made.file, self.folder / name, made.sha256, remake="kbuild restore")

    def _find_names(self) -> None:
        for _, row, made in self._read():
            if row.stretch is not None and isinstance(made, Made):
                name = _whole_name(row)
                if self._names.setdefault(name, made.file) != made.file:
                    self._shared_names.add(name)

    def _kept(self, missing: TextIO) -> Iterator[Clip | Box]:
        """Yield the records that came back; count all, and list the others."""
        header: dict[str, object] = {}
        for number, (record, row, made) in enumerate(self._read()):
            if number == 0:
                header = {key: record.details[key] for key in _HEADER if key in record.details}
            if isinstance(made, Made):
                self.counts.add(row, Outcome.RESTORED)
                self._keep(record, row, made)
                yield record._replace(details={**record.details, **header}) if header else record
                header = {}
            else:
                self.counts.add(row, made[0])
                missing.write(csv_line(_missing(row, record, *made)))

    def _keep(self, record: Clip | Box, row: Row, made: Made) -> None:
        name = self._name(row, made)
        self.files[name] = made
        if isinstance(record, Box):
            when = record.timestamp_seconds
            first, last, number = self._films.get(name, (when, when, 0))
            self._films[name] = min(first, when), max(last, when), number + 1
            return
        if row.stretch is None:
            return
        length = row.stretch[1] - row.stretch[0]
        self.counts.num_shortened += length - made.duration_seconds > _SHORTER_SECONDS
        is_positive = record.details.get("is_positive") is not False
        if row.label and row.split and is_positive:
            whole_clip = record.details.get("whole_clip") is True
            self._manifest.add(_manifest_row(row, name, made, whole_clip=whole_clip))

    def _name(self, row: Row, made: Made) -> str:
        """Return where a row's file goes: under the crawler's name, if that means it alone."""
        own = Path(made.file).name
        if row.stretch is None:
            return f"videos/{own}"
        name = _whole_name(row)
        return f"clips/{own if name in self._shared_names else name}"

    def _write_rows(self, kept: Iterator[Clip | Box]) -> None:
        one, name = self.released.format, self.released.path.name.removesuffix(".gz")
        if one.name == "kbuild-manifest":
            for _ in kept:  # the new manifest says it all
                pass
            return
        target = self.folder / (f"restored_{name}" if name in _OURS else name)
        assert one.write is not None
        problems = Problems(target, on_warning=self.on_warning)
        one.write(target, kept, self.released.options, problems)
        for _ in kept:  # a writer may end early
            raise FormatError(f"{target}: not all rows were written as {one.name}.")

    def _write_films(self) -> None:
        with (self.folder / STRETCHES).open("w", encoding="utf-8") as file:
            file.write(csv_line(_STRETCHES))
            for name, (first, last, number) in sorted(self._films.items()):
                duration = self.files[name].duration_seconds
                file.write(csv_line((Path(name).stem, first, last, number, name, duration)))

    def _write_sums(self) -> None:
        sums = {path.name: file_sha256(path) for path in self.folder.iterdir()}
        sums |= {name: made.sha256 for name, made in self.files.items()}
        lines = [f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())]
        (self.folder / SUMS).write_text("".join(lines), "utf-8")

    def _readme(self) -> str:
        counts, released = self.counts, self.released
        header, *lines = counts.table(counts.by_split, "split")
        is_whole = released.is_of_films or released.is_whole
        what = "videos, whole" if is_whole else "clips, cut as its rows say"
        notes = [
            f"# {released.path.name}, restored",
            f"The rows of a released file ({released.format.what}) whose videos can still be had: "
            f"{what}. {counts.rows[Outcome.RESTORED]:,} of {counts.rows.total():,} rows. "
            f"`{MISSING}` lists the others.",
            table(header, lines),
            "Labels, splits and times are the file's own; nobody has confirmed them here.",
        ]
        if counts.num_shortened:
            notes.append(
                f"{counts.num_shortened:,} clips are shorter than their rows say: their videos end "
                f"before. duration_seconds in `{MANIFEST}` is what there is."
            )
        header, *lines = counts.table(counts.by_class, "class")
        return "\n\n".join([*notes, table(header, lines)]) + "\n"

    def _read(self) -> Iterator[tuple[Clip | Box, Row, Made | Lost]]:
        """Yield each record with what has become of it."""
        for records in batches(self.released.records(Problems(self.released.path))):
            rows = [self.released.row_of(record) for record in records]
            outcomes = self.lookup.of(rows)
            for record, row in zip(records, rows, strict=True):
                yield record, row, outcomes.of(row)


def _whole_name(row: Row) -> str:
    assert row.stretch is not None
    return clip_file_name(row.video_id or "", *whole_seconds(Interval(*row.stretch)))


def _manifest_row(row: Row, name: str, made: Made, *, whole_clip: bool) -> ManifestRow:
    assert row.stretch is not None and made.num_frames is not None
    start, end = whole_seconds(Interval(*row.stretch))
    return ManifestRow(
        label=row.label,
        youtube_id=row.video_id or "",
        time_start=start,
        time_end=end,
        split=row.split,
        file=name,
        bytes=made.bytes,
        sha256=made.sha256,
        duration_seconds=made.duration_seconds,
        width=made.width,
        height=made.height,
        frames_per_second=made.frames_per_second,
        num_frames=made.num_frames,
        whole_clip=whole_clip,
        licence=one_line(made.licence) or "",
    )


def _missing(row: Row, record: Clip | Box, outcome: Outcome, said: str) -> tuple[object, ...]:
    if isinstance(record, Box):
        times: tuple[object, object] = (record.timestamp_seconds, "")
    else:
        times = (record.start_seconds, record.end_seconds)
    shown = ["" if one is None else one for one in times]
    return (row.named, *shown, row.label, row.split, outcome.value, one_line(said) or "")
