"""Whether the lists of a release of clips say the same, and no split of it leaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.formats.manifest import HEADER, manifest_table
from kinetics_builder.formats.parquet import column_table
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE
from kinetics_builder.workspace import Workspace
from pipelines.publishing.clips.alike import alike_clips
from pipelines.publishing.clips.held_against import (
    copies_of,
    earlier_ones,
    others,
    splits_of,
    table_of,
)
from pipelines.publishing.clips.leaks import uploaders_and_groups, videos_and_files
from pipelines.publishing.folders.findings import Finding
from pipelines.publishing.folders.kind import Examined, HeldAgainst

if TYPE_CHECKING:
    import pyarrow


def examine_clips(workspace: Workspace, folder: Path, against: HeldAgainst) -> Examined:
    """Return what of the lists is not as it promises.

    Raises:
        FormatError: The manifest, or what it is held against, cannot be read.

    """
    manifest = manifest_table(folder / MANIFEST)
    findings = [*videos_and_files(manifest), *_of_table(folder, manifest)]
    findings += splits_of(folder, manifest)
    findings += copies_of(workspace, manifest)
    if against.compares_looks:
        least = workspace.config.deduplicate.min_similarity
        findings += alike_clips(folder, least, against.datasets)
    num_earlier, earlier = earlier_ones(workspace, folder, manifest)
    num_older, older = others(manifest, against.datasets)
    found = [*findings, *earlier, *older]
    return Examined({"clip": len(manifest)}, num_earlier + num_older, found)


def _of_table(folder: Path, manifest: "pyarrow.Table") -> Iterator[Finding]:
    """Find uploaders and groups in two splits, and where the table and the manifest differ."""
    if not (folder / TABLE).is_file():
        yield Finding("file", TABLE, "is missing: uploaders and groups cannot be held apart")
        return
    table = column_table(folder / TABLE, [*HEADER, "uploader", "group"])
    yield from uploaders_and_groups(table)
    yield from table_of(manifest, table)
