"""The platforms there are: one line each."""

from kinetics_builder.crowd.panels.connect import Connect
from kinetics_builder.crowd.panels.external import External
from kinetics_builder.crowd.panels.platform import Platform
from kinetics_builder.crowd.panels.prolific import Prolific
from kinetics_builder.crowd.panels.settings import PanelConfig

_PLATFORMS: tuple[Platform, ...] = (Prolific(), Connect(), External())
BY_NAME = {platform.name: platform for platform in _PLATFORMS}


def platform_of(panel: PanelConfig) -> Platform:
    """Return the platform of a panel."""
    return BY_NAME[panel.platform]


def address_of(panel: PanelConfig, public_url: str) -> str:
    """Return what is pasted into the platform; `public_url` is that of the settings.

    Where that is empty, the address names a host that stands for it.
    """
    return platform_of(panel).address(public_url or NO_URL, panel)


NO_URL = "https://YOUR-HOST"
