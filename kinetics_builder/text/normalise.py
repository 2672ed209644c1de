"""Text as the matcher compares it: one spelling for what people write in many.

A word is a run of letters, digits and their marks; everything else separates words.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_CLUSTER = re.compile(r"\S[\u0300-\u036f]*|\s", re.DOTALL)
_ASCII_WORD = re.compile(r"[a-z0-9](?:[a-z0-9'`]*[a-z0-9])?|&")
_APOSTROPHES = "'\u2018\u2019\u02bc\u00b4`"
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_SCRIPTS_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, and where it stands there."""

    text: str
    """Normalised, accents kept."""
    start: int
    """Index of its first character in the composed (NFC) text."""
    end: int
    """Index after its last character."""


def normalise(text: str) -> str:
    """Return `text` in NFKC, casefolded, with single spaces for all that is no word.

    Apostrophes vanish, `&` becomes "and", and each character of a script that is written
    without spaces counts as a word.

    >>> normalise("How To CUT  a Pineapple \u2013 Cook's Caf\u00e9 & Bar!")
    'how to cut a pineapple cooks caf\u00e9 and bar'
    """
    return " ".join(split_words(text))


def split_words(text: str) -> list[str]:
    """Return the words of `normalise(text)`."""
    if text.isascii():
        return ascii_words(text)
    composed = unicodedata.normalize("NFC", text)
    if _LATIN_MARKS.search(composed):
        return [word.text for word in words_of(text)]
    words = [word for word in composed.translate(_FOLDED).split(" ") if _has_letter(word)]
    if unicodedata.is_normalized("NFC", " ".join(words)):
        return words
    return [unicodedata.normalize("NFC", word) for word in words]


def ascii_words(text: str) -> list[str]:
    """Return the words of `normalise(text)` for ASCII text, and fast.

    >>> ascii_words("R&B: don't STOP")
    ['r', 'and', 'b', 'dont', 'stop']
    """
    if "&" in text:
        text = text.replace("&", " and ")
    return text.encode("ascii").translate(ASCII_BYTES, _DROPPED).decode("ascii").split()


def spaced(text: str) -> str | None:
    """Return a composed text of the same length with spaces for all that is of no word.

    None where a letter is a word of its own, or a mark is of a word and yet not said: what
    stands where must then be looked at letter by letter (`words_of`).

    >>> spaced("Mixing, twice!"), spaced("Cook's")
    ('mixing  twice ', None)
    """
    if text.isascii():
        if "'" in text or "`" in text or "&" in text:
            return None
        return text.encode("ascii").translate(ASCII_BYTES).decode("ascii")
    marks = text.translate(_MARKED)
    return None if "?" in marks or _LATIN_MARKS.search(text) else marks


def alike(text: str) -> str:
    """Return a text of the same length with as many ASCII characters as have the same words.

    Of a composed (NFC) text; what is not ASCII in it has no such character.

    >>> alike("\uff30lay \u2013 Cook\u2019s caf\u00e9")
    "play   cook's caf\u00e9"
    """
    return text if text.isascii() else text.translate(_ALIKE)


def strip_accents(text: str) -> str:
    """Return `text` without Latin accents; marks of other scripts stay.

    >>> strip_accents("dan\u00e7a no gelo, viol\u00e3o")
    'danca no gelo, violao'
    """
    if text.isascii():
        return text
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare)


def words_of(text: str) -> list[Word]:
    """Return the words of `text` in order; their texts joined by spaces are `normalise(text)`.

    Positions count in `unicodedata.normalize("NFC", text)`.

    >>> words_of("Mixing & Applying")[-1]
    Word(text='applying', start=9, end=17)
    """
    if text.isascii():
        found = _ASCII_WORD.finditer(text.lower())
        return [Word(_ascii_spelling(match.group()), match.start(), match.end()) for match in found]
    pieces: list[tuple[str, int, int]] = []
    words: list[Word] = []
    for cluster in _CLUSTER.finditer(unicodedata.normalize("NFC", text)):
        for letter in _fold(cluster.group()):
            if letter == " ":
                _close(pieces, words)
            else:
                pieces.append((letter, cluster.start(), cluster.end()))
    _close(pieces, words)
    return words


def _ascii_spelling(word: str) -> str:
    return "and" if word == "&" else word.replace("'", "").replace("`", "")


def _close(pieces: list[tuple[str, int, int]], words: list[Word]) -> None:
    """Make the collected letters a word, unless they are marks without a letter."""
    spelled = "".join(piece[0] for piece in pieces)
    if _has_letter(spelled):
        text = unicodedata.normalize("NFC", spelled)
        words.append(Word(text, pieces[0][1], pieces[-1][2]))
    pieces.clear()


def _has_letter(word: str) -> bool:
    return word.isalnum() or any(letter.isalnum() for letter in word)


@lru_cache(maxsize=16384)
def _fold(cluster: str) -> str:
    if cluster in _APOSTROPHES:
        return ""
    if cluster == "&":
        return " and "
    folded = unicodedata.normalize("NFKC", cluster).casefold()
    return "".join(map(_spell, unicodedata.normalize("NFKC", folded)))


def _spell(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in ("Cf", "Me") or "\ufe00" <= letter <= "\ufe0f":
        return ""
    if _SCRIPTS_WITHOUT_SPACES.match(letter) and category[0] == "L":
        return f" {letter} "
    return letter if category[0] in "LMN" else " "


class _Alike(dict[int, str]):
    """Code of a character -> the ASCII one that is folded as it is, or itself where none is."""

    def __missing__(self, code: int) -> str:
        folded = _FOLDED[code]
        self[code] = alike = folded or "'" if len(folded) < 2 and folded.isascii() else chr(code)
        return alike


class _Folded(dict[int, str]):
    """Code of a character -> what it is folded to, filled as they come."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


class _Marked(dict[int, str]):
    """Code of a character -> one that says whether it is of a word, filled as they come."""

    def __missing__(self, code: int) -> str:
        folded = _FOLDED[code]
        self[code] = mark = " " if folded == " " else "?" if " " in folded or not folded else "x"
        return mark


_FOLDED, _MARKED, _ALIKE = _Folded(), _Marked(), _Alike()
_DROPPED = b"'`"
ASCII_BYTES = bytes(ord((_fold(chr(code)) or " ")[0]) if code < 128 else 32 for code in range(256))
