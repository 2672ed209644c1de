"""What a release of clips holds, for its description."""

from kinetics_builder.formats.croissant.parts import (
    VIDEOS,
    Contents,
    columns,
    columns_of,
    contents_of,
    file_set,
    record_set,
    splits,
)
from kinetics_builder.formats.released_clips import TABLE, ReleasedClip

_FILES = "clip-files"


def clip_contents() -> Contents:
    """Return the clips as a set of files, and as records."""
    table = {"fileObject": {"@id": TABLE}}
    of_table = columns("clips", table, columns_of(ReleasedClip, leaving=("fingerprint",)))
    told = "One record a clip: where it is from, its class, what people said of it."
    return Contents(
        [file_set(_FILES, "The clips as files of their own.", VIDEOS, "clips/*.mp4")],
        [
            splits(),
            record_set("clips", told, of_table, "file"),
            contents_of("videos", "One record a clip's file, with its content.", _FILES),
        ],
    )
