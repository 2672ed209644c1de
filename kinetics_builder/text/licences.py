"""Which licence a text of a site means, and whether it is one of those asked for."""

import re
from collections.abc import Sequence

KINDS = (
    *("cc0", "cc-by", "cc-by-sa", "cc-by-nc", "cc-by-nd", "cc-by-nc-sa", "cc-by-nc-nd"),
    "public-domain",
)
WORDS = ("cc", *KINDS)
"""What may be asked for: `cc` means every licence of Creative Commons, CC0 included."""
OTHER = "other"
UNCLEAR_CC = "cc"
"""Of Creative Commons, but which is not said."""

_PAGE = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z-]+)")
_NAMES_CC = re.compile(r"creative commons|\bcc(?=\b|[-_ ]?(by|0|zero))")
_PARTS = {
    "by": re.compile(r"\battribution|\bby\b"),
    "nc": re.compile(r"\bnon[- ]?commercial|\bnc\b"),
    "nd": re.compile(r"\bno[- ]?deriv\w*|\bnd\b"),
    "sa": re.compile(r"\bshare[- ]?alike|\bsa\b"),
}
_ZERO = re.compile(r"\bcc[- ]?(0|zero)\b|\bpublic domain dedication")
_PUBLIC_DOMAIN = re.compile(r"\bpublic domain|\bpdm\b")
_SAYS_NO_MORE = re.compile(
    r"attribution|non[- ]?commercial|no[- ]?deriv\w*|share[- ]?alike|\b(by|nc|nd|sa|cc)\b"
    r"|licen[cs]e|international|unported|generic|reuse|allowed|\b\d(\.\d)?\b|[^\w]|_"
)


def licence_kind(text: str | None) -> str | None:
    """Return the kind of a licence: one of `KINDS`, "cc" or "other"; None where none is said.

    >>> licence_kind("Creative Commons Attribution license (reuse allowed)")
    'cc-by'
    >>> licence_kind("http://creativecommons.org/licenses/by-nc-sa/3.0/us/"), licence_kind("by-sa")
    ('cc-by-nc-sa', 'cc-by-sa')
    >>> licence_kind("Standard YouTube License"), licence_kind("  "), licence_kind("CC0 1.0")
    ('other', None, 'cc0')
    """
    said = " ".join((text or "").lower().replace("_", "-").split())
    if not said:
        return None
    if page := _PAGE.search(said):
        return _of_page(page[1], page[2])
    if _ZERO.search(said):
        return "cc0"
    names_cc = bool(_NAMES_CC.search(said))
    if names_cc or not _SAYS_NO_MORE.sub("", said):
        return _of_parts([part for part, words in _PARTS.items() if words.search(said)], names_cc)
    return "public-domain" if _PUBLIC_DOMAIN.search(said) else OTHER


def is_allowed(text: str | None, asked: Sequence[str]) -> bool:
    """Say whether a licence, as a site has it, is one of those asked for; all are if none is.

    Args:
        text: What the site says; None or empty for nothing, which is never allowed.
        asked: Of `WORDS`.

    """
    if not asked:
        return True
    kind = licence_kind(text)
    return kind in asked or ("cc" in asked and (kind or "").startswith("cc"))


def _of_page(folder: str, name: str) -> str:
    if folder == "publicdomain":
        return "cc0" if name == "zero" else "public-domain"
    return _of_parts([part for part in _PARTS if part in name.split("-")], True)


def _of_parts(parts: Sequence[str], names_cc: bool) -> str:
    kind = f"cc-{'-'.join(('by', *(part for part in parts if part != 'by')))}"
    if "by" not in parts or kind not in KINDS:
        return UNCLEAR_CC if names_cc else OTHER
    return kind
