"""Plug-ins of yt-dlp that are let in, such as a provider of PO tokens: `download.plugins`.

yt-dlp by itself would load whatever lies in folders of its user and on Python's path. Here a
setting names installed packages, and the modules of those alone are loaded.
"""

import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from kinetics_builder.errors import ConfigError

_PLACE = ("yt_dlp_plugins", "extractor")


def load_plugins(package: str) -> list[Any]:
    """Load the plug-in modules of an installed package; return the extractors among them.

    What they register with yt-dlp (providers of PO tokens) is registered by that.

    Raises:
        ConfigError: No such package is installed, it holds no plug-in, or it cannot be loaded.

    """
    try:
        found = distribution(package)
    except (PackageNotFoundError, ValueError) as error:
        raise ConfigError(
            f"download.plugins: no package {package!r} is installed. Install it beside "
            "kinetics-builder, or take it out of kbuild.toml."
        ) from error
    files = sorted(_plugin_files(found))
    if not files:
        raise ConfigError(
            f"download.plugins: {package!r} holds no plug-in of yt-dlp (yt_dlp_plugins/extractor/)."
        )
    _make_packages({file.parent for file in files})
    try:
        modules = [_load(file) for file in files]
    except Exception as error:
        raise ConfigError(
            f"download.plugins: {package!r} cannot be loaded: {type(error).__name__}: {error}. "
            "Install a version that fits this yt-dlp."
        ) from error
    return [extractor for module in modules for extractor in _extractors(module)]


def _plugin_files(found: Distribution) -> Iterator[Path]:
    for file in found.files or ():
        parts = PurePosixPath(file).parts
        is_module = file.suffix == ".py" and not file.name.startswith("_")
        if parts[:-1] == _PLACE and is_module:
            yield Path(str(found.locate_file(file)))


def _make_packages(folders: set[Path]) -> None:
    """Make the packages that the modules import one another from."""
    name = ""
    for part in _PLACE:
        name = f"{name}.{part}".lstrip(".")
        package = sys.modules.setdefault(name, ModuleType(name))
        package.__path__ = list(getattr(package, "__path__", ()))
    known = sys.modules[name].__path__
    known.extend(str(folder) for folder in folders if str(folder) not in known)


def _load(file: Path) -> ModuleType:
    name = ".".join((*_PLACE, file.stem))
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _extractors(module: ModuleType) -> list[Any]:
    from yt_dlp.extractor.common import InfoExtractor

    return [
        found
        for name, found in inspect.getmembers(module, inspect.isclass)
        if name.endswith("IE") and issubclass(found, InfoExtractor)
        if found.__module__ == module.__name__ and not name.startswith("_")
    ]
