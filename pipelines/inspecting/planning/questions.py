"""What a source would be asked for a list of classes, and what of it was answered before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import Config
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Candidate, Item, State, Video
from kinetics_builder.errors import ClassesError, ItemFailed, SourceError
from pipelines.collecting.classes import asked_of, lacking
from pipelines.collecting.finding import Finder
from pipelines.collecting.pieces import requests_of
from pipelines.collecting.search import settings_of, site_asked
from pipelines.sources.sites import site_of
from pipelines.sources.source import Found, Request, VideoSource
from pipelines.sources.spec import open_source, ready_spec


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source that meets no network lists: counted, not guessed."""

    num_videos: int
    """Those that are no candidate here yet."""
    num_candidates: int
    """Of these, by their titles: a video for two classes counts twice."""
    num_matched: int
    """Videos that are a candidate for some class."""
    media_seconds: float
    """Of those whose length is said."""
    num_with_length: int


@dataclass(frozen=True, slots=True)
class Questions:
    """What a source would be asked."""

    spec: str
    limit: int
    num_answered: int
    open: Sequence[Request]
    places_asked: Counter[str] = field(default_factory=Counter)
    """By class: queries that were answered, times `limit`."""
    sites: Counter[str] = field(default_factory=Counter)
    """Of open questions."""
    listed: Listed | None = None
    """Of a source that meets no network."""

    @property
    def is_search(self) -> bool:
        """Whether each question is a query that a site answers with many videos."""
        return self.spec.partition(":")[0] == "search"

    @property
    def is_long_list(self) -> bool:
        """Whether it is one list of as many videos as nobody knows before."""
        return any(request.last is not None for request in self.open)

    @property
    def num_given(self) -> int:
        """Open questions whose label a person gave."""
        return sum(request.is_given for request in self.open)


def questions_for(
    session: Session | None,
    config: Config,
    finder: Finder,
    spec: str,
    limit: int,
) -> Questions:
    """Return what `spec` would be asked for a list of classes, and how titles are matched to them.

    Raises:
        ClassesError: A class has no query in a language that the settings ask for.
        ConfigError: A setting that it needs leads nowhere.
        SourceError: It is no source, is missing or empty, or holds what cannot be used.

    """
    source = open_source(ready_spec(spec, config.download), config.download)
    languages = config.search.languages
    if lack := lacking(finder.entries, languages):
        raise ClassesError(lack)
    asked = asked_of(finder.entries, languages)
    requests = requests_of(session, source, asked, spec, limit)
    for request in requests:
        if request.refusal is not None:
            raise SourceError(request.refusal)
    done = _answered(session, requests, settings_of(spec, limit, source))
    still_open = [one for one in requests if one.key not in done and one.flaw is None]
    places = Counter[str]()
    for request in requests:
        if request.key in done and request.label is not None:
            places[request.label] += limit
    is_counted = bool(still_open) and getattr(source, "is_on_disk", source.is_local)
    return Questions(
        spec=spec,
        limit=limit,
        num_answered=len(done),
        open=still_open,
        places_asked=places,
        sites=_sites(source, still_open, spec, config),
        listed=_look(session, finder, _on_disk(source, still_open)) if is_counted else None,
    )


def _answered(session: Session | None, requests: Sequence[Request], settings: str) -> set[str]:
    if session is None:
        return set()
    found: set[str] = set()
    for keys in chunks([request.key for request in requests]):
        ended = Item.state.in_((State.DONE, State.FAILED))
        rows = select(Item.key).where(Item.stage == "search", Item.settings_hash == settings, ended)
        found.update(session.scalars(rows.where(Item.key.in_(keys))))
    return found


def _sites(
    source: VideoSource, requests: Sequence[Request], spec: str, config: Config
) -> Counter[str]:
    if source.is_local:
        return Counter()
    own = config.download.extractors
    return Counter(
        site_asked(one, spec=spec, config=config.download)
        if one.known is None
        else site_of(one.query, own)
        for one in requests
    )


def _on_disk(source: VideoSource, requests: Sequence[Request]) -> dict[str, Found]:
    """Return what lies there; what cannot be read is left to `search` to tell."""
    found: dict[str, Found] = {}
    for request in requests:
        with suppress(ItemFailed):
            found.update((video.video_id, video) for video in source.search(request.query, 0))
    return found


def _look(session: Session | None, finder: Finder, found: Mapping[str, Found]) -> Listed:
    known = _with_candidates(session, list(found))
    new = [video for name, video in found.items() if name not in known]
    numbers = [len(finder.find(video.title)) for video in new]
    lengths = [length for video in new if (length := video.duration_seconds) is not None]
    return Listed(
        num_videos=len(new),
        num_candidates=sum(numbers),
        num_matched=sum(map(bool, numbers)),
        media_seconds=sum(lengths),
        num_with_length=len(lengths),
    )


def _with_candidates(session: Session | None, names: Sequence[str]) -> set[str]:
    if session is None:
        return set()
    found: set[str] = set()
    for some in chunks(names):
        rows = select(Video.video_id).join(Candidate, Candidate.video_id == Video.id)
        found.update(session.scalars(rows.where(Video.video_id.in_(some))))
    return found
