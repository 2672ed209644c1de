"""The recipes by network, one file a paper or family."""

from models.recipes import (
    context,
    detection,
    factored,
    quo_vadis,
    residual,
    slowfast,
    tiny,
    transformers,
)
from models.recipes.recipe import Recipe
from models.recipes.sourced import SourcedRecipe
from models.zoo import network_spec

_FAMILIES = (context, detection, factored, quo_vadis, residual, slowfast, tiny, transformers)
SOURCED: dict[str, SourcedRecipe] = {
    name: sourced for family in _FAMILIES for name, sourced in family.RECIPES.items()
}


def sourced_recipe(name: str) -> SourcedRecipe:
    """Return the recipe of the network `name`, with where each value is stated."""
    return SOURCED[network_spec(name).name]


def default_recipe(name: str) -> Recipe:
    """Return the recipe of the network `name`."""
    return sourced_recipe(name).recipe
