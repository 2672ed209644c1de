"""Whose videos an address leads to: what is counted and left alone as one site.

The name of a site is yt-dlp's for the family of its extractors ("youtube" for youtu.be and a search
by ytsearch too), else the registered domain.
"""

import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from pipelines.sources.ids import GENERIC, OF_PAGES
from pipelines.sources.suitable import Extractors
from pipelines.sources.web.extractors import load_extractor

_SHARED = frozenset({"ac", "co", "com", "edu", "gob", "gov", "go", "ne", "net", "or", "org"})
"""Second names of countries below which domains are registered, as in "co.uk"."""
_WEB = frozenset({"", "http", "https"})
_SEARCH = re.compile(r"[a-z][a-z0-9_.-]*\d:")


def site_of(address: str, extractors: tuple[str, ...] = ()) -> str:
    """Return the site of an address, or of a search as yt-dlp writes one; empty for what is none.

    Args:
        address: Such as "https://youtu.be/dQw4w9WgXcQ" or "ytsearch9:yoga".
        extractors: One's own, as `download.extractors` names them.

    """
    return _site_of(address, extractors)


def searched_by(prefix: str, extractors: tuple[str, ...] = ()) -> str:
    """Return the site that a search of yt-dlp asks; the prefix if yt-dlp does not know it."""
    return site_of(f"{prefix}1:x", extractors) or prefix


def site_named(name: str, extractors: tuple[str, ...] = ()) -> str | None:
    """Return the site that a person means by "youtube", "youtube.com" or "films.org".

    None where there is no such site.
    """
    name = name.lower()
    if name in {_family(extractor) for extractor in _extractors(extractors).all}:
        return name
    has_form = "." in name or name == "localhost"
    return site_of(f"https://{name}/", extractors) or None if has_form else None


def registered_domain(host: str) -> str:
    """Return the part of a host's name that somebody registered; a number stays as it is.

    >>> registered_domain("media.films.org"), registered_domain("www.bbc.co.uk")
    ('films.org', 'bbc.co.uk')
    >>> registered_domain("127.0.0.1"), registered_domain("localhost")
    ('127.0.0.1', 'localhost')
    """
    names = host.lower().rstrip(".").split(".")
    if ":" in host or names[-1].isdigit():
        return host
    is_shared = len(names) > 2 and len(names[-1]) == 2 and names[-2] in _SHARED
    return ".".join(names[-3:] if is_shared else names[-2:])


@lru_cache(maxsize=20_000)
def _site_of(address: str, own: tuple[str, ...]) -> str:
    host = _host(address)
    if not host and not _SEARCH.match(address):
        return ""
    extractor = _extractors(own).first_for(address)
    return registered_domain(host) if extractor is None else _family(extractor)


def _host(address: str) -> str:
    """Return the host of an address of the web; what others name there may be a bucket."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "") if parts.scheme in _WEB else ""
    except ValueError:
        return ""


def _family(extractor: Any) -> str:
    return str(extractor.IE_NAME).partition(":")[0].lower()


@cache
def _extractors(own: tuple[str, ...]) -> Extractors:
    """Return one's own and yt-dlp's, in the order of asking, but none that is of any page."""
    from yt_dlp.extractor import gen_extractor_classes

    known = [load_extractor(name) for name in own] + gen_extractor_classes()
    of_pages = {*OF_PAGES, GENERIC}
    return Extractors([extractor for extractor in known if extractor.ie_key() not in of_pages])
