"""Where the films of a release stand, for whoever has something to say of them."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.ava.released.folder import FilmsFolder
from pipelines.publishing.folders.kind import Place


def places_of_films(release: Path) -> Iterator[Place]:
    """Yield each film, meant by its id or its file.

    Who is seen in it, and where in the picture, is not said: it may be who asked.
    """
    for one in FilmsFolder.of(release).films:
        film = one.film
        yield Place(
            one.name,
            frozenset((one.name, film.video_id, film.file)) - {""},
            {
                "video_id": film.video_id,
                "file": film.file,
                "start_seconds": f"{film.start_seconds:g}",
                "split": film.split,
            },
        )
