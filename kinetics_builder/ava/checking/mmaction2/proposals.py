"""MMAction2's proposals: `AVADataset.get_data_info` on the pickle of persons."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.ava.checking.measured import Key
from kinetics_builder.ava.checking.mmaction2 import sorts
from kinetics_builder.ava.checking.report import Findings
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.pickles.arrays import PickledArray, load_arrays


def image_key(key: Key) -> str:
    """Return how MMAction2 calls a key frame.

    >>> image_key(("a", 4))
    'a,0004'
    """
    return f"{key[0]},{key[1]:04d}"


class Proposals:
    """The persons that a detector proposed, by key frame."""

    def __init__(
        self, path: Path, part: str, file: str, findings: Findings, *, is_training: bool
    ) -> None:
        self._found: Mapping[object, object] | None = None
        try:
            found = load_arrays(path)
            self._found = found if isinstance(found, Mapping) else None
            told = f"found no dictionary of arrays but a {type(found).__name__}"
        except FormatError as error:
            told = str(error).removeprefix(f"{path} ").rstrip(".")
        if self._found is None:
            findings.add(sorts.NO_KEYS, part, file, found=told)
        self._part, self._file, self._findings = part, file, findings
        self._whole_image = sorts.WHOLE_IMAGE_TRAINED if is_training else sorts.WHOLE_IMAGE
        self._asked: set[str] = set()

    def serve(self, key: Key, min_score: float, truth: tuple[str, int]) -> bool:
        """Tell whether the persons of a key frame can be had, and what is odd about them.

        `truth` is where the key frame stands first: a file and a line.
        """
        name = image_key(key)
        if self._found is None:
            return True
        if name not in self._found:
            self._findings.add(self._whole_image, self._part, *truth, key=name)
            return True
        self._asked.add(name)
        value = self._found[name]
        array = value.value if isinstance(value, PickledArray) else None
        if array is None or array.ndim != 2 or array.shape[1] not in (4, 5) or not array.size:
            found = f"no array but a {type(value).__name__}"
            if array is not None:
                found = f"an array of the shape {array.shape}"
            self._findings.add(sorts.NO_ARRAY, self._part, self._file, key=name, found=found)
            return False
        return self._are_shares(name, array, min_score)

    def _are_shares(self, name: str, boxes: NDArray[Any], min_score: float) -> bool:
        if boxes.shape[1] == 5:
            boxes = boxes[boxes[:, 4] >= min(min_score, boxes[:, 4].max())]
        corners = boxes[:, :4]
        if corners.size and np.all((corners >= 0) & (corners <= 1)):
            return True
        far = corners.max() if corners.size and corners.max() > 1 else corners.min(initial=0)
        self._findings.add(sorts.NOT_SHARES, self._part, self._file, key=name, found=f"{far:g}")
        return False

    def tell_of_rest(self) -> None:
        """Tell of proposals of key frames that the truth does not list."""
        for name in self._found or ():
            if name not in self._asked:
                self._findings.add(sorts.UNUSED_PROPOSALS, self._part, self._file, key=repr(name))
