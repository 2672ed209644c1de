"""The settings of storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinetics_builder.errors import ConfigError
from kinetics_builder.setting_checks import positive


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageConfig:
    """Where videos and clips are kept."""

    media: str = ""
    """URL of videos, any that fsspec knows, as "s3://bucket/media"; empty: media/ in the
    workspace."""
    clips: str = ""
    """URL of clips; empty: clips/ in the workspace."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Handed to fsspec, such as endpoint_url; keys and secrets are better kept where the store's
    own tools look for them."""
    cache: str = ""
    """Folder of this machine's copies; empty: one in the system's temporary folder."""
    cache_megabytes: int = 20_000
    """What copies may take there: those that were not used for longest go first."""

    def __post_init__(self) -> None:
        positive(self, "cache_megabytes")
        for name in ("media", "clips"):
            url = getattr(self, name)
            if url and "://" not in url:
                raise ConfigError(
                    f"{name} must be a URL such as 's3://bucket/{name}', found {url!r}. For a "
                    f"folder on this machine make {name}/ in the workspace a link."
                )
        if self.media and self.media.rstrip("/") == self.clips.rstrip("/"):
            raise ConfigError("media and clips must be two different URLs.")
