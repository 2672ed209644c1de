"""Ranges of settings; a value outside is an error that names the setting."""

from collections.abc import Sequence
from math import inf

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.licences import WORDS


def positive(section: object, *names: str) -> None:
    """Raise ConfigError unless each named setting is more than 0."""
    for name in names:
        if (value := getattr(section, name)) <= 0:
            raise ConfigError(f"{name} must be more than 0, found {value}.")


def not_negative(section: object, *names: str) -> None:
    """Raise ConfigError if a named setting is less than 0."""
    for name in names:
        if (value := getattr(section, name)) < 0:
            raise ConfigError(f"{name} must be 0 or more, found {value}.")


def share(section: object, *names: str) -> None:
    """Raise ConfigError unless each named setting lies in [0, 1]."""
    for name in names:
        if not 0 <= (value := getattr(section, name)) <= 1:
            raise ConfigError(f"{name} must be between 0 and 1, found {value}.")


def between(section: object, name: str, least: float, most: float) -> None:
    """Raise ConfigError unless the named setting lies in [least, most]."""
    if not least <= (value := getattr(section, name)) <= most:
        raise ConfigError(f"{name} must be between {least} and {most}, found {value}.")


def inside(section: object, *names: str) -> None:
    """Raise ConfigError unless each named setting lies between 0 and 1 and is neither."""
    for name in names:
        if not 0 < (value := getattr(section, name)) < 1:
            raise ConfigError(f"{name} must be above 0 and below 1, found {value}.")


def one_of(section: object, name: str, known: tuple[str, ...]) -> None:
    """Raise ConfigError unless the named setting is one of `known`."""
    if (value := getattr(section, name)) not in known:
        raise ConfigError(
            f"{name} must be {' or '.join(repr(str(one)) for one in known)}, found {value!r}."
        )


def some_of(section: object, name: str, known: tuple[str, ...]) -> None:
    """Raise ConfigError unless all texts of the named setting are among `known`."""
    for value in getattr(section, name):
        if value not in known:
            raise ConfigError(f"{name}: unknown {value!r}. Known are: {', '.join(known)}.")


def holds(section: object, name: str, wanted: str) -> None:
    """Raise ConfigError unless a text is among those of the named setting."""
    if wanted not in (value := getattr(section, name)):
        raise ConfigError(f"{name} must list {wanted!r}, found {list(value)}.")


def one_or_two(section: object, name: str) -> None:
    """Raise ConfigError unless the named setting is a text, or one or two different ones."""
    value = getattr(section, name)
    named = {value} if isinstance(value, str) else set(value)
    if not isinstance(value, str) and (not 1 <= len(value) <= 2 or "" in named):
        raise ConfigError(f"{name} must name one folder or two, found {list(value)}.")
    if not isinstance(value, str) and len(named) < len(value):
        raise ConfigError(f"{name} names {value[0]!r} twice; two must be different.")


def rates(section: object, name: str) -> None:
    """Raise ConfigError unless each value of a setting by site is a number, 0 or more."""
    for site, value in getattr(section, name).items():
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 <= value < inf:
            raise ConfigError(f"{name} of {site!r} must be a number, 0 or more, found {value!r}.")


def arguments(section: object, name: str) -> None:
    """Raise ConfigError unless a setting holds lists of texts by site and name; quote none."""
    for site, values in getattr(section, name).items():
        for key, texts in values.items() if isinstance(values, dict) else [("", None)]:
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                where = f"{site}.{key}" if key else site
                raise ConfigError(
                    f"{name}: {where} must be a list of texts. Write such as "
                    f'{name} = {{ youtube = {{ player_client = ["web"] }} }}.'
                )


def known_licences(licences: Sequence[str]) -> None:
    """Raise ConfigError unless each word is a licence that can be asked for."""
    for word in licences:
        if word not in WORDS:
            raise ConfigError(f"unknown licence {word!r}. Known are: {', '.join(WORDS)}.")


def reachable(section: object, number: str, most: str) -> None:
    """Raise ConfigError unless `number` lies between 1 and the setting `most`."""
    found, limit = getattr(section, number), getattr(section, most)
    if not 1 <= found <= limit:
        raise ConfigError(f"{number} must be between 1 and {most} ({limit}), found {found}.")
