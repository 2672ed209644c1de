"""Cookies of one's own for yt-dlp: `download.cookies_file`, a file in Netscape's format.

It is read and never written; its values are masked wherever they would be shown.
"""

import re
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.masking import hide

_HEAD = "# Netscape HTTP Cookie File"
"""What Python's reader wants first, and not every browser's export has."""
_NUM_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"
_REMEDY = "Export it again in Netscape's format (cookies.txt)."
_LOGINS = {"youtube": (("youtube.com", "LOGIN_INFO"),)}
"""Cookies that only who is signed in has, by site: domain and name."""


def read_cookies(path: Path) -> str:
    """Return the text of a file of cookies whose every line is one, a comment or empty.

    Raises:
        ConfigError: It cannot be read, holds no cookie or a line that is none; never with what
            stands in it.

    """
    text = _text(path)
    lines = [
        (number, line.removeprefix(_HTTP_ONLY))
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and (line.startswith(_HTTP_ONLY) or not line.startswith("#"))
    ]
    for number, line in lines:
        if (flaw := _flaw(line)) is not None:
            raise ConfigError(f"download.cookies_file: {path}:{number}: {flaw}. {_REMEDY}")
        hide(line.split("\t")[6])
    if not lines:
        raise ConfigError(f"download.cookies_file: {path} holds no cookie. {_REMEDY}")
    return text


def cookie_jar(path: Path) -> Any:
    """Return yt-dlp's jar with the cookies of a file, which is not written back."""
    from yt_dlp.cookies import YoutubeDLCookieJar

    jar = YoutubeDLCookieJar()
    jar.load(StringIO(f"{_HEAD}\n{read_cookies(path)}"))
    return jar


def is_signed_in(path: str, site: str) -> bool:
    """Say whether a file of cookies signs in at a site; False for one that cannot be read."""
    with suppress(ConfigError):
        rows = [line.split("\t") for line in read_cookies(Path(path)).splitlines()]
        held = {
            (row[0].removeprefix(_HTTP_ONLY).lstrip("."), row[5])
            for row in rows
            if len(row) == _NUM_FIELDS
        }
        return any(login in held for login in _LOGINS.get(site, ()))
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"download.cookies_file: {path}: {error.strerror}. Name a file of cookies, or take the "
            "setting out of kbuild.toml."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"download.cookies_file: {path}: not UTF-8 at offset {error.start}. {_REMEDY}"
        ) from None


def _flaw(line: str) -> str | None:
    """Say what keeps a line from being a cookie, without its words."""
    fields = line.split("\t")
    if len(fields) != _NUM_FIELDS:
        found = f"{len(fields)} field{'s' if len(fields) > 1 else ''}"
        form = ", as in JSON" if line.lstrip()[:1] in ("{", "[", '"') else ""
        return f"{found} where a cookie has 7, separated by tabs{form}"
    if fields[1] not in ("TRUE", "FALSE") or fields[3] not in ("TRUE", "FALSE"):
        return "the second and fourth field of a cookie are TRUE or FALSE"
    if not re.fullmatch(r"(\d+(\.\d+)?)?", fields[4]):
        return "the fifth field of a cookie is a Unix time"
    return None
