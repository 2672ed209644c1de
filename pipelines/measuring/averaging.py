"""The mean over the splits of a dataset, as results on UCF101 and HMDB51 are reported."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError

_EVALUATION = "evaluation.json"
_TOLD = {"network": "network", "classes": "labels", "measured classes": "per_class"}
_NO_MEASURES = frozenset({"num_clips", "num_views", "chance"})


@dataclass(frozen=True, slots=True)
class Averaged:
    """What each split gave, and the mean of it."""

    files: tuple[Path, ...]
    values: dict[str, tuple[float, ...]]
    """What each file says of each measure that all of them have."""

    @property
    def means(self) -> dict[str, float]:
        """Return the mean of each measure; each split counts alike."""
        return {name: statistics.fmean(values) for name, values in self.values.items()}

    @property
    def deviations(self) -> dict[str, float]:
        """Return how far splits lie apart: the standard deviation, of a sample."""
        return {name: statistics.stdev(values) for name, values in self.values.items()}

    def lines(self) -> list[str]:
        """Return a table for people, each measure with its splits behind the mean."""
        width = max(map(len, self.values))
        return [
            f"{name:<{width}}  {self.means[name]:.6f}  (deviation {self.deviations[name]:.6f}; "
            f"{', '.join(f'{value:.6f}' for value in values)})"
            for name, values in self.values.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the means under the measures' own keys, and what they are of."""
        files = [str(path) for path in self.files]
        return {**self.means, "deviations": self.deviations, "files": files, "values": self.values}


def average(places: Sequence[Path]) -> Averaged:
    """Return the mean over splits.

    Args:
        places: A run, its folder of an evaluation, its `evaluation.json`, or what
            `kbuild measure ... --json` printed; one a split.

    Raises:
        FormatError: Fewer than two; no such file; one stands twice; of other classes or of other
            networks than the first; or without any measure in common.

    """
    if len(places) < 2:
        raise FormatError(f"a mean is over two splits at least, found {len(places)}.")
    files = [_file(place) for place in places]
    found = [_read(file) for file in files]
    for file, one in zip(files[1:], found[1:], strict=True):
        _check_alike((files[0], found[0]), (file, one))
    _check_each_once(files, found)
    names = [name for name in found[0] if all(_is_measure(name, one) for one in found)]
    if not names:
        raise FormatError(f"{files[0]} and {files[1]} have no measure in common.")
    values = {name: tuple(float(one[name]) for one in found) for name in names}
    return Averaged(tuple(files), values)


def _file(place: Path) -> Path:
    for path in (place, place / _EVALUATION, place / "evaluation-test" / _EVALUATION):
        if path.is_file():
            return path
    raise FormatError(
        f"{place} holds no {_EVALUATION}: `kbuild evaluate` writes it. A file that "
        "`kbuild measure ... --json` printed does, too."
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: expected JSON: {error}.") from error
    if not isinstance(found, dict):
        raise FormatError(f"{path}: expected an object of measures, found {type(found).__name__}.")
    return found


def _is_measure(name: str, found: dict[str, Any]) -> bool:
    value = found.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and name not in _NO_MEASURES and math.isfinite(float(value or 0))


def _check_alike(first: tuple[Path, dict[str, Any]], other: tuple[Path, dict[str, Any]]) -> None:
    """Refuse what is of another dataset or of another network."""
    for what, key in _TOLD.items():
        known, found = (_said(one[1].get(key)) for one in (first, other))
        if known != found and None not in (known, found):
            raise FormatError(
                f"{first[0]} and {other[0]} differ in their {what}: a mean is over the splits of "
                "one dataset, for one network."
            )


def _said(value: Any) -> Any:
    return sorted(value) if isinstance(value, dict) else value


def _check_each_once(files: Sequence[Path], found: Sequence[dict[str, Any]]) -> None:
    """Refuse one split twice: by its file, or by the release that it is of."""
    seen: dict[object, Path] = {}
    for file, one in zip(files, found, strict=True):
        sha256, split = one.get("release_sha256"), one.get("split")
        for key in filter(None, (file.resolve(), sha256 and (sha256, split))):
            if key in seen:
                raise FormatError(f"{file} and {seen[key]} are of the same split.")
            seen[key] = file
