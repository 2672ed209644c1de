"""What a source of videos is. The network lives behind this and nowhere else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.text.licences import is_allowed
from kinetics_builder.text.takedowns import uploader_key


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a label, as the list of classes has it."""

    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source: an item of `search`."""

    key: str
    """Names the question and the version of what it is about; at most 400 characters."""
    query: str
    label: str | None = None
    """The label whose query this is."""
    is_given: bool = False
    """True where a person says that what is found shows `label`, whatever its title."""
    refusal: str | None = None
    """Why the source cannot answer at all; told when the question is asked."""
    last: int | None = None
    """Of a long list, the last place that the question is about."""
    flaw: str | None = None
    """Why this one question cannot be asked, such as a bad row of a list."""
    known: "Callable[[], Found] | None" = None
    """Says what is known of the one video that it is about: nobody is asked then. Picklable, such
    as a `functools.partial`; called where the question would be asked."""
    said: str | None = None
    """What a person should know of how the question was read; said once for all that share it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A video that a source lists."""

    video_id: str
    """Letters, digits, `-` and `_` alone: it becomes a file name."""
    url: str
    title: str
    duration_seconds: float | None = None
    uploader: str | None = None
    licence: str | None = None
    """As a list says; what the site says goes before it."""
    other_id: str | None = None
    """The id where `video_id` is another file's, in another folder; None where equal ids
    are one video."""
    former_id: str | None = None
    """The id that an older `kbuild` gave to the video of this address."""
    tags: tuple[str, ...] = ()
    description: str | None = None
    thumbnail: str | None = None
    """The address of the picture that its site shows for it."""


@dataclass(frozen=True, slots=True)
class Sections:
    """What was fetched of a video of which only stretches are wanted."""

    stretches: tuple[Interval, ...]
    """Whose bytes are here; the rest of the file is a hole."""
    num_bytes: int
    """That came."""


Refused = tuple[tuple[str, str], ...]
"""Uploaders on the takedown list, as they are compared, each with when and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be fetched."""

    max_duration_seconds: float
    max_bytes: int
    licences: tuple[str, ...] = ()
    """One of which the video must have; empty for any."""
    max_height: int = 0
    """Pixels of a picture's shorter side at most; 0 for any."""
    min_free_bytes: int = 0
    """What the disk must have left."""
    refused: Refused = ()
    stretches: tuple[Interval, ...] = ()
    """Those that are wanted, in seconds: a source may leave out the rest; empty for all of it."""

    def check_uploader(self, uploader: str | None) -> None:
        """Return unless an uploader is on the takedown list; ItemFailed(TAKEN_DOWN) then."""
        if uploader and (told := dict(self.refused).get(uploader_key(uploader))):
            raise ItemFailed(Reason.TAKEN_DOWN, f"taken down on {told}")

    def check_picture(self, width: int | None, height: int | None) -> None:
        """Return unless a picture of so many pixels is too large; ItemFailed(LARGE_PICTURE) then.

        A side that is known alone counts as the shorter one.
        """
        sides = [side for side in (width, height) if side]
        if self.max_height and sides and min(sides) > self.max_height:
            found = " x ".join(map(str, sides))
            raise ItemFailed(
                Reason.LARGE_PICTURE,
                f"has {found} pixels, allowed are {self.max_height} on the shorter side",
            )

    def check_licence(self, said: str | None) -> None:
        """Return if a video may have the licence that its source says.

        Raises:
            ItemFailed: LICENCE where it may not, or where none is said.

        """
        if is_allowed(said, self.licences):
            return
        found = f"its licence is {said!r}" if said else "its licence is not said"
        raise ItemFailed(Reason.LICENCE, f"{found}, asked for: {', '.join(self.licences)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A video file, and what the source says about it."""

    file: Path
    uploader: str | None = None
    licence: str | None = None
    upload_date: str | None = None
    """YYYY-MM-DD."""
    language: str | None = None
    country: str | None = None
    """The uploader's."""
    sections: Sections | None = None
    """What is here of a file with holes; None for a whole one."""
    whole_because: str | None = None
    """Why a file is whole though `Limits.stretches` asked for less."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a site says of a video that is there."""

    duration_seconds: float | None
    licence: str | None


class VideoSource(Protocol):
    """Where videos are looked for and fetched from. Picklable: it crosses to children."""

    @property
    def is_local(self) -> bool:
        """True if `search` is quick and meets no network, so that it needs no child."""

    def requests(self, asked: Sequence[Asked]) -> list[Request]:
        """Return the questions that this source answers, given the labels' queries.

        It never raises, for `kbuild status` counts them too: a source that is missing or
        empty returns one question with a `refusal`.
        """

    def search(self, query: str, limit: int) -> Iterable[Found]:
        """Yield at most `limit` answers to `query`, best first.

        Raises:
            ItemFailed: This query has no answer, for a reason.
            SourceError: The source does not answer at all.

        """

    def fetch(self, url: str, folder: Path, limits: Limits) -> Fetched:
        """Put the video of `url` into `folder`, which is empty or holds an earlier try.

        Raises:
            ItemFailed: This video cannot be had, for a reason.
            SourceError: The source does not answer at all.

        """
