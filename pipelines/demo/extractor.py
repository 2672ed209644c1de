"""yt-dlp extractors for the demo site: `kbdemoN:words` searches, watch pages play.

The address of the site comes from yt-dlp's own extractor arguments,
`{"kbdemo": {"base": ["http://127.0.0.1:PORT"]}}`.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin

from yt_dlp.extractor.common import InfoExtractor, SearchInfoExtractor
from yt_dlp.utils import ExtractorError, unified_strdate

SEARCH_KEY = "kbdemo"


class DemoSearchIE(SearchInfoExtractor):  # type: ignore[misc]
    """Searches the demo site page by page."""

    IE_NAME = "kbdemo:search"
    _SEARCH_KEY = SEARCH_KEY
    _RESULT = (
        r'<li class="result" data-id="([\w-]+)" data-seconds="(\d+)" data-uploader="([^"]*)">'
        r"<a [^>]*>([^<]*)</a>"
    )

    def _search_results(self, query: str) -> Iterator[dict[str, Any]]:
        base = self._configuration_arg("base", [""], ie_key=SEARCH_KEY, casesense=True)[0]
        if not base:
            raise ExtractorError("set extractor_args kbdemo base to the address", expected=True)
        page = 1
        while True:
            address = f"{base}/search?{urlencode({'q': query, 'page': page})}"
            html = self._download_webpage(address, query, f"Downloading results, page {page}")
            yield from (self._entry(base, *found) for found in self._found(html))
            if 'rel="next"' not in html:
                return
            page += 1

    def _found(self, html: str) -> list[tuple[str, str, str, str]]:
        return re.findall(self._RESULT, html)

    def _entry(
        self, base: str, video_id: str, seconds: str, uploader: str, title: str
    ) -> dict[str, Any]:
        entry: dict[str, Any] = self.url_result(
            f"{base}/watch?v={video_id}",
            ie=DemoIE,
            video_id=video_id,
            video_title=unescape(title),
            duration=int(seconds),
            uploader=unescape(uploader),
        )
        return entry


class DemoIE(InfoExtractor):  # type: ignore[misc]
    """Reads a watch page of the demo site."""

    IE_NAME = "kbdemo"
    HAS_UNIQUE_IDS = True
    """The demo's ids are those of the truth, so they stand alone in its dataset."""
    _VALID_URL = r"https?://127\.0\.0\.1:\d+/watch\?v=(?P<id>[A-Za-z0-9_-]{11})$"
    _EXCUSES = (403, 404, 410, 451)

    def _real_extract(self, url: str) -> dict[str, Any]:
        video_id = self._match_id(url)
        html = self._download_webpage(url, video_id, expected_status=self._EXCUSES)
        self._raise_excuse(html)
        facts = self._search_json(
            r'<script type="application/ld\+json">', html, "video facts", video_id
        )
        return {
            "id": video_id,
            "title": facts["name"],
            "description": facts["description"],
            "uploader": facts["author"]["name"],
            "upload_date": unified_strdate(facts["uploadDate"]),
            "duration": int(facts["duration"].strip("PTS")),
            "license": facts["license"],
            "language": facts["inLanguage"],
            "formats": [
                {
                    "url": urljoin(url, facts["contentUrl"]),
                    "format_id": "0",
                    "ext": "mp4",
                    "vcodec": "h264",
                    "acodec": "aac",
                }
            ],
        }

    def _raise_excuse(self, html: str) -> None:
        excuse = self._search_regex(r'<p class="reason">([^<]+)', html, "excuse", default=None)
        if excuse is None:
            return
        if "in your country" in excuse:
            self.raise_geo_restricted(unescape(excuse), countries=["BR"])
        raise ExtractorError(unescape(excuse), expected=True)
