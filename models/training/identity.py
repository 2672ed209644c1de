"""Which run a folder holds: the same network, recipe and release give the same run."""

import hashlib
import json
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.recipes.recipe import Recipe, stated
from models.spec import NetworkSpec

RUN = "run.json"


def describe_run(
    spec: NetworkSpec, recipe: Recipe, release_sha256: str, flow_sha256: str = ""
) -> dict[str, Any]:
    """Return all that decides what a run learns, as plain values.

    `flow_sha256` is the hash of the release's flow, of networks that eat any.
    """
    described = {
        "network": spec.to_json(),
        "recipe": recipe.to_json(),
        "release": release_sha256,
        "init_2d": _hash_of(recipe.init_2d),
        "init_trunk": _hash_of(recipe.init_trunk),
        **({"flow": flow_sha256} if flow_sha256 else {}),
        **({"bank": _hash_of(recipe.bank)} if recipe.bank else {}),
    }
    plain: dict[str, Any] = json.loads(json.dumps(described))
    return plain


def identity_of(run: dict[str, Any]) -> str:
    """Return the run's hash, 64 hex digits."""
    told = {**run, "recipe": stated(run["recipe"])}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def note_run(folder: Path, run: dict[str, Any]) -> None:
    """Note in `folder` which run it holds."""
    write_json(folder / RUN, run)


def holds_run(folder: Path, run: dict[str, Any]) -> bool:
    """Tell whether `folder` holds `run`, False where it holds none.

    Raises ModelError where it holds another, DamagedNote where it cannot be told.
    """
    path = folder / RUN
    if not path.is_file():
        return False
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedNote(path, str(error)) from error
    if not isinstance(stored, dict):
        raise DamagedNote(path, f"it holds a {type(stored).__name__}")
    recipe = stored.get("recipe")
    if isinstance(recipe, dict):  # of a build whose recipes had fewer values
        stored["recipe"] = {**Recipe.defaults(), **recipe}
    if stored == run:
        return True
    raise ModelError(
        f"{folder} holds another run: {_difference(stored, run)}. "
        "Use another --out, or --fresh to throw that run away."
    )


class DamagedNote(ModelError):
    """Which run a folder holds can no longer be read."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"{path} is damaged ({found}), and nothing else tells that {path.parent} holds this "
            "run. Use another --out, or --fresh to throw away what is there."
        )


def _difference(stored: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Return the first value in which two runs differ."""
    if stored.get("release") != wanted["release"]:
        return "it was trained on another release"
    if stored.get("flow") != wanted.get("flow"):
        return "it was trained on other flow"
    for part in ("network", "recipe"):
        old, new = stored.get(part) or {}, wanted[part]
        for key in sorted(new):
            if old.get(key) != new[key]:
                return f"its {part} has {key} {old.get(key)!r}, not {new[key]!r}"
    return "it started from other weights"


def _hash_of(source: str | None) -> str | None:
    path = Path(source) if source else None
    if path is None or not path.is_file():
        return source
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
