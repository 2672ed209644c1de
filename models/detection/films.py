"""Where the films of a folder lie, and when they begin on their original time line. No torch.

`videos.csv` says it: `video_id,file,start_seconds`, and for a folder of pictures
`frames_per_second`; a film may have several files, each a stretch of it. Without that file,
`videos/ID.*` are whole films that begin at 0, and `frames/ID/` are folders of pictures as
PySlowFast and MMAction2 have them: 30 a second, from second 900 on.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.release_files import FILMS

_COLUMNS = ("video_id", "file", "start_seconds")
_RATE = "frames_per_second"
_PICTURES_BEGIN, _PICTURES_RATE = 900.0, 30.0
PICTURES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """One file (or folder of pictures) of one film."""

    video_id: str
    file: str
    """Path below the folder, with slashes."""
    start_seconds: float = 0.0
    """Where it begins on the film's own time line."""
    frames_per_second: float = _PICTURES_RATE
    """Of a folder of pictures."""


Films = Mapping[str, tuple[Film, ...]]
"""The files of each video id, by where they begin."""


def find_films(folder: Path) -> Films:
    """Return the films of `folder`; ModelError where there are none, or for a bad row."""
    found: dict[str, list[Film]] = defaultdict(list)
    for film in list_films(folder):
        found[film.video_id].append(film)
    if not found:
        raise ModelError(
            f"{folder} holds no films: expected {FILMS} ({','.join(_COLUMNS)}), or videos/ID.mp4 "
            "(whole films), or frames/ID/*.jpg (30 a second from second 900 on)."
        )
    return {
        video_id: tuple(sorted(parts, key=lambda film: film.start_seconds))
        for video_id, parts in found.items()
    }


def list_films(folder: Path) -> list[Film]:
    """Return the files of all films in an order that depends on nothing; [] where there are none.

    Raises FormatError for a row of `videos.csv` that cannot be used.
    """
    if (folder / FILMS).is_file():
        return _listed(folder / FILMS)
    videos = [
        Film(video_id=path.stem, file=f"videos/{path.name}")
        for path in sorted((folder / "videos").glob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    pictures = [
        Film(video_id=path.name, file=f"frames/{path.name}", start_seconds=_PICTURES_BEGIN)
        for path in sorted((folder / "frames").glob("*"))
        if path.is_dir()
    ]
    return [*videos, *pictures]


def film_at(films: Films, video_id: str, seconds: float) -> Film | None:
    """Return the file that shows the moment: the last of the film that begins before it."""
    begun = [film for film in films.get(video_id, ()) if film.start_seconds <= seconds]
    return begun[-1] if begun else None


def _listed(path: Path) -> list[Film]:
    problems = Problems(path)
    header, rows = table(path, _COLUMNS, problems)
    films = []
    for row in rows:
        try:
            films.append(_film(dict(zip(header, row, strict=True))))
        except ValueError as error:
            problems.error(str(error))
    return films


def _film(row: dict[str, str]) -> Film:
    file = PurePosixPath(row["file"])
    if not row["video_id"] or not row["file"]:
        raise ValueError("expected a video id and a file, found an empty cell")
    if file.is_absolute() or ".." in file.parts:
        raise ValueError(f"expected a file inside of the folder, found {row['file']!r}")
    rate = row.get(_RATE) or str(_PICTURES_RATE)
    return Film(
        video_id=row["video_id"],
        file=str(file),
        start_seconds=_number("start_seconds", row["start_seconds"], least=-math.inf),
        frames_per_second=_number(_RATE, rate, least=1e-3),
    )


def _number(name: str, text: str, least: float) -> float:
    number = float(text)
    if not math.isfinite(number) or number < least:
        raise ValueError(f"expected a number as {name}, found {text!r}")
    return number
