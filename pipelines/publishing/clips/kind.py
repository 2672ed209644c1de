"""Releases of clips, as `kbuild release` makes them."""

from kinetics_builder.formats.release_files import MANIFEST
from pipelines.publishing.clips.differing import SORTS
from pipelines.publishing.clips.examined import examine_clips
from pipelines.publishing.clips.places import places_of_clips
from pipelines.publishing.clips.reasons import diff_clips
from pipelines.publishing.clips.rewriting import rewrite_release
from pipelines.publishing.folders.kind import ReleaseKind
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
