"""Verb `releases diff`: what became of clips from one release to another, and why."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.cells import named_rows
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.release_files import MANIFEST
from pipelines.publishing.clips.gone import TAKEN_DOWN
from pipelines.publishing.folders.errata import taken_in
from pipelines.publishing.folders.facts import EDITS

SORTS = ("added", "removed", "moved", "relabelled")
_Key = tuple[str, int, int]
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """What became of one clip."""

    sort: str
    """One of `SORTS`; `moved` is to another split."""
    youtube_id: str
    time_start: int
    time_end: int
    before: str
    """Its class and split; empty where it was not there."""
    after: str
    why: str
    """What the edits and the lists of what was taken down say; empty where they say nothing."""

    @property
    def place(self) -> str:
        """Return which clip it is."""
        return f"{self.youtube_id} {self.time_start}-{self.time_end}"


def diff_releases(one: Path, other: Path) -> list[Difference]:
    """Return what is otherwise in the second of two releases, sorted.

    Clips are told by video and whole seconds. One that has another class and another split is
    relabelled.

    Raises:
        FormatError: One of them cannot be read.

    """
    before, after = _clips(one), _clips(other)
    reasons = _Reasons.of(one, other, _labels(before) - _labels(after))
    found: list[Difference] = []
    for key in before.keys() | after.keys():
        gone, new = before.get(key, set()), after.get(key, set())
        found += _differences(key, sorted(gone - new), sorted(new - gone), reasons)
    return sorted(found)


def _clips(folder: Path) -> dict[_Key, set[_Place]]:
    clips: dict[_Key, set[_Place]] = {}
    for row in read_manifest(folder / MANIFEST):
        key = row.youtube_id, row.time_start, row.time_end
        clips.setdefault(key, set()).add((row.label, row.split))
    return clips


def _labels(clips: dict[_Key, set[_Place]]) -> set[str]:
    return {label for places in clips.values() for label, _ in places}


def _differences(
    key: _Key, gone: list[_Place], new: list[_Place], reasons: "_Reasons"
) -> Iterator[Difference]:
    for place in list(gone):
        if moved := [one for one in new if one[0] == place[0]]:
            gone.remove(place)
            new.remove(moved[0])
            yield Difference("moved", *key, _told(place), _told(moved[0]), "")
    while gone and new:
        old, now = gone.pop(0), new.pop(0)
        why = reasons.of_labels(old[0], now[0])
        yield Difference("relabelled", *key, _told(old), _told(now), why)
    for place in gone:
        yield Difference("removed", *key, _told(place), "", reasons.of_removed(key, place[0]))
    for place in new:
        yield Difference("added", *key, "", _told(place), reasons.of_labels(place[0]))


def _told(place: _Place) -> str:
    return f"{place[0]} ({place[1]})"


@dataclass(frozen=True)
class _Reasons:
    """What was edited, and taken down, between two releases."""

    edits: Sequence[str]
    taken: dict[str, str]
    gone: Collection[str]
    """Classes that the second release has no clip of."""

    @classmethod
    def of(cls, one: Path, other: Path, gone: Collection[str]) -> "_Reasons":
        before, after = ([row["edit"] for row in _rows(folder / EDITS)] for folder in (one, other))
        both = [
            *(edit for edit in after if edit not in before),
            *(f"{edit} (undone)" for edit in before if edit not in after),
        ]
        listed = [*_rows(other / TAKEN_DOWN), *taken_in(one)]
        taken = {row["youtube_id"]: f"{row['date']}: {row['reason']}" for row in listed}
        return cls(both, taken, gone)

    def of_labels(self, *labels: str) -> str:
        """Return the edits that name all labels, else those that name any."""
        naming = [[edit for edit in self.edits if _names(edit, one)] for one in labels]
        all_of = [edit for edit in self.edits if all(edit in found for found in naming)]
        any_of = [edit for edit in self.edits if any(edit in found for found in naming)]
        return "; ".join(all_of or any_of)

    def of_removed(self, key: _Key, label: str) -> str:
        """Return when and why a video was taken down, else what edits say of a label.

        Filters name no class: they are told of one that is gone, where no edit names it.
        """
        if key[0] in self.taken:
            return f"taken down {self.taken[key[0]]}"
        filters = (edit for edit in self.edits if edit.startswith("filter "))
        return self.of_labels(label) or ("; ".join(filters) if label in self.gone else "")


def _names(edit: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", edit) is not None


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    return named_rows(path)
