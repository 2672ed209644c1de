"""Which file of a film is meant by which rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.ava.sightings import Sheet
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.media import VIDEO_SUFFIXES, files_below, stem_of, told_by_name
from pipelines.ava.frame_sizes import check_sizes, shape_of_file
from pipelines.ava.watching.sheets import Read, Side, Sources, read_sheets
from pipelines.converting.convert import Listeners

_MOST_NAMES = 5
"""Of names that a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How files and rows belong together, where their names do not tell."""

    video_id: str | None = None
    """What the rows call the film; without it, as its file is called."""
    start_seconds: float | None = None
    """The moment of the rows' time at which the file begins; None: as its name tells, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film's file and what is said of it, in the file's own time."""

    path: Path
    place: Path
    """Its path below the folder that was given, without its suffix."""
    video_id: str
    start_seconds: float
    """The moment of the rows' time at which the file begins."""
    sheets: dict[Side, Sheet]

    @property
    def moments(self) -> list[float]:
        """All key frames, in order."""
        return sorted({moment for sheet in self.sheets.values() for moment in sheet.moments})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Films of which files say something, and what was left aside."""

    films: tuple[Film, ...]
    captions: dict[str, str]
    """As in `sheets.Read`."""
    notes: tuple[str, ...]
    """What belongs to nothing: films without rows, rows without a film."""


def find_films(place: Path, sources: Sources, naming: Naming, listeners: Listeners) -> Found:
    """Return the film `place`, or those below the folder `place`, with what files say of them.

    Raises:
        FormatError: No film, or none of which a file says anything; boxes that were drawn on
            frames of another shape; as `read_sheets`.

    """
    paths = _films_of(place)
    if place.is_dir() and naming.video_id is not None:
        raise FormatError(f"{place} is a folder: --video-id names the one film of a file.")
    names_of = {path: _names(path, naming) for path in paths}
    wanted = {name for names in names_of.values() for name in names}
    read = read_sheets(sources, wanted, listeners)
    films, without = [], []
    for path in paths:
        sheets = read.of(names_of[path])
        if any(sheet.moments for sheet in sheets.values()):
            films.append(_film(place, path, names_of[path], sheets, naming))
        else:
            without.append(path)
    if not films:
        raise FormatError(_nothing(place, paths, names_of[paths[0]], sources, read))
    _check_sizes(films, names_of, read)
    notes = tuple(_notes(place, without, sources, read))
    return Found(films=tuple(films), captions=read.captions, notes=notes)


def _films_of(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    paths = [path for path in files_below(place) if path.suffix.lower() in VIDEO_SUFFIXES]
    if not paths:
        raise FormatError(f"{place}: expected films, found no file with a video's suffix.")
    return paths


def _names(path: Path, naming: Naming) -> list[str]:
    """Return what rows may call a film: the whole name of its file, or the id in it."""
    if naming.video_id is not None:
        return [naming.video_id]
    return list(dict.fromkeys((stem_of(path.name), told_by_name(path.name)[0])))


def _film(
    place: Path, path: Path, names: list[str], sheets: dict[Side, Sheet], naming: Naming
) -> Film:
    told = told_by_name(path.name)
    start = naming.start_seconds if naming.start_seconds is not None else told[1] or 0.0
    below = path.relative_to(place) if place.is_dir() else Path(path.name)
    return Film(
        path=path,
        place=below.with_name(stem_of(path.name)),
        video_id=names[-1],
        start_seconds=start,
        sheets={side: sheet.moved(-start) for side, sheet in sheets.items()},
    )


def _check_sizes(films: Sequence[Film], names_of: Mapping[Path, Sequence[str]], read: Read) -> None:
    """Hold the sizes that files state against the films; one that cannot be read fails later."""
    stated = {size.video_id for size in read.sizes}
    for film in films:
        own = stated.intersection(names_of[film.path])
        if own and (shape := shape_of_file(film.path)) is not None:
            check_sizes(read.sizes, dict.fromkeys(own, shape))


def _nothing(
    place: Path, paths: Sequence[Path], names: list[str], sources: Sources, read: Read
) -> str:
    there = _listed(list(read.num_rows_of_others)) or "no video"
    if place.is_dir():
        return f"{sources.named} say nothing of the {len(paths)} films in {place}, but of {there}."
    return (
        f"{place}: expected rows of {' or '.join(map(repr, names))} in {sources.named}, found "
        f"{there}. Name the film as the rows do: --video-id NAME."
    )


def _notes(place: Path, without: Sequence[Path], sources: Sources, read: Read) -> Iterator[str]:
    if without:
        named = _listed([path.name for path in without])
        yield f"{place}: {named}: no rows in {sources.named}, left out."
    if place.is_dir() and read.num_rows_of_others:
        number = sum(read.num_rows_of_others.values())
        named = _listed(list(read.num_rows_of_others))
        yield f"{sources.named}: {named}: {number:,} rows, and no film of that name in {place}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
