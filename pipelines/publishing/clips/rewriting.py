"""Releases of clips without what was taken down of them, in place of those that were given away."""

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from kinetics_builder.database.engine import reading
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.manifest import read_manifest, write_manifest
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import (
    TABLE,
    read_released_clips,
    released_batches,
    released_pages,
    write_released,
)
from kinetics_builder.video.flow.folder import FlowFolder
from kinetics_builder.workspace import Workspace
from pipelines.publishing.clips.cuts import CUTS
from pipelines.publishing.clips.described import describe_clips
from pipelines.publishing.clips.given import VOTES
from pipelines.publishing.clips.split_files import NAMES, writing_splits
from pipelines.publishing.clips.sums import Sums
from pipelines.publishing.clips.terms import TERMS
from pipelines.publishing.folders.describing import write_descriptions
from pipelines.publishing.folders.facts import STATISTICS, write_json
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.folders.replacing import keep_rows, replacing, tell_rewritten
from pipelines.publishing.folders.shards import add_shards, shards_of_a_split

_OF_FILES = (VOTES, TERMS, CUTS)
"""Lists whose first column names a clip's file."""


def rewrite_release(workspace: Workspace, folder: Path, videos: Collection[str]) -> None:
    """Put a release of clips without some videos in the place of one.

    Its lists, tables, sums, descriptions and checksums are made anew of what is left; its README
    says that it was. Its signature goes: it was of other checksums.

    Raises:
        WorkspaceError: It is not as it was made, or another run is writing.

    """
    with replacing(workspace, folder) as built:
        left = [row for row in read_manifest(folder / MANIFEST) if row.youtube_id not in videos]
        files = {row.file for row in left}
        _copy(folder, built, files)
        write_manifest(built / MANIFEST, left, are_sorted=True)
        clips = (one for one in read_released_clips(folder / TABLE) if one.file in files)
        write_released(built / TABLE, clips)
        for name in _OF_FILES:
            keep_rows(built / name, lambda cells: cells[0] in files)
        with writing_splits(built) as add:
            for some in released_batches(built / TABLE, NAMES):
                add(some)
        _describe(workspace, built)
        _write_sums(folder, built, {row.file: row.sha256 for row in left})
        if number := shards_of_a_split(folder):
            add_shards(built, number)


def _copy(folder: Path, built: Path, files: Collection[str]) -> None:
    (built / "clips").mkdir()
    for name in sorted(files):
        os.link(folder / name, built / name)
    for path in folder.iterdir():
        if path.is_file() and path.name not in (SUMS, SIGNATURE):
            shutil.copyfile(path, built / path.name)
    _keep_flow(FlowFolder.of(folder), FlowFolder.of(built), files)


def _keep_flow(before: FlowFolder, built: FlowFolder, files: Collection[str]) -> None:
    """Keep the flow of the clips that are left, which took longer to compute than all else.

    That in shards is not kept: they hold what is to go.
    """
    if (settings := before.settings()) is None:
        return
    left = [row for row in before.rows() if row.file in files]
    left = [row for row in left if row.reason or before.path(row.file).is_file()]
    built.note_settings(settings)
    built.note_rows(left)
    for row in left:
        if before.path(row.file).is_file():
            built.path(row.file).parent.mkdir(parents=True, exist_ok=True)
            os.link(before.path(row.file), built.path(row.file))


def _describe(workspace: Workspace, built: Path) -> None:
    sums = Sums()
    for page in released_pages(built / TABLE):
        sums.add(page)
    with reading(workspace.engine) as session:
        statistics = sums.told(session)
    write_json(built / STATISTICS, statistics)
    tell_rewritten(built, "Clips were")
    answers = read_answers(workspace.root / ANSWERS)
    (built / CROISSANT).unlink(missing_ok=True)
    write_descriptions(built, describe_clips(built, statistics, workspace.config), answers)


def _write_sums(folder: Path, built: Path, clips: dict[str, str]) -> None:
    """Write the checksums, in the order that they had."""
    texts = [name for name in listed_files(folder) if "/" not in name]
    with (built / SUMS).open("w", encoding="utf-8") as sums:
        sums.writelines(f"{file_sha256(built / name)}  {name}\n" for name in texts)
        sums.writelines(f"{sha256}  {file}\n" for file, sha256 in clips.items())
