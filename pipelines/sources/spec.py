"""Sources as a person names them: `--source search:PREFIX`, `folder:PATH`, `urls:FILE`."""

import re
from pathlib import Path

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import SourceError
from kinetics_builder.text.foreign import is_storable
from pipelines.sources.source import VideoSource

DEFAULT = "search:ytsearch"
_FORMS = "search:PREFIX (as search:ytsearch), folder:PATH or urls:FILE"


def normalised_spec(spec: str) -> str:
    """Return `spec` with its path made absolute, as it is remembered.

    Raises:
        SourceError: It has none of the three forms.

    """
    kind, _, rest = spec.partition(":")
    if kind == "search" and re.fullmatch(r"[a-z][a-z0-9_.-]*", rest):
        return spec
    if kind in ("folder", "urls") and rest:
        path = str(Path(rest).expanduser().resolve())
        if not is_storable(path):
            raise SourceError(
                f"--source {kind}: {path!r} holds what cannot be kept as text. Rename it, or "
                f"make a link to it under a plain name and write --source {kind}:LINK."
            )
        return f"{kind}:{path}"
    raise SourceError(f"--source {spec!r} is no source. Write {_FORMS}.")


def open_source(spec: str, config: DownloadConfig) -> VideoSource:
    """Return the source that `spec` names, under the settings of `download`.

    Raises:
        SourceError: It has none of the three forms.

    """
    kind, _, rest = normalised_spec(spec).partition(":")
    if kind == "folder":
        from pipelines.sources.folder import FolderSource

        return FolderSource(Path(rest))
    from pipelines.sources.options import Options

    options = Options.of(config)
    if kind == "urls":
        from pipelines.sources.urls import UrlsSource

        return UrlsSource(Path(rest), options)
    from pipelines.sources.search import SearchSource

    return SearchSource(rest, options)
