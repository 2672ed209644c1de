"""Frozen configs from tables of plain values (TOML), with every key and every type checked."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kinetics_builder.errors import ModelError

Config = TypeVar("Config")
NONE = "none"
"""What stands for None in TOML, which has no null."""


def described_name(path: Path, table: Mapping[str, Any]) -> Any:
    """Return what a network described in `path` is called: its `name`, else the file's."""
    return table.get("name", path.stem)


def config_from_table(
    cls: type[Config], table: Any, where: str, base: Config | None = None
) -> Config:
    """Return a `cls` with the values of `table`; what it leaves out is taken from `base`.

    Without `base` the defaults of `cls` are taken, and fields that have none must be given.
    `where` stands before each complaint, as `net.toml: backbone`.
    """
    known = config_fields(cls)
    values = {} if base is None else {name: getattr(base, name) for name in known}
    values |= config_values(cls, table, where, base)
    required = (name for name, field in known.items() if _default(field) is MISSING)
    if missing := [name for name in required if name not in values]:
        raise ModelError(f"{where} misses {', '.join(missing)}.")
    try:
        return cls(**values)
    except (ModelError, ValueError, ZeroDivisionError) as error:
        raise ModelError(f"{where}: {error}") from error


def config_values(
    cls: type[Config], table: Any, where: str, base: Config | None = None
) -> dict[str, Any]:
    """Return the values of `table` as a `cls` holds them: of its keys and types, not yet together.

    `base` is what they are changes of.
    """
    known, hints = config_fields(cls), get_type_hints(cls)
    check_keys(table, known, where)
    return {
        name: _value(hints[name], value, f"{where}.{name}", _now(base, known[name]))
        for name, value in table.items()
    }


def _now(base: Any, field: "Field[Any]") -> Any:
    """Return what stood in a field before, or stands there by default."""
    return _default(field) if base is None else getattr(base, field.name)


def config_fields(cls: Any) -> dict[str, "Field[Any]"]:
    """Return the fields of a frozen config by name."""
    return {field.name: field for field in fields(cls)}


def check_keys(table: Any, known: Mapping[str, Any], where: str) -> None:
    """Refuse what is no table, and keys that are not `known`."""
    if not isinstance(table, Mapping):
        raise ModelError(f"{where} must be a table, found {table!r}.")
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise ModelError(
                f"{where}: unknown key {key!r}.{guess} Known here: {', '.join(sorted(known))}."
            )


def _default(field: "Field[Any]") -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _value(kind: Any, value: Any, where: str, now: Any) -> Any:
    """Return `value` as a `kind`; `now` is what stood there before, if anything did."""
    if is_dataclass(now) and not isinstance(now, type):
        return config_from_table(type(now), value, where, now)
    if is_dataclass(kind) and isinstance(kind, type):
        return config_from_table(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value == NONE and NoneType in arguments:
            return None
        (kind,) = [argument for argument in arguments if argument is not NoneType][:1]
        return _value(kind, value, where, None)
    if origin is Literal:
        if value not in arguments:
            raise ModelError(f"{where} = {value!r} is unknown; {_either(arguments)} would fit.")
        return value
    if origin is tuple:
        return _tuple(arguments, value, where)
    return _number_or_text(kind, value, where)


def _tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ModelError(f"{where} must be a list, found {value!r}.")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(value)
    if len(kinds) != len(value):
        raise ModelError(f"{where} must hold {len(kinds)} values, found {len(value)}: {value!r}.")
    pairs = zip(kinds, value, strict=True)
    return tuple(_value(kind, item, f"{where}[{i}]", None) for i, (kind, item) in enumerate(pairs))


def _number_or_text(kind: Any, value: Any, where: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if isinstance(kind, type) and type(value) is not kind:
        raise ModelError(f"{where} must be {_WORDS.get(kind, kind.__name__)}, found {value!r}.")
    if kind is int and value < 0:
        raise ModelError(f"{where} = {value} is below 0.")
    if kind is float and not math.isfinite(value):
        raise ModelError(f"{where} must be a finite number, found {value!r}.")
    return value


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def _either(values: tuple[Any, ...]) -> str:
    return " or ".join(repr(value) for value in values)
