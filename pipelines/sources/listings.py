"""Channels and playlists, piece by piece: `--source channel:URL`, `playlist:URL`.

A piece is asked for by the address with a mark in the fragment, which no site ever sees:
`https://a.org/feed#kbuild-videos=101-300`. Pieces grow, for most
sites must be walked through from the first video on.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, Reason, SourceError
from kinetics_builder.text.foreign import flaw_of
from pipelines.sources.ids import short_key
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video, list_piece

_FIRST, _MOST = 100, 2000
"""Videos of the first piece, and of any."""
_MARK = re.compile(r"(?P<address>.*)#kbuild-videos=(?P<first>\d+)-(?P<last>\d+)")
_YOUTUBE = "https://www.youtube.com"
_TABS = ("videos", "shorts", "streams", "playlists", "releases", "podcasts", "featured")


@dataclass(frozen=True, slots=True)
class ListingSource:
    """All videos of one list, in its order."""

    address: str
    options: Options

    @property
    def is_local(self) -> bool:
        """Whether no network is met."""
        return False

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return the question for the first piece."""
        return [self._request(1, _FIRST)]

    def pieces(self, num_listed: int, *, has_ended: bool, limit: int) -> list[Request]:
        """Return the questions for the pieces so far, and for the next one.

        Args:
            num_listed: Places of the list that were looked at.
            has_ended: Whether the list has no more.
            limit: Places to look at, at most.

        """
        bounds = list(_bounds(limit))
        num_known = sum(first <= num_listed for first, _ in bounds)
        num_asked = num_known if has_ended else num_known + 1
        is_cut = num_known > 0 and bounds[num_known - 1][1] > num_listed
        if is_cut and not has_ended:  # an earlier limit ended within it
            num_asked = num_known
        return [self._request(first, last) for first, last in bounds[:num_asked]]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return the videos of a piece; of none where the list ends before it."""
        piece = _MARK.fullmatch(query)
        if piece is None:
            raise SourceError(f"{query!r} is no piece of a list.")
        address, first, last = piece["address"], int(piece["first"]), int(piece["last"])
        videos = list_piece(self.options, address, first, last)
        if first == 1 and not videos:
            raise ItemFailed(Reason.NO_VIDEO, "lists no video")
        return videos

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Download a video of the list; a site that is down stops the stage."""
        return fetch_video(self.options, url, folder, limits)

    def _request(self, first: int, last: int) -> Request:
        address = f"{self.address}#kbuild-videos={first}-{last}"
        return Request(key=f"{short_key(self.address)} {first}-{last}", query=address, last=last)


def _bounds(limit: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each piece.

    >>> list(_bounds(1000))
    [(1, 100), (101, 300), (301, 700), (701, 1000)]
    """
    first, size = 1, _FIRST
    while first <= limit:
        yield first, min(first + size - 1, limit)
        first, size = first + size, min(2 * size, _MOST)


class _List(ABC):
    """What `channel:` and `playlist:` share."""

    def __init__(self, name: str, form: str) -> None:
        self.name, self.form = name, form

    def normalised(self, rest: str) -> str:
        """Return the address of the list."""
        address = self._address(rest.strip())
        if flaw := flaw_of(address):
            raise SourceError(f"--source {self.name}: {address!r} holds {flaw}. Remove it.")
        if not address.lower().startswith(("http://", "https://")):
            raise SourceError(
                f"--source {self.name}:{rest} is no address of http or https. Write {self.form}."
            )
        return address.partition("#")[0]

    def open(self, rest: str, config: DownloadConfig) -> ListingSource:
        """Return the source."""
        return ListingSource(rest, Options.of(config))

    @abstractmethod
    def _address(self, rest: str) -> str:
        """Return the address that a person means."""


class _Channel(_List):
    """`--source channel:URL`, or of YouTube the handle or the id alone."""

    def _address(self, rest: str) -> str:
        if rest.startswith("@"):
            rest = f"{_YOUTUBE}/{rest}"
        elif re.fullmatch(r"UC[\w-]{22}", rest):
            rest = f"{_YOUTUBE}/channel/{rest}"
        parts = urlsplit(rest)
        if (parts.hostname or "").removeprefix("www.").removeprefix("m.") != "youtube.com":
            return rest
        path = parts.path.rstrip("/")
        is_whole = path.rpartition("/")[2] not in _TABS  # its videos, not its tabs, are wanted
        return parts._replace(path=f"{path}/videos" if is_whole else path).geturl()


class _Playlist(_List):
    """`--source playlist:URL`, or of YouTube the id alone."""

    def _address(self, rest: str) -> str:
        if re.fullmatch(r"(?:PL|UU|OL|FL|RD)[\w-]{10,}", rest):
            return f"{_YOUTUBE}/playlist?list={rest}"
        parts = urlsplit(rest)
        named = parse_qs(parts.query).get("list")
        if named and (parts.hostname or "").endswith(("youtube.com", "youtu.be")):
            return f"{_YOUTUBE}/playlist?list={named[0]}"
        return rest


CHANNEL = _Channel("channel", "channel:URL")
PLAYLIST = _Playlist("playlist", "playlist:URL")
