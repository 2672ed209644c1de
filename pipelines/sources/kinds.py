"""Kinds of sources: our own, and those that another package brings as an entry point.

`--source NAME:REST` names a kind and what it is to look at. One that is not ours is found among
the entry points of the group `kinetics_builder.sources`: a workspace that somebody else made can
name nothing but what was installed for this purpose.
"""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, runtime_checkable

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import SourceError
from pipelines.sources.source import VideoSource

GROUP = "kinetics_builder.sources"


@runtime_checkable
class SourceKind(Protocol):
    """What an entry point leads to: an instance, not a class.

    class Archive:
        form = "archive:COLLECTION"

        def normalised(self, rest: str) -> str:
            return rest.strip("/")

        def open(self, rest: str, config: DownloadConfig) -> VideoSource:
            return ArchiveSource(rest)

    KIND = Archive()
    """

    @property
    def form(self) -> str:
        """How people write it, such as "folder:PATH"."""

    def normalised(self, rest: str) -> str:
        """Return what stands behind the colon as it is remembered, paths made absolute.

        Raises:
            SourceError: It cannot be meant; the message says what can.

        """

    def open(self, rest: str, config: DownloadConfig) -> VideoSource:
        """Return the source, under the settings of `download`; `rest` is normalised."""


_OURS = {
    name: EntryPoint(name, f"pipelines.sources.{module}:{kind}", GROUP)
    for name, module, kind in (
        ("search", "search", "SEARCH"),
        ("urls", "urls", "URLS"),
        ("channel", "listings", "CHANNEL"),
        ("playlist", "listings", "PLAYLIST"),
        ("folder", "folder", "FOLDER"),
        ("shards", "shards.shards", "SHARDS"),
        ("released", "released", "RELEASED"),
    )
}
"""Loaded when they are asked for: some need yt-dlp."""


def find_kind(name: str) -> SourceKind | None:
    """Return the kind of that name; None where neither we nor a package have it.

    Raises:
        SourceError: What the package's entry point leads to is no kind of source.

    """
    point = _OURS.get(name) or next((one for one in _others() if one.name == name), None)
    return None if point is None else _loaded(point)


def forms() -> list[str]:
    """Return how each kind is written, ours first."""
    ours = [_loaded(point).form for point in _OURS.values()]
    return [*ours, *sorted(f"{point.name}:..." for point in _others())]


def _others() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _loaded(point: EntryPoint) -> SourceKind:
    try:
        kind = point.load()
    except (ImportError, AttributeError) as error:
        raise SourceError(
            f"--source {point.name}: cannot be loaded ({error}). "
            "Install again the package that it belongs to."
        ) from error
    if isinstance(kind, type) or not isinstance(kind, SourceKind):
        raise SourceError(
            f"--source {point.name}: its entry point leads to {kind!r}. Make it lead to an object "
            "with form, normalised and open (docs/sources.md)."
        )
    return kind
