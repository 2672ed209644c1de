"""Searching images by Openverse's API (https://api.openverse.org/v1/), or one of its shape.

A caller without an account may ask once a second, for 20 images at a time.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from kinetics_builder.errors import ConfigError, SourceError
from pipelines.sources.web.addresses import Allowed
from pipelines.sources.web.fence import fenced

ADDRESS = "https://api.openverse.org"
LICENCES = (
    "by",
    "by-nc",
    "by-nc-nd",
    "by-nc-sa",
    "by-nd",
    "by-sa",
    "cc0",
    "nc-sampling+",
    "pdm",
    "sampling+",
)
"""Openverse's words for licences; pdm is the public domain mark."""
DEFAULT_LICENCES = ("by", "by-sa", "cc0", "pdm")
PAGE_SIZE = 20
TIMEOUT_SECONDS = 30.0
AGENT = "kinetics-builder (https://api.openverse.org client)"
_TRIES = 3
_LONGEST_PAUSE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image as the search tells of it."""

    id: str
    address: str
    """Of the image."""
    page: str
    """Where people find it."""
    title: str
    creator: str
    licence: str
    licence_version: str
    licence_address: str
    attribution: str
    """How it is to be named wherever it is shown."""


def chosen_licences(text: str) -> tuple[str, ...]:
    """Return the licences that a text names, with commas between them.

    Raises ConfigError, which lists them, for one that is not known.
    """
    words = tuple(word.strip().lower() for word in text.split(",") if word.strip())
    if unknown := [word for word in words if word not in LICENCES]:
        raise ConfigError(
            f"{unknown[0]!r} is no licence of Openverse's. It knows {', '.join(LICENCES)}."
        )
    return words or DEFAULT_LICENCES


class Openverse:
    """Asks one API, with a pause between two requests."""

    def __init__(
        self,
        allowed: Allowed,
        address: str = ADDRESS,
        *,
        licences: Sequence[str] = DEFAULT_LICENCES,
        pause_seconds: float = 1.0,
        session: requests.Session | None = None,
    ) -> None:
        self.allowed = allowed
        self.address, self.licences = address.rstrip("/"), tuple(licences)
        self.pause_seconds = pause_seconds
        self.session = session or requests.Session()
        self._asked_at = float("-inf")

    def search(self, query: str) -> Iterator[FoundImage]:
        """Yield what is found for `query`, best first, page by page.

        What has another licence than those asked for is left out, whatever the API gives.

        Raises:
            SourceError: The API does not answer, refuses, or says what is no answer of its shape.

        """
        page, num_pages = 1, 1
        while page <= num_pages:
            answer = self._page(query, page)
            results = answer.get("results")
            if not isinstance(results, list):
                raise SourceError(
                    f"{self.address} gave an answer without `results`: not its shape."
                )
            for told in results:
                image = _image(told)
                if image is not None and image.licence in self.licences:
                    yield image
            count = answer.get("page_count")
            num_pages = count if isinstance(count, int) and results else 0
            page += 1

    def search_all(self, queries: Sequence[str]) -> Iterator[FoundImage]:
        """Yield what is found for each of some queries, one after the other."""
        for query in queries:
            yield from self.search(query)

    def _page(self, query: str, page: int) -> dict[str, Any]:
        values: dict[str, str | int] = {
            "q": query,
            "page": page,
            "page_size": PAGE_SIZE,
            "license": ",".join(self.licences),
            "mature": "false",
        }
        for number in range(_TRIES):
            response = self._get(values)
            if response.status_code != requests.codes.too_many_requests:
                return self._read(response)
            if number < _TRIES - 1:
                time.sleep(_rest(response.headers.get("Retry-After"), self.pause_seconds))
        raise SourceError(
            f"{self.address} asks to be left alone (429). What was fetched is kept: run the same "
            "command again later."
        )

    def _get(self, values: dict[str, str | int]) -> requests.Response:
        time.sleep(max(0.0, self._asked_at + self.pause_seconds - time.monotonic()))
        self._asked_at = time.monotonic()
        try:
            with fenced(self.allowed):
                return self.session.get(
                    f"{self.address}/v1/images/",
                    params=values,
                    headers={"User-Agent": AGENT, "Accept": "application/json"},
                    timeout=TIMEOUT_SECONDS,
                )
        except requests.RequestException as error:
            raise SourceError(f"{self.address} does not answer: {error}") from error

    def _read(self, response: requests.Response) -> dict[str, Any]:
        if not response.ok:
            raise SourceError(
                f"{self.address} answers {response.status_code} {response.reason}. Is it the "
                "address of such an API, and does it let you in?"
            )
        try:
            answer = response.json()
        except requests.JSONDecodeError as error:
            raise SourceError(f"{self.address} does not answer with JSON: {error}.") from error
        if not isinstance(answer, dict):
            raise self._shapeless()
        return answer

    def _shapeless(self) -> SourceError:
        return SourceError(f"{self.address} gave an answer without `results`: not its shape.")


def _image(told: Any) -> FoundImage | None:
    """Return an image as it is told of; None for what names no image of the web."""
    if not isinstance(told, dict) or not (told.get("id") and told.get("url")):
        return None
    address = str(told["url"])
    if urlsplit(address).scheme not in ("http", "https"):
        return None

    def text(name: str) -> str:
        return " ".join(str(told.get(name) or "").split())

    return FoundImage(
        id=text("id"),
        address=address,
        page=text("foreign_landing_url"),
        title=text("title"),
        creator=text("creator"),
        licence=text("license").lower(),
        licence_version=text("license_version"),
        licence_address=text("license_url"),
        attribution=text("attribution"),
    )


def _rest(told: str | None, least: float) -> float:
    """Return how long a refused caller rests, by its Retry-After in seconds."""
    seconds = float(told) if told and told.isdigit() else 10 * least
    return min(max(seconds, least), _LONGEST_PAUSE_SECONDS)
