"""Texts without secrets: passwords and keys that stand in addresses, masked in one place.

Every text that leaves `kbuild` for a person goes through `masked`: error messages and the
reasons of failed items on their way in (`kinetics_builder.errors`), what an older workspace
wrote down on its way out.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, unquote_plus

MASK = "***"

_SCHEME = r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{0,30}://)"
_AUTHORITY = re.compile(_SCHEME + r"(?P<login>[^\s/?#\"'<>]*)@")
_CUT_PASSWORD = re.compile(  # one with an unescaped / ? or #: what looks like its port is none
    _SCHEME + r"(?P<user>[^\s/?#\"'<>:@\[\]]*):(?!\d+(?:[/?#\s\"'<>]|$))(?P<rest>[^\s\"'<>]*)@"
)
_PARAMETER = re.compile(
    r"(?i)(?P<name>\b(?:[a-z]{1,30}[-_]){0,4}"
    r"(?:passw(?:or)?d|pwd|passphrase|token|secret|api[-_]?key|signature|sig|credential)"
    r"\s*=\s*)(?:'[^']*'|\"[^\"]*\"|[^\s&;,'\"<>)\]}]+)"
)
_NAMES = ("pass", "pwd", "token", "secret", "api", "sig", "credential")
"""One of these stands in every name of `_PARAMETER`."""
_SHORTEST = 3
"""Characters of a piece of a password that is masked wherever it stands; a shorter one is
masked in quotes and before `@` alone, for it also stands in other words."""


_hidden: set[str] = set()
_SHORTEST_HIDDEN = 6
"""Characters of a value that is masked wherever it stands; shorter ones are words of all texts."""


def hide(value: str) -> None:
    """Let `masked` replace a value from now on, wherever it stands in a text of this process."""
    if len(value := value.strip()) >= _SHORTEST_HIDDEN:
        _hidden.add(value)


def masked(text: str, *addresses: str) -> str:
    """Return `text` with every password of an address replaced by `***`.

    A name alone before `@` stays for a database (`postgresql://user@host`) and goes for the
    web, where it may be a token. Passwords and keys among an address's parameters go too.

    Args:
        text: Any text; an address that it quotes is found by its form.
        addresses: Those that `text` speaks of. Their passwords are masked wherever they
            stand, also decoded, or cut apart by a library that read them differently.

    >>> masked("https://me:pa@ss@a.org/x?token=1&page=2 answers 403")
    'https://***@a.org/x?token=***&page=2 answers 403'
    >>> masked("host 'ss@db' not found", "postgresql://me:pa@ss@db/clips")
    "host '***@db' not found"

    """
    for secret in sorted({s for a in addresses for s in _secrets(a)}, key=len, reverse=True):
        text = _occurrences(secret).sub(MASK, text)
    for value in sorted((value for value in _hidden if value in text), key=len, reverse=True):
        text = text.replace(value, MASK)
    if "@" in text:
        text = _CUT_PASSWORD.sub(_without_login, text)
        text = _AUTHORITY.sub(_without_login, text)
    if not _may_have_parameter(text):
        return text
    return _PARAMETER.sub(lambda found: f"{found['name']}{MASK}", text)


def _may_have_parameter(text: str) -> bool:
    """Say quickly of most texts that they have none."""
    if "=" not in text:
        return False
    lowered = text.lower()
    return not text.isascii() or any(name in lowered for name in _NAMES)


def has_secret(text: str) -> bool:
    """Say whether `masked` changes `text`."""
    return masked(text) != text


def _without_login(found: re.Match[str]) -> str:
    scheme = found["scheme"]
    login = found.groupdict().get("login")
    user, colon, _ = login.partition(":") if login is not None else (found["user"], ":", "")
    if scheme.lower() in ("http://", "https://", "ftp://", "ftps://"):
        return f"{scheme}{MASK}@"
    return f"{scheme}{user}:{MASK}@" if colon else f"{scheme}{user}@"


def _occurrences(secret: str) -> re.Pattern[str]:
    word = re.escape(secret)
    if len(secret) >= _SHORTEST:
        return re.compile(word)
    return re.compile(rf"(?<=['\"]){word}(?=['\"])|(?<!\w){word}(?=@)")


def _secrets(address: str) -> Iterator[str]:
    """Yield the password of an address as it stands, decoded, and in pieces."""
    _, _, rest = address.partition("://")
    login, at, _ = rest.rpartition("@")
    _, colon, password = login.partition(":")
    if not (at and colon and password):
        return
    for form in {password, unquote(password), unquote_plus(password)}:
        yield from (piece for piece in (form, *re.split(r"[@:/?#]", form)) if piece)


def public_addresses(urls: Sequence[str]) -> list[str]:
    """Return addresses of the web without secrets, empty for places on a disk.

    >>> public_addresses(["/home/anna/1.mp4", "https://a.org/1?token=2"])
    ['', 'https://a.org/1?token=***']
    """
    found = [url if url.startswith(("http://", "https://")) else "" for url in urls]
    all_of_them = "\n".join(found)
    return found if masked(all_of_them) == all_of_them else list(map(masked, found))
