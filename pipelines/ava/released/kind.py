"""Releases of films, as `kbuild ava release` makes them."""

from kinetics_builder.formats.release_files import FILMS as LIST
from pipelines.ava.released.differing import SORTS, diff_films
from pipelines.ava.released.examining import examine_films
from pipelines.ava.released.places import places_of_films
from pipelines.ava.released.rewriting import rewrite_films
from pipelines.publishing.folders.kind import ReleaseKind
from pipelines.release_page.films_page import write_films_page

FILMS = ReleaseKind(
    noun="films",
    sign=LIST,
    command="kbuild ava release",
    examine=examine_films,
    sorts=SORTS,
    diff=lambda _, one, other: diff_films(one, other),
    places=places_of_films,
    rewrite=rewrite_films,
    write_page=write_films_page,
)
