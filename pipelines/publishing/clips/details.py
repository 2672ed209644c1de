"""All that rows tell of released clips, page by page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.text.licences import licence_kind
from kinetics_builder.text.masking import public_addresses
from kinetics_builder.text.takedowns import uploader_key
from pipelines.publishing.clips.beside import read_beside
from pipelines.publishing.clips.contents import Page, pages
from pipelines.publishing.curating.dealing import Together

_DIGITS = 4
"""Of shares: beyond these, machines may differ."""
_MOST_KNOWN = 1 << 18
"""Names of uploaders that are kept for the pages that follow."""
_MAY_LACK = ("video_sha256", "video_codec", "language", "country")
"""Columns of texts of which a row may have none."""
_ANSWERS = ("num_yes", "num_no", "num_unsure", "num_bad")


@dataclass(frozen=True)
class Details:
    """Reads what is known of released clips."""

    session: Session
    config: Config

    @cached_property
    def beside(self) -> Mapping[int, list[tuple[int, str]]]:
        """What else was asked about clips of split classes, by the clip: see `read_beside`."""
        return read_beside(self.session)

    def pages(self) -> Iterator[Page]:
        """Yield the columns of `contents.pages` and those of `ReleasedClip`, but for `posterior`.

        `uploader` and `group` are names; `completing` makes pseudonyms of them.
        """
        groups = Together.groups_of(self.session, self.config)
        uploader = _uploaders()
        for page in pages(self.session):
            videos = page["youtube_id"]
            yield {
                **page,
                "url": public_addresses(page["url"]),
                "agreement": _agreements(*(page[name] for name in _ANSWERS)),
                "licence_kind": _each(page["licence"], lambda text: licence_kind(text) or ""),
                "uploader": list(map(uploader, page["site"], page["uploader_name"])),
                "group": list(map(groups.get, videos, videos)),
                **{name: _texts(page[name]) for name in _MAY_LACK},
            }


def _uploaders() -> Callable[[str | None, str | None], str]:
    """Return what names a site's uploader, by the site; empty for nobody."""

    @lru_cache(_MOST_KNOWN)
    def uploader(site: str | None, name: str | None) -> str:
        key = uploader_key(name)
        return f"{site or ''}\n{key}" if key else ""

    return uploader


def _texts(values: list[Any]) -> list[Any]:
    """Return texts, empty for none."""
    return [text or "" for text in values] if None in values else values


def _each(values: Sequence[Any], told: Any) -> list[Any]:
    """Return what is told of each value; of equal ones it is asked once."""
    known = {value: told(value) for value in set(values)}
    return [known[value] for value in values]


def _agreements(*counts_of_clips: Sequence[int]) -> list[float | None]:
    """Return the share of the answers that are yes, the first of the counts."""
    clips = list(zip(*counts_of_clips, strict=True))
    return _each(clips, lambda found: round(found[0] / sum(found), _DIGITS) if any(found) else None)
