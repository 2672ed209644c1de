"""PySlowFast's boxes: `parse_bboxes_file` of its ava_helper.py, and the clips that it loads."""

from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from kinetics_builder.ava.checking.measured import Key
from kinetics_builder.ava.checking.pyslowfast import sorts
from kinetics_builder.ava.checking.pyslowfast.frame_lists import Images
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

VALID_SECONDS = range(902, 1799)
"""AVA_VALID_FRAMES of its ava_helper.py."""
_NO_ACTION = -1


@dataclass(slots=True)
class _Labelled:
    """A box as the loader keeps it."""

    box: Box
    line: int
    actions: list[int] = field(default_factory=list)


class BoxList:
    """The boxes of a file that the loader takes.

    `min_score` is what predicted boxes need; None for the truth. `each` is 4 where seconds that
    it does not divide are passed over.
    """

    def __init__(
        self,
        part: str,
        file: str,
        findings: Findings,
        *,
        min_score: float | None = None,
        each: int = 1,
    ) -> None:
        self.part, self.file = part, file
        self.stated = Tally()
        self._findings, self._min_score, self._each = findings, min_score, each
        self._frames: dict[Key, dict[str, _Labelled]] = {}
        self._texts: dict[tuple[Key, Box], str] = {}
        """How the box of these numbers was written first."""

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
        need_cells(cells, 7 if self._min_score is None else 8)
        if self._min_score is not None and _score_of(cells[7]) < self._min_score:
            self._add(sorts.LOW_SCORE, line.number, found=cells[7], least=self._min_score)
            return
        second = whole(cells[1], Bad.TIME)
        if second % self._each:
            self._add(sorts.EACH_FOURTH, line.number)
            return
        box = box_of(cells)
        action = _NO_ACTION if cells[6] == "" else whole(cells[6], Bad.ACTION)
        if second in VALID_SECONDS:
            self._keep(line, (cells[0], second), box, action)
        else:
            self._add(sorts.OUTSIDE, line.number, found=second)

    def _keep(self, line: Line, key: Key, box: Box, action: int) -> None:
        text = ",".join(line.cells[2:6])
        boxes = self._frames.setdefault(key, {})
        if text not in boxes:
            boxes[text] = _Labelled(box, line.number)
            first = self._texts.setdefault((key, box), text)
            if first != text:
                self._add(sorts.WRITTEN_OTHERWISE, line.number, found=first, text=text)
            if (oddity := oddity_of(box)) is not None:
                self._add(sorts.ODD_BOX[oddity], line.number, found=text)
        boxes[text].actions.append(action)
        if action == _NO_ACTION and self._min_score is None:
            self._add(sorts.NO_ACTION, line.number)

    def tell_of_excluded(self, excluded: dict[Key, int], file: str) -> None:
        """Tell of key frames that are taken though `file` excludes them."""
        for key, boxes in self._frames.items():
            if key in excluded:
                self._add(sorts.EXCLUDED_TRAINED, next(iter(boxes.values())).line, other=file)

    def tell_of_others(self, part: str, known: Container[Key], truth: str) -> None:
        """Tell of key frames with boxes that are not among the `known` of the truth."""
        for key, boxes in self._frames.items():
            if key not in known:
                line = next(iter(boxes.values())).line
                self._findings.add(sorts.NOT_IN_TRUTH, part, self.file, line, other=truth)

    def __contains__(self, key: Key) -> bool:
        return key in self._frames

    def videos(self) -> dict[str, int]:
        """Return the videos with a box that is taken, and the line of the first."""
        found: dict[str, int] = {}
        for (video_id, _), boxes in self._frames.items():
            found.setdefault(video_id, next(iter(boxes.values())).line)
        return found

    def used(self, videos: dict[str, Images] | None, settings: Settings) -> Tally:
        """Count what is left when the clip of each key frame is loaded.

        Without `videos`, where nobody knows which images there are, all that is taken.
        """
        used = Tally()
        for key, boxes in self._frames.items():
            line = next(iter(boxes.values())).line
            is_there = videos is None or self._loads(key, line, videos[key[0]], settings)
            if not (self._labels_fit(boxes) and is_there):
                continue
            for text, labelled in boxes.items():
                used.add(key, text)
                for action in labelled.actions:
                    if action != _NO_ACTION:
                        used.add(key, text, action)
        return used

    def _loads(self, key: Key, line: int, images: Images, settings: Settings) -> bool:
        """Tell whether the images of a clip are there: `get_sequence`."""
        place = (key[1] - FIRST_SECONDS) * FRAMES_PER_SECOND
        half = settings.num_frames * settings.stride // 2
        places = range(place - half, place + half, settings.stride)
        last = len(images.there) - 1
        told = {"found": last + 1, "second": key[1], "place": place + 1}
        if place > last:
            self._add(sorts.BEYOND_END, line, **told)
        elif places[-1] > last:
            self._add(sorts.PAST_END, line, **told)
        if all(images.there[min(max(one, 0), last)] for one in places):
            return True
        self._add(sorts.IMAGE_GONE, line, **told)
        return False

    def _labels_fit(self, boxes: dict[str, _Labelled]) -> bool:
        fits = True
        for labelled in boxes.values():
            for action in labelled.actions:
                if action != _NO_ACTION and not 1 <= action <= MOST_ACTION:
                    self._add(sorts.BAD_CLASS, labelled.line, found=action)
                    fits = False
        return fits

    def _add(self, sort: Sort, line: int, **values: object) -> None:
        self._findings.add(sort, self.part, self.file, line, **values)


def _score_of(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadRow(Bad.SCORE, repr(text)) from None
