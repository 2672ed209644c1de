"""A recipe, and where each of its values is stated."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from models.recipes.recipe import Recipe

KINETICS_400 = 240_000
"""Training clips of Kinetics-400, as arXiv:1812.03982 counts them."""
AVA = 211_000
"""Training key frames of AVA 2.2, as arXiv:1812.03982 counts them."""
DEMO = 584
"""Training clips of the demo's release, on which the small networks' values were measured."""
DEMO_FILMS = 2_400
"""About as many key frames as the films of the demo bring to learn from."""


class Standing(StrEnum):
    """How a value is known."""

    READ = "read"
    """It stands where the source says."""
    RECALLED = "recalled"
    """It is remembered of a source that was not read again."""
    CHOSEN = "chosen"
    """The source is silent; it is ours."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where values are stated."""

    where: str
    standing: Standing = Standing.READ


def read(where: str, *names: str) -> Mapping[str, Source]:
    """Return the source of the values `names`."""
    return dict.fromkeys(names, Source(where))


def recalled(where: str, *names: str) -> Mapping[str, Source]:
    """Return the source of values that are remembered of it."""
    return dict.fromkeys(names, Source(where, Standing.RECALLED))


def chosen(why: str, *names: str) -> Mapping[str, Source]:
    """Return the reason for values that are ours."""
    return dict.fromkeys(names, Source(why, Standing.CHOSEN))


@dataclass(frozen=True, kw_only=True)
class SourcedRecipe:
    """A recipe with its sources."""

    recipe: Recipe
    num_clips: int
    """Training clips of the dataset that it was written for."""
    sources: Mapping[str, Source]
    """By the name of the value."""

    @classmethod
    def of(cls, recipe: Recipe, num_clips: int, *stated: Mapping[str, Source]) -> Self:
        """Return a recipe with what is stated of it; later statements take the place of earlier."""
        sources = {name: source for one in stated for name, source in one.items()}
        return cls(recipe=recipe, num_clips=num_clips, sources=MappingProxyType(sources))

    def but(self, *stated: Mapping[str, Source], **values: Any) -> Self:
        """Return the recipe with other values, and where those are stated."""
        changed = replace(self.recipe, **values)
        return type(self).of(changed, self.num_clips, self.sources, *stated)

    def asked(self, recipe: Recipe) -> Self:
        """Return a recipe that somebody wants in place of this; what they changed is theirs."""
        names = [
            field.name
            for field in fields(Recipe)
            if getattr(recipe, field.name) != getattr(self.recipe, field.name)
        ]
        theirs = chosen("as you ask", *names)
        return type(self).of(recipe, self.num_clips, self.sources, theirs)

    @property
    def num_epochs(self) -> float:
        """Return how many passes over its dataset the steps are."""
        return self.recipe.num_epochs(self.num_clips)

    def values(self) -> list[tuple[str, Any, Source]]:
        """Return every value that is stated, or is not as `Recipe` has it, with its source."""
        silent = Source("nothing is said of it", Standing.CHOSEN)
        return [
            (field.name, getattr(self.recipe, field.name), self.sources.get(field.name, silent))
            for field in fields(Recipe)
            if field.name in self.sources or getattr(self.recipe, field.name) != field.default
        ]
