"""PySlowFast's own rules about a folder of AVA's, at commit 287ec007.

Source: slowfast/datasets/ava_helper.py, ava_dataset.py, utils/ava_eval_helper.py, meters.py,
config/defaults.py. What is said here was seen by running them on made folders.
"""

from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.ava.checking.folder import NO_SPLIT, AvaFolder, Wanted
from kinetics_builder.ava.checking.label_lists import read_classes
from kinetics_builder.ava.checking.measured import Key, Measured, read_exclusions
from kinetics_builder.ava.checking.pyslowfast import sorts
from kinetics_builder.ava.checking.pyslowfast.boxes import BoxList
from kinetics_builder.ava.checking.pyslowfast.frame_lists import FrameList, Images
from kinetics_builder.ava.checking.report import Counts, Findings, Part, Report
from kinetics_builder.ava.checking.settings import Settings

READER, VERSION = "PySlowFast", "287ec007"
EACH = 4
"""Validation while training takes the seconds that this divides (FULL_TEST_ON_VAL is False)."""

TRUTH = Wanted(
    name="ava_train_v2.2.csv",
    setting="AVA.TRAIN_GT_BOX_LISTS",
    when="to train",
    remedy="convert a training split: `kbuild convert --to pyslowfast-ava --split train`",
    others=("ava_train_v*.csv",),
)
PREDICTED = Wanted(
    name="ava_val_predicted_boxes.csv",
    setting="AVA.TEST_PREDICT_BOX_LISTS",
    when="to validate and to test, which look at predicted boxes alone",
    remedy="write a person detector's boxes there, as rows video,second,x1,y1,x2,y2,,score: "
    "`kbuild convert --to pyslowfast-ava` does so with boxes that have a score",
    others=("*val*predicted*.csv", "*detection_val*.csv", "*/*detection_val_boxes*.csv"),
)
_BEFORE = "before the first epoch, for its measure"
MEASURED = Wanted(
    name="ava_val_v2.2.csv",
    setting="AVA.GROUNDTRUTH_FILE",
    when=_BEFORE,
    remedy="convert a validation split: `kbuild convert --to pyslowfast-ava --split validate`",
    others=("ava_val_v*.csv",),
)
EXCLUDED = Wanted(
    name="ava_val_excluded_timestamps_v2.2.csv",
    setting="AVA.EXCLUSION_FILE",
    when=_BEFORE,
    remedy="make an empty file of this name if nothing is excluded",
    others=("ava_val_excluded_timestamps_v*.csv",),
)
CLASSES = Wanted(
    name="ava_action_list_v2.2_for_activitynet_2019.pbtxt",
    setting="AVA.LABEL_MAP_FILE",
    when=_BEFORE,
    remedy="give `kbuild convert` the --label-map",
    others=("ava_action_list_v*_for_activitynet_*.pbtxt", "*.pbtxt"),
)


def check_pyslowfast(folder: AvaFolder, settings: Settings) -> Report:
    """Return what PySlowFast uses of a folder to train, to validate, to test and to measure."""
    checking = _Checking(folder, settings)
    parts = list(checking.parts())
    return Report(reader=READER, version=VERSION, parts=parts, findings=checking.findings.merged())


