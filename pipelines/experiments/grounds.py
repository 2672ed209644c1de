"""On which releases an experiment is made, and how long is learnt there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.experiments.cells import Pairs

if TYPE_CHECKING:
    from models.recipes.recipe import Recipe

SEEDS = (0, 1, 2)
"""Of `--full`."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long is learnt: as a recipe says, in steps, or in passes over a release."""

    num_steps: int | None = None
    num_epochs: float | None = None

    def of(self, recipe: "Recipe", num_clips: int) -> "Recipe":
        """Return the recipe with that length, for a training set of so many clips."""
        if self.num_steps is not None:
            return replace(recipe, num_steps=self.num_steps)
        return recipe if self.num_epochs is None else recipe.lasting(self.num_epochs, num_clips)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The releases of one seed, by what they are for, and how long is learnt on each."""

    seed: int
    releases: Mapping[str, Path]
    lengths: Mapping[str, Length]
    pairs: Pairs = ()
    """Labels that are each other played backwards."""

    def recipe(self, network: str, part: str, num_clips: int | None = None) -> "Recipe":
        """Return how a network learns from a release, with this seed.

        Epochs are those of `num_clips` clips, of all that there are to learn from without it.
        """
        from models.clips.release import read_release
        from models.description import find_recipe

        number = num_clips or len(read_release(self.releases[part]).split("train"))
        recipe = self.lengths[part].of(find_recipe(network), number)
        return replace(recipe, seed=self.seed)


def setting_of(grounds: Sequence[Ground], networks: Sequence[str]) -> str:
    """Return on what an experiment is made, in sentences."""
    from models.clips.release import SPLITS, read_release

    first = grounds[0]
    told = []
    for part, folder in first.releases.items():
        release = read_release(folder)
        counts = ", ".join(f"{len(release.split(split))} in {split}" for split in SPLITS)
        told.append(
            f"{part.capitalize()}: {len(release.labels)} classes, {counts} ({folder.name})."
        )
    seeds = ", ".join(str(ground.seed) for ground in grounds)
    word = "seeds" if len(grounds) > 1 else "seed"
    return f"{' '.join(told)} Networks: {', '.join(networks)}. Of {word} {seeds}."
