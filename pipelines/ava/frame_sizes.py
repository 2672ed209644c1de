"""Whether the boxes of a file were drawn on frames of the films' shape."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import KeyFrame, Media
from kinetics_builder.errors import FormatError, ItemFailed
from kinetics_builder.formats.boxes.sizes import Ends, Size, fit, smaller_size
from kinetics_builder.formats.format import StatedSize
from kinetics_builder.formats.media import VIDEO_SUFFIXES, files_below, told_by_name
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.video.sandbox import Limits, run_limited

_SECONDS = 600.0
"""For reading a film's packets once."""


class SizesSeen:
    """Takes the sizes that a file states, each of a film once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, int], StatedSize] = {}

    def __call__(self, stated: StatedSize) -> None:
        """Take one; the first place at which it stands is kept."""
        self._found.setdefault(stated[:3], stated)

    def __iter__(self) -> Iterator[StatedSize]:
        """Iterate over them in the order of the file."""
        return iter(self._found.values())


@dataclass(frozen=True, slots=True)
class FilmShape:
    """The sizes of a film's frames."""

    size: Size
    """Upright, in the film's own pixels."""
    shown: Size
    """Upright, in square pixels."""


def shapes_of_films(session: Session, films: Mapping[str, int]) -> dict[str, FilmShape]:
    """Return the shapes of those films that are here, by what a file calls them."""
    media = select(Media.video_id, Media.width, Media.height)
    own = {number: (width, height) for number, width, height in session.execute(media)}
    stills = select(KeyFrame.video_id, KeyFrame.width, KeyFrame.height).distinct()
    shown = {number: (width, height) for number, width, height in session.execute(stills)}
    return {
        name: FilmShape(own[number], shown.get(number, own[number]))
        for name, number in films.items()
        if number in own
    }


def shapes_below(folder: Path, films: Collection[str]) -> dict[str, FilmShape]:
    """Return the shapes of those films whose files, or stills as FILM/0902.jpg, lie in a folder."""
    if not folder.is_dir():
        return {}
    files = {
        name: path
        for path in files_below(folder)
        if path.suffix.lower() in VIDEO_SUFFIXES
        for name in (path.stem, told_by_name(path.name)[0])
    }
    found = {}
    for film in films:
        stills = sorted((folder / film).glob("*.jpg"))
        shape = _shape_of_still(stills[0]) if stills else None
        if not stills and film in files:
            shape = shape_of_file(files[film])
        if shape is not None:
            found[film] = shape
    return found


def shape_of_file(path: Path) -> FilmShape | None:
    """Return the shape of a film's frames, read in a child process; None of what is no film."""
    try:
        return run_limited(_read_shape, path, limits=Limits(seconds=_SECONDS))
    except ItemFailed:
        return None


def _read_shape(path: Path) -> FilmShape:
    from kinetics_builder.video.cutting.stills import seen_size
    from kinetics_builder.video.reading.timeline import read_timeline

    first = read_timeline(path).first
    return FilmShape(first.orientation.size(first.width, first.height), seen_size(first))


def _shape_of_still(path: Path) -> FilmShape | None:
    from PIL import Image

    try:
        with Image.open(path) as still:
            return FilmShape(still.size, still.size)
    except OSError:
        return None


def check_sizes(stated: Iterable[StatedSize], films: Mapping[str, FilmShape]) -> None:
    """Refuse boxes that were drawn on frames of another shape than their film's.

    Shares of a frame are shares of every copy of it, however large; not of one that was cut,
    padded, or turned.

    Raises:
        FormatError: With the first place, how many there are, and what to do.

    """
    wrong = [one for one in stated if one.video_id in films and not _fits(one, films[one.video_id])]
    if not wrong:
        return
    first, film = wrong[0], films[wrong[0].video_id]
    more = f" ({len(wrong) - 1} more such sizes)" if len(wrong) > 1 else ""
    raise FormatError(
        f"{first.where}: frames of {_told(first[1:3])} are stated for {first.video_id}, and the "
        f"film's are {_told(film.size)}{more}: {_what_to_do(first, film)} Nothing was written."
    )


def _fits(stated: StatedSize, film: FilmShape) -> bool:
    return fit((stated.width, stated.height), (film.size, film.shown)).has_shape


def _what_to_do(stated: StatedSize, film: FilmShape) -> str:
    if fit((stated.width, stated.height), (film.size, film.shown)).is_turned:
        return (
            "the boxes were drawn before the film was turned upright. Let the tool that draws "
            "show it as players do, and draw them there, or turn them."
        )
    return (
        "of another shape, so its boxes would lie beside the people. Give boxes that were drawn "
        "on the whole picture, of whatever size; if that was stretched to another shape, say "
        "--stretched."
    )


def tell_of_sizes(
    stated: Sequence[StatedSize],
    films: Mapping[str, FilmShape],
    ends: Mapping[str, Ends],
    file: Path,
    on_warning: Listener | None,
) -> None:
    """Say once which boxes were drawn on a copy of another size, or seem to have been."""
    problems = Problems(file, on_warning=on_warning)
    other = [
        one
        for one in stated
        if one.video_id in films and (one.width, one.height) != films[one.video_id].size
    ]
    if other:
        first = other[0]
        problems.warning(
            f"the boxes of {_films(len({one.video_id for one in other}))} were drawn on frames of "
            f"another size, such as {_told(first[1:3])} for {first.video_id} of "
            f"{_told(films[first.video_id].size)}: of the same shape, so they are taken as shares"
        )
    for name in sorted(ends.keys() & films.keys()):
        if size := smaller_size(ends[name], films[name].size):
            problems.warning(
                f"no box of {name} reaches beyond the upper left {_told(size)} of its "
                f"{_told(films[name].size)} pixels, and {ends[name].num_right} end exactly there: "
                f"were they drawn on frames of {_told(size)}, and read as of another size?"
            )


def _films(number: int) -> str:
    return "1 film" if number == 1 else f"{number} films"


def _told(size: Iterable[object]) -> str:
    return " x ".join(map(str, size))
