"""Releases without what was taken down of them, in place of those that were given away."""

import csv
import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from kinetics_builder.database.engine import reading
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.manifest import read_manifest, write_manifest
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import (
    TABLE,
    read_released_clips,
    released_pages,
    write_released,
)
from kinetics_builder.workspace import Workspace
from pipelines.publishing.cuts import CUTS
from pipelines.publishing.describing import write_descriptions
from pipelines.publishing.errata import ERRATA
from pipelines.publishing.facts import STATISTICS, TERMS, Sums
from pipelines.publishing.folder import SUMS, building, check_folder, publish
from pipelines.publishing.given import VOTES
from pipelines.publishing.line_marks import LINES, note_lines
from pipelines.publishing.names import record_release
from pipelines.publishing.release import SIGNATURE
from pipelines.publishing.split_files import NAMES, writing_splits

_OF_FILES = (VOTES, TERMS, CUTS)
"""Lists whose first column names a clip's file."""
_OLD = ".old"


def rewrite_release(workspace: Workspace, folder: Path, videos: Collection[str]) -> None:
    """Put a release without some videos in the place of one; it is built aside, then renamed.

    Its lists, tables, sums, descriptions and checksums are made anew of what is left; its README
    says that it was. Its signature goes: it was of other checksums.

    Raises:
        WorkspaceError: It is not as it was made, or another run is writing.

    """
    check_folder(folder)
    with building(workspace.releases) as built:
        left = [row for row in read_manifest(folder / MANIFEST) if row.youtube_id not in videos]
        files = {row.file for row in left}
        _copy(folder, built, files)
        write_manifest(built / MANIFEST, left, are_sorted=True)
        clips = (one for one in read_released_clips(folder / TABLE) if one.file in files)
        write_released(built / TABLE, clips)
        for name in _OF_FILES:
            _keep_rows(built / name, files)
        with writing_splits(built) as add:
            for page in released_pages(built / TABLE, NAMES):
                add(page)
        _describe(workspace, built)
        _write_sums(folder, built, {row.file: row.sha256 for row in left})
        note_lines(built, workspace.root / LINES / folder.name)
        old = folder.with_name(f".{folder.name}{_OLD}")
        folder.rename(old)
        publish(built, folder)
    shutil.rmtree(old)
    record_release(workspace, folder, file_sha256(folder / SUMS))


def bring_back(releases: Path) -> None:
    """Give releases their names again that a killed run had moved aside."""
    for old in releases.glob(f".*{_OLD}"):
        folder = old.with_name(old.name.removeprefix(".").removesuffix(_OLD))
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)


def _copy(folder: Path, built: Path, files: Collection[str]) -> None:
    (built / "clips").mkdir()
    for name in sorted(files):
        os.link(folder / name, built / name)
    for path in folder.iterdir():
        if path.is_file() and path.name not in (SUMS, SIGNATURE):
            shutil.copyfile(path, built / path.name)


def _keep_rows(path: Path, files: Collection[str]) -> None:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        lines = [csv_line(header), *(csv_line(row) for row in rows if row[0] in files)]
        path.write_text("".join(lines), "utf-8")


def _describe(workspace: Workspace, built: Path) -> None:
    sums = Sums()
    for page in released_pages(built / TABLE):
        sums.add(page)
    with reading(workspace.engine) as session:
        statistics = sums.told(session)
    text = json.dumps(statistics, indent=1, ensure_ascii=False)
    (built / STATISTICS).write_text(f"{text}\n", "utf-8")
    readme = built / "README.md"
    said = readme.read_text("utf-8")
    if _TOLD not in said:
        readme.write_text(said + _TOLD, "utf-8")
    answers = read_answers(workspace.root / ANSWERS)
    (built / "croissant.json").unlink()
    write_descriptions(built, statistics, answers, workspace.config)


_TOLD = f"""
## Rewritten

Clips were taken down after this was released: `{ERRATA}`. All files but this one are without them;
the numbers above are those of the first release, `{STATISTICS}` has those of now.
"""


def _write_sums(folder: Path, built: Path, clips: dict[str, str]) -> None:
    """Write the checksums, in the order that they had."""
    names = [line.partition("  ")[2] for line in (folder / SUMS).read_text("utf-8").splitlines()]
    texts = [name for name in names if "/" not in name]
    with (built / SUMS).open("w", encoding="utf-8") as sums:
        sums.writelines(f"{file_sha256(built / name)}  {name}\n" for name in texts)
        sums.writelines(f"{sha256}  {file}\n" for file, sha256 in clips.items())
