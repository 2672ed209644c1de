"""AVA's files as PySlowFast and MMAction2 have them in a folder, and what both refuse."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.records import SPLITS, Box
from kinetics_builder.formats.splits import SHORT, given_split

SPLIT = "split"
"""The detail that says in which split's file a box stands."""

ANNOTATIONS = "annotations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a tool names AVA's files below annotations/; {} stands for train, val or test."""

    name: str
    truth: str
    excluded: str
    labels: str
    predicted: str
    """Boxes with scores: rows, or a pickle of proposals without actions."""
    first_seconds: int
    """The tool as it is takes key frames at whole seconds from here on, and to the last."""
    last_seconds: int
    setting: str
    """What is to be set for key frames at other seconds, where no shift brings them in."""
    has_frame_lists: bool
    needs_person: bool
    """Whether each row of the ground truth must end with a person's number."""

    @property
    def has_proposals(self) -> bool:
        """Whether boxes with scores go into a pickle."""
        return self.predicted.endswith(".pkl")

    def check(self, box: Box) -> None:
        """Raise a ValueError for a box at which the tool would stop."""
        seconds = box.timestamp_seconds
        if not seconds.is_integer() or seconds < 0:
            raise ValueError(
                f"found the time {seconds:g}; {self.name} takes whole seconds from 0 on"
            )
        if not box.video_id or set(box.video_id) & set(', "\t\r\n\0/'):
            raise ValueError(f"{self.name} cannot take the video id {box.video_id!r}")
        if self.needs_person and box.score is None and box.person_id is None:
            raise ValueError(f"found no person_id; {self.name} needs one")

    def takes(self, seconds: float) -> bool:
        """Tell whether the tool as it is takes a key frame at a time."""
        return self.first_seconds <= seconds <= self.last_seconds


PYSLOWFAST = Layout(
    name="pyslowfast-ava",
    truth="ava_{}_v2.2.csv",
    excluded="ava_{}_excluded_timestamps_v2.2.csv",
    labels="ava_action_list_v2.2_for_activitynet_2019.pbtxt",
    predicted="ava_{}_predicted_boxes.csv",
    first_seconds=902,
    last_seconds=1798,
    setting="PySlowFast stops there unless AVA_VALID_FRAMES of its ava_helper.py, and the second "
    "900 that it counts frames from, are changed",
    has_frame_lists=True,
    needs_person=False,
)
MMACTION2 = Layout(
    name="mmaction2-ava",
    truth="ava_{}_v2.1.csv",
    excluded="ava_{}_excluded_timestamps_v2.1.csv",
    labels="ava_action_list_v2.1_for_activitynet_2018.pbtxt",
    predicted="ava_dense_proposals_{}.FAIR.recall_93.9.pkl",
    first_seconds=900,
    last_seconds=1800,
    setting="set timestamp_start and timestamp_end of MMAction2's AVADataset",
    has_frame_lists=False,
    needs_person=True,
)


def split_of_box(box: Box, options: Options) -> str:
    """Return train, val or test: what the box says, else the options, else train.

    Raises:
        ValueError: Another word.

    """
    split = box.details.get(SPLIT) or given_split(options) or "train"
    if split not in SPLITS:
        raise ValueError(f"expected {', '.join(SPLITS)} as split, found {split!r}")
    return SHORT[str(split)]


def loaded_videos(word: str, truth: Collection[str], predicted: Collection[str]) -> Collection[str]:
    """Return the videos whose boxes PySlowFast loads, which its list of images must have alone.

    To train it looks at the truth, to validate and to test at predicted boxes.
    """
    return truth if word == "train" and truth else predicted or truth


def annotation(folder: Path, name: str, word: str) -> Path | None:
    """Return the file of a split, of whichever version; None without one."""
    pattern = name.format(word).replace("v2.1", "v2.*").replace("v2.2", "v2.*")
    pattern = pattern.replace(".FAIR.recall_93.9", "*")
    return max((folder / ANNOTATIONS).glob(pattern), default=None)
