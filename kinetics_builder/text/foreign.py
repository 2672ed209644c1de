"""The door for text from outside: what comes in can be stored and written everywhere.

Databases take no NUL and no half characters, lists take no line breaks, XML takes no
noncharacters, and marks that nobody sees turn lines round or make two names of one. What
machines send is made to fit (`one_line`, `address`, `seconds`, `date`); what people write is
taken as it is or refused by its flaw (`flaw_of`, `spelled`).
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from unicodedata import category, normalize
from urllib.parse import quote

LONGEST = 1000
"""Characters of a title, a licence, a description: no honest one comes near."""

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Soft hyphens, spaces without width, fillers, tags, and what turns the direction of lines.
The two joiners are none of these: Persian words and families of emoji need them."""
_LAST_TWO = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_NO_CHARACTERS = re.compile(f"[\ufdd0-\ufdef{_LAST_TWO}]")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_HALVES = re.compile("[\ud800-\udfff]")


def one_line(value: object, longest: int = LONGEST) -> str | None:
    r"""Return a value as one line of text; None where it says nothing.

    Control characters and line breaks become spaces, marks that nobody sees go, half
    characters become `?`, letters are composed (NFC). A list of texts is parted by commas,
    other structures are JSON. What is longer than `longest` characters ends in `…`.

    >>> one_line("Creative Commons\r\nAttribution\x00"), one_line(["CC BY", 4.0]), one_line(False)
    ('Creative Commons Attribution', 'CC BY, 4.0', None)
    """
    text = _text_of(value)
    if not (text.isascii() and text.isprintable()):
        text = _COLOURS.sub("", _whole(text)).translate(_CONTROLS)
        text = _NO_CHARACTERS.sub("", _UNSEEN.sub("", text))
        text = normalize("NFC", text)
    text = " ".join(text.split())
    return (text if len(text) <= longest else f"{text[: longest - 1]}…") or None


def address(text: str) -> str:
    r"""Return a URL with percent signs for all that cannot be printed.

    >>> address(" http://a.example/b\nc\udcff ")
    'http://a.example/b%0Ac%ED%B3%BF'
    """
    whole = text.strip()
    if whole.isprintable():
        return whole
    return "".join(c if c.isprintable() else quote(c, errors="surrogatepass") for c in whole)


def seconds(value: object) -> float | None:
    """Return a length in seconds; None unless it is a finite number above 0.

    >>> seconds(12), seconds("12.5"), seconds(10**400), seconds(True), seconds("long")
    (12.0, 12.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < math.inf else None


def date(value: object) -> str | None:
    """Return YYYY-MM-DD for a day written YYYYMMDD; None for anything else.

    >>> date("20080529"), date(20080529), date("20080532"), date("soon")
    ('2008-05-29', '2008-05-29', None, None)
    """
    text = str(value)
    if not re.fullmatch("[0-9]{8}", text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date().isoformat()
    except ValueError:
        return None


def flaw_of(text: str) -> str | None:
    r"""Return the first character that may not stand in a name or a line; None where all may.

    >>> flaw_of("ice\ufeff skating"), flaw_of("Eisl\u00e4ufer")
    ('the invisible character U+FEFF', None)
    """
    for letter in text:
        if category(letter) in ("Cc", "Zl", "Zp"):
            return f"the control character U+{ord(letter):04X}"
        if _UNSEEN.match(letter):
            return f"the invisible character U+{ord(letter):04X}"
        if _HALVES.match(letter):
            return f"half a character, U+{ord(letter):04X}"
        if _NO_CHARACTERS.match(letter):
            return f"U+{ord(letter):04X}, which is no character"
    return None


def spelled(name: str) -> str:
    r"""Return a name as it is kept: letters composed (NFC), single plain spaces between words.

    >>> spelled("cafe\u0301\u00a0 dancing")
    'caf\xe9 dancing'
    """
    return normalize("NFC", " ".join(name.split()))


def is_storable(text: str) -> bool:
    """Say whether `text` is one line of whole characters, to be kept letter by letter."""
    return text.isprintable() or flaw_of(text) is None


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return "" if value in (math.inf, -math.inf) or value != value else str(value)
    if isinstance(value, (list, tuple)) and not any(isinstance(v, (list, Mapping)) for v in value):
        return ", ".join(filter(None, map(_text_of, value)))
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""


def _whole(text: str) -> str:
    """Return `text` with halves that belong together joined, and `?` for those left alone."""
    if not _HALVES.search(text):
        return text
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return joined.encode("utf-8", "replace").decode()
