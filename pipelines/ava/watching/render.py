"""Films with boxes on their pictures: one MP4 a film."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.ava.sightings import Sighting
from kinetics_builder.errors import FormatError, ItemFailed
from kinetics_builder.video.sandbox import Limits, run_limited
from pipelines.ava.watching.drawn import Drawn, Manner, draw_film, outside_message
from pipelines.ava.watching.films import Film, Found
from pipelines.ava.watching.painting import unwritable

SUFFIX = ".mp4"

SECONDS_A_SECOND = 60.0
"""A second of film may take so long, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of one film."""

    film: str
    file: str
    """What was written; "" where it failed."""
    drawn: Drawn | None = None
    failure: str = ""

    @property
    def line(self) -> str:
        """Return one line for people."""
        if self.drawn is None:
            return f"{self.film}: {self.failure}"
        made = self.drawn
        return (
            f"{self.file}: {made.num_key_frames:,} key frames, {made.num_pictures:,} pictures, "
            f"{made.start_seconds:g} to {made.end_seconds:g} s of {self.film}"
        )


def render(found: Found, place: Path, manner: Manner, say: Callable[[str], None]) -> list[Rendered]:
    """Draw films, each in a child process; `say` is told what is left out.

    `place` is the file of a single film, or a folder for those of a folder.
    """
    for note in found.notes:
        say(f"Warning: {note}")
    rendered = []
    for film, target in zip(found.films, targets(found.films, place, SUFFIX), strict=True):
        _tell_of_letters(film, say)
        rendered.append(_render(film, target, manner, found.captions))
        if (made := rendered[-1].drawn) and made.outside:
            say(f"Warning: {film.path}: {outside_message(made.outside, made.film)}.")
    return rendered


def targets(films: Sequence[Film], place: Path, suffix: str) -> list[Path]:
    """Return where each film's file goes: `place`, if that is a file's name; else below it.

    Of two films that are called alike but for their suffix, both keep it.
    """
    if place.suffix.lower() == suffix:
        return [place]
    below = [film.place for film in films]
    named = [
        film.place.with_name(film.path.name) if below.count(film.place) > 1 else film.place
        for film in films
    ]
    return [place / one.with_name(f"{one.name}{suffix}") for one in named]


def check_targets(films: Sequence[Film], place: Path, suffix: str, *, may_replace: bool) -> None:
    """Check that nothing is lost by writing.

    Raises:
        FormatError: A file stands there and may not be replaced, or is a film itself; or there
            are several films, and `place` is the name of one file.

    """
    if place.suffix.lower() == suffix and len(films) > 1:
        raise FormatError(f"{place} is the name of one file, and there are {len(films)} films.")
    if place.is_file() and place.suffix.lower() != suffix:
        raise FormatError(f"{place} is a file: expected a folder, or a name that ends in {suffix}.")
    for target in targets(films, place, suffix):
        if not target.exists():
            continue
        if any(target.samefile(film.path) for film in films):
            raise FormatError(f"{target} is the film to read. Choose another name to write to.")
        if not may_replace or target.is_dir():
            raise FormatError(f"{target} exists already. Choose another name, or give --force.")


def _render(film: Film, target: Path, manner: Manner, captions: dict[str, str]) -> Rendered:
    target.parent.mkdir(parents=True, exist_ok=True)
    latest = max(film.moments[-1], 0.0)
    limits = Limits(seconds=600 + SECONDS_A_SECOND * latest, memory_bytes=4 << 30)
    try:
        drawn = run_limited(
            draw_film,
            film.path.absolute(),
            target.absolute(),
            film.sheets,
            film.start_seconds,
            manner,
            captions,
            limits=limits,
        )
    except ItemFailed as error:
        return Rendered(str(film.path), "", failure=error.message)
    return Rendered(str(film.path), str(target), drawn)


def _tell_of_letters(film: Film, say: Callable[[str], None]) -> None:
    sightings: list[Sighting] = [one for sheet in film.sheets.values() for one in sheet.sightings]
    if names := unwritable(sightings):
        say(
            f"Warning: {film.path}: the font has not all letters of {names[0]!r} "
            f"({len(names)} such names): they are drawn as squares. Give --label-map FILE with "
            "other names."
        )
