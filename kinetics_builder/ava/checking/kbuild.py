"""The rules of `kbuild` itself: what it trains on and measures with, as its formats read it."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.ava.checking.folder import AvaFolder
from kinetics_builder.ava.checking.report import Counts, Fate, Findings, Part, Report, Sort, Tally
from kinetics_builder.ava.checking.settings import Settings
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problem, Problems, Severity
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format

READER = "kbuild"
_VALUES = re.compile(r"'[^']*'|\[.*\]|-?\d[\d.,e+-]*")
_FATES = {Severity.ERROR: Fate.LOSES, Severity.WARNING: Fate.NOTES}
_TOLD = {
    severity: Sort(fate=fate, what="{message}", remedy="{remedy}")
    for severity, fate in _FATES.items()
}
_REMEDIES = {
    Severity.ERROR: "mend the row; `kbuild validate --format ava` lists every one",
    Severity.WARNING: "none needed",
}
EXCLUDED = Sort(
    fate=Fate.NOTES,
    what="the key frame is excluded: it is neither learnt from nor measured",
    remedy="none needed",
)
NOT_LISTED = Sort(
    fate=Fate.NOTES,
    what="the class {found} is not in the list of classes: it is not measured",
    remedy="add the class to the list if it is to count",
)
BAD_LIST = Sort(
    fate=Fate.STOPS,
    what="{message}",
    remedy="write it again with `kbuild convert`",
)


def check_kbuild(folder: AvaFolder, settings: Settings) -> Report:
    """Return what `kbuild` uses of the splits that a folder has; nothing is to be set.

    Raises:
        FormatError: There is no ground truth in it.

    """
    del settings
    checking = _Checking(folder)
    parts = list(checking.parts())
    return Report(
        reader=READER, version="this one", parts=parts, findings=checking.findings.merged()
    )


class _Checking:
    """One check."""

    def __init__(self, folder: AvaFolder) -> None:
        self.findings = Findings()
        self._folder = folder

    def parts(self) -> Iterator[Part]:
        """Yield a part for each split that is there."""
        labels, is_empty = self._labels(), True
        for split in ("train", "val", "test"):
            for path in self._folder.others(f"ava_{split}_v*.csv", f"ava_{split}.csv")[-1:]:
                is_empty = False
                yield self._part(split, path, labels)
        if is_empty:
            self._folder.refuse("ava_train_v2.2.csv or other splits")

    def _labels(self) -> LabelMap | None:
        for path in self._folder.others("*for_activitynet*.pbtxt", "*.pbtxt")[:1]:
            try:
                return read_label_map(path, first_id=1)
            except FormatError as error:
                name = self._folder.name_of(path)
                self.findings.add(BAD_LIST, "measure", name, message=str(error).rstrip("."))
        return None

    def _part(self, split: str, path: Path, labels: LabelMap | None) -> Part:
        name, stated, used = self._folder.name_of(path), Tally(), Tally()
        excluded = {
            (box.video_id, box.timestamp_seconds)
            for one in self._folder.others(f"ava_{split}_excluded_timestamps_v*.csv")[-1:]
            for box, _ in self._read("ava-timestamps", one, split)
        }
        for box, line in self._read("ava", path, split):
            key = (box.video_id, box.timestamp_seconds)
            _count(stated, box)
            if key in excluded:
                self.findings.add(EXCLUDED, split, name, line)
                continue
            _count(used, box)
            if labels is not None and box.action_id not in (None, *labels.names):
                self.findings.add(NOT_LISTED, split, name, line, found=box.action_id)
        return Part(
            name=split,
            does="reads boxes and key frames without one",
            stated=stated.counts,
            used=used.counts if used.counts.boxes else Counts(),
            stops=False,
        )

    def _read(self, format_name: str, path: Path, split: str) -> Iterator[tuple[Box, int | None]]:
        tell = partial(self._tell, split, self._folder.name_of(path))
        problems = Problems(path, on_error=tell, on_warning=tell)
        read = find_format(format_name).read
        assert read is not None
        for box in read(path, Options(), problems):
            yield box, problems.line

    def _tell(self, split: str, name: str, problem: Problem) -> None:
        severity = problem.severity
        self.findings.add(
            _TOLD[severity],
            split,
            name,
            problem.line,
            kind=_VALUES.sub("...", problem.message),
            message=problem.message,
            remedy=_REMEDIES[severity],
        )


def _count(tally: Tally, box: Box) -> None:
    corners = None if box.x1 is None else (box.x1, box.y1, box.x2, box.y2)
    tally.add((box.video_id, box.timestamp_seconds), corners, box.action_id)
