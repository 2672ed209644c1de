"""Video ids that are safe as file names and in CSVs, whatever the source calls its videos."""

import hashlib
import re

from kinetics_builder.text.masking import masked

YOUTUBE, GENERIC = "Youtube", "Generic"
"""yt-dlp's keys of the extractors of YouTube, and of any page."""
OF_PAGES = frozenset(
    {
        *(GENERIC, "HTML5MediaEmbed", "CamtasiaEmbed", "DetikEmbed", "ElementorEmbed"),
        *("PlyrEmbed", "QuotedHTML", "SibnetEmbed", "Viously", "WordpressMiniAudioPlayerEmbed"),
        *("WordpressPlaylistEmbed", "Rtmp", "ViewSource"),
    }
)
"""Keys of extractors without a site: their ids are parts of addresses and places on pages."""

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,80}")


def safe_id(text: str) -> str:
    """Return `text` itself where it is safe, else a readable id that no other text has.

    >>> safe_id("dQw4w9WgXcQ"), safe_id("clips/a b.mp4")
    ('dQw4w9WgXcQ', 'clips_a_b_mp4-22c613a1')
    """
    return text if _SAFE.fullmatch(text) else hashed_id(text, text)


def web_id(site: str | None, name: str) -> str:
    """Return the id of a site's video; YouTube's ids stand alone, as in Kinetics' files.

    >>> web_id("Vimeo", "76979871"), web_id("Youtube", "dQw4w9WgXcQ")
    ('vimeo-76979871', 'dQw4w9WgXcQ')
    """
    return safe_id(name if site in (None, YOUTUBE) else f"{site.lower()}-{name}")


def hashed_id(name: str, content: str) -> str:
    """Return the safe characters of `name` and 8 hex digits of the hash of `content`."""
    digest = hashlib.sha256(bytes_of(content)).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:60]
    return f"{readable}-{digest}" if readable else digest


def bytes_of(text: str) -> bytes:
    """Return the bytes of a name, also of a file's that is no UTF-8, or of half characters."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def is_youtube_id(text: str) -> bool:
    """Say whether `text` has the form of a YouTube id, as in "SOX5yA1l24A".

    Words in lower case do not count: "basketballs" has eleven letters too.
    """
    has_form = re.fullmatch(r"[A-Za-z0-9_-]{11}", text) is not None
    return has_form and text != text.lower()


def short_key(text: str, longest: int = 300) -> str:
    """Return `text` as a key that people may see: of at most `longest` characters, no secrets.

    Where it is shortened or masked, a hash of the whole keeps it apart from all others.
    """
    shown = masked(text)
    if shown == text and len(text) <= longest:
        return text
    digest = hashlib.sha256(bytes_of(text)).hexdigest()[:16]
    return f"{shown[: longest - 17]} {digest}"
