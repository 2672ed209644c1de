"""A released folder of films, as its files say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.csv_rows import GROUND_TRUTH, read_boxes, seconds_of
from kinetics_builder.formats.cells import cells, named_rows
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS, Box
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.released_labels import ReleasedFilm
from kinetics_builder.formats.splits import SHORT
from pipelines.ava.releasing.layouts import LAYOUTS, Layout


class ListedFilm(NamedTuple):
    """A film, and the line that names it."""

    line: int
    film: ReleasedFilm

    @property
    def name(self) -> str:
        """The film's own id: rows of clips of a video are under the video's."""
        return PurePosixPath(self.film.file).name.partition(".")[0]

    def has(self, video_id: str, seconds: float, *, is_clip: bool) -> bool:
        """Say whether a moment of the rows' time line is one of this film."""
        film = self.film
        if film.video_id != video_id:
            return False
        return not is_clip or 0 <= seconds - film.start_seconds <= film.duration_seconds


@dataclass(frozen=True, slots=True)
class FilmsFolder:
    """A release of films."""

    folder: Path
    layout: Layout
    films: tuple[ListedFilm, ...]

    @classmethod
    def of(cls, folder: Path) -> "FilmsFolder":
        """Read which films there are.

        Raises:
            FormatError: It is no release of films, or its list of films cannot be read.

        """
        for layout in LAYOUTS.values():
            if any((folder / layout.truth.format(word)).is_file() for word in SHORT.values()):
                return cls(folder, layout, tuple(_films(folder / FILMS)))
        raise FormatError(
            f"{folder} has no rows of persons: expected a file such as "
            f"{next(iter(LAYOUTS.values())).truth.format('train')}. Name a folder that "
            "`kbuild ava release` wrote."
        )

    def truth(self, split: str) -> Path:
        """Return the file of a split's rows."""
        return self.folder / self.layout.truth.format(SHORT[split])

    def splits(self) -> list[str]:
        """Return the splits that have rows."""
        return [split for split in SPLITS if self.truth(split).is_file()]

    def rows(self, split: str, problems: Problems) -> Iterator[tuple[int, Box]]:
        """Yield the line and the row of each action, and of each key frame without a box."""
        for box in read_boxes(self.truth(split), problems, GROUND_TRUTH):
            yield problems.line or 0, box

    def excluded(self, split: str, problems: Problems) -> Iterator[tuple[int, str, float]]:
        """Yield the line, the film and the moment of each key frame that does not count."""
        name = self.layout.excluded
        path = None if name is None else self.folder / name.format(SHORT[split])
        if path is None or not path.is_file():
            return
        problems.enter(path)
        for row in cells(path, problems, may_be_empty=True):
            try:
                video_id, moment = row
                yield problems.line or 0, video_id, seconds_of(video_id, moment)
            except ValueError as error:
                problems.error(f"expected a film and a moment, found {row} ({error})")


def _films(path: Path) -> Iterator[ListedFilm]:
    if not path.is_file():
        raise FormatError(f"{path} is not there: expected the list of films.")
    for line, row in enumerate(named_rows(path), 2):
        yield ListedFilm(line, _film(path, line, row))


def _film(path: Path, line: int, row: dict[str, str]) -> ReleasedFilm:
    try:
        return ReleasedFilm(
            video_id=row["video_id"],
            file=row["file"],
            start_seconds=float(row["start_seconds"]),
            split=row["split"],
            duration_seconds=float(row["duration_seconds"]),
            licence=row["licence"],
            url=row.get("url") or "",
        )
    except (KeyError, TypeError, ValueError) as error:
        columns = ", ".join(ReleasedFilm.__dataclass_fields__)
        raise FormatError(f"{path}:{line}: expected {columns}, found {row} ({error}).") from error
