"""Where files go that are made of films, without loss of what stands there."""

from collections.abc import Sequence
from pathlib import Path

from kinetics_builder.errors import FormatError
from kinetics_builder.video.sandbox import Limits
from pipelines.ava.watching.films import Film

_SECONDS_A_SECOND = 60.0
"""A second of film may take so long, on a busy machine."""


def limits_of(film: Film) -> Limits:
    """Return what a child may use that decodes and encodes a film up to its last key frame."""
    seconds = 600 + _SECONDS_A_SECOND * max(film.moments[-1], 0.0)
    return Limits(seconds=seconds, memory_bytes=4 << 30)


def targets(films: Sequence[Film], place: Path, suffix: str) -> list[Path]:
    """Return where each film's file goes: `place`, if that is a file's name; else below it.

    Of two films that are called alike but for their suffix, both keep it; so does one that is
    called as the list of all pages.
    """
    if place.suffix.lower() == suffix:
        return [place] * len(films)
    below = [film.place for film in films]
    named = [
        film.place.with_name(film.path.name)
        if below.count(film.place) > 1 or film.place == Path("index")
        else film.place
        for film in films
    ]
    return [place / one.with_name(f"{one.name}{suffix}") for one in named]


def check_targets(
    films: Sequence[Film], place: Path, suffix: str, files: Sequence[Path], *, may_replace: bool
) -> None:
    """Check that nothing is lost by writing `files`.

    Raises:
        FormatError: A file stands there and may not be replaced, or is a film itself; or there
            are several films, and `place` is the name of one file.

    """
    if place.suffix.lower() == suffix and len(films) > 1:
        raise FormatError(f"{place} is the name of one file, and there are {len(films)} films.")
    if place.is_file() and place.suffix.lower() != suffix:
        raise FormatError(f"{place} is a file: expected a folder, or a name that ends in {suffix}.")
    for target in files:
        if not target.exists():
            continue
        if any(target.samefile(film.path) for film in films):
            raise FormatError(f"{target} is the film to read. Choose another name to write to.")
        if not may_replace or target.is_dir():
            raise FormatError(f"{target} exists already. Choose another name, or give --force.")
