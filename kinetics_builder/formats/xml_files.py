"""XML files of any size, element by element, in which nothing is defined and nothing fetched.

The standard parser (expat) reads the file piece by piece. A document type declaration is
refused before anything in it counts: without one there are no entities but XML's own five, so
none can grow or name a file.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.text import closing_if_broken, open_bytes

_PIECE = 1 << 16
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_DEPTH = 32
_MAX_TEXT = 1 << 16
_MAX_TOKEN = 1 << 20
"""Bytes of a start with its attributes, or of a comment: expat takes them up as a whole."""


class Event(NamedTuple):
    """The start or the end of an element.

    Its text is known at its end; of an element with others inside it is what follows the last.
    """

    is_start: bool
    tag: str
    parent: str
    attributes: Mapping[str, str]
    text: str
    line: int


class _Open(NamedTuple):
    tag: str
    attributes: dict[str, str]
    texts: list[str]


class _Collector:
    """Takes what expat finds and keeps it until it is asked for."""

    def __init__(self, path: Path, encoding: str | None) -> None:
        self._path = path
        self.events: list[Event] = []
        self._open: list[_Open] = []
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        _look_at_once(self.parser)
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> NoReturn:
        self._fail("a document type declaration, which could define entities; it is refused")

    def parse(self, piece: bytes, num_bytes: int) -> None:
        """Take a piece of the file, which ends at `num_bytes`; FormatError if expat is stuck."""
        self.parser.Parse(piece, False)
        if num_bytes - self.parser.CurrentByteIndex > _MAX_TOKEN:
            self._fail(f"more than {_MAX_TOKEN:,} bytes in one element's start or one comment")

    def _fail(self, found: str) -> NoReturn:
        raise FormatError(f"{self._path}:{self.parser.CurrentLineNumber}: found {found}.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) == _MAX_DEPTH:
            self._fail(f"elements inside one another {_MAX_DEPTH} deep; expected fewer")
        if self._open:
            self._open[-1].texts.clear()
        self._add(True, tag, attributes, "")
        self._open.append(_Open(tag, attributes, []))

    def _text(self, text: str) -> None:
        texts = self._open[-1].texts
        texts.append(text)
        if len(texts) > 1 and sum(map(len, texts)) > _MAX_TEXT:
            self._fail(f"more than {_MAX_TEXT:,} characters of text in one element")

    def _end(self, tag: str) -> None:
        closed = self._open.pop()
        self._add(False, tag, closed.attributes, "".join(closed.texts))

    def _add(self, is_start: bool, tag: str, attributes: dict[str, str], text: str) -> None:
        parent = self._open[-1].tag if self._open else ""
        line = self.parser.CurrentLineNumber
        self.events.append(Event(is_start, tag, parent, attributes, text, line))


def _look_at_once(parser: Any) -> None:
    """Let a parser look at what it has with every piece: from expat 2.6 on it may wait.

    It waits until there is twice as much of an unfinished token, to bound the work that many
    small pieces of a large one make; here the pieces are large, and tokens are not.
    """
    if hasattr(parser, "SetReparseDeferralEnabled"):
        parser.SetReparseDeferralEnabled(False)


def events(path: Path, root: str, encoding: str | None = None) -> Iterator[Event]:
    """Yield starts and ends of the elements of a file in their order; nothing is kept.

    Raises:
        FormatError: No XML, another root element than `root`, a document type declaration,
            or elements and texts that no format of the field has; with the line.

    """
    collector = _Collector(path, encoding)
    is_first = True
    for _ in _parsed(path, collector):
        found, collector.events = collector.events, []
        if is_first and found:
            is_first = False
            if found[0].tag != root:
                raise FormatError(
                    f"{path}:{found[0].line}: expected <{root}>, found <{found[0].tag}>."
                )
        yield from found


def _parsed(path: Path, collector: _Collector) -> Iterator[None]:
    with open_bytes(path) as file, closing_if_broken(path, file):
        try:
            num_bytes = 0
            while piece := file.read(_PIECE):
                num_bytes += len(piece)
                collector.parse(piece, num_bytes)
                yield
            collector.parser.Parse(b"", True)
            yield
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise FormatError(f"{path}:{error.lineno}: expected XML: {reason}.") from error
        except (LookupError, ValueError) as error:  # an encoding nobody knows, or expat does not
            raise FormatError(f"{path}: {error}. Give --encoding the file's encoding.") from error


def element(tag: str, attributes: Mapping[str, object], text: str | None = None) -> str:
    """Return an element on one line; without a text an empty one.

    >>> element("name", {}, "a < b")
    '<name>a &lt; b</name>'
    >>> element("box", {"frame": 3})
    '<box frame="3"/>'
    """
    told = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
    return f"<{tag}{told}/>" if text is None else f"<{tag}{told}>{escape(text)}</{tag}>"


def opening(tag: str, attributes: Mapping[str, object]) -> str:
    """Return the start of an element.

    >>> opening("track", {"id": 0})
    '<track id="0">'
    """
    return f"{element(tag, attributes)[:-2]}>"


def is_writable(text: str) -> bool:
    r"""Tell whether XML can hold `text`: it has no way to write most control characters.

    >>> is_writable("a & b"), is_writable("a\x00b")
    (True, False)
    """
    return text.isprintable() or not _REFUSED.search(text)
