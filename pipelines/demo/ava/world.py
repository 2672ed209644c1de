"""The films of a world, all from one seed, their files, and what is true of them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pipelines.demo.ava.film import Film, pictures, random_film
from pipelines.demo.ava.truth import FilmTruth, truth_of
from pipelines.demo.encode import encode, hum
from pipelines.demo.workers import workers


def build_films(seed: int, num_films: int, least_seconds: float = 45.0) -> list[Film]:
    """Return films, each of another cast; a smaller number gives the first of a larger one."""
    return [
        random_film(_film_id(seed, number), 1_000 * seed + number, least_seconds)
        for number in range(num_films)
    ]


def publish_films(films: Sequence[Film], folder: Path) -> int:
    """Write the file of each film into `folder`; return how many were made.

    Files that are there already are kept. One process a core does the drawing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [film for film in films if not file_of(folder, film).exists()]
    if missing:
        with workers() as pool:
            list(pool.map(partial(make_file, folder), missing))
    return len(missing)


def truths_of(films: Sequence[Film]) -> list[FilmTruth]:
    """Return the truth of each film. One process a core does the painting."""
    with workers() as pool:
        return list(pool.map(truth_of, films))


def file_of(folder: Path, film: Film) -> Path:
    """Return where the file of a film lies."""
    return folder / f"{film.film_id}.mp4"


def make_file(folder: Path, film: Film) -> None:
    """Write the file of one film under a temporary name, then rename it."""
    target = file_of(folder, film)
    temporary = target.with_suffix(".part")
    encode(temporary, pictures(film), hum(film.seed, film.duration_seconds))
    temporary.replace(target)


def _film_id(seed: int, number: int) -> str:
    """Return an id of the form that YouTube's have, so that every source takes it as it is."""
    return f"Film{seed % 1000:03d}-{number:03d}"
