"""Where the picture is that a site shows for a video, of all that a source lists of it."""

from collections.abc import Mapping
from math import inf
from typing import Any

from kinetics_builder.text import foreign

LONGEST = 2000
"""Characters of an address; a longer one is none."""
_WIDE_ENOUGH = 640
"""Pixels: what is wider would be made smaller."""


def thumbnail_of(entry: Mapping[str, Any]) -> str | None:
    """Return the address of a video's thumbnail, as yt-dlp's words say it; None without one.

    Of several it is the smallest of 640 pixels' width at least, else the widest; of those that
    say no width the last, for yt-dlp puts the best there.
    """
    listed = entry.get("thumbnails")
    found = [one for one in (listed if isinstance(listed, list) else ()) if _is_told(one)]
    wide = [one for one in found if _width(one) >= _WIDE_ENOUGH]
    if wide:
        return address_of(min(wide, key=_width)["url"])
    best = max(reversed(found), key=_width, default={"url": entry.get("thumbnail")})
    return address_of(best["url"])


def address_of(value: object) -> str | None:
    """Return an address of the web that can be kept; None for anything else.

    >>> address_of("//i.ytimg.com/vi/x/hq720.jpg"), address_of("data:image/png;base64,")
    ('https://i.ytimg.com/vi/x/hq720.jpg', None)
    """
    text = foreign.address(value) if isinstance(value, str) else ""
    if text.startswith("//"):
        text = f"https:{text}"
    is_of_web = text.lower().startswith(("http://", "https://"))
    return text if is_of_web and len(text) <= LONGEST else None


def _is_told(one: object) -> bool:
    return isinstance(one, Mapping) and address_of(one.get("url")) is not None


def _width(one: Mapping[str, Any]) -> float:
    width = foreign.seconds(one.get("width"))
    return 0 if width is None or width == inf else width
