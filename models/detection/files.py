"""Which files of a folder are AVA's, under whichever version and place. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.boxes.ava_folders.places import (
    EXCLUDED,
    INCLUDED,
    LABELS,
    PROPOSALS,
    TRUTH,
    all_files,
    newest_file,
)
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.splits import SHORT

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
            excluded=newest_file(folder, EXCLUDED, SHORT[split]),
            proposals=newest_file(folder, PROPOSALS, SHORT[split]),
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
    lists = all_files(folder, LABELS)
    if not lists:
        raise ModelError(f"{folder} has no list of actions: expected ava_action_list_v2.2.pbtxt.")
    measured = [path for path in lists if _CHALLENGE in path.name]
    learnt = [path for path in lists if _CHALLENGE not in path.name]
    return AvaFiles(
        folder=folder,
        splits=splits,
        included=newest_file(folder, INCLUDED),
        labels=(learnt or measured)[-1],
        measured_labels=(measured or learnt)[-1],
    )


def _truth(folder: Path, word: str) -> Path | None:
    """Return the rows of a split; ModelError where those of films and of clips are both there."""
    found = [path for kind in TRUTH if (path := newest_file(folder, (kind,), word)) is not None]
    if len(found) > 1:
        raise ModelError(
            f"{folder} holds both {found[0].name} and {found[1].name}. Put each into a folder of "
            "its own, or the rows of both into one file."
        )
    return found[0] if found else None


def has_files(folder: Path) -> bool:
    """Tell whether `folder` holds rows of AVA's kind, and not clips."""
    return any(newest_file(folder, TRUTH, SHORT[split]) for split in SPLITS)
