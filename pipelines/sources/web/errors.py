"""Why yt-dlp could not: its exceptions as reasons. By type first, by words second."""

import re
from collections.abc import Sequence
from traceback import walk_tb

from yt_dlp.networking.exceptions import HTTPError, ProxyError, TransportError
from yt_dlp.utils import (
    ContentTooShortError,
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    UnsupportedError,
)

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.text.foreign import one_line
from pipelines.sources.web.fence import AddressRefusedError

_BY_STATUS = {
    401: Reason.SIGN_IN,
    402: Reason.RATE_LIMITED,
    403: Reason.REFUSED,
    404: Reason.REMOVED,
    410: Reason.REMOVED,
    429: Reason.RATE_LIMITED,
    451: Reason.GEO,
}

# The first line that fits decides: a geo block also says "unavailable", a private video
# also says "sign in", and a check for bots passes with time where an age check does not.
_BY_WORDS = tuple(
    (reason, re.compile(words, re.IGNORECASE))
    for reason, words in (
        (Reason.RATE_LIMITED, r"not a bot|too many requests|rate.?limit|try again later"),
        (Reason.PRIVATE, r"private video|video is private|is private"),
        (
            Reason.GEO,
            r"in your (country|region|location)|geo.?restrict|geo.?block|from your location",
        ),
        (
            Reason.SIGN_IN,
            r"sign in|log ?in|registered users|members.only|available to this channel's members"
            r"|join this channel|confirm your age|age.restricted|requires payment|subscri"
            r"|password|--cookies|--username|premium",
        ),
        (
            Reason.REMOVED,
            r"removed|no longer available|terminated|does(n't| not) exist|deleted"
            r"|video (is )?(unavailable|not available)|isn't available|not found|copyright"
            r"|closed their|taken down|unable to find video",
        ),
        (
            Reason.NETWORK,
            r"timed? ?out|connection|name resolution|name or service|getaddrinfo|resolve"
            r"|unreachable|remote end closed|incomplete|bytes read|unable to download",
        ),
        (Reason.NO_FORMAT, r"no video formats|format is not available|only images are available"),
        (Reason.BROKEN, r"drm|invalid data|conversion failed|empty file|moov"),
    )
)
_PART = re.compile(r"got error: http error 4|fragment|did not get any data", re.IGNORECASE)
"""What yt-dlp says when a part of a video does not come: a segment, or all of its bytes."""
_SCHEME = re.compile(r"unsupported url scheme", re.IGNORECASE)
_PROXY_LOGIN = 407
_PROXY_REFUSES = re.compile(
    r"connect to proxy(?!.*tunnel connection failed)|tunnel connection failed: 407"
    r"|authentication|username|wrong version number",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"connection refused|name or service not known|temporary failure in name resolution"
    r"|getaddrinfo failed|nodename nor servname|failed to resolve|no route to host"
    r"|network is unreachable|actively refused",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"name or service not known|failure in name resolution|getaddrinfo failed"
    r"|nodename nor servname|failed to resolve",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"[;.,]?\s*(please report this issue|use --|see\s+https|set --).*", re.DOTALL | re.IGNORECASE
)


def classify(
    error: BaseException,
    pause_seconds: float | None = None,
    refusals: Sequence[Exception] = (),
) -> ItemFailed:
    """Return the failure that an exception of yt-dlp means; what it left open is closed.

    Args:
        error: What yt-dlp raised.
        pause_seconds: How long the site asked to be left alone, if it did.
        refusals: What the fence raised meanwhile.

    """
    chain = _chain(error)
    for link in chain:
        if isinstance(link, HTTPError):
            link.close()
        close_files(link)
    message = _message(chain)
    reason = _by_type(chain) or _by_words(message)
    if (refusal := _because_of(chain, refusals)) is not None:
        is_address = isinstance(refusal, AddressRefusedError)
        reason = Reason.UNSAFE_ADDRESS if is_address else Reason.NO_FORMAT
        return ItemFailed(reason, one_line(str(refusal), 500) or message)
    if _SCHEME.search(message):
        return ItemFailed(Reason.UNSAFE_ADDRESS, f"{message}: http and https alone are asked")
    if _PART.search(message) and reason not in (Reason.RATE_LIMITED, Reason.REFUSED):
        reason, message = Reason.INCOMPLETE, f"a part does not come: {_plain(message)}"
    if pause_seconds is not None:
        message = f"{message} (asks to be left alone for {pause_seconds:.0f} s)"
    return ItemFailed(reason, message, pause_seconds)


