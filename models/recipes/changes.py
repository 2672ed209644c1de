"""A recipe with what somebody wants otherwise."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from kinetics_builder.errors import ModelError
from models.recipes.recipe import Recipe
from models.toml_tables import config_values

SETTINGS, EPOCHS = "settings", "num_epochs"


def changed(recipe: Recipe, wanted: Mapping[str, Any], num_clips: Callable[[], int]) -> Recipe:
    """Return `recipe` as it is wanted; what is None there is not wanted otherwise.

    Args:
        recipe: Where it starts.
        wanted: Values by name, or `num_epochs`, or `settings` ("key=value", values as in TOML).
            Another `batch_size` scales the rate and the steps in proportion, unless they are
            given.
        num_clips: Says how many clips an epoch has; asked only for `num_epochs`.

    Raises ModelError for an unknown or impossible value, and for two that say the same.

    """
    given = {name: value for name, value in wanted.items() if value is not None}
    settings = _settings(given.pop(SETTINGS, ()))
    known = {field.name for field in fields(Recipe)}
    values = {name: value for name, value in given.items() if name in known}
    _refuse_twice(values, settings, given)
    values |= config_values(Recipe, settings, "--set", recipe)
    if (batch_size := values.pop("batch_size", None)) is not None:
        recipe = recipe.scaled(batch_size, **values)
    else:
        recipe = replace(recipe, **values)
    if (num_epochs := given.get(EPOCHS)) is not None:
        recipe = recipe.lasting(num_epochs, num_clips())
    return recipe


def _settings(texts: Sequence[str]) -> dict[str, Any]:
    """Return the values of "key=value", as TOML reads them; what is none of TOML's is a text."""
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ModelError(f"--set {text!r}: write it as key=value, for instance mixup=0.8.")
        if key.strip() in found:
            raise ModelError(f"--set: {key.strip()} is set twice; keep one of them.")
        found[key.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _refuse_twice(
    values: Mapping[str, Any], settings: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    if both := sorted(values.keys() & settings.keys()):
        raise ModelError(f"--set {both[0]}: an option of its own says it too; leave one out.")
    if EPOCHS in given and "num_steps" in {*values, *settings}:
        raise ModelError("--epochs and steps say the same thing; leave one out.")
