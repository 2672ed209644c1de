"""What yt-dlp lists, as videos: each with an id of its own, and an address that leads to it alone.

A page may hold several videos. The address of one of them is the page's, with a mark in the
fragment, which no site ever sees: `https://a.org/page#kbuild-video=0123456789ab`.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from kinetics_builder.text import foreign
from kinetics_builder.text.foreign import one_line, seconds
from kinetics_builder.text.listed_words import description_of, tags_of
from pipelines.sources.filenames import title_from_name
from pipelines.sources.ids import OF_PAGES, bytes_of, hashed_id, safe_id, web_id
from pipelines.sources.source import Found
from pipelines.sources.thumbnails import thumbnail_of

_MARK = "#kbuild-video="

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Naming:
    """How videos get their ids."""

    unique: frozenset[str]
    """Keys of further extractors than YouTube's whose ids stand alone."""
    extractor_of: Callable[[str], tuple[str, str | None]]
    """Gives the key of the extractor for an address, and the id that the address holds."""


def marked(page: str, mark: str) -> str:
    """Return the address of one of the videos of a page."""
    return f"{page.partition('#')[0]}{_MARK}{mark}"


def unmarked(address: str) -> tuple[str, str | None]:
    """Return the page of an address, and the mark of one of its videos, None without one.

    >>> unmarked("https://a.org/x#kbuild-video=0123456789ab")
    ('https://a.org/x', '0123456789ab')
    """
    page, _, mark = address.partition(_MARK)
    return page, mark or None


def marks_of(entry: Entry) -> list[str]:
    """Return the marks by which a video of a page is known, best first.

    Its id is the best, but where the extractor takes ids from places on the page, which
    change when a video is put before it, the paths of its files are.
    """
    named = [str(entry["id"])] if entry.get("id") else []
    files = [entry, *(entry.get("formats") or ())]
    parts = sorted({urlsplit(str(file["url"])) for file in files if file.get("url")})
    of_files = [*(part.path for part in parts), *(f"{part.path}?{part.query}" for part in parts)]
    marks = of_files + named if _key(entry) in OF_PAGES else named + of_files
    return [_digest(mark) for mark in dict.fromkeys(marks)]


def leaves(info: Entry) -> Iterator[Entry]:
    """Yield the videos of what yt-dlp returned: itself, or those of a list or of lists in it."""
    if info.get("_type") in ("playlist", "multi_video"):
        for entry in info.get("entries") or ():
            yield from leaves(entry or {})
    elif info:
        yield info


def videos_of(info: Entry, asked: str, naming: Naming) -> list[Found]:
    """Return the videos of what yt-dlp returned for an address, those without one left out.

    Args:
        info: The videos in it may have been looked into or not.
        asked: The address.
        naming: How they get their ids.

    """
    listed = list(leaves(info))
    shared = Counter(mark for entry in listed for mark in marks_of(entry))
    found = []
    for entry in listed:
        own = [mark for mark in marks_of(entry) if shared[mark] == 1]
        if address := _address(entry, asked, own[:1]):
            found.append(_found(entry, foreign.address(address), naming))
    return found


def _found(entry: Entry, address: str, naming: Naming) -> Found:
    key, name = _named(entry, address, naming)
    video_id = _video_id(key, name, address, naming)
    former = safe_id(str(entry["id"])) if entry.get("id") else None
    title = one_line(entry.get("title"))
    return Found(
        video_id=video_id,
        url=address,
        title=title or (_words(address) if key in OF_PAGES else ""),
        duration_seconds=seconds(entry.get("duration")),
        uploader=one_line(entry.get("uploader")) or one_line(entry.get("channel")),
        former_id=former if former != video_id else None,
        tags=tags_of(entry.get("tags")),
        description=description_of(entry.get("description")),
        thumbnail=thumbnail_of(entry),
    )


def _address(entry: Entry, asked: str, own_marks: list[str]) -> str:
    """Return the address that leads to the video and to no other; empty where there is none."""
    if entry.get("_type") in ("url", "url_transparent"):
        return str(entry.get("url") or "")
    page = str(entry.get("webpage_url") or entry.get("url") or "")
    if entry.get("n_entries") is None and _key(entry) in OF_PAGES:
        return asked  # where it leads today may be another place tomorrow
    if (entry.get("n_entries") or 1) == 1:
        return page
    return marked(page, own_marks[0]) if page and own_marks else ""


def _named(entry: Entry, address: str, naming: Naming) -> tuple[str, str]:
    """Return the key of a video's extractor and its id there, which may be empty."""
    key, name = _key(entry), str(entry.get("id") or "")
    if key and name:
        return key, name
    key, in_address = naming.extractor_of(address)
    return key, name or in_address or ""


def _video_id(key: str, name: str, address: str, naming: Naming) -> str:
    if not name or key in OF_PAGES:
        return hashed_id(_words(address), _without_login(address))
    return web_id(None if key in naming.unique else key, name)


def _key(entry: Entry) -> str:
    """Return the key of the extractor that a video belongs to; empty where it is not said."""
    if entry.get("_type") in ("url", "url_transparent"):
        return str(entry.get("ie_key") or "")
    return str(entry.get("extractor_key") or "")


def _words(address: str) -> str:
    """Return the words of an address's last part.

    >>> _words("https://a.org/films/waving_hand.mp4?x=1")
    'waving hand'
    """
    name = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    stem = name.rpartition(".")[0] or name
    words = title_from_name(stem) if stem else urlsplit(address).hostname
    return one_line(words) or ""


def _without_login(address: str) -> str:
    """Return an address without name and password: they may change, the video does not."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _digest(text: str) -> str:
    return hashlib.sha256(bytes_of(text)).hexdigest()[:12]
