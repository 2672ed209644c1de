"""Verb `releases check`: a release is as it was made, and no split of it leaks."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Release
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.datasheet.sheet import OPEN, SHEET
from kinetics_builder.formats.manifest import ManifestRow, read_manifest
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE, read_released_clips
from kinetics_builder.signing import is_signed
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.against import older_rows
from pipelines.kinetics.copies import copies
from pipelines.publishing.errata import ERRATA
from pipelines.publishing.folder import SUMS, broken_files
from pipelines.publishing.line_marks import LINES, changed_line
from pipelines.publishing.release import HELD_OUT, SIGNATURE


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as a release promises."""

    sort: str
    """`file`, `video`, `uploader`, `group`, `copy`, `list`, `earlier`, `against`, `signature`,
    `open`."""
    place: str
    """The file, with its line where there is one."""
    problem: str


@dataclass(frozen=True)
class ReleaseCheck:
    """What was looked at, and what was found."""

    name: str
    num_clips: int
    num_files: int
    num_compared: int
    """Clips of earlier releases and of other datasets."""
    findings: list[Finding]


@dataclass(frozen=True)
class _Row:
    """A row of the manifest and its place."""

    clip: ManifestRow
    line: int

    @property
    def place(self) -> str:
        return f"{MANIFEST}:{self.line}"


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
) -> ReleaseCheck:
    """Return what of a release is not as it promises; changes nothing.

    Raises:
        FormatError: Its manifest, or what it is held against, cannot be read.

    """
    num_files, findings = _files(workspace, folder)
    rows = [_Row(clip, at) for at, clip in enumerate(read_manifest(folder / MANIFEST), start=2)]
    findings += _signature(folder, public_key)
    findings += _videos(rows)
    findings += _hashed(folder)
    findings += _lists(folder, rows)
    findings += _copies(workspace, rows)
    num_earlier, earlier = _earlier(workspace, folder, rows)
    num_older, older = _against(rows, against)
    found = [*findings, *earlier, *older]
    return ReleaseCheck(folder.name, len(rows), num_files, num_earlier + num_older, found)


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
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name not in listed and path.is_file():
            yield Finding("file", name, f"is not in {SUMS}")


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


def _videos(rows: Iterable[_Row]) -> Iterator[Finding]:
    """Find videos, and equal files, in two splits."""
    first: dict[tuple[str, str], _Row] = {}
    for row in rows:
        clip = row.clip
        for sort, name in (("video", clip.youtube_id), ("copy", clip.sha256)):
            known = first.setdefault((sort, name), row)
            if known.clip.split != clip.split:
                same = name if sort == "video" else f"the file {clip.file}"
                yield Finding(
                    sort,
                    row.place,
                    f"{same} is in {clip.split}, and in {known.clip.split} in line {known.line}",
                )


def _hashed(folder: Path) -> Iterator[Finding]:
    """Find uploaders and groups in two splits, by their keyed hashes."""
    if not (folder / TABLE).is_file():
        yield Finding("file", TABLE, "is missing: uploaders and groups cannot be held apart")
        return
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for clip in read_released_clips(folder / TABLE):
        for sort, name in (("uploader", clip.uploader), ("group", clip.group)):
            split, file = first.setdefault((sort, name), (clip.split, clip.file))
            if name and split != clip.split:
                problem = f"{clip.file} is in {clip.split}; of the same {sort} is {file} in {split}"
                yield Finding(sort, TABLE, problem)


def _lists(folder: Path, rows: Iterable[_Row]) -> Iterator[Finding]:
    """Find rows of the split files that the manifest does not have, and those they lack."""
    by_split: dict[str, list[_Row]] = {split: [] for split in SPLITS}
    for row in rows:
        by_split[row.clip.split].append(row)
    for split, wanted in by_split.items():
        path = folder / f"{split}.csv"
        if not path.is_file():
            continue
        expected = {_line(row.clip): row for row in wanted}
        with path.open(encoding="utf-8", newline="") as file:
            found = {line: at for at, line in enumerate(file, start=1) if at > 1}
        for line, at in found.items():
            if line not in expected:
                yield Finding("list", f"{path.name}:{at}", f"no such clip is in {MANIFEST}")
        for line, row in expected.items():
            if line not in found:
                yield Finding("list", row.place, f"the clip is not in {path.name}")


def _line(clip: ManifestRow) -> str:
    return csv_line([clip.label, clip.youtube_id, clip.time_start, clip.time_end, clip.split])


def _copies(workspace: Workspace, rows: Iterable[_Row]) -> Iterator[Finding]:
    """Find videos in two splits that show the same, as far as this workspace has compared them."""
    found = {row.clip.youtube_id: row for row in rows}
    with reading(workspace.engine) as session:
        for link in copies(session, workspace.config.deduplicate):
            one, other = found.get(link.one), found.get(link.other)
            if one and other and one.clip.split != other.clip.split:
                splits = f"{one.clip.split} and {other.clip.split}"
                yield Finding("copy", other.place, f"{link.because}: they are in {splits}")


def _earlier(workspace: Workspace, folder: Path, rows: list[_Row]) -> tuple[int, list[Finding]]:
    """Hold a release against the others here, and against what was held out."""
    with reading(workspace.engine) as session:
        names = session.scalars(select(Release.name).order_by(Release.name)).all()
    others = [workspace.releases / name for name in names if name != folder.name]
    lists = [path for other in others for path in sorted(other.glob("*.csv"))]
    wanted = {f"{split}.csv" for split in SPLITS}
    lists = [path for path in lists if path.name in wanted]
    lists += sorted((workspace.root / HELD_OUT).glob("*.csv"))
    splits: dict[str, tuple[str, str]] = {}
    number = 0
    for path in lists:
        with path.open(encoding="utf-8", newline="") as file:
            for cells in csv.DictReader(file):
                number += 1
                where = str(path.relative_to(workspace.root))
                splits.setdefault(cells["youtube_id"], (cells["split"], where))
    findings = []
    for row in rows:
        split, where = splits.get(row.clip.youtube_id, (row.clip.split, ""))
        if split != row.clip.split:
            problem = f"{row.clip.youtube_id} is in {row.clip.split}, and in {split} in {where}"
            findings.append(Finding("earlier", row.place, problem))
    return number, findings


def _against(rows: list[_Row], against: Iterable[Path]) -> tuple[int, list[Finding]]:
    """Find clips whose videos, or files, other datasets hold too."""
    number, findings = 0, []
    for path in against:
        older = list(older_rows(path, path.resolve().name))
        ids = {one["video_id"] for one in older}
        files = {one["sha256"] for one in older} - {""}
        number += len(older)
        findings += [
            Finding("against", row.place, f"{row.clip.youtube_id} is in {path}, too")
            for row in rows
            if row.clip.youtube_id in ids or row.clip.sha256 in files
        ]
    return number, findings
