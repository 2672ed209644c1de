"""The columns of a Kinetics CSV, and the cells of its rows."""

from kinetics_builder.formats.checks import check_stretch, trimmed
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.losses import Losses, extra_of
from kinetics_builder.formats.names import whole_seconds
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.splits import given_split
from kinetics_builder.intervals import Interval

SPLIT_NAME = "split_name"
"""The detail that holds what the file calls the split, where records have another name."""
TIMES = ("youtube_id", "time_start", "time_end")
"""Which clip it is, in every Kinetics CSV."""


class Rows:
    """The columns of a file, and the cells of its rows."""

    def __init__(self, first: Clip, options: Options, losses: Losses) -> None:
        self._has_label = first.label is not None
        extra = extra_of(first)
        self._has_cc = "is_cc" in (*first.details, *extra)
        self._extra = tuple(name for name in extra if name != "is_cc")
        self._split = given_split(options)
        self._losses = losses
        self.header = [
            *(["label"] if self._has_label else []),
            *TIMES,
            "split",
            *(["is_cc"] if self._has_cc else []),
            *self._extra,
        ]
        self._said = (SPLIT_NAME, *(["is_cc"] if self._has_cc else []), *self._extra)

    def cells(self, clip: Clip) -> list[object]:
        """Return a row; ValueError for a clip that does not fit."""
        if self._has_label is (clip.label is None):
            found, first = ("no label", "one") if self._has_label else ("a label", "none")
            raise ValueError(f"{found}, where the first clip has {first}; write them apart")
        split = clip.split or self._split
        if split is None:
            raise ValueError("no split, which a Kinetics row needs: give --split")
        start, end = self._times(clip)
        self._losses.note_details(clip, self._said)
        self._losses.note_file(clip)
        return [
            *([trimmed(clip.label, "label")] if clip.label is not None else []),
            trimmed(clip.video_id, "youtube_id"),
            start,
            end,
            clip.details.get(SPLIT_NAME, split),
            *([self._cc(clip)] if self._has_cc else []),
            *(clip.details.get(name, "") for name in self._extra),
        ]

    def _times(self, clip: Clip) -> tuple[int, int]:
        if clip.start_seconds is None or clip.end_seconds is None:
            raise ValueError("no start and end, which a Kinetics row needs")
        check_stretch(clip.start_seconds, clip.end_seconds)
        start, end = whole_seconds(Interval(clip.start_seconds, clip.end_seconds))
        if (start, end) != (clip.start_seconds, clip.end_seconds):
            self._losses.note("exact start and end", clip.video_id)
        return start, end

    def _cc(self, clip: Clip) -> int | str:
        is_cc = clip.details.get("is_cc")
        if is_cc is None and "is_cc" in extra_of(clip):
            return ""  # as in the file that it was read from
        if is_cc is None:
            message = "no is_cc, which the first clip has; its cell stays empty"
            self._losses.note_oddity(message, clip.video_id)
            return ""
        return int(bool(is_cc))
