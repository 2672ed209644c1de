"""What trained networks reach on a split, and how much they compute for it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from kinetics_builder.metrics.shares import wilson

EVALUATION = "evaluation.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One run."""

    run: str
    """Its folder's name."""
    network: str
    family: str
    """The kind of its trunk."""
    num_parameters: int
    """With the classes that the run tells apart."""
    view_multiply_adds: int
    """Of one view, as a test looks at it."""
    num_views: int
    num_clips: int
    top1: float
    """In [0, 1]."""
    interval: tuple[float, float]
    """Of `top1`, 95 % over clips (Wilson's)."""

    @property
    def multiply_adds(self) -> int:
        """Return what a test of one clip takes."""
        return self.view_multiply_adds * self.num_views

    @property
    def line(self) -> str:
        """Return the row of a table for people; `HEADER` stands above it."""
        low, high = self.interval
        return (
            f"{self.run:<28}{self.network:<24}{self.num_parameters / 1e6:>10.2f}"
            f"{self.view_multiply_adds / 1e9:>10.2f} x{self.num_views:>4}"
            f"{self.multiply_adds / 1e9:>11.2f}{100 * self.top1:>8.1f}"
            f"  ({100 * low:.1f} to {100 * high:.1f})"
        )


HEADER = (
    f"{'run':<28}{'network':<24}{'M numbers':>10}{'G a view':>10} x{'':>4}{'G a clip':>11}"
    f"{'top-1':>8}  (95 %)"
)


def read_points(runs: Sequence[Path], split: str) -> list[Point]:
    """Return the runs that were evaluated on `split`, the cheapest first.

    Raises:
        ModelError: One was not, or not on the clips that the others were.

    """
    said = [(run, _evaluation(run, split)) for run in runs]
    first, of_first = said[0]
    for run, found in said[1:]:
        for key, what in (("release_sha256", "release"), ("num_clips", "number of clips")):
            if found[key] != of_first[key]:
                raise ModelError(
                    f"{run} was measured on another {what} than {first}: {found[key]!r}, not "
                    f"{of_first[key]!r}. `kbuild evaluate` each on the same one."
                )
    return sorted((_point(run, found) for run, found in said), key=lambda p: p.multiply_adds)


def _evaluation(run: Path, split: str) -> dict[str, Any]:
    path = run / f"evaluation-{split}" / EVALUATION
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(
            f"{run} was not measured on the split {split}: {path} is not there. "
            f"`kbuild evaluate {run} --split {split}` writes it."
        ) from error
    except ValueError as error:
        raise ModelError(f"{path} is damaged ({error}). Evaluate {run} again.") from error
    if not isinstance(found, dict) or "top1" not in found:
        raise ModelError(f"{path} is of a detector; only networks that tell clips apart compare.")
    for key in ("release_sha256", "num_clips", "num_views"):
        if not found.get(key):
            raise ModelError(
                f"{path} says no {key}, as of a network that was measured by an older kbuild. "
                f"`kbuild evaluate {run} --split {split}` writes it anew."
            )
    return found


def _point(run: Path, found: dict[str, Any]) -> Point:
    from models.checkpoints.store import read_spec
    from models.checkpoints.weights import read_card
    from models.counting import count_view

    spec, num_clips = read_spec(run), found["num_clips"]
    counted = count_view(spec, len(read_card(run)["labels"]))
    return Point(
        run=run.resolve().name,
        network=spec.name,
        family=spec.backbone.kind,
        num_parameters=counted.parameters,
        view_multiply_adds=counted.multiply_adds,
        num_views=found["num_views"],
        num_clips=num_clips,
        top1=found["top1"],
        interval=wilson(round(found["top1"] * num_clips), num_clips),
    )
