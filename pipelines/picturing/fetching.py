"""Images of the web -> pictures of a class, or the reason why one is none.

Shapes: H height, W width.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import requests
from PIL import Image, UnidentifiedImageError

from pipelines.picturing.openverse import AGENT, TIMEOUT_SECONDS, FoundImage
from pipelines.sources.web.addresses import Allowed
from pipelines.sources.web.fence import fenced
from pipelines.sources.web.wire import retry_after

MOST_BYTES = 20_000_000
MOST_PIXELS = 60_000_000
LEAST_SIDE = 64
"""Pixels; a smaller picture shows no action."""
LONG_SIDE = 640
"""A larger picture is kept so large."""
_QUALITY = 90
_CHUNK = 1 << 16
_HASH_SIDE = 8
_MOST_DIFFERENT = 2
"""Bits of 64."""


class Fate(StrEnum):
    """What became of an image."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    TOO_SMALL = "too small"
    TOO_LARGE = "too large"
    NO_PICTURE = "no picture"
    GONE = "gone"
    REFUSED = "refused"
    """Its address, or one that it leads to, is none that may be asked."""
    LATER = "later"
    """The site did not answer, or asks to be left alone: it is tried again in the next run."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of an image."""

    fate: Fate
    reason: str = ""
    sha256: str = ""
    """Of the bytes that came."""
    likeness: str = ""
    """16 hex digits, of which few bits differ for pictures that look the same."""
    rest_seconds: float | None = None
    """For which the site asks to be left alone; 0 if it does not say how long, None if it does not
    ask."""


def fetch(image: FoundImage, *, target: Path, allowed: Allowed) -> Fetched:
    """Fetch an image, look whether it is a picture, and write it beside `target` as JPEG.

    It lies at `part_of(target)` until somebody writes down whose it is.
    """
    try:
        data = _data(image.address, allowed)
        picture = _picture(data)
    except _NoUse as error:
        return Fetched(error.fate, error.reason, rest_seconds=error.rest_seconds)
    picture.save(part_of(target), "JPEG", quality=_QUALITY)
    return Fetched(Fate.KEPT, "", hashlib.sha256(data).hexdigest(), likeness(picture))


def part_of(target: Path) -> Path:
    """Return where a picture lies of which nothing is written down yet."""
    return target.with_name(f".{target.name}.part")


class _NoUse(Exception):
    def __init__(self, fate: Fate, reason: str, rest_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.fate, self.reason, self.rest_seconds = fate, reason, rest_seconds


def _data(address: str, allowed: Allowed) -> bytes:
    with fenced(allowed) as refusals:
        try:
            return _got(address)
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL) as error:
            reason = f"leads elsewhere than to the web: {error}"
            raise _NoUse(Fate.REFUSED, reason) from error
        except requests.TooManyRedirects as error:
            raise _NoUse(Fate.GONE, str(error)) from error
        except requests.RequestException as error:
            if refusals:  # which may have come to us as a connection that failed
                raise _NoUse(Fate.REFUSED, str(refusals[0])) from error
            raise _NoUse(Fate.LATER, str(error)) from error


def _got(address: str) -> bytes:
    with requests.Session() as session:
        session.trust_env, session.max_redirects = False, 5
        headers = {"User-Agent": AGENT}
        with session.get(address, headers=headers, timeout=TIMEOUT_SECONDS, stream=True) as answer:
            _check(answer)
            return b"".join(_limited(answer))


def _check(response: requests.Response) -> None:
    status = f"{response.status_code} {response.reason}"
    is_refusal = response.status_code == requests.codes.too_many_requests
    if is_refusal or response.status_code >= 500:
        asked = retry_after(response.headers.get("Retry-After"))
        raise _NoUse(Fate.LATER, status, asked or 0.0 if is_refusal else asked)
    if not response.ok:
        raise _NoUse(Fate.GONE, status)
    told = response.headers.get("Content-Length", "")
    if told.isdigit() and int(told) > MOST_BYTES:
        raise _NoUse(Fate.TOO_LARGE, f"{told} bytes")


def _limited(response: requests.Response) -> Iterator[bytes]:
    num_bytes = 0
    for chunk in response.iter_content(_CHUNK):
        num_bytes += len(chunk)
        if num_bytes > MOST_BYTES:
            raise _NoUse(Fate.TOO_LARGE, f"more than {MOST_BYTES} bytes")
        yield chunk


def _picture(data: bytes) -> Image.Image:
    """Return the picture that `data` holds, upright colours, no larger than is kept."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _NoUse(Fate.TOO_LARGE, f"{image.width} x {image.height} pixels")
            if min(image.size) < LEAST_SIDE:
                raise _NoUse(Fate.TOO_SMALL, f"{image.width} x {image.height} pixels")
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
            picture = image.convert("RGB")
    except _BROKEN as error:
        raise _NoUse(Fate.NO_PICTURE, f"{error}"[:200]) from error
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    return picture


_BROKEN = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
)


def likeness(picture: Image.Image) -> str:
    """Return whether each of 8 x 8 cells is lighter than the one to its right, as hex digits."""
    side = _HASH_SIDE
    grey_HW = np.asarray(
        picture.convert("L").resize((side + 1, side), Image.Resampling.BOX), np.int16
    )
    bits = (grey_HW[:, :-1] > grey_HW[:, 1:]).ravel()
    return np.packbits(bits).tobytes().hex()


def look_alike(one: str, other: str) -> bool:
    """Say whether two likenesses are of one picture, stored or scaled in two ways."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= _MOST_DIFFERENT
