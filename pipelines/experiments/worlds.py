"""Releases drawn for experiments: a world a seed, its people the demo's, its truth known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kinetics_builder.errors import ModelError
from pipelines.demo.drawn import actions, draw_release
from pipelines.demo.labels import NAMES, REVERSED_PAIRS

Say = Callable[[str], None]
SOURCE_LABELS = (
    *("closing a door", "juggling balls", "opening a door"),
    *("picking up a box", "playing guitar", "putting down a box"),
)
TARGET_LABELS = tuple(name for name in NAMES if name not in SOURCE_LABELS)
"""None of the source's, and of both some that only time tells apart."""
_FIRST_SEED = 101
"""Of the worlds, which are not the demo's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A release that is wanted: so many clips of each label and split, of one seed."""

    folder: Path
    """Of all worlds."""
    labels: Sequence[str]
    counts: Mapping[str, int]
    seed: int

    @property
    def release(self) -> Path:
        """Return the release's folder, which says all that decides what is drawn."""
        numbers = "-".join(f"{split}{count}" for split, count in self.counts.items())
        labels = "".join("x" if name in self.labels else "o" for name in NAMES)
        return self.folder / f"seed{self.seed}-{labels}-{numbers}"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the labels that are each other played backwards."""
        return tuple(pair for pair in REVERSED_PAIRS if set(pair) <= set(self.labels))

    def draw(self, say: Say) -> Path:
        """Draw the release unless it is there."""
        if not (self.release / "classes.txt").is_file():
            number = len(self.labels) * sum(self.counts.values())
            say(f"Drawing {number} clips in {self.release}")
            videos = actions(self.labels, self.counts, _FIRST_SEED + self.seed)
            draw_release(self.release, self.labels, videos)
        return self.release


def with_flow(release: Path, networks: Sequence[str]) -> None:
    """Compute the flow of a drawn release as finely as those of the networks look that eat any.

    What failed in an earlier run is computed again, as the rest: nothing that was drawn is broken.

    Raises:
        ModelError: It failed again, or another process is at it.

    """
    from models.description import find_spec
    from pipelines.flow.asking import Asked
    from pipelines.flow.run import compute_flow
    from pipelines.running.reports import SilentReporter

    looks = [find_spec(name).sampling for name in networks]
    looks = [one for one in looks if one.modality != "rgb"]
    if looks:
        rate = max(1 / one.step_seconds for one in looks)
        side = max(one.short_side for one in looks)
        asked = Asked(frames_per_second=rate, short_side=side)
        report = compute_flow(release, asked, SilentReporter())
        if report.failures:
            report = compute_flow(release, replace(asked, fresh=True), SilentReporter())
        for row in report.failures[:1]:
            raise ModelError(
                f"The flow of {len(report.failures)} clips of {release} could not be computed, for "
                f"instance {row.file}: {row.reason}: {row.message}. Remove the folder, and ask "
                "again."
            )
