"""How yt-dlp sends requests: by one handler, which looks at every hop before it is asked for.

Its other handlers are left out: one goes round Python's own connections (curl_cffi), others
speak more than http and https.
"""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from yt_dlp.networking import RequestDirector
from yt_dlp.networking._requests import RequestsRH
from yt_dlp.networking.common import _RH_PREFERENCES

from pipelines.sources.web.addresses import Allowed
from pipelines.sources.web.fence import AddressRefusedError, refuse, refused


def director(instance: Any, allowed: Allowed) -> RequestDirector:
    """Return what sends the requests of an instance of yt-dlp."""
    return instance.build_request_director([partial(HopsRH, allowed=allowed)], _RH_PREFERENCES)


class HopsRH(RequestsRH):  # type: ignore[misc]
    """Asks by http and https alone, redirects included; behind a proxy by public names alone."""

    def __init__(self, *, allowed: Allowed, **settings: Any) -> None:
        super().__init__(**settings)
        self._allowed = allowed

    def _create_instance(self, *args: Any, **settings: Any) -> Any:
        session = super()._create_instance(*args, **settings)
        session.get_adapter = partial(self._checked, session.get_adapter)
        return session

    def _checked(self, get_adapter: Any, url: str) -> Any:
        """Look at the address of a hop: a session asks for an adapter once for each."""
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https"):
            text = f"leads to {parts.scheme}:, where http and https alone are asked"
            raise refuse(AddressRefusedError(text))
        host = parts.hostname or ""
        if self.proxies.get("all") and (flaw := self._allowed.flaw_of_name(host)) is not None:
            raise refuse(refused(host, host, flaw))
        return get_adapter(url)
