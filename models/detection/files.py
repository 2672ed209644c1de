"""Which files of a folder are AVA's, under whichever version and place. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.splits import SHORT

_PLACES = ("", "annotations")
"""Folders below the given one in which annotations may lie."""
_TRUTH = ("ava_{}_v[0-9]*.csv", "kinetics_{}_v[0-9]*.csv")
_EXCLUDED = ("ava_{}_excluded_timestamps_v[0-9]*.csv",)
_INCLUDED = ("ava_included_timestamps_v[0-9]*.txt",)
_PROPOSALS = ("ava_{}_predicted_boxes.csv", "ava_{}_proposals*.csv", "ava_dense_proposals_{}*.pkl")
_LABELS = ("ava_action_list_v[0-9]*.pbtxt",)
_CHALLENGE = "for_activitynet"
"""In the name of the list of those classes that the challenge measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFiles:
    """The files of one split."""

    truth: Path
    excluded: Path | None
    proposals: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AvaFiles:
    """The files of one folder."""

    folder: Path
    splits: dict[str, SplitFiles]
    """By train, validate and test; only those whose rows are there."""
    included: Path | None
    """The key frames that were annotated; None where the rows alone say it."""
    labels: Path
    """All actions, which are learnt."""
    measured_labels: Path
    """Those that are measured: the challenge's list, where there is one, else all."""

    def annotations(self) -> Iterator[Path]:
        """Yield every file of annotations, in an order that depends on nothing."""
        for split in SPLITS:
            if (found := self.splits.get(split)) is not None:
                yield from filter(None, (found.truth, found.excluded, found.proposals))
        yield from filter(None, (self.included, self.labels))

    def split(self, name: str) -> SplitFiles:
        """Return the files of a split; ModelError where there are none."""
        if name not in self.splits:
            raise ModelError(
                f"{self.folder} has no rows of the split {name!r}, as "
                f"ava_{SHORT[name]}_v2.2.csv, but of {', '.join(self.splits)}."
            )
        return self.splits[name]


def find_files(folder: Path) -> AvaFiles:
    """Return AVA's files in `folder`, or in its `annotations`.

    Raises ModelError where there are no rows of any split, or no list of actions.
    """
    splits = {
        split: SplitFiles(
            truth=truth,
            excluded=_newest(folder, _EXCLUDED, SHORT[split]),
            proposals=_newest(folder, _PROPOSALS, SHORT[split]),
        )
        for split in SPLITS
        if (truth := _truth(folder, SHORT[split])) is not None
    }
    if not splits:
        raise ModelError(
            f"{folder} holds no annotations of AVA's kind: expected ava_train_v2.2.csv, "
            "ava_val_v2.2.csv or ava_test_v2.2.csv there or in annotations/. Detectors learn from "
            "these; networks of clips (`kbuild models`) from `kbuild release`."
        )
    lists = _all(folder, _LABELS, "")
    if not lists:
        raise ModelError(f"{folder} has no list of actions: expected ava_action_list_v2.2.pbtxt.")
    measured = [path for path in lists if _CHALLENGE in path.name]
    learnt = [path for path in lists if _CHALLENGE not in path.name]
    return AvaFiles(
        folder=folder,
        splits=splits,
        included=_newest(folder, _INCLUDED, ""),
        labels=(learnt or measured)[-1],
        measured_labels=(measured or learnt)[-1],
    )


def _truth(folder: Path, word: str) -> Path | None:
    """Return the rows of a split; ModelError where those of films and of clips are both there."""
    found = [path for kind in _TRUTH if (path := _newest(folder, (kind,), word)) is not None]
    if len(found) > 1:
        raise ModelError(
            f"{folder} holds both {found[0].name} and {found[1].name}. Put each into a folder of "
            "its own, or the rows of both into one file."
        )
    return found[0] if found else None


def has_files(folder: Path) -> bool:
    """Tell whether `folder` holds rows of AVA's kind, and not clips."""
    return any(_newest(folder, _TRUTH, SHORT[split]) for split in SPLITS)


def _all(folder: Path, patterns: tuple[str, ...], word: str) -> list[Path]:
    """Return the files of any of the patterns, compressed or not, by their names."""
    found = (
        path
        for pattern in patterns
        for place in _PLACES
        for packed in ("", ".gz")
        for path in (folder / place).glob(pattern.format(word) + packed)
    )
    return sorted(found, key=lambda path: path.name)


def _newest(folder: Path, patterns: tuple[str, ...], word: str) -> Path | None:
    """Return the file of the highest version of the first pattern that has any."""
    for pattern in patterns:
        if found := _all(folder, (pattern,), word):
            return found[-1]
    return None
