"""Pages to look at: pairs of classes side by side, classes that fall apart, suspect labels."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.curation.edits import Merge
from kinetics_builder.curation.evidence import PairEvidence
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.evidence.clips import ShownClip
from pipelines.evidence.gathering import ClassEvidence, ClassParts
from pipelines.evidence.suspects import Suspect, by_class
from pipelines.html_page import write_page
from pipelines.inspecting.contact_sheets import Moment, sheets_of
from pipelines.inspecting.reaching import Reaching

INDEX = "index.html"
_PACKAGE = "pipelines.evidence"
_MOST_ON_A_SHEET = 24
_MOST_OF_A_CLASS = 60
"""Suspect labels that are shown of a class."""
_LONGEST = 100
"""Bytes of a class in a page's name, of which disks take 255."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Clips on one picture."""

    title: str
    num_clips: int
    num_shown: int
    picture: str
    """A `data:` address; empty where no file could be read."""


def write_evidence(
    folder: Path, evidence: ClassEvidence, clips: Sequence[ShownClip], workspace: Workspace
) -> list[str]:
    """Write a page a pair, one of classes that fall apart, and an index; return what was not shown.

    Args:
        folder: Is made if need be; pages of an earlier run with other pairs are left there.
        evidence: As many pairs and parts as there shall be pages.
        clips: All that the evidence is about.
        workspace: Where their files are.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be a folder of pages ({error.strerror}). Name another."
        ) from error
    pictures = _Pictures(workspace, clips)
    names = page_names(evidence.pairs)
    for pair, name in zip(evidence.pairs, names, strict=True):
        values = {
            "pair": pair,
            "sheets": [pictures.of_class(label) for label in (pair.one, pair.other)],
            "lines": edit_lines(pair, f"{folder.name}/{name}"),
        }
        write_page(folder / name, _PACKAGE, "pair.html", values)
    parts = [
        {"part": one, "sheets": pictures.of_parts(one), "lines": _part_lines(one)}
        for one in evidence.parts
    ]
    write_page(folder / "parts.html", _PACKAGE, "parts.html", {"parts": parts})
    pairs = list(zip(evidence.pairs, names, strict=True))
    values = {"pairs": pairs, "evidence": evidence}
    write_page(folder / INDEX, _PACKAGE, "evidence.html", values)
    return pictures.reaching.told()


def edit_lines(pair: PairEvidence, page: str) -> list[str]:
    """Return the lines for an edits file, of which one is chosen; `page` is their evidence."""
    why = [f"evidence: {page}"]
    said = "; ".join(f"{kind}: {found.said}" for kind, found in pair.findings.items())
    one, other = pair.one, pair.other
    return [
        f"# {one} | {other}: {said}",
        *why,
        str(Merge((one, other), one)),
        *why,
        str(Merge((one, other), other)),
        *why,
        f"rename {other} -> {other} (not {one})",
        f"# keep {one} | {other}: looked at, they differ",
    ]


def _part_lines(one: ClassParts) -> list[str]:
    return [
        f"# {one.label}: two groups, silhouette {one.silhouette:.2f}; give each its name",
        f"split {one.label} -> FIRST NAME | SECOND NAME",
    ]


def write_suspects(path: Path, suspects: Sequence[Suspect], workspace: Workspace) -> list[str]:
    """Write the page of a last look: each class by its score; return what was not shown."""
    pictures = _Pictures(workspace, [one.clip for one in suspects])
    found = by_class(suspects)
    shown = {label: of_it[:_MOST_OF_A_CLASS] for label, of_it in found.items()}
    stills = iter(pictures.singly([one.clip for of_it in shown.values() for one in of_it]))
    classes = [
        {
            "label": label,
            "num_clips": len(found[label]),
            "cells": [(one, next(stills)) for one in of_it],
        }
        for label, of_it in shown.items()
    ]
    write_page(path, _PACKAGE, "suspects.html", {"classes": classes, "num_clips": len(suspects)})
    return pictures.reaching.told()


class _Pictures:
    """Stills of clips, from wherever their files lie."""

    def __init__(self, workspace: Workspace, clips: Iterable[ShownClip]) -> None:
        self.reaching = Reaching(workspace.storage)
        self._by_id = {clip.clip_id: clip for clip in clips}
        self._sheets: dict[str, Sheet] = {}

    def of_class(self, label: str) -> Sheet:
        """Return the sheet of a class, made once."""
        if label not in self._sheets:
            clips = [clip for clip in self._by_id.values() if clip.label == label]
            self._sheets[label] = self._sheet(label, clips)
        return self._sheets[label]

    def of_parts(self, parts: ClassParts) -> list[Sheet]:
        """Return a sheet of each group."""
        return [
            self._sheet(f"{parts.label}, group {number}", [self._by_id[one] for one in part])
            for number, part in enumerate(parts.clips, start=1)
        ]

    def singly(self, clips: Sequence[ShownClip]) -> list[str]:
        """Return the address of each clip's still; empty where its file could not be read."""
        return sheets_of([[self._moment(clip)] for clip in clips])

    def _sheet(self, title: str, clips: Sequence[ShownClip]) -> Sheet:
        step = -(-len(clips) // _MOST_ON_A_SHEET) or 1
        shown = clips[::step]
        (picture,) = sheets_of([[self._moment(clip) for clip in shown]])
        return Sheet(title, len(clips), len(shown), picture)

    def _moment(self, clip: ShownClip) -> Moment:
        return Moment(self.reaching.path(clip.file), clip.duration_seconds / 2)


def page_names(pairs: Iterable[PairEvidence]) -> list[str]:
    """Return a file's name for each pair: short enough for any disk, and no two alike."""
    names: list[str] = []
    for pair in pairs:
        plain, more = f"{_plain(pair.one)}--{_plain(pair.other)}", 1
        name = f"{plain}.html"
        while name in names:
            more += 1
            name = f"{plain}-{more}.html"
        names.append(name)
    return names


def _plain(label: str) -> str:
    plain = re.sub(r"[^\w]+", "-", label).strip("-").lower()
    return plain.encode()[:_LONGEST].decode(errors="ignore").strip("-") or "class"
