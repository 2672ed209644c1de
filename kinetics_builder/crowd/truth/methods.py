"""Which methods there are, by the names that people give them."""

from collections.abc import Mapping
from typing import Protocol

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.dawid_skene import dawid_skene
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.glad import glad
from kinetics_builder.crowd.truth.kos import kos
from kinetics_builder.crowd.truth.mace import mace
from kinetics_builder.crowd.truth.majority import majority
from kinetics_builder.crowd.truth.one_coin import one_coin
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.crowd.truth.wawa import wawa
from kinetics_builder.errors import ConfigError


class Method(Protocol):
    """Makes an estimate of answers; equal answers and options give equal bytes."""

    def __call__(self, answers: Answers, options: Options) -> Estimate:
        """Return the estimate. Whatever answers there are, none included, is no error."""


METHODS: Mapping[str, Method] = {
    "majority": majority,
    "wawa": wawa,
    "one-coin": one_coin,
    "dawid-skene": dawid_skene,
    "glad": glad,
    "mace": mace,
    "kos": kos,
}


def method_named(name: str) -> Method:
    """Return a method by its name.

    Raises:
        ConfigError: There is none of that name.

    """
    if name not in METHODS:
        raise ConfigError(
            f"no method is called {name!r}; there are {', '.join(METHODS)}, and video-aware, "
            "which needs scores beside the votes."
        )
    return METHODS[name]
