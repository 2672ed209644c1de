"""MMAction2's key frames: `AVADataset.load_data_list`, `SampleAVAFrames`, `RawFrameDecode`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.ava.checking.measured import Key
from kinetics_builder.ava.checking.mmaction2 import sorts
from kinetics_builder.ava.checking.mmaction2.proposals import Proposals
from kinetics_builder.ava.checking.names import names_in
from kinetics_builder.ava.checking.report import Findings, Sort, Tally
from kinetics_builder.ava.checking.rows import (
    Bad,
    BadRow,
    Box,
    Line,
    box_of,
    lines_of,
    need_cells,
    oddity_of,
    tally_stated,
    whole,
)
from kinetics_builder.ava.checking.settings import (
    FIRST_SECONDS,
    FRAMES_PER_SECOND,
    MOST_ACTION,
    Settings,
)

LAST_SECONDS = 1800
"""timestamp_end; timestamp_start is 900."""
_SHOT = (LAST_SECONDS - FIRST_SECONDS) * FRAMES_PER_SECOND
_START_INDEX = 1


@dataclass(slots=True)
class _KeyFrame:
    """The boxes of a key frame, with their labels."""

    line: int
    boxes: dict[Box, list[int]] = field(default_factory=dict)


class KeyFrames:
    """The key frames of a truth that MMAction2 takes; equal boxes are one, however written."""

    def __init__(self, part: str, file: str, findings: Findings) -> None:
        self.stated = Tally()
        self._part, self._file, self._findings = part, file, findings
        self._frames: dict[Key, _KeyFrame] = {}

    def read(self, path: Path) -> None:
        """Take the rows of a file."""
        for line in lines_of(path):
            tally_stated(self.stated, line.cells)
            try:
                self._take(line)
            except BadRow as bad:
                self._add(sorts.BAD_ROW[bad.bad], line.number, found=bad.found)

    def _take(self, line: Line) -> None:
        """Look at a row in the order in which the loader does."""
        cells = line.cells
        need_cells(cells, 7)
        action = whole(cells[6], Bad.ACTION)
        key = (cells[0], whole(cells[1], Bad.TIME))
        box = box_of(cells)
        need_cells(cells, 8)
        whole(cells[7], Bad.PERSON)
        if not -MOST_ACTION - 1 <= action <= MOST_ACTION:
            self._add(sorts.CLASS_TOO_HIGH, line.number, found=action)
            return
        frame = self._frames.setdefault(key, _KeyFrame(line.number))
        if box not in frame.boxes:
            self._look_at_box(line, box)
        frame.boxes.setdefault(box, []).append(action)

    def _look_at_box(self, line: Line, box: Box) -> None:
        if (oddity := oddity_of(box)) is not None:
            self._add(sorts.ODD_BOX[oddity], line.number, found=",".join(line.cells[2:6]))

    def leave_out(self, excluded: Iterable[Key]) -> None:
        """Leave out excluded key frames, as `filter_data` does."""
        for key in excluded:
            if key in self._frames:
                self._add(sorts.EXCLUDED, self._frames.pop(key).line)
        if not self._frames:
            self._findings.add(sorts.NOTHING, self._part, self._file)

    def used(
        self,
        settings: Settings,
        proposals: Proposals | None,
        images: Path | None,
        *,
        is_training: bool,
    ) -> Tally:
        """Count what is left when the clip and the proposals of each key frame are loaded."""
        used, disk = Tally(), _Disk(images)
        for key, frame in self._frames.items():
            place = (self._file, frame.line)
            is_served = proposals is None or proposals.serve(key, settings.tools_min_score, place)
            is_there = self._loads(key, frame, disk, settings, is_training=is_training)
            if is_served and is_there:
                for box, actions in frame.boxes.items():
                    self._count(used, key, frame, box, actions)
        if proposals is not None:
            proposals.tell_of_rest()
        return used

    def _count(self, used: Tally, key: Key, frame: _KeyFrame, box: Box, actions: list[int]) -> None:
        for action in actions:
            taken = action if action >= 0 else action + MOST_ACTION + 1
            if action < 0:
                self._add(sorts.CLASS_BELOW, frame.line, found=action, taken=taken)
            if taken == 0:
                self._add(sorts.CLASS_ZERO, frame.line)
            used.add(key, box, taken)

    def _loads(
        self, key: Key, frame: _KeyFrame, disk: "_Disk", settings: Settings, *, is_training: bool
    ) -> bool:
        """Tell whether the images of a clip are there."""
        center = FRAMES_PER_SECOND * (key[1] - FIRST_SECONDS) + _START_INDEX
        places = _places(center, settings, is_training=is_training)
        wanted = [min(max(place, 0), _SHOT - 1) + _START_INDEX for place in places]
        middle = wanted[len(wanted) // 2]
        if not FIRST_SECONDS <= key[1] <= LAST_SECONDS:
            self._add(sorts.OUTSIDE, frame.line, second=key[1], place=middle)
        gone = disk.first_gone(key[0], wanted)
        if gone is None:
            return True
        told = {"second": key[1], "first": wanted[0], "last": wanted[-1], "image": gone}
        self._add(sorts.IMAGE_GONE, frame.line, **told)
        return False

    def _add(self, sort: Sort, line: int, **values: object) -> None:
        self._findings.add(sort, self._part, self._file, line, **values)


def _places(center: int, settings: Settings, *, is_training: bool) -> range:
    """Return the images a clip may ask for: each is shifted at random in training."""
    num, stride = settings.num_frames, settings.stride
    first, end = center - num // 2 * stride, center + (num + 1) // 2 * stride
    if not is_training:
        return range(first, end, stride)
    return range(first + -stride // 2, end - stride + (stride + 1) // 2)


class _Disk:
    """Knows which images of a video are there, from one listing of its folder."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._video: str | None = None
        self._names: frozenset[str] = frozenset()

    def first_gone(self, video_id: str, numbers: list[int]) -> str | None:
        """Return the first of these images that is not there; None where nobody knows."""
        if self._root is None:
            return None
        if video_id != self._video:
            self._video, self._names = video_id, names_in(self._root / video_id)
        for number in numbers:
            name = f"img_{number:05d}.jpg"
            if name not in self._names:
                return f"{video_id}/{name}"
        return None
