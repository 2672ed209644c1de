"""Messages as users of yt-dlp report them."""

import errno
import pickle
import socket
from io import BytesIO

import pytest
from yt_dlp.networking import Response
from yt_dlp.networking.exceptions import HTTPError, IncompleteRead, TransportError
from yt_dlp.utils import (
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    UnsupportedError,
)

from kinetics_builder.errors import RETRYABLE, SOON, Reason
from pipelines.sources.web.errors import classify, is_down, is_unsupported


def wrapped(error: Exception) -> DownloadError:
    """Wrap an exception the way `YoutubeDL.extract_info` does."""
    return DownloadError(f"ERROR: {error}", (type(error), error, None))


def http(status: int) -> HTTPError:
    return HTTPError(Response(fp=BytesIO(), url="https://example.org", headers={}, status=status))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Video unavailable", Reason.REMOVED),
        ("This video is no longer available because the YouTube account associated with this "
         "video has been terminated.", Reason.REMOVED),
        ("Video unavailable. This video is no longer available due to a copyright claim by X",
         Reason.REMOVED),
        ("This video has been removed by the uploader", Reason.REMOVED),
        ("This video has been removed for violating YouTube's Terms of Service", Reason.REMOVED),
        ("Video unavailable. This video is not available", Reason.REMOVED),
        ("This video isn't available anymore", Reason.REMOVED),
        ("Private video. Sign in if you've been granted access to this video. Use "
         "--cookies-from-browser or --cookies for the authentication.", Reason.PRIVATE),
        ("This video is private", Reason.PRIVATE),
        ("The uploader has not made this video available in your country", Reason.GEO),
        ("Video unavailable. The uploader has not made this video available in your country",
         Reason.GEO),
        ("Sign in to confirm your age. This video may be inappropriate for some users.",
         Reason.SIGN_IN),
        ("Join this channel to get access to members-only content like this video",
         Reason.SIGN_IN),
        ("This video is only available for registered users", Reason.SIGN_IN),
        ("Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser or --cookies for "
         "the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ", Reason.RATE_LIMITED),
        ("Video unavailable. This content isn't available, try again later. Your account has "
         "been rate-limited by YouTube for up to an hour.", Reason.RATE_LIMITED),
        ("Unable to download API page: The read operation timed out", Reason.NETWORK),
        ("Requested format is not available. Use --list-formats for a list of available formats",
         Reason.NO_FORMAT),
        ("This video is DRM protected", Reason.BROKEN),
        ("No video formats found!; please report this issue on https://github.com/yt-dlp",
         Reason.NO_FORMAT),
        ("This live event will begin in 3 hours.", Reason.OTHER),
    ],
)  # fmt: skip
def test_a_message_has_a_reason(message: str, reason: Reason) -> None:
    error = ExtractorError(message, expected=True, video_id="abc", ie="youtube")
    assert classify(wrapped(error)).reason is reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExtractorError("Unable to download webpage", cause=http(404)), Reason.REMOVED),
        (ExtractorError("Unable to download webpage", cause=http(410)), Reason.REMOVED),
        (ExtractorError("Unable to download webpage", cause=http(429)), Reason.RATE_LIMITED),
        (ExtractorError("Unable to download webpage", cause=http(451)), Reason.GEO),
        (ExtractorError("Unable to download webpage", cause=http(401)), Reason.SIGN_IN),
        (ExtractorError("Unable to download webpage", cause=http(503)), Reason.NETWORK),
        (http(403), Reason.REFUSED),
        (ExtractorError("x", cause=IncompleteRead(10, 20)), Reason.NETWORK),
        (TransportError("gone"), Reason.NETWORK),
        (GeoRestrictedError("Not here", countries=["BR"]), Reason.GEO),
        (PostProcessingError("Conversion failed!"), Reason.BROKEN),
        (UnsupportedError("ftp://x"), Reason.OTHER),
    ],
)
def test_a_type_says_more_than_words(error: Exception, reason: Reason) -> None:
    assert classify(wrapped(error)).reason is reason


def test_what_passes_may_be_tried_again_and_what_stays_may_not() -> None:
    assert {Reason.RATE_LIMITED, Reason.NETWORK, Reason.INCOMPLETE} <= SOON <= RETRYABLE
    assert {Reason.REFUSED, Reason.NO_FORMAT, Reason.TIMEOUT, Reason.OTHER} <= RETRYABLE - SOON
    assert not {Reason.REMOVED, Reason.PRIVATE, Reason.GEO, Reason.SIGN_IN} & RETRYABLE


def test_the_message_is_one_line_without_advice() -> None:
    error = ExtractorError(
        "Sign in to confirm your age. Use --cookies for the authentication", video_id="abc"
    )
    failure = classify(wrapped(error))
    assert failure.message.endswith("Sign in to confirm your age")
    assert "\n" not in failure.message
    assert pickle.loads(pickle.dumps(failure)).reason is Reason.SIGN_IN


@pytest.mark.parametrize(
    "cause",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
        socket.gaierror(-2, "Name or service not known"),
    ],
)
def test_a_place_that_is_down_is_told_from_a_video_that_fails(cause: OSError) -> None:
    down = TransportError(cause=cause)
    assert is_down(wrapped(ExtractorError("Unable to download webpage", cause=down)))
    assert not is_down(wrapped(ExtractorError("Unable to download webpage", cause=http(404))))
    assert not is_down(wrapped(ExtractorError("Connection refused by the uploader")))


def test_an_address_that_no_extractor_knows() -> None:
    assert is_unsupported(wrapped(UnsupportedError("nosuchsearch5:abc")))
    assert not is_unsupported(wrapped(ExtractorError("Video unavailable")))
