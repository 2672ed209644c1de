"""Films with boxes on their pictures: one MP4 a film."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import ItemFailed
from kinetics_builder.video.sandbox import run_limited
from pipelines.ava.watching.drawn import Drawn, Manner, draw_film
from pipelines.ava.watching.films import Film, Found
from pipelines.ava.watching.painting import unwritable
from pipelines.ava.watching.targets import check_targets, limits_of, targets
from pipelines.ava.watching.telling import OUTSIDE, Telling

SUFFIX = ".mp4"


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
        told = self.drawn.part.told
        return (
            f"{self.file}: {len(self.drawn.part.inside):,} key frames, "
            f"{self.drawn.num_pictures:,} pictures, {told.start:g} to {told.end:g} s of {self.film}"
        )


def render(
    found: Found, place: Path, manner: Manner, say: Callable[[str], None], *, may_replace: bool
) -> list[Rendered]:
    """Draw films, each in a child process; `say` is told what is left out.

    `place` is the file of a single film, or a folder.

    Raises:
        FormatError: Something would be lost: see `check_targets`.

    """
    files = targets(found.films, place, SUFFIX)
    check_targets(found.films, place, SUFFIX, files, may_replace=may_replace)
    for note in found.notes:
        say(f"Warning: {note}")
    rendered = []
    with Telling(say) as telling:
        for film, target in zip(found.films, files, strict=True):
            _tell_of_letters(film, telling)
            rendered.append(_render(film, target, manner, found.captions))
            if (made := rendered[-1].drawn) and made.part.warning:
                telling.note(OUTSIDE, f"{film.path}: {made.part.warning}")
    return rendered


def _render(film: Film, target: Path, manner: Manner, captions: dict[str, str]) -> Rendered:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        drawn = run_limited(
            draw_film,
            film.path.absolute(),
            target.absolute(),
            film.sheets,
            film.start_seconds,
            manner,
            captions,
            limits=limits_of(film),
        )
    except ItemFailed as error:
        return Rendered(str(film.path), "", failure=error.message)
    return Rendered(str(film.path), str(target), drawn)


def _tell_of_letters(film: Film, telling: Telling) -> None:
    sightings = [one for sheet in film.sheets.values() for one in sheet.sightings]
    if names := unwritable(sightings):
        telling.note(
            "letters",
            f"{film.path}: the font has not all letters of {names[0]!r} "
            f"({len(names)} such names): they are drawn as squares. Give --label-map FILE with "
            "other names",
        )
