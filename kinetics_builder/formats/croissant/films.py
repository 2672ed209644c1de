"""What a release of films holds, for its description."""

from collections.abc import Sequence

from kinetics_builder.formats.croissant.parts import (
    TABLES,
    VIDEOS,
    Contents,
    Part,
    columns,
    columns_of,
    contents_of,
    file_set,
    record_set,
    splits,
)
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.released_labels import (
    KEY_FRAMES,
    TABLES_OF_LABELS,
    ReleasedFilm,
    ReleasedKeyFrame,
    ReleasedLabel,
)

_FILES, _TABLES = "film-files", "label-tables"


def film_contents(*, has_films: bool) -> Contents:
    """Return the labels, key frames and films as records; the films as files where they are."""
    sets = [file_set(_TABLES, "The labels, a table a split.", TABLES, TABLES_OF_LABELS.format("*"))]
    records = [splits(), *_records()]
    if has_films:
        sets.append(file_set(_FILES, "The films.", VIDEOS, "videos/*"))
        records.append(contents_of("videos", "One record a film's file, with its content.", _FILES))
    return Contents(sets, records)


def _records() -> Sequence[Part]:
    labels = columns("labels", {"fileSet": {"@id": _TABLES}}, columns_of(ReleasedLabel))
    frames = columns(
        "key_frames", {"fileObject": {"@id": KEY_FRAMES}}, columns_of(ReleasedKeyFrame)
    )
    films = columns("films", {"fileObject": {"@id": FILMS}}, columns_of(ReleasedFilm))
    return (
        record_set(
            "labels",
            "One record an action of a person at a key frame, or a key frame without any: the box "
            "in shares of the frame, what people said, and where in which film it is.",
            labels,
        ),
        record_set(
            "key_frames", "One record a key frame, those included that do not count.", frames
        ),
        record_set("films", "One record a film: its file, and where that begins.", films),
    )
