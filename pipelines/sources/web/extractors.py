"""Extractors of one's own for yt-dlp: `download.extractors` in kbuild.toml.

A setting only names what is installed for this purpose, as an entry point of the group
`kinetics_builder.extractors`: a workspace that somebody else made can name no other code.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from kinetics_builder.errors import ConfigError

GROUP = "kinetics_builder.extractors"


def load_extractor(name: str) -> Any:
    """Return the extractor class of an entry point.

    Args:
        name: The entry point's name, or its value, "module:Class".

    Raises:
        ConfigError: No installed package has such an entry point, or it leads to no extractor.

    """
    point = _entry_point(name)
    try:
        loaded = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"download.extractors: {name!r} cannot be loaded ({error}). "
            "Install again the package that it belongs to."
        ) from error
    return _checked(name, loaded)


def _entry_point(name: str) -> EntryPoint:
    installed = entry_points(group=GROUP)
    for point in installed:
        if name in (point.name, point.value):
            return point
    known = ", ".join(sorted(point.name for point in installed)) or "none"
    raise ConfigError(
        f"download.extractors: {name!r} is no installed extractor. Installed: {known}. "
        f"Install a package that has it as an entry point of the group {GROUP!r}."
    )


def _checked(name: str, loaded: Any) -> Any:
    from yt_dlp.extractor.common import InfoExtractor

    if isinstance(loaded, type) and issubclass(loaded, InfoExtractor):
        return loaded
    raise ConfigError(
        f"download.extractors: {name!r} leads to {loaded!r}. "
        "Make its entry point lead to a subclass of yt_dlp's InfoExtractor."
    )
