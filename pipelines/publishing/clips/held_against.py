"""Whether the lists of a release say the same, and what earlier releases and others say."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Release
from kinetics_builder.formats.clips.kinetics.columns import COLUMNS
from kinetics_builder.formats.column_lines import as_lines, csv_texts
from kinetics_builder.formats.manifest import HEADER
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST, SPLIT_LISTS
from kinetics_builder.formats.released_clips import TABLE
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.against import some_rows
from pipelines.kinetics.copies import copies
from pipelines.publishing.clips.leaks import place_of
from pipelines.publishing.clips.lists import HELD_OUT
from pipelines.publishing.folders.findings import Finding
from pipelines.publishing.folders.split_lists import videos_in

if TYPE_CHECKING:
    import pyarrow


def splits_of(folder: Path, manifest: "pyarrow.Table") -> Iterator[Finding]:
    """Yield rows of the split files that the manifest does not have, and those they lack."""
    from pyarrow import compute

    for split in SPLITS:
        path = folder / f"{split}.csv"
        if path.is_file():
            is_in = compute.equal(manifest["split"], split)
            clips = manifest.select(list(COLUMNS)).filter(is_in)
            parts = [csv_texts(some.columns) for some in clips.to_batches()]
            wanted = [csv_line(COLUMNS).encode(), *map(as_lines, parts)]
            if path.read_bytes() != b"".join(wanted):
                lines = [f"{line}\n" for part in parts for line in part.to_pylist()]
                rows = compute.indices_nonzero(is_in).to_pylist()
                yield from _differing(path, dict(zip(lines, rows, strict=True)))


def _differing(path: Path, wanted: dict[str, int]) -> Iterator[Finding]:
    """Yield what is otherwise in a split file; `wanted` are its lines with their rows."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        found = {line: at for at, line in enumerate(file, start=1) if at > 1}
    for line, at in found.items():
        if line not in wanted:
            yield Finding("list", f"{path.name}:{at}", f"no such clip is in {MANIFEST}")
    for line, row in wanted.items():
        if line not in found:
            yield Finding("list", place_of(row), f"the clip is not in {path.name}")


def table_of(manifest: "pyarrow.Table", table: "pyarrow.Table") -> Iterator[Finding]:
    """Yield for each column of the manifest the first row where the table says something else."""
    from pyarrow import compute

    if len(manifest) != len(table):
        yield Finding("list", TABLE, f"has {len(table)} rows, {MANIFEST} {len(manifest)}")
        return
    for name in HEADER:
        differs = compute.not_equal(manifest[name], table[name])
        if (row := compute.index(differs, True).as_py()) >= 0:
            said, wanted = (one[name][row].as_py() for one in (table, manifest))
            problem = f"row {row + 1} has the {name} {said!r}, {MANIFEST} has {wanted!r}"
            yield Finding("list", TABLE, problem)


def copies_of(workspace: Workspace, manifest: "pyarrow.Table") -> Iterator[Finding]:
    """Yield videos in two splits that show the same, as far as this workspace has compared them."""
    with reading(workspace.engine) as session:
        links = list(copies(session, workspace.config.deduplicate))
    if not links:
        return
    splits = manifest["split"].to_pylist()
    found = {video: row for row, video in enumerate(manifest["youtube_id"].to_pylist())}
    for link in links:
        one, other = found.get(link.one), found.get(link.other)
        if one is not None and other is not None and splits[one] != splits[other]:
            where = f"they are in {splits[one]} and {splits[other]}"
            yield Finding("copy", place_of(other), f"{link.because}: {where}")


def earlier_ones(
    workspace: Workspace, folder: Path, manifest: "pyarrow.Table"
) -> tuple[int, list[Finding]]:
    """Hold a release against the others here, and against what was held out."""
    with reading(workspace.engine) as session:
        names = session.scalars(select(Release.name).order_by(Release.name)).all()
    others = [workspace.releases / name for name in names if name != folder.name]
    lists = [other / name for other in others for name in sorted(SPLIT_LISTS)]
    lists = [path for path in lists if path.is_file()]
    lists += sorted((workspace.root / HELD_OUT).glob("*.csv"))
    first: dict[str, tuple[str, str]] = {}
    number = 0
    for path in lists:
        where = str(path.relative_to(workspace.root))
        videos, splits = videos_in(path)
        number += len(videos)
        known = {split: (split, where) for split in set(splits)}
        clips = zip(reversed(videos), reversed(splits), strict=True)
        first = {video: known[split] for video, split in clips} | first
    return number, list(_elsewhere(manifest, first) if first else ())


def _elsewhere(manifest: "pyarrow.Table", first: dict[str, tuple[str, str]]) -> Iterator[Finding]:
    clips = zip(*(manifest[name].to_pylist() for name in ("youtube_id", "split")), strict=True)
    for row, (video, split) in enumerate(clips):
        other, where = first.get(video, (split, ""))
        if other != split:
            problem = f"{video} is in {split}, and in {other} in {where}"
            yield Finding("earlier", place_of(row), problem)


def others(manifest: "pyarrow.Table", against: Iterable[Path]) -> tuple[int, list[Finding]]:
    """Find clips whose videos, or files, other datasets hold too."""
    number, findings = 0, list[Finding]()
    for path in against:
        older = some_rows(path, path.resolve().name)
        ids = {one["video_id"] for one in older}
        files = {one["sha256"] for one in older} - {""}
        number += len(older)
        videos = manifest["youtube_id"]
        findings += [
            Finding("against", place_of(row), f"{videos[row].as_py()} is in {path}, too")
            for row in in_both(manifest, ids, files)
        ]
    return number, findings


def in_both(manifest: "pyarrow.Table", videos: set[str], files: set[str]) -> list[int]:
    """Return the clips whose video, or file by its SHA-256, is among these; rows from 0."""
    clips = zip(*(manifest[name].to_pylist() for name in ("youtube_id", "sha256")), strict=True)
    return [row for row, (video, file) in enumerate(clips) if video in videos or file in files]
