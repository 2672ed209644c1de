"""Videos that a site's search finds: `--source search:PREFIX`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import ItemFailed, SourceError
from kinetics_builder.text.licences import is_allowed
from pipelines.sources.ids import short_key
from pipelines.sources.source import Asked, Fetched, Found, Limits, Request
from pipelines.sources.web.options import Options
from pipelines.sources.web.ytdlp import fetch_video, list_videos

_RESULTS = "https://www.youtube.com/results"
_CC_VIDEOS = "EgQQATAB8AEB"
"""YouTube's filters "Video" and "Creative Commons", as its own page writes them (protobuf)."""


@dataclass(frozen=True, slots=True)
class SearchSource:
    """Any search that yt-dlp knows by a prefix, as "ytsearch"."""

    prefix: str
    options: Options
    licences: tuple[str, ...] = ()
    """Those asked for, where the site's own search can leave others out."""

    @property
    def is_local(self) -> bool:
        """Whether no network is met."""
        return False

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return one question for each query of each label."""
        return [
            Request(key=short_key(f"{a.label}: {a.query}"), query=a.query, label=a.label)
            for a in asked
        ]

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Return the first `limit` videos that the site finds for `query`."""
        from yt_dlp.utils import YoutubeDLError

        from pipelines.sources.web.errors import is_unsupported

        try:
            return list_videos(self.options, self._address(query, limit), limit)
        except ItemFailed as failure:
            cause = failure.__cause__
            if isinstance(cause, YoutubeDLError) and is_unsupported(cause):
                raise SourceError(
                    f"yt-dlp knows no search prefix {self.prefix!r}. "
                    "Write --source search:ytsearch or another of its prefixes."
                ) from failure
            raise

    @property
    def filters_licences(self) -> bool:
        """Whether the site is asked for videos of the licences alone.

        YouTube knows two, its own and CC BY; a search leaves out the former.
        """
        return self.prefix == "ytsearch" and any(
            is_allowed("cc-by", (word,)) for word in self.licences
        )

    def _address(self, query: str, limit: int) -> str:
        if not self.filters_licences:
            return f"{self.prefix}{limit}:{query}"
        return f"{_RESULTS}?{urlencode({'search_query': query, 'sp': _CC_VIDEOS})}"

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Download a video that the search found; a site that is down stops the stage."""
        return fetch_video(self.options, url, folder, limits)


class _Search:
    """`--source search:PREFIX`."""

    form = "search:PREFIX (as search:ytsearch)"

    def normalised(self, rest: str) -> str:
        """Return a prefix that yt-dlp may know."""
        if not re.fullmatch(r"[a-z][a-z0-9_.-]*", rest):
            raise SourceError(f"--source search:{rest} is no source. Write {self.form}.")
        return rest

    def open(self, rest: str, config: DownloadConfig) -> SearchSource:
        """Return the source."""
        return SearchSource(rest, Options.of(config), config.licences)


SEARCH = _Search()
