"""Verb `releases check`: a release is as it was made, and no split of it leaks."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Release
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.datasheet.sheet import OPEN, SHEET
from kinetics_builder.formats.manifest import HEADER, manifest_table
from kinetics_builder.formats.parquet import column_table
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE
from kinetics_builder.garbage import many_rows
from kinetics_builder.signing import is_signed
from kinetics_builder.workspace import Workspace
from pipelines.publishing.alike import alike_clips
from pipelines.publishing.errata import ERRATA
from pipelines.publishing.findings import Finding
from pipelines.publishing.folder import SUMS, broken_files
from pipelines.publishing.held_against import (
    copies_of,
    earlier_ones,
    others,
    splits_of,
    table_of,
)
from pipelines.publishing.leaks import uploaders_and_groups, videos_and_files
from pipelines.publishing.line_marks import LINES, changed_line
from pipelines.publishing.release import SIGNATURE

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class ReleaseCheck:
    """What was looked at, and what was found."""

    name: str
    num_clips: int
    num_files: int
    num_compared: int
    """Clips of earlier releases and of other datasets."""
    findings: list[Finding]


def find_folder(workspace: Workspace, name: str | None) -> Path:
    """Return the folder of a release by its name or path; the newest without a name.

    Raises:
        WorkspaceError: There is no release of clips.

    """
    if name is None:
        return workspace.newest_release()
    for folder in (workspace.releases / name, Path(name)):
        if (folder / MANIFEST).is_file():
            return folder
    raise WorkspaceError(
        f"{name!r} is neither a release of clips below {workspace.releases} nor a folder with "
        f"{MANIFEST}."
    )


def check_release(
    workspace: Workspace,
    folder: Path,
    against: Iterable[Path] = (),
    public_key: Path | None = None,
    *,
    is_compared: bool = False,
) -> ReleaseCheck:
    """Return what of a release is not as it promises; changes nothing.

    Args:
        workspace: Where it was made.
        folder: The release.
        against: Other datasets that must share no video.
        public_key: Of the key that must have signed it.
        is_compared: Whether to compare the clips of different splits by their fingerprints.

    Raises:
        FormatError: Its manifest, or what it is held against, cannot be read.

    """
    with many_rows():
        num_files, findings = _files(workspace, folder)
        manifest = manifest_table(folder / MANIFEST)
        findings += _signature(folder, public_key)
        findings += videos_and_files(manifest)
        findings += _of_table(folder, manifest)
        findings += splits_of(folder, manifest)
        findings += copies_of(workspace, manifest)
        if is_compared:
            findings += alike_clips(folder, workspace.config.deduplicate.min_similarity)
        num_earlier, earlier = earlier_ones(workspace, folder, manifest)
        num_older, older = others(manifest, against)
        found = [*findings, *earlier, *older]
        return ReleaseCheck(folder.name, len(manifest), num_files, num_earlier + num_older, found)


def _of_table(folder: Path, manifest: "pyarrow.Table") -> Iterator[Finding]:
    """Find uploaders and groups in two splits, and where the table and the manifest differ."""
    if not (folder / TABLE).is_file():
        yield Finding("file", TABLE, "is missing: uploaders and groups cannot be held apart")
        return
    table = column_table(folder / TABLE, [*HEADER, "uploader", "group"])
    yield from uploaders_and_groups(table)
    yield from table_of(manifest, table)


def _files(workspace: Workspace, folder: Path) -> tuple[int, list[Finding]]:
    """Hold every file against the checksums, and these against what was written down."""
    if not (folder / SUMS).is_file():
        return 1, [Finding("file", SUMS, "is missing")]
    number, broken = broken_files(folder)
    marks = workspace.root / LINES / folder.name
    findings = [
        Finding("file", _with_line(folder / name, name, marks, how), f"{how} since it was released")
        for name, how in broken.items()
    ]
    with reading(workspace.engine) as session:
        query = select(Release.content_hash).where(Release.name == folder.name)
        noted = session.scalar(query) if folder.parent == workspace.releases else None
    if noted is not None and file_sha256(folder / SUMS) != noted:
        place = _with_line(folder / SUMS, SUMS, marks, "changed")
        findings.append(Finding("file", place, "changed since it was released"))
    return number, [*findings, *_unlisted(folder)]


def _with_line(path: Path, name: str, marks: Path, how: str) -> str:
    line = changed_line(path, marks) if how == "changed" and path.is_file() else None
    return name if line is None else f"{name}:{line}"


def _unlisted(folder: Path) -> Iterator[Finding]:
    listed = {line.partition("  ")[2] for line in (folder / SUMS).read_text("utf-8").splitlines()}
    listed |= {SUMS, SIGNATURE, ERRATA}
    there = set(_names_in(str(folder), ""))
    for name in sorted(there - listed, key=PurePath):
        yield Finding("file", name, f"is not in {SUMS}")


def _names_in(folder: str, prefix: str) -> Iterator[str]:
    """Yield all files in a folder and those below, relative to it; links to folders stay out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _names_in(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield f"{prefix}{entry.name}"


def open_answers(folder: Path) -> list[Finding]:
    """Return what the datasheet of a release leaves open."""
    if not (folder / SHEET).is_file():
        return [Finding("open", SHEET, "is missing")]
    lines = (folder / SHEET).read_text("utf-8").splitlines()
    return [
        Finding("open", f"{SHEET}:{at}", lines[at - 3].removeprefix("### "))
        for at, line in enumerate(lines, start=1)
        if line == OPEN
    ]


def _signature(folder: Path, public_key: Path | None) -> Iterator[Finding]:
    if public_key is None:
        return
    if not (folder / SIGNATURE).is_file():
        yield Finding("signature", SIGNATURE, "is missing")
    elif not is_signed((folder / SUMS).read_bytes(), (folder / SIGNATURE).read_bytes(), public_key):
        yield Finding("signature", SIGNATURE, f"is not that of {SUMS} by the key of {public_key}")
