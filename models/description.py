"""A network of one's own, described in a TOML file: no code is touched.

    base = "slowfast_r50_4x16"     # what the file leaves out is taken from there
    [backbone]
    beta_inv = 16
    [sampling]
    crop_size = 160

Without `base` the file says all: [backbone] with its `kind`, [head], [sampling] and
[normalisation]; [views] and [recipe] where the defaults do not fit.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from kinetics_builder.errors import ModelError
from models.backbones.registry import CONFIGS, BackboneConfig
from models.fitting import check_fit, check_sizes
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe, sourced_recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, read
from models.spec import NetworkSpec, Published, Views
from models.toml_tables import check_keys, config_from_table, described_name
from models.zoo import SPECS, network_spec

_PARTS = ("backbone", "head", "sampling", "views", "normalisation")
_KEYS = dict.fromkeys(("base", "name", "source", *_PARTS, "recipe"))


def find_spec(name: str) -> NetworkSpec:
    """Return the network `name` of the zoo, or the one that the file `name` (.toml) describes."""
    return _read(Path(name)).spec() if _is_file(name) else network_spec(name)


def find_recipe(name: str) -> Recipe:
    """Return how the network `name` of the zoo, or of the file `name` (.toml), is trained."""
    return _read(Path(name)).recipe() if _is_file(name) else default_recipe(name)


def find_sourced(name: str) -> SourcedRecipe:
    """Return the same with where each value is stated: what a file changes stands in the file."""
    return _read(Path(name)).sourced() if _is_file(name) else sourced_recipe(name)


def _is_file(name: str) -> bool:
    return name.endswith(".toml")


@dataclass(frozen=True)
class _Description:
    """What stands in one file, not yet checked beyond its keys."""

    path: Path
    table: dict[str, Any]

    @property
    def base(self) -> NetworkSpec | None:
        """Return the network of the zoo that the file starts from."""
        if "base" not in self.table:
            return None
        try:
            return network_spec(self._text("base", ""))
        except ModelError as error:
            raise ModelError(f"{self.path}: base: {error}") from error

    def spec(self) -> NetworkSpec:
        """Return the network; ModelError where a value does not fit."""
        base = self.base
        parts = {name: self._part(name, base) for name in _PARTS[1:]}
        backbone = self._backbone(base)
        try:
            spec = NetworkSpec(
                name=self._name(),
                backbone=backbone,
                source=self._text("source", self._origin(base)),
                published=Published(),
                **parts,
            )
        except ModelError as error:
            raise ModelError(f"{self.path}: {error}") from error
        check_fit(spec, str(self.path))
        return spec

    def recipe(self) -> Recipe:
        """Return [recipe], completed from the base's; the dropout is that of [head]."""
        spec, base = self.spec(), self.base
        table, where = self.table.get("recipe", {}), f"{self.path}: recipe"
        given = default_recipe(base.name) if base else None
        if given is None and not table:
            raise ModelError(f"{where} is missing, and there is none to start from: add it.")
        if "dropout" in table:
            raise ModelError(f"{where}.dropout: write it as head.dropout.")
        recipe = config_from_table(Recipe, table, where, given)
        if recipe.short_sides[0] < spec.sampling.crop_size:
            raise ModelError(
                f"{where}.short_sides begins at {recipe.short_sides[0]:g}, below "
                f"sampling.crop_size = {spec.sampling.crop_size}; that or more would fit."
            )
        return replace(recipe, dropout=spec.head.dropout)

    def sourced(self) -> SourcedRecipe:
        """Return the recipe with its sources: the file's own, else those of the base."""
        recipe, base = self.recipe(), self.base
        before = sourced_recipe(base.name) if base else None
        told = read(self.path.name, *self.table.get("recipe", {}))
        return SourcedRecipe.of(
            recipe,
            before.num_clips if before else KINETICS_400,
            before.sources if before else {},
            told,
        )

    def _part(self, name: str, base: NetworkSpec | None) -> Any:
        """Return the head, the sampling, the views or the normalisation."""
        kind = get_type_hints(NetworkSpec)[name]
        if name not in self.table and base is None and kind is not Views:
            raise ModelError(f"{self.path}: [{name}] is missing, and no base has it: add either.")
        now = getattr(base, name, None)
        return config_from_table(kind, self.table.get(name, {}), f"{self.path}: {name}", now)

    def _backbone(self, base: NetworkSpec | None) -> BackboneConfig:
        """Return the trunk; another `kind` than the base's starts from that family's defaults."""
        where = f"{self.path}: backbone"
        table = dict(self.table.get("backbone", {}))
        kind = table.pop("kind", base.backbone.kind if base else None)
        if kind not in CONFIGS:
            found = "is missing" if kind is None else f"= {kind!r} is unknown"
            raise ModelError(
                f"{where}.kind {found}; one of {', '.join(sorted(CONFIGS))} would fit."
            )
        now = base.backbone if base and base.backbone.kind == kind else None
        config = config_from_table(CONFIGS[kind], table, where, now)
        check_sizes(config, where)
        return config

    def _origin(self, base: NetworkSpec | None) -> str:
        return f"{self.path.name}, from {base.name}" if base else self.path.name

    def _name(self) -> str:
        name = self._text("name", described_name(self.path, self.table))
        if name in SPECS:
            raise ModelError(f"{self.path}: name = {name!r} is a network of the zoo: add another.")
        if not re.fullmatch(r"[\w.+-]+", name):
            raise ModelError(f"{self.path}: name = {name!r} must be letters, digits and _ . + -")
        return name

    def _text(self, key: str, default: str) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str):
            raise ModelError(f"{self.path}: {key} must be a text, found {value!r}.")
        return value


def _read(path: Path) -> _Description:
    """Return the description in `path`; its tables are checked when they are read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing: name a file, or a network of the zoo.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not TOML: {error}.") from error
    check_keys(table, _KEYS, str(path))
    for name in (*_PARTS, "recipe"):
        if not isinstance(table.get(name, {}), dict):
            raise ModelError(f"{path}: {name} must be a table, found {table[name]!r}.")
    return _Description(path, table)
