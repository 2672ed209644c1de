"""Where the clips of a release stand, for whoever has something to say of them."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.release_files import MANIFEST
from pipelines.publishing.folders.kind import Place


def places_of_clips(release: Path) -> Iterator[Place]:
    """Yield each clip: it is meant by its file, with or without folder and ending, or its video."""
    for row in read_manifest(release / MANIFEST):
        file = PurePosixPath(row.file)
        yield Place(
            row.youtube_id,
            frozenset((row.youtube_id, row.file, file.name, file.stem)),
            {
                "youtube_id": row.youtube_id,
                "time_start": str(row.time_start),
                "time_end": str(row.time_end),
                "label": row.label,
            },
        )
