"""Verb `releases check`: a release is as it was made, and no split of it leaks."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from kinetics_builder.files import file_sha256
from kinetics_builder.formats.datasheet.sheet import OPEN, SHEET
from kinetics_builder.garbage import many_rows
from kinetics_builder.signing import is_signed
from kinetics_builder.video.flow.folder import FlowFolder
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.broken import Broken, looking_at_files
from pipelines.publishing.folders.errata import BESIDE, ERRATA, ERRATA_SIGNATURE
from pipelines.publishing.folders.findings import Finding
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.folders.kind import NOTHING, HeldAgainst
from pipelines.publishing.folders.line_marks import LINES, changed_line
from pipelines.publishing.folders.names import noted_hash
from pipelines.publishing.kinds import known_kind


@dataclass(frozen=True)
class ReleaseCheck:
    """What was looked at, and what was found."""

    name: str
    counts: Mapping[str, int]
    """What its rows are of, and how many there are."""
    num_files: int
    num_compared: int
    """Rows of earlier releases and of other datasets."""
    findings: list[Finding]


def check_release(
    workspace: Workspace,
    folder: Path,
    against: HeldAgainst = NOTHING,
    public_key: Path | None = None,
) -> ReleaseCheck:
    """Return what of a release is not as it promises; changes nothing.

    Args:
        workspace: Where it was made.
        folder: The release.
        against: What its contents are held against.
        public_key: Of the key that must have signed it.

    Raises:
        WorkspaceError: The folder is no release.
        FormatError: One of its lists, or what it is held against, cannot be read.

    """
    kind = known_kind(folder)
    with many_rows():
        listed = listed_files(folder) if (folder / SUMS).is_file() else {}
        with looking_at_files(folder, listed) as broken:
            found = kind.examine(workspace, folder, against)
            findings = [*_files(workspace, folder, listed, broken())]
        findings += _signature(folder, public_key)
    return ReleaseCheck(
        name=folder.name,
        counts=found.counts,
        num_files=max(1, len(listed)),
        num_compared=found.num_compared,
        findings=[*findings, *found.findings],
    )


def _files(
    workspace: Workspace, folder: Path, listed: Mapping[str, str], broken: Broken
) -> Iterator[Finding]:
    """Yield files that are not as the checksums say, or these not as was written down."""
    if not (folder / SUMS).is_file():
        yield Finding("file", SUMS, "is missing")
        return
    marks = workspace.root / LINES / folder.name
    for name, how in broken.items():
        place = _with_line(folder / name, name, marks, how)
        yield Finding("file", place, f"{how} since it was released")
    noted = noted_hash(workspace, folder)
    if noted is not None and file_sha256(folder / SUMS) != noted:
        place = _with_line(folder / SUMS, SUMS, marks, "changed")
        yield Finding("file", place, "changed since it was released")
    yield from _unlisted(folder, listed)


def _with_line(path: Path, name: str, marks: Path, how: str) -> str:
    line = changed_line(path, marks) if how == "changed" and path.is_file() else None
    return name if line is None else f"{name}:{line}"


def _unlisted(folder: Path, listed: Mapping[str, str]) -> Iterator[Finding]:
    known = {SUMS, SIGNATURE, *BESIDE, *FlowFolder.of(folder).names()}
    for name in sorted(set(_not_in(listed, folder)) - known, key=PurePath):
        yield Finding("file", name, f"is not in {SUMS}")


def _not_in(listed: Mapping[str, str], folder: Path, below: str = "") -> Iterator[str]:
    """Yield the files of a folder, and below it, that are not listed.

    What is listed is looked at no more, for there may be a million of it.
    """
    for one in os.listdir(folder / below):  # noqa: PTH208 (a Path for each would take seconds)
        if (name := f"{below}{one}") not in listed:
            if (folder / name).is_dir():
                yield from _not_in(listed, folder, f"{name}/")
            else:
                yield name


def open_answers(folder: Path) -> list[Finding]:
    """Return what the datasheet of a release leaves open."""
    if not (folder / SHEET).is_file():
        return [Finding("open", SHEET, "is missing")]
    lines = (folder / SHEET).read_text("utf-8", errors="replace").splitlines()
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
    for signature, signed in ((SIGNATURE, SUMS), (ERRATA_SIGNATURE, ERRATA)):
        if (folder / signature).is_file() and not is_signed(
            _bytes(folder / signed), (folder / signature).read_bytes(), public_key
        ):
            problem = f"is not that of {signed} by the key of {public_key}"
            yield Finding("signature", signature, problem)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
