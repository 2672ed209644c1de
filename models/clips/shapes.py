"""The shape of a step's clips, where a schedule changes it: fewer frames, smaller squares."""

from dataclasses import dataclass, replace

import numpy as np

from models.clips.transforms import Augmentation
from models.spec import Sampling


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What clips are cut to in place of a network's own frames and square."""

    num_frames: int
    crop_size: int
    """Height and width, pixels."""
    longest_step: float
    """Most time from one frame to the next, seconds: each clip draws its own, from the network's
    to this, so that some clips last as long as whole ones do."""
    widest_view: float
    """By how much the least short side is divided: each clip draws its square from there on, so
    that some show as much of the picture as large ones do."""

    @property
    def num_pixels(self) -> int:
        """Return the pixels of a clip, over all frames."""
        return self.num_frames * self.crop_size**2

    def sampled(self, sampling: Sampling, random: np.random.Generator) -> Sampling:
        """Return which frames a clip takes."""
        step = sampling.step_seconds
        if self.longest_step > step:
            step = float(random.uniform(step, self.longest_step))
        return replace(
            sampling, num_frames=self.num_frames, step_seconds=step, crop_size=self.crop_size
        )

    def augmented(self, augmentation: Augmentation) -> Augmentation:
        """Return how a clip is varied."""
        least, most = augmentation.short_sides
        return replace(
            augmentation, crop_size=self.crop_size, short_sides=(least / self.widest_view, most)
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One kind of step: how many samples it has, over all ranks, and what they are cut to."""

    batch_size: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps that follow one another and take their turns."""

    num_steps: int
    turns: tuple[Turn, ...]

    def turn(self, step: int) -> Turn:
        """Return what step `step` of the stretch is (from 0)."""
        return self.turns[step % len(self.turns)]

    def counted(self) -> list[tuple[Turn, int]]:
        """Return how many steps are of each turn."""
        rounds, rest = divmod(self.num_steps, len(self.turns))
        return [(turn, rounds + (number < rest)) for number, turn in enumerate(self.turns)]

    def samples_before(self, step: int) -> int:
        """Return how many samples the first `step` steps take."""
        sizes = [turn.batch_size for turn in self.turns]
        rounds, rest = divmod(step, len(sizes))
        return rounds * sum(sizes) + sum(sizes[:rest])
