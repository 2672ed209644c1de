"""MMAction2's own rules about a folder of AVA's, at version 1.2.0.

Source: mmaction/datasets/ava_dataset.py, datasets/transforms/loading.py,
evaluation/functional/ava_utils.py, configs/detection. What is said here was seen by running them
on made folders.
"""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.ava.checking.folder import NO_SPLIT, AvaFolder, Wanted
from kinetics_builder.ava.checking.label_lists import read_classes
from kinetics_builder.ava.checking.measured import Key, Measured, read_exclusions
from kinetics_builder.ava.checking.mmaction2 import sorts
from kinetics_builder.ava.checking.mmaction2.key_frames import KeyFrames
from kinetics_builder.ava.checking.mmaction2.proposals import Proposals
from kinetics_builder.ava.checking.report import Counts, Findings, Part, Report
from kinetics_builder.ava.checking.settings import Settings

READER, VERSION = "MMAction2", "1.2.0"
_MEASURE = "measure of val"


def _truth(split: str, word: str) -> Wanted:
    return Wanted(
        name=f"ava_{split}_v2.1.csv",
        setting="ann_file",
        when="first of all",
        remedy=f"convert this split: `kbuild convert --to mmaction2-ava --split {word}`",
        others=(f"ava_{split}_v*.csv",),
    )


def _excluded(split: str) -> Wanted:
    return Wanted(
        name=f"ava_{split}_excluded_timestamps_v2.1.csv",
        setting="exclude_file",
        when="behind the truth",
        remedy="make an empty file of this name if nothing is excluded",
        others=(f"ava_{split}_excluded_timestamps_v*.csv",),
    )


def _proposals(split: str) -> Wanted:
    return Wanted(
        name=f"ava_dense_proposals_{split}.FAIR.recall_93.9.pkl",
        setting="proposal_file",
        when="behind the truth: its detectors look at proposed persons alone",
        remedy="propose persons with a detector: `kbuild convert --to mmaction2-ava` writes boxes "
        "that have a score as proposals",
        others=(f"*proposals*{split}*.pkl",),
    )


CLASSES = Wanted(
    name="ava_action_list_v2.1_for_activitynet_2018.pbtxt",
    setting="label_file",
    when="for its measure",
    remedy="give `kbuild convert` the --label-map",
    others=("ava_action_list_v*_for_activitynet_*.pbtxt", "*.pbtxt"),
)


def check_mmaction2(folder: AvaFolder, settings: Settings) -> Report:
    """Return what MMAction2 uses of a folder to train, to validate and to measure."""
    checking = _Checking(folder, settings)
    parts = list(checking.parts())
    return Report(reader=READER, version=VERSION, parts=parts, findings=checking.findings.merged())


class _Checking:
    """One check."""

    def __init__(self, folder: AvaFolder, settings: Settings) -> None:
        self.findings = Findings()
        self._folder, self._settings = folder, settings
        self._images = folder.images("rawframes")
        if self._images is None:
            self.findings.add(sorts.NO_IMAGES, "", "rawframes")

    def parts(self) -> Iterator[Part]:
        """Yield the parts in the order in which a training meets them."""
        has = self._folder.holds
        has_train = has(_truth("train", "train")) or has(_proposals("train"))
        has_val = has(_truth("val", "validate")) or has(_proposals("val"))
        if not (has_train or has_val):
            self._folder.refuse("ava_train_v2.1.csv or ava_val_v2.1.csv")
        for is_there, split, verb in ((has_train, "train", "train"), (has_val, "val", "validate")):
            if not is_there:
                name = _truth(split, verb).name
                self.findings.add(NO_SPLIT, "", name, verb=verb, reader=READER)
        if has_train:
            yield self._dataset("train", "trains on the truth's boxes", "train")
        if has_val:
            does = "looks at the proposals of the truth's key frames"
            yield self._dataset("val", does, "validate")
            yield self._measure()
        elif has(CLASSES):
            self._classes("train")

    def _find(self, wanted: Wanted, part: str) -> Path | None:
        return self._folder.find(wanted, READER, part, self.findings)

    def _dataset(self, split: str, does: str, word: str) -> Part:
        truth = self._find(_truth(split, word), split)
        excluded = self._exclusions(_excluded(split), split)
        proposals = self._proposals(split)
        if truth is None:
            return Part(name=split, does=does, stated=Counts(), used=Counts(), stops=True)
        frames = KeyFrames(split, self._folder.name_of(truth), self.findings)
        frames.read(truth)
        frames.leave_out(excluded)
        used = Counts()
        if not self.findings.breaks(split):
            is_training = split == "train"
            used = frames.used(
                self._settings, proposals, self._images, is_training=is_training
            ).counts
        return Part(
            name=split,
            does=does,
            stated=frames.stated.counts,
            used=used,
            stops=self.findings.stops(split),
        )

    def _exclusions(self, wanted: Wanted, part: str) -> dict[Key, int]:
        path = self._find(wanted, part)
        if path is None:
            return {}
        return read_exclusions(path, part, self._folder.name_of(path), self.findings)

    def _proposals(self, split: str) -> Proposals | None:
        path = self._find(_proposals(split), split)
        if path is None:
            return None
        name = self._folder.name_of(path)
        return Proposals(path, split, name, self.findings, is_training=split == "train")

    def _measure(self) -> Part:
        does = "expects the truth's labels"
        truth, classes = self._find(_truth("val", "validate"), _MEASURE), self._classes(_MEASURE)
        excluded = self._exclusions(_excluded("val"), _MEASURE)
        if truth is None:
            return Part(name=_MEASURE, does=does, stated=Counts(), used=Counts(), stops=True)
        name = self._folder.name_of(truth)
        measured = Measured(_MEASURE, name, classes, self.findings)
        for line, key, box, action in measured.rows(truth):
            if key in excluded:
                self.findings.add(sorts.EXCLUDED_COUNTED, _MEASURE, name, line)
            else:
                measured.count(line, key, box, action)
        used = Counts() if self.findings.breaks(_MEASURE) else measured.used.counts
        stops, stated = self.findings.stops(_MEASURE), measured.stated.counts
        return Part(name=_MEASURE, does=does, stated=stated, used=used, stops=stops)

    def _classes(self, part: str) -> set[int]:
        path = self._find(CLASSES, part)
        if path is None:
            return set()
        name = self._folder.name_of(path)
        return read_classes(path, part, name, self.findings, stops_at_second=True)
