"""Releases of clips, as `kbuild release` makes them."""

from kinetics_builder.formats.release_files import MANIFEST
from pipelines.publishing.clips_examined import examine_clips
from pipelines.publishing.differing import SORTS
from pipelines.publishing.kind import ReleaseKind
from pipelines.publishing.places import places_of_clips
from pipelines.publishing.reasons import diff_clips
from pipelines.publishing.rewriting import rewrite_release
from pipelines.release_page.page import write_release_page

CLIPS = ReleaseKind(
    noun="clips",
    sign=MANIFEST,
    command="kbuild release",
    examine=examine_clips,
    sorts=SORTS,
    diff=diff_clips,
    places=places_of_clips,
    rewrite=rewrite_release,
    write_page=write_release_page,
)
