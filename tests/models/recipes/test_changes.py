"""A recipe with what somebody wants otherwise."""

from dataclasses import replace

import pytest

from kinetics_builder.errors import ModelError
from models.recipes.changes import changed
from models.recipes.registry import default_recipe

TINY = default_recipe("i3d_tiny")


def unasked() -> int:
    raise AssertionError("nobody asked for epochs")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {}),
        ({"seed": None, "settings": ()}, {}),
        ({"seed": 3}, {"seed": 3}),
        ({"batch_size": 8}, {"batch_size": 8, "peak_rate": 1.5e-3, "num_steps": 900}),
        (
            {"batch_size": 8, "peak_rate": 0.5},
            {"batch_size": 8, "peak_rate": 0.5, "num_steps": 900},
        ),
        ({"settings": ("batch_size=8",)}, {"batch_size": 8, "peak_rate": 1.5e-3, "num_steps": 900}),
        (
            {"batch_size": 24, "settings": ("clips_at_once=12",)},
            {"batch_size": 24, "peak_rate": 3e-3 * 1.5, "num_steps": 300, "clips_at_once": 12},
        ),
        ({"settings": ("mixup=0.8", "schedule=cosine")}, {"mixup": 0.8, "schedule": "cosine"}),
        ({"settings": ("short_sides = [64, 80]",)}, {"short_sides": (64, 80)}),
        ({"settings": ("nesterov=true", "init_2d=none")}, {"nesterov": True}),
    ],
)
def test_what_is_wanted_is_changed_and_nothing_else(wanted, expected) -> None:
    assert changed(TINY, wanted, unasked) == replace(TINY, **expected)


@pytest.mark.parametrize(
    ("wanted", "num_steps"),
    [
        ({"num_epochs": 2.0}, 8),
        ({"num_epochs": 2.0, "batch_size": 8}, 16),
        ({"num_epochs": 2.0, "settings": ("repeats=2",)}, 16),
    ],
)
def test_epochs_are_passes_over_the_release(wanted, num_steps: int) -> None:
    assert changed(TINY, wanted, lambda: 64).num_steps == num_steps


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"settings": ("mixpu=0.8",)}, "--set: unknown key 'mixpu'. Did you mean 'mixup'?"),
        ({"settings": ("mixup",)}, "--set 'mixup': write it as key=value"),
        ({"settings": ("=3",)}, "write it as key=value"),
        ({"settings": ("mixup=a lot",)}, "--set.mixup must be a number, found 'a lot'"),
        ({"settings": ("seed=1", "seed=2")}, "seed is set twice"),
        ({"settings": ("seed=1",), "seed": 2}, "--set seed: an option of its own says it too"),
        ({"num_epochs": 1.0, "num_steps": 2}, "--epochs and steps say the same thing"),
        ({"num_epochs": 1.0, "settings": ("num_steps=2",)}, "--epochs and steps say the same"),
        ({"settings": ("dropout=2",)}, "dropout must be 0 or more, and below 1, got 2"),
        ({"settings": ("peak_rate=inf",)}, "--set.peak_rate must be a finite number, found inf"),
    ],
)
def test_what_cannot_be_wanted_is_said(wanted, said: str) -> None:
    with pytest.raises(ModelError) as error:
        changed(TINY, wanted, unasked)
    assert said in str(error.value)
