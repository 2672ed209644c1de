"""Which files a release has, by the version of AVA whose reader is to read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Names of files ({} stands for train, val or test), and what their rows say."""

    name: str
    truth: str
    format: str
    """Of `truth`, as `kbuild formats` calls it."""
    excluded: str | None
    included: str | None
    labels: str
    """All actions, with their types."""
    measured: str
    """Those that are measured, in the dialect of the challenges."""
    lists_empty: bool = True
    """Whether key frames without a box are rows of two cells."""
    has_persons: bool = True
    is_of_clips: bool = False
    """Whether each film has one key frame, on the time line of the video that it is a clip of."""


V2_2 = Layout(
    name="v2.2",
    truth="ava_{}_v2.2.csv",
    format="ava",
    excluded="ava_{}_excluded_timestamps_v2.2.csv",
    included="ava_included_timestamps_v2.2.txt",
    labels="ava_action_list_v2.2.pbtxt",
    measured="ava_action_list_v2.2_for_activitynet_2019.pbtxt",
)
V2_1 = Layout(
    name="v2.1",
    truth="ava_{}_v2.1.csv",
    format="ava",
    excluded="ava_{}_excluded_timestamps_v2.1.csv",
    included="ava_included_timestamps_v2.1.txt",
    labels="ava_action_list_v2.1.pbtxt",
    measured="ava_action_list_v2.1_for_activitynet_2018.pbtxt",
    lists_empty=False,
)
AVA_KINETICS = Layout(
    name="ava-kinetics",
    truth="kinetics_{}_v1.0.csv",
    format="ava-kinetics",
    excluded=None,
    included=None,
    labels="ava_action_list_v2.2.pbtxt",
    measured="ava_action_list_v2.2_for_activitynet_2019.pbtxt",
    has_persons=False,
    is_of_clips=True,
)
LAYOUTS = {one.name: one for one in (V2_2, V2_1, AVA_KINETICS)}
PREDICTED = "ava_{}_predicted_boxes.csv"
PROPOSALS = "ava_dense_proposals_{}.pkl"
LEFT_OUT = "left_out.csv"
LONG_TAIL = "long_tail.png"
README = "README.md"
