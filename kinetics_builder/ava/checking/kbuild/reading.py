"""A folder as `kbuild` itself reads it: as its formats do, file by file."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.ava.checking.folder import AvaFolder
from kinetics_builder.ava.checking.kbuild import sorts
from kinetics_builder.ava.checking.report import Counts, Fate, Findings, Part, Report, Sort, Tally
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.timestamps import EVERY_VIDEO
from kinetics_builder.formats.boxes.ava_folders.places import (
    EXCLUDED,
    INCLUDED,
    LABELS,
    PROPOSALS,
    TRUTH,
    UNCONFIRMED,
    all_files,
    newest_file,
    read_min_score,
    read_unconfirmed,
)
from kinetics_builder.formats.boxes.ava_folders.predicted import read_predicted
from kinetics_builder.formats.format import Options, Reader
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problem, Problems, Severity
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format

READER = "kbuild"
Key = tuple[str, float]
"""A video and a moment."""
Shows = Callable[[str, float], bool]
"""Whether a film that is there shows a moment of a video."""

_VALUES = re.compile(r"'[^']*'|\[.*\]|-?\d[\d.,e+-]*")
_FATES = {Severity.ERROR: Fate.STOPS, Severity.WARNING: Fate.NOTES}
_TOLD = {
    severity: Sort(fate=fate, what="{message}", remedy="{remedy}")
    for severity, fate in _FATES.items()
}
_REMEDIES = {
    Severity.ERROR: "mend the row, for training ends there; `kbuild validate` lists every one",
    Severity.WARNING: "none needed",
}
MIN_SCORE = 0.8
"""What `kbuild evaluate` asks of a proposal where nobody says otherwise."""

_SPLITS = ("train", "val", "test")
_LIST = "ava_action_list_v2.2.pbtxt"


def check_kbuild(folder: AvaFolder, shows: Shows | None, min_score: float | None = None) -> Report:
    """Return what `kbuild` uses of the splits that a folder has.

    Args:
        folder: Its files.
        shows: Whether a film that is there shows a moment; None where there is no film.
        min_score: Least score of a proposal; what the folder says without it, else 0.8.

    Raises:
        FormatError: There is no ground truth in it.

    """
    checking = _Checking(folder, shows, min_score)
    parts = list(checking.parts())
    return Report(
        reader=READER, version="this one", parts=parts, findings=checking.findings.merged()
    )


class _Checking:
    """One check."""

    def __init__(self, folder: AvaFolder, shows: Shows | None, min_score: float | None) -> None:
        self.findings = Findings()
        self._folder, self._shows = folder, shows
        said = read_min_score(folder.root) if min_score is None else min_score
        self._min_score = MIN_SCORE if said is None else said
        self._list, self._classes = self._labels()

    def parts(self) -> Iterator[Part]:
        """Yield a part for each split that is there."""
        found = {split: path for split in _SPLITS if (path := self._truth(split)) is not None}
        if not found:
            self._folder.refuse("ava_train_v2.2.csv or other splits")
        if "train" not in found:
            self.findings.add(sorts.NO_TRAIN, "", "ava_train_v2.2.csv")
        for split, path in found.items():
            yield self._part(split, path)
        for line, split in read_unconfirmed(self._folder.root):
            if split in found:
                self.findings.add(sorts.UNCONFIRMED, split, UNCONFIRMED, line, kind=split)

    def _truth(self, split: str) -> Path | None:
        """Return the rows of a split; tells where there are those of films and of clips."""
        root = self._folder.root
        found = [path for kind in TRUTH if (path := newest_file(root, (kind,), split)) is not None]
        for other in found[1:]:
            name = self._folder.name_of(other)
            self.findings.add(sorts.TWO_TRUTHS, split, self._folder.name_of(found[0]), other=name)
        return found[0] if found else None

    def _labels(self) -> tuple[str, frozenset[int] | None]:
        """Return the list that is learnt (of all actions, rather than of those measured)."""
        lists = all_files(self._folder.root, LABELS)
        lists.sort(key=lambda path: ("for_activitynet" not in path.name, path.name))
        if not lists:
            return _LIST, None
        name = self._folder.name_of(lists[-1])
        try:
            return name, frozenset(read_label_map(lists[-1], first_id=1).names)
        except FormatError as error:
            message = str(error).rstrip(".")
            self.findings.add(sorts.BAD_LIST, "train", name, message=message)
            return name, frozenset()

    def _tell_of_absence(self, split: str) -> None:
        """Tell of what is lacking altogether, and each split needs."""
        if self._shows is None:
            self.findings.add(sorts.NO_FILMS, split, "videos")
        if self._classes is None:
            self.findings.add(sorts.NO_LIST, split, _LIST)

    def _part(self, split: str, path: Path) -> Part:
        name, stated, used = self._folder.name_of(path), Tally(), Tally()
        leaving_out = list(self._leaving_out(split))
        moments: dict[Key, bool] = {}
        for box, line in self._read(_reader("ava"), path, split):
            key = (box.video_id, box.timestamp_seconds)
            self._count(stated, box)
            others = [other for other, leaves_out in leaving_out if leaves_out(key)]
            if others:
                self.findings.add(sorts.NOT_INCLUDED, split, name, line, other=others[0])
            elif self._shows is not None and not self._shows(*key):
                told = {"video": box.video_id, "seconds": box.timestamp_seconds}
                self.findings.add(sorts.NO_FILM, split, name, line, **told)
            else:
                self._use(used, box, split, name, line)
                moments[key] = moments.get(key, False) or box.x1 is not None
        self._tell_of_absence(split)
        if split == "train":
            self._tell_of_nothing(used.counts, name)
        else:
            self._tell_of_proposals(split, moments)
        return Part(
            name=split,
            does="reads boxes, and key frames without one",
            stated=stated.counts,
            used=Counts() if self.findings.breaks(split) else used.counts,
            stops=self.findings.stops(split),
        )

    def _tell_of_nothing(self, used: Counts, name: str) -> None:
        """Tell where nothing can be learnt."""
        if not used.boxes:
            self.findings.add(sorts.NO_BOX, "train", name)
        elif not used.labels and self._classes:
            self.findings.add(sorts.NO_LABEL, "train", name, other=self._list)

    def _tell_of_proposals(self, split: str, moments: dict[Key, bool]) -> None:
        """Tell where a network would be asked about nobody; `moments` says who has persons."""
        path = newest_file(self._folder.root, PROPOSALS, split)
        if path is None or not moments:
            return
        reader = _reader("ava-proposals") if path.suffix == ".pkl" else read_predicted
        least = self._min_score
        proposed = {
            (box.video_id, box.timestamp_seconds)
            for box, _ in self._read(reader, path, split)
            if box.x1 is not None and (box.score is None or box.score >= least)
        }
        name = self._folder.name_of(path)
        if not proposed & moments.keys():
            self.findings.add(sorts.NO_PROPOSAL, split, name, least=least)
            return
        for key, has_persons in moments.items():
            if has_persons and key not in proposed:
                self.findings.add(sorts.NOT_PROPOSED, split, name, least=least)

    def _use(self, used: Tally, box: Box, split: str, name: str, line: int | None) -> None:
        action = box.action_id
        if action is not None and self._classes and action not in self._classes:
            self.findings.add(sorts.NOT_LISTED, split, name, line, found=action, other=self._list)
            box = box._replace(action_id=None)
        self._count(used, box)

    def _leaving_out(self, split: str) -> Iterator[tuple[str, Callable[[Key], bool]]]:
        """Yield lists that leave key frames out, and whether they leave out a certain one."""
        root = self._folder.root
        if (path := newest_file(root, EXCLUDED, split)) is not None:
            yield self._folder.name_of(path), partial(_stands_in, self._moments(path, split))
        if (path := newest_file(root, INCLUDED)) is not None and (
            included := self._moments(path, split)
        ):
            yield self._folder.name_of(path), partial(_stands_not_in, included)

    def _moments(self, path: Path, split: str) -> set[Key]:
        read = self._read(_reader("ava-timestamps"), path, split)
        return {(box.video_id, box.timestamp_seconds) for box, _ in read}

    def _read(self, read: Reader, path: Path, split: str) -> Iterator[tuple[Box, int | None]]:
        tell = partial(self._tell, split, self._folder.name_of(path))
        problems = Problems(path, on_error=tell, on_warning=tell)
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

    def _count(self, tally: Tally, box: Box) -> None:
        corners = None if box.x1 is None else (box.x1, box.y1, box.x2, box.y2)
        tally.add((box.video_id, box.timestamp_seconds), corners, box.action_id)


def _reader(format_name: str) -> Reader:
    read = find_format(format_name).read
    assert read is not None
    return read


def _stands_in(moments: set[Key], key: Key) -> bool:
    """Tell whether a moment stands in a list, for its video or for all."""
    return key in moments or (EVERY_VIDEO, key[1]) in moments


def _stands_not_in(moments: set[Key], key: Key) -> bool:
    return not _stands_in(moments, key)