class _Checking:
    """One check."""

    def __init__(self, folder: AvaFolder, settings: Settings) -> None:
        self.findings = Findings()
        self._folder, self._settings = folder, settings
        self._images = folder.images("frames")
        if self._images is None:
            self.findings.add(sorts.NO_IMAGES, "", "frames")

    def parts(self) -> Iterator[Part]:
        """Yield the parts in the order in which a training meets them."""
        has_train, has_val = self._has(TRUTH), self._has(MEASURED, PREDICTED)
        if not (has_train or has_val):
            self._folder.refuse("ava_train_v2.2.csv or ava_val_v2.2.csv")
        if has_train:
            train = self._box_list("train", TRUTH)
            yield self._boxes("train", "trains on the boxes of the truth", train, "train.csv")
        else:
            self.findings.add(NO_SPLIT, "", TRUTH.name, verb="train", reader=READER)
        if has_val:
            yield from self._validation()
        else:
            self.findings.add(NO_SPLIT, "", MEASURED.name, verb="validate", reader=READER)
            if self._has(CLASSES):
                self._classes("train")

    def _has(self, *wanted: Wanted) -> bool:
        return any(map(self._folder.holds, wanted))

    def _validation(self) -> Iterator[Part]:
        least = self._settings.tools_min_score
        val = self._box_list("val", PREDICTED, min_score=least, each=EACH)
        yield self._boxes("val", "looks at each fourth second's predicted boxes", val, "val.csv")
        test = self._box_list("test", PREDICTED, min_score=least)
        yield self._boxes("test", "looks at all predicted boxes", test, "val.csv")
        yield self._measure("measure of val", "expects each fourth second's truth", val, EACH)
        yield self._measure("measure of test", "expects all of the truth", test, 1)

    def _find(self, wanted: Wanted, part: str) -> Path | None:
        return self._folder.find(wanted, READER, part, self.findings)

    def _box_list(
        self, part: str, wanted: Wanted, *, min_score: float | None = None, each: int = 1
    ) -> BoxList | None:
        path = self._find(wanted, part)
        if path is None:
            return None
        name = self._folder.name_of(path)
        boxes = BoxList(part, name, self.findings, min_score=min_score, each=each)
        boxes.read(path)
        return boxes

    def _boxes(self, part: str, does: str, boxes: BoxList | None, listed: str) -> Part:
        videos = self._videos(part, listed)
        if boxes is not None and videos is not None:
            self._compare(boxes, videos, listed)
        if part == "train" and boxes is not None:
            self._tell_of_excluded(boxes)
        used = Counts()
        if boxes is not None and not self.findings.breaks(part):
            used = boxes.used(videos, self._settings).counts
        return Part(
            name=part,
            does=does,
            stated=Counts() if boxes is None else boxes.stated.counts,
            used=used,
            stops=self.findings.stops(part),
        )

    def _videos(self, part: str, listed: str) -> dict[str, Images] | None:
        path = self._folder.below("frame_lists") / listed
        name = self._folder.name_of(path)
        if not path.is_file():
            self.findings.add(sorts.NO_LIST, part, name)
            return None
        return FrameList(part, name, self._images, self.findings).read(path)

    def _compare(self, boxes: BoxList, videos: dict[str, Images], listed: str) -> None:
        """Tell of videos that the boxes or the list of images lack: the loader counts both."""
        name, with_boxes = f"frame_lists/{listed}", boxes.videos()
        for video_id, images in videos.items():
            if video_id not in with_boxes:
                told = {"found": video_id, "other": boxes.file}
                self.findings.add(sorts.NO_BOXES, boxes.part, name, images.line, **told)
        for video_id, line in with_boxes.items():
            if video_id not in videos:
                told = {"found": video_id, "other": name}
                self.findings.add(sorts.NOT_LISTED, boxes.part, boxes.file, line, **told)
        if not with_boxes:
            self.findings.add(sorts.NOTHING, boxes.part, boxes.file)

    def _tell_of_excluded(self, boxes: BoxList) -> None:
        for path in self._folder.others("ava_train_excluded_timestamps_v*.csv"):
            name = self._folder.name_of(path)
            # What is wrong with a file that is not read is nobody's trouble.
            boxes.tell_of_excluded(read_exclusions(path, "train", name, Findings()), name)

    def _measure(self, part: str, does: str, boxes: BoxList | None, each: int) -> Part:
        truth, classes = self._find(MEASURED, part), self._classes(part)
        excluded = self._exclusions(part)
        if truth is None:
            return Part(name=part, does=does, stated=Counts(), used=Counts(), stops=True)
        name = self._folder.name_of(truth)
        measured = Measured(part, name, classes, self.findings)
        asked: list[tuple[int, Key]] = []
        for line, key, box, action in measured.rows(truth):
            if key[1] % each:
                self.findings.add(sorts.EACH_FOURTH, part, name, line)
            elif key in excluded:
                self.findings.add(sorts.EXCLUDED, part, name, line)
            else:
                measured.count(line, key, box, action)
                asked.append((line, key))
        if boxes is not None:
            self._hold_against(boxes, part, name, asked)
            if not self.findings.breaks(part):
                boxes.tell_of_others(part, {key for _, key in asked} | excluded.keys(), name)
        used = Counts() if self.findings.breaks(part) else measured.used.counts
        stops, stated = self.findings.stops(part), measured.stated.counts
        return Part(name=part, does=does, stated=stated, used=used, stops=stops)

    def _hold_against(
        self, boxes: BoxList, part: str, name: str, asked: list[tuple[int, Key]]
    ) -> None:
        """Tell of labels that nothing can be predicted for."""
        unseen = [line for line, key in asked if key not in boxes]
        if asked and len(unseen) == len(asked):
            self.findings.add(sorts.NEVER_SEEN, part, name, unseen[0], other=boxes.file)
            return
        for line in unseen:
            self.findings.add(sorts.UNSEEN, part, name, line, other=boxes.file)

    def _classes(self, part: str) -> set[int]:
        path = self._find(CLASSES, part)
        if path is None:
            return set()
        name = self._folder.name_of(path)
        return read_classes(path, part, name, self.findings, stops_at_second=False)

    def _exclusions(self, part: str) -> dict[Key, int]:
        path = self._find(EXCLUDED, part)
        if path is None:
            return {}
        return read_exclusions(path, part, self._folder.name_of(path), self.findings)
