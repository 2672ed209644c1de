"""Releases of segments, as `kbuild release --kind segments` makes them."""

from kinetics_builder.formats.release_files import SEGMENTS as LIST
from pipelines.publishing.folders.kind import ReleaseKind
from pipelines.release_page.segments_page import write_segments_page
from pipelines.timelines.released import (
    SORTS,
    diff_segments,
    examine_segments,
    places_of_segments,
    rewrite_segments,
)

SEGMENTS = ReleaseKind(
    noun="segments",
    sign=LIST,
    command="kbuild release --kind segments",
    examine=examine_segments,
    sorts=SORTS,
    diff=lambda _, one, other: diff_segments(one, other),
    places=places_of_segments,
    rewrite=rewrite_segments,
    write_page=write_segments_page,
)