def close_files(error: BaseException) -> None:
    """Close the file of a video in segments, which yt-dlp leaves open where one fails."""
    for frame, _ in walk_tb(error.__traceback__):
        context = frame.f_locals.get("ctx")
        if isinstance(context, dict) and "dest_stream" in context:
            context["dest_stream"].close()


def _plain(message: str) -> str:
    return re.sub(r"(?i)^\[download\] got error: |\. giving up after .*$", "", message)


def proxy_fault(error: BaseException, proxy: str) -> str | None:
    """Say why a proxy lets nothing through; None where it is the site that does not answer.

    A proxy that cannot be reached, or asks who you are, stops everything alike.
    """
    chain = _chain(error)
    told = [link for link in chain if isinstance(link, (TransportError, HTTPError, OSError))]
    for link in told:
        text = str(link)
        is_proxy = isinstance(link, ProxyError)
        if isinstance(link, HTTPError) and link.status == _PROXY_LOGIN:
            return "it asks for a name and a password (407)"
        if is_proxy and _PROXY_REFUSES.search(text):
            return one_line(text.rpartition(": ")[2].strip("\"')> "), 200)
        if proxy.lower().startswith("socks") and not is_proxy and is_down(link):
            return one_line(text.rpartition(": ")[2], 200)
    return None


def is_down(error: BaseException) -> bool:
    """Say whether the place itself does not answer: refused, or its name leads nowhere."""
    return any(
        isinstance(link, (TransportError, OSError)) and _DOWN.search(str(link))
        for link in _chain(error)
    )


def is_unknown(error: BaseException) -> bool:
    """Say whether the name of the place leads nowhere."""
    return any(_UNKNOWN.search(str(link)) for link in _chain(error))


def is_unsupported(error: BaseException) -> bool:
    """Say whether yt-dlp knows no extractor for the address."""
    chain = _chain(error)
    return any(isinstance(link, UnsupportedError) for link in chain) or (
        "Unsupported url scheme" in _message(chain)
    )


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return an exception and its causes, outermost first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = error.exc_info[1] if isinstance(error, DownloadError) and error.exc_info else None
        if isinstance(inner, BaseException) and inner is not error:
            error = inner
        else:
            cause = getattr(error, "cause", None)
            error = cause if isinstance(cause, BaseException) else error.__cause__
    return found


def _because_of(chain: list[BaseException], refusals: Sequence[Exception]) -> Exception | None:
    """Return what the fence raised that an error goes back to: its words are handed on."""
    told = "\n".join(map(str, chain))
    return next((refusal for refusal in refusals if str(refusal) in told), None)


def _by_type(chain: list[BaseException]) -> Reason | None:
    for link in chain:
        if isinstance(link, GeoRestrictedError):
            return Reason.GEO
        if isinstance(link, HTTPError):
            return _by_status(link.status)
        if isinstance(link, (TransportError, ContentTooShortError, TimeoutError)):
            return Reason.NETWORK
        if isinstance(link, PostProcessingError):
            return Reason.BROKEN
        if isinstance(link, UnsupportedError):
            return Reason.OTHER
    return None


def _by_status(status: int) -> Reason:
    return _BY_STATUS.get(status, Reason.NETWORK if status >= 500 else Reason.OTHER)


def _by_words(message: str) -> Reason:
    if status := re.search(r"HTTP Error (\d{3})\b", message):
        return _by_status(int(status[1]))
    found = (reason for reason, words in _BY_WORDS if words.search(message))
    return next(found, Reason.OTHER)


def _message(chain: list[BaseException]) -> str:
    """Return what the innermost of yt-dlp's own errors says, in one line without advice."""
    told = [link for link in chain if isinstance(link, ExtractorError)] or chain[:1]
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(told[-1])).strip()
    text = _ADVICE.sub("", text.removeprefix("ERROR:").strip())
    return one_line(text, 500) or type(chain[0]).__name__
