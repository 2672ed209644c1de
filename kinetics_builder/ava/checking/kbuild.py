"""The rules of `kbuild` itself: what it trains on and measures with, as its formats read it."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.ava.checking.folder import AvaFolder
from kinetics_builder.ava.checking.report import Counts, Fate, Findings, Part, Report, Sort, Tally
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava.timestamps import EVERY_VIDEO
from kinetics_builder.formats.boxes.ava_folders.places import (
    EXCLUDED,
    INCLUDED,
    LABELS,
    TRUTH,
    all_files,
    newest_file,
)
from kinetics_builder.formats.format import Options
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
NOT_INCLUDED = Sort(
    fate=Fate.NOTES,
    what="{other} leaves the key frame out: it is neither learnt from nor measured",
    remedy="none needed",
)
NOT_LISTED = Sort(
    fate=Fate.NOTES,
    what="the class {found} is not in {other}: it is not learnt",
    remedy="add the class to the list if it is to be",
)
BAD_LIST = Sort(
    fate=Fate.STOPS,
    what="{message}",
    remedy="write it again with `kbuild convert`",
)
NO_LIST = Sort(
    fate=Fate.STOPS,
    what="there is no list of actions, and training and measuring end with an error without it",
    remedy="put the list of all actions there, under this name",
    is_absence=True,
)
TWO_TRUTHS = Sort(
    fate=Fate.STOPS,
    what="{other} is there as well, and training ends with an error where rows of films and of "
    "clips are both there",
    remedy="put each into a folder of its own, or the rows of both into one file",
)
NO_TRAIN = Sort(
    fate=Fate.NOTES,
    what="there is nothing to train with here; `kbuild evaluate` needs no more",
    remedy="put the rows to train with beside these before you train",
)
NO_FILM = Sort(
    fate=Fate.LOSES,
    what="no film here shows {video} at {seconds:g} s: the key frame is left out, and told of",
    remedy="put the film into videos/, or say in videos.csv where it is and when it begins",
)
NO_FILMS = Sort(
    fate=Fate.STOPS,
    what="there are no films, and training ends with an error; so does the measure of a network",
    remedy="put them into videos/, or pictures into frames/, or say in videos.csv where they are",
    is_absence=True,
)
NO_BOX = Sort(
    fate=Fate.STOPS,
    what="no key frame that is left has a box: there is nothing to learn from",
    remedy="look at what is said about its rows",
)
NO_LABEL = Sort(
    fate=Fate.STOPS,
    what="nobody does any action of {other}: training ends with an error",
    remedy="give the list that belongs to these rows",
)
_SPLITS = ("train", "val", "test")
_LIST = "ava_action_list_v2.2.pbtxt"


def check_kbuild(folder: AvaFolder, shows: Shows | None) -> Report:
    """Return what `kbuild` uses of the splits that a folder has.

    Raises:
        FormatError: There is no ground truth in it.

    """
    checking = _Checking(folder, shows)
    parts = list(checking.parts())
    return Report(
        reader=READER, version="this one", parts=parts, findings=checking.findings.merged()
    )


class _Checking:
    """One check."""

    def __init__(self, folder: AvaFolder, shows: Shows | None) -> None:
        self.findings = Findings()
        self._folder, self._shows = folder, shows
        self._list, self._classes = self._labels()

    def parts(self) -> Iterator[Part]:
        """Yield a part for each split that is there."""
        found = {split: path for split in _SPLITS if (path := self._truth(split)) is not None}
        if not found:
            self._folder.refuse("ava_train_v2.2.csv or other splits")
        if "train" not in found:
            self.findings.add(NO_TRAIN, "", "ava_train_v2.2.csv")
        for split, path in found.items():
            yield self._part(split, path)

    def _truth(self, split: str) -> Path | None:
        """Return the rows of a split; tells where there are those of films and of clips."""
        root = self._folder.root
        found = [path for kind in TRUTH if (path := newest_file(root, (kind,), split)) is not None]
        for other in found[1:]:
            name = self._folder.name_of(other)
            self.findings.add(TWO_TRUTHS, split, self._folder.name_of(found[0]), other=name)
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
            self.findings.add(BAD_LIST, "train", name, message=message)
            return name, frozenset()

    def _tell_of_absence(self, split: str) -> None:
        """Tell of what is lacking altogether, and each split needs."""
        if self._shows is None:
            self.findings.add(NO_FILMS, split, "videos")
        if self._classes is None:
            self.findings.add(NO_LIST, split, _LIST)

    def _part(self, split: str, path: Path) -> Part:
        name, stated, used = self._folder.name_of(path), Tally(), Tally()
        leaving_out = list(self._leaving_out(split))
        for box, line in self._read("ava", path, split):
            key = (box.video_id, box.timestamp_seconds)
            self._count(stated, box)
            others = [other for other, leaves_out in leaving_out if leaves_out(key)]
            if others:
                self.findings.add(NOT_INCLUDED, split, name, line, other=others[0])
            elif self._shows is not None and not self._shows(*key):
                told = {"video": box.video_id, "seconds": box.timestamp_seconds}
                self.findings.add(NO_FILM, split, name, line, **told)
            else:
                self._use(used, box, split, name, line)
        self._tell_of_absence(split)
        if split == "train":
            self._tell_of_nothing(used.counts, name)
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
            self.findings.add(NO_BOX, "train", name)
        elif not used.labels and self._classes:
            self.findings.add(NO_LABEL, "train", name, other=self._list)

    def _use(self, used: Tally, box: Box, split: str, name: str, line: int | None) -> None:
        action = box.action_id
        if action is not None and self._classes and action not in self._classes:
            self.findings.add(NOT_LISTED, split, name, line, found=action, other=self._list)
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
        read = self._read("ava-timestamps", path, split)
        return {(box.video_id, box.timestamp_seconds) for box, _ in read}

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

    def _count(self, tally: Tally, box: Box) -> None:
        corners = None if box.x1 is None else (box.x1, box.y1, box.x2, box.y2)
        tally.add((box.video_id, box.timestamp_seconds), corners, box.action_id)


def _stands_in(moments: set[Key], key: Key) -> bool:
    """Tell whether a moment stands in a list, for its video or for all."""
    return key in moments or (EVERY_VIDEO, key[1]) in moments


def _stands_not_in(moments: set[Key], key: Key) -> bool:
    return not _stands_in(moments, key)
