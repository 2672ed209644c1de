"""Sources as a person names them: `--source search:PREFIX`, `urls:FILE`, `folder:PATH`, others."""

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import SourceError
from pipelines.sources.kinds import SourceKind, find_kind, forms
from pipelines.sources.source import VideoSource
from pipelines.sources.web.options import require_ready

DEFAULT = "search:ytsearch"


def normalised_spec(spec: str) -> str:
    """Return `spec` as it is remembered, with its path made absolute.

    Raises:
        SourceError: It has none of the known forms.

    """
    name, kind, rest = _parted(spec)
    return f"{name}:{kind.normalised(rest)}"


def ready_spec(spec: str, config: DownloadConfig) -> str:
    """Return `spec` as it is remembered, once the settings that its source needs are looked at.

    Raises:
        SourceError: It has none of the known forms.
        ConfigError: It meets the network, and something that `download` names cannot be used.

    """
    normalised = normalised_spec(spec)
    if not open_source(normalised, config).is_local:
        require_ready(config)
    return normalised


def open_source(spec: str, config: DownloadConfig) -> VideoSource:
    """Return the source that `spec` names, under the settings of `download`.

    Raises:
        SourceError: It has none of the known forms.

    """
    _, kind, rest = _parted(spec)
    return kind.open(kind.normalised(rest), config)


def _parted(spec: str) -> tuple[str, SourceKind, str]:
    name, _, rest = spec.partition(":")
    kind = find_kind(name) if rest else None
    if kind is None:
        *most, last = forms()
        raise SourceError(f"--source {spec!r} is no source. Write {', '.join(most)} or {last}.")
    return name, kind, rest
